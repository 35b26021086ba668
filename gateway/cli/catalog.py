"""`weighbridge catalog`: what is known of models, and where another price map says otherwise."""

import json
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from gateway.billing.lessons import told
from gateway.catalog import ModelFacts, load
from gateway.catalog.compare import Comparison, compare, fields
from gateway.catalog.facts import CONFIRMED
from gateway.catalog.maps import MapError, read_map
from gateway.cli import configuration
from gateway.cli.calibrate import calibrate
from gateway.cli.columns import Column, fitted, hanging
from gateway.cli.names import unknown
from gateway.config import Settings, find
from gateway.errors import GatewayError

DIFFERS: Final = 1
_WIDTH: Final = 100
_INDENT: Final = 22
_NOTHING: Final = "-"
_TAKEN: Final = {"text": "text", "image": "image", "document": "doc", "audio": "audio", "video": "video"}
_LEAST: Final = ("SINCE", "SURE", "TAKES")
# Facts that are shown apart, or that say nothing to a person.
_APART: Final = {"name", "rates", "limits", "source", "confidence", "valid_from", "valid_to", "scripts"}


class _Day(click.ParamType[date]):
    name = "date"

    def convert(self, value: str | date, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """A day, as 2026-11-27."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day; write it as 2026-11-27", param, ctx)


def _today() -> date:
    return datetime.now(UTC).date()


_on = click.option(
    "--on", type=_Day(), metavar="DATE", help="Facts as they hold on that day; unsaid, today's."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def catalog() -> None:
    """What is known of models: prices, rules, limits, each with its source and the days on which it holds."""


catalog.add_command(calibrate)


@catalog.command("list")
@_on
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_models(on: date | None, *, as_json: bool) -> None:
    """Every model: what it takes, dollars per million tokens in and out, since when, how sure."""
    known = load(on=on or _today())
    models = [facts for name in known.names() if (facts := known.get(name)) is not None]
    if as_json:
        click.echo(json.dumps([_row(facts) for facts in models], indent=2))
        return
    rows = [_row(facts) for facts in models]
    heads = {"model": "MODEL", "takes": "TAKES", "in": "IN", "out": "OUT", "since": "SINCE", "sure": "SURE"}
    columns = [
        Column(head, tuple(row[key] for row in rows), right=key in {"in", "out"})
        for key, head in heads.items()
    ]
    # What goes first where the terminal is narrow. Model and prices stay.
    layouts = [[column for column in columns if column.head not in _LEAST[:left]] for left in range(4)]
    _print(fitted(layouts, _width())[1])


def _row(facts: ModelFacts) -> dict[str, str]:
    said = fields(facts)
    return {
        "model": facts.name,
        "takes": " ".join(word for kind, word in _TAKEN.items() if kind in facts.modalities_in),
        "in": said.get("price.input") or _length(facts),
        "out": said.get("price.output", _NOTHING),
        "since": facts.valid_from.isoformat(),
        "sure": facts.confidence,
    }


def _length(facts: ModelFacts) -> str:
    """The price of what is no token."""
    sold = (rate for rate in facts.rates if rate.unit != "token" and rate.option is None)
    return next((f"{rate.rate_usd} / {_per(rate.unit, rate.per)}" for rate in sold), _NOTHING)


def _per(unit: str, per: int) -> str:
    times = {("second", 60): "min", ("second", 3600): "h", ("session_second", 60): "min"}
    return times.get((unit, per)) or (f"{per:,} {unit}s" if per > 1 else unit)


@catalog.command("show", epilog="Example: weighbridge catalog show openai/gpt-4o")
@click.argument("model")
@configuration.option
@_on
@click.option("--json", "as_json", is_flag=True, help="Print all facts as JSON.")
def show(path: Path | None, model: str, on: date | None, *, as_json: bool) -> None:
    """All facts of one model with their source, and what a gateway of this configuration learned of it.

    Where reported tokens differ from the rule for many answers, quotes are corrected; `learned` says by how
    much, and after how many answers.
    """
    settings = _configured(path)
    known = load(on=on or _today())
    known = known if settings is None else known.merged(settings.facts)
    facts = known.get(model)
    if facts is None:
        raise click.UsageError(unknown(model, known))
    learned = _learned(settings, facts)
    if as_json:
        document = msgspec.to_builtins(facts, order="sorted", enc_hook=str) | {"learned": learned}
        click.echo(json.dumps(document, indent=2))
    else:
        lines = [*_shown(facts, _width()), *_shown_learned(learned, _width())]
        _print(lines)


def _configured(path: Path | None) -> Settings | None:
    """The settings of a file, None where there is none: what the environment offers teaches nothing."""
    if path is None and find(None, os.environ, Path()) is None:
        return None
    return configuration.settings(path, need_secrets=False)


def _learned(settings: Settings | None, facts: ModelFacts) -> dict[str, str] | None:
    """What earlier answers taught, in words by modality; None when nothing keeps it."""
    from gateway.app.memory import ratios  # noqa: PLC0415 - the whole application: `list` starts without it

    try:
        found = None if settings is None else ratios(settings.accounts, facts)
    except GatewayError as error:
        raise click.ClickException(f"{error.message} ({error.code})") from None
    return None if found is None else {modality: told(tally) for modality, tally in sorted(found.items())}


def _shown_learned(learned: dict[str, str] | None, width: int) -> Iterator[str]:
    if learned is None:
        said = "not kept: a gateway with `accounts: {store: sqlite:...}` writes it there (see --config)"
    elif not learned:
        said = "nothing yet: no answer has reported its tokens"
    else:
        for modality, words in learned.items():
            yield from hanging(f"  learned {modality}", words, width, _INDENT)
        return
    yield from hanging("  learned", said, width, _INDENT)


def _shown(facts: ModelFacts, width: int) -> Iterator[str]:
    until = f" until {facts.valid_to}" if facts.valid_to else ""
    sure = "confirmed" if facts.confidence in CONFIRMED else "not confirmed by the provider"
    yield click.style(facts.name, bold=True)
    yield from hanging("  holds", f"since {facts.valid_from}{until}", width, _INDENT)
    yield from hanging("  source", f"{facts.source} ({facts.confidence}: {sure})", width, _INDENT)
    for key, value in msgspec.structs.asdict(facts).items():
        if key in _APART or value in (None, (), {}, "", frozenset()):
            continue
        yield from hanging(f"  {key}", _told(value), width, _INDENT)
    for kind, limit in sorted(facts.limits.items()):
        yield from hanging(f"  limits {kind}", _told(limit), width, _INDENT)
    prices = {key: value for key, value in fields(facts).items() if "." in key}
    if not facts.priced:
        yield from hanging("  price", "unknown: it is chosen only where the policy says so", width, _INDENT)
    for key, value in sorted(prices.items()):
        yield f"  {key:<40} {value}"


def _told(value: object) -> str:
    if isinstance(value, msgspec.Struct):
        defaults = {field.name: field.default for field in msgspec.structs.fields(value)}
        said = {
            key: item
            for key, item in msgspec.structs.asdict(value).items()
            if item != defaults[key] and item not in (None, (), {})
        }
        kind = value.__struct_config__.tag
        words = [str(kind)] if kind else []
        return ", ".join([*words, *(f"{key} {_told(item)}" for key, item in said.items())])
    if isinstance(value, (frozenset, tuple)):
        return ", ".join(sorted(map(str, value)))
    if isinstance(value, dict):
        return ", ".join(f"{key} {_told(item)}" for key, item in value.items())
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


@catalog.command("diff", epilog="Example: weighbridge catalog diff model_prices_and_context_window.json")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_on
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def diff(file: Path, on: date | None, *, as_json: bool) -> None:
    """What LiteLLM's or genai-prices' map FILE says otherwise, field by field, for a person to sign.

    Dollars per million tokens, per second of sound, per page. Ends with 1 when anything differs.
    """
    day = on or _today()
    try:
        theirs = read_map(json.loads(file.read_bytes()), day)
    except (MapError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise click.UsageError(f"{file.name}: {error}") from None
    found = compare(load(on=day), theirs)
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found.differences), indent=2))
    else:
        _print(_table(found, _width()))
    if found.differences:
        raise SystemExit(DIFFERS)


def _table(found: Comparison, width: int) -> list[str]:
    rows = found.differences
    said = f"{len(found.compared)} models compared, {len({row.model for row in rows})} differ"
    if found.absent:
        said += f"; not in the map: {', '.join(found.absent)}"
    lines = hanging("", said, width, 0)
    if not rows:
        return lines
    columns = [
        Column("FIELD", tuple(f"  {row.field}" for row in rows)),
        Column("OURS", tuple(row.ours or _NOTHING for row in rows), right=True),
        Column("THEIRS", tuple(row.theirs or _NOTHING for row in rows), right=True),
    ]
    head, *told = fitted([columns], width)[1]
    table = [head]
    for number, (row, line) in enumerate(zip(rows, told, strict=True)):
        if not number or rows[number - 1].model != row.model:
            table.append(row.model)
        table.append(line)
    return [*table, "", *lines]


def _width() -> int:
    return shutil.get_terminal_size((_WIDTH, 24)).columns


def _print(lines: list[str]) -> None:
    click.echo("\n".join(lines))
