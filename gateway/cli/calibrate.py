"""`weighbridge catalog calibrate`: our rules for a model beside what its provider itself counts."""

import json
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import anyio
import click

from gateway.catalog import ModelFacts, load
from gateway.cli import configuration
from gateway.cli.columns import Column, fitted, hanging
from gateway.cli.names import unknown
from gateway.config import Settings
from gateway.config.settings import ProviderSettings
from gateway.dialects.counting import COUNTERS, Counter
from gateway.errors import GatewayError
from gateway.providers import PROVIDERS

if TYPE_CHECKING:
    from gateway.app.calibrate import Finding

OFF: Final = 1
_WIDTH: Final = 100


@click.command(epilog="Example: weighbridge catalog calibrate anthropic/claude-sonnet-5-5")
@click.argument("model")
@configuration.option
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def calibrate(path: Path | None, model: str, *, as_json: bool) -> None:
    """Ask MODEL's provider how many tokens it counts, and print that beside what the catalog foretells.

    Sends about twenty small probes, made on the spot, to the provider's free counter with the key of the
    configuration: texts in several scripts, images at the edges of the model's rule, a PDF of two pages.
    Nothing of yours is sent, and nothing is billed. Of images and documents their own tokens are compared,
    of texts the whole prompt. Ends with 1 when a rule is off.
    """
    settings = configuration.settings(path)
    known = load(on=datetime.now(UTC).date()).merged(settings.facts)
    facts = known.get(model)
    if facts is None:
        raise click.UsageError(unknown(model, known))
    provider, counter = _asked(settings, facts)
    try:
        findings = anyio.run(_ask, facts, provider, counter)
    except GatewayError as error:
        raise click.ClickException(f"{error.message} ({error.code})") from None
    if as_json:
        click.echo(json.dumps([_told(finding) for finding in findings], indent=2))
    else:
        click.echo("\n".join(_table(findings, counter, shutil.get_terminal_size((_WIDTH, 24)).columns)))
    if not all(finding.within for finding in findings):
        raise SystemExit(OFF)


def _asked(settings: Settings, facts: ModelFacts) -> tuple[ProviderSettings, Counter]:
    """Whom to ask and how, or a refusal that says what is missing."""
    provider = settings.providers.get(facts.provider)
    row = provider.row if provider else PROVIDERS.get(facts.provider)
    if row is None or row.counter is None:
        some = ", ".join(name for name, shipped in PROVIDERS.items() if shipped.counter)
        raise click.UsageError(f"no free counter of {facts.provider} is known; there is one of {some}")
    if provider is None or provider.credentials != "present":
        names = " or ".join(row.api_key_env)
        raise click.UsageError(
            f"no key for {facts.provider}: set {names}, or give it an api_key in the configuration"
        )
    return provider, COUNTERS[row.counter]


async def _ask(facts: ModelFacts, provider: ProviderSettings, counter: Counter) -> "tuple[Finding, ...]":
    # The whole application: other commands start without it.
    from gateway.adapters.http import default_transport  # noqa: PLC0415
    from gateway.app.calibrate import calibrate as compare  # noqa: PLC0415

    transport = default_transport()
    try:
        return await compare(facts, provider, counter, transport)
    finally:
        await transport.aclose()


def _told(finding: "Finding") -> dict[str, object]:
    return {
        "probe": finding.probe,
        "ours": {"low": finding.low, "expected": finding.expected, "high": finding.high},
        "theirs": finding.theirs,
        "ratio": None if finding.ratio is None else str(finding.ratio),
        "within": finding.within,
    }


def _table(findings: "Sequence[Finding]", counter: Counter, width: int) -> list[str]:
    columns = [
        Column("PROBE", tuple(finding.probe for finding in findings)),
        Column("OURS", tuple(f"{finding.expected:,}" for finding in findings), right=True),
        Column("WITHIN", tuple(_bounds(finding) for finding in findings), right=True),
        Column("THEIRS", tuple(_number(finding.theirs) for finding in findings), right=True),
        Column("RATIO", tuple(str(finding.ratio or "-") for finding in findings), right=True),
        Column("", tuple("" if finding.within else "OFF" for finding in findings)),
    ]
    off = [finding for finding in findings if not finding.within]
    said = f"{len(findings)} probes, {len(off)} off" if off else f"{len(findings)} probes, all within"
    lines = fitted([columns], width)[1]
    return [*lines, "", *hanging("", f"{said}; {counter.remark}" if counter.remark else said, width, 0)]


def _number(count: int | None) -> str:
    return "refused" if count is None else f"{count:,}"


def _bounds(finding: "Finding") -> str:
    if finding.low == finding.high:
        return "exact"
    return f"{finding.low:,} to {finding.high:,}"
