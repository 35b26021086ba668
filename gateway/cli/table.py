"""A quote as people read it: what would be sent, then every candidate with its cost and its reason."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

import click

from gateway.cli.columns import Column, fitted, hanging
from gateway.cli.whatif import NO_KEY, Key
from gateway.types.money import short_usd

Document: TypeAlias = Mapping[str, Any]

_KIB: Final = 2**10
_MIB: Final = 2**20
_NOTHING: Final = "-"
# Where the texts of reasons and preparations begin.
_INDENT: Final = 10
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "chosen": {"fg": "green", "bold": True},
    "no key": {"dim": True},
    "rejected": {"fg": "red"},
}
_CERTAINTY: Final = ("exact", "bounded", "estimated")
_UNITS: Final = {"cpu_second": "cpu s", "second": "s"}
# What goes first where the terminal is narrow. Verdict, model and expected cost stay.
_LEAST: Final = ("CERTAINTY", "LOW", "TEXT", "OUT", "HIGH", "AUDIO", "VIDEO", "DOC", "IMAGE", "PREP")
_MODALITIES: Final = {"text": "TEXT", "image": "IMAGE", "document": "DOC", "audio": "AUDIO", "video": "VIDEO"}
# Whatever is drawn anew loses its metadata, and what is not is stripped of it.
_BARE: Final = "metadata removed"
# Why a picture is smaller than what loses nothing.
_SMALLER: Final = {
    "near_lossless": " to fill whole cells of the model's grid",
    "legible": " as far as its text stays legible",
}
_PREPARATIONS: Final = "abcdefghijklmnopqrstuvwxyz"


def render(document: Document, *, width: int, colour: bool, key: Key | None = None) -> str:
    """A `/v1/quote` document as text, no line wider than `width` cells.

    `file` of a part and a candidate without a key (`no_credentials`) are shown as what they are. `key`: the
    one that would change the choice.
    """
    candidates: Sequence[Document] = document["candidates"]
    rows = [item for item in candidates if _verdict(item) != "rejected"]
    blocks = [_headline(document, key, width)]
    if document["parts"]:
        blocks.append(_parts(document["parts"], width))
    if rows:
        blocks += _table(
            rows, {part["index"]: part["kind"] for part in document["parts"]}, width, colour=colour
        )
    blocks.append(_reasons(candidates, width, colour=colour))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _headline(document: Document, key: Key | None, width: int) -> list[str]:
    asked, chosen = _clean(document["model"]), document.get("chosen")
    by_name = {item["model"]: item for item in document["candidates"]}
    reason = _why(document["candidates"], chosen=chosen is not None)
    if chosen is None:
        said = f"Weighed for {asked}, nothing was sent. {reason}."
    else:
        name = f"{_clean(chosen)}{_for(by_name[chosen])}"
        said = f"Weighed for {asked}, nothing was sent. Chosen: {name}, {reason}."
    lines = hanging("", said, width, 0)
    if key is not None:
        lines += hanging("", _with_key(key, by_name[key.model], by_name.get(chosen or "")), width, 0)
    return lines


def _why(candidates: Sequence[Document], *, chosen: bool) -> str:
    """Why the chosen one is it, or none is, in one sentence."""
    keys = " with the keys at hand" if any(_verdict(item) == "no key" for item in candidates) else ""
    if not chosen:
        return f"No candidate can carry it{keys}"
    rivals = [item for item in candidates if _verdict(item) == "dearer"]
    priced = [item for item in rivals if item["reason"]["code"] != "unpriced"]
    if not rivals:
        aside = ", standby aside" if any(_verdict(item) == "standby" for item in candidates) else ""
        return f"the only one that can carry it{keys}{aside}"
    if not priced and any(item["verdict"] == "chosen" and not item["cost_usd"] for item in candidates):
        return f"the first by name of {len(rivals) + 1} that can carry it{keys}: no price is known of any"
    return f"the cheapest of {len(priced) + 1} that can carry it{keys}"


def _with_key(key: Key, would: Document, chosen: Document | None) -> str:
    """What one more key would change."""
    name, cost = _clean(key.model), would.get("cost_usd")
    now = chosen.get("cost_usd") if chosen else None
    if cost is not None and now is not None and Decimal(cost["expected"]) < Decimal(now["expected"]):
        saved = short_usd(str(Decimal(now["expected"]) - Decimal(cost["expected"])))
        return f"Cheaper still with {key.remedy}: {name}{_for(would)}, which saves {saved}."
    aside = f": {_clean(chosen['model'])} is {_clean(key.standby)}" if chosen and key.standby else ""
    return f"With {key.remedy} it would be {name}{_for(would)}{aside}."


def _for(candidate: Document) -> str:
    cost = candidate.get("cost_usd")
    return "" if cost is None else f" for {short_usd(cost['expected'])}"


def _verdict(candidate: Document) -> str:
    """The verdict as people read it: two of the document's say less than their reason does."""
    code = (candidate.get("reason") or {}).get("code")
    if candidate["verdict"] == "dearer" and code == "standby":
        return "standby"
    if candidate["verdict"] == "rejected" and code == NO_KEY:
        return "no key"
    return str(candidate["verdict"])


def _parts(parts: Sequence[Document], width: int) -> list[str]:
    columns = [
        Column("PART", tuple(str(part["index"]) for part in parts)),
        Column("KIND", tuple(part["kind"] for part in parts)),
        Column("TYPE", tuple(_clean(part["mime"]) for part in parts)),
        Column("SIZE", tuple(_size(part["bytes"]) for part in parts), right=True),
        Column("MEASURE", tuple(map(_measure, parts))),
        Column("FILE", tuple(_clean(part.get("file") or _NOTHING) for part in parts)),
    ]
    return fitted([columns], width)[1]


def _measure(part: Document) -> str:
    if part.get("error"):
        return "cannot be read"
    if part.get("width") and part.get("height"):
        return f"{part['width']}x{part['height']}"
    if part.get("pages"):
        return f"{part['pages']} page{'s' if part['pages'] > 1 else ''}"
    return f"{part['seconds']:g} s" if part.get("seconds") else _NOTHING


def _table(
    rows: Sequence[Document], kinds: Mapping[int, str], width: int, *, colour: bool
) -> list[list[str]]:
    """The rows of those that can carry it, and what stands below them: preparations and remarks."""
    prepared = [_preparation(item, kinds) for item in rows]
    letters = dict(zip(dict.fromkeys(text for text in prepared if text), _PREPARATIONS, strict=False))
    columns, (head, *lines) = fitted(_layouts(rows, [letters.get(text, "") for text in prepared]), width)
    if colour:
        head = click.style(head, bold=True)
        lines = [
            click.style(line, **_STYLES.get(_verdict(item), {}))
            for item, line in zip(rows, lines, strict=True)
        ]
    legend = [
        line for text, letter in letters.items() for line in hanging(f"  {letter}", text, width, _INDENT)
    ]
    shown = {column.head for column in columns}
    below = [*hanging("", "PREP, done before it is sent:", width, 0), *legend] if legend else []
    return [[head, *lines], below, hanging("", " ".join(_remarks(rows, shown)), width, 0)]


def _layouts(rows: Sequence[Document], letters: Sequence[str]) -> Iterator[list[Column]]:
    """The table from its widest form to its narrowest: money is rounded first, then columns go."""
    words = [_certainty(item) for item in rows]
    for exact in (True, False):
        columns = [
            Column("VERDICT", tuple(map(_verdict, rows))),
            Column("MODEL", tuple(_clean(item["model"]) for item in rows)),
            *(_money(rows, name, exact=exact) for name in ("low", "expected", "high")),
            *_tokens(rows),
            *([Column("PREP", tuple(letters))] if any(letters) else []),
            *([Column("CERTAINTY", tuple(words))] if {*words} - {_NOTHING} else []),
        ]
        yield columns
    for least in _LEAST:
        columns = [column for column in columns if column.head != least]
        yield columns


def _money(rows: Sequence[Document], name: str, *, exact: bool) -> Column:
    """Amounts with their decimal points below each other."""
    costs = [item.get("cost_usd") for item in rows]
    amounts = [
        _NOTHING if cost is None else f"${cost[name]}" if exact else short_usd(cost[name]) for cost in costs
    ]
    halves = [amount.partition(".") for amount in amounts]
    left = max((len(whole) for whole, _, _ in halves), default=0)
    return Column(name.upper(), tuple(whole.rjust(left) + point + rest for whole, point, rest in halves))


def _tokens(rows: Sequence[Document]) -> list[Column]:
    """Tokens in by modality, each a column, and tokens out unless they are the same for all."""
    columns = []
    for modality, head in _MODALITIES.items():
        counts = tuple(_count(item, "in", modality) for item in rows)
        if {*counts} - {_NOTHING}:
            columns.append(Column(head, counts, right=True))
    if _answer(rows) is None:
        columns.append(Column("OUT", tuple(_count(item, "out", "text") for item in rows), right=True))
    return columns


def _count(candidate: Document, direction: str, modality: str) -> str:
    """Tokens of one modality; what is not counted in tokens follows in its own unit."""
    count = ((candidate.get("tokens") or {}).get(direction) or {}).get(modality)
    words = [str(count)] if count else []
    words += [
        f"{item['quantity']} {_UNITS.get(item['unit'], item['unit'])}"
        for item in candidate.get("line_items", ())
        if (item["direction"], item["modality"]) == (direction, modality) and item["unit"] != "token"
    ]
    return " + ".join(words) or _NOTHING


def _answer(rows: Sequence[Document]) -> str | None:
    """The tokens of answer that are assumed, when they are the same for all that have a price."""
    counts = {_count(item, "out", "text") for item in rows if item.get("cost_usd")}
    return counts.pop() if len(counts) == 1 else None


def _certainty(candidate: Document) -> str:
    """The weakest word among the line items: a sum is no surer than its least sure part."""
    said = [item["certainty"] for item in candidate.get("line_items", ())]
    return max(said, key=_CERTAINTY.index, default=_NOTHING)


def _remarks(rows: Sequence[Document], shown: set[str]) -> Iterator[str]:
    """What the figures assume, and what is not there."""
    if any(item.get("cost_usd") for item in rows):
        answer = _answer(rows)
        yield (
            f"EXPECTED assumes {answer} tokens of answer."
            if answer
            else "EXPECTED assumes an answer of OUT tokens."
        )
        yield (
            "HIGH assumes the most output that the model may write:"
            " --max-tokens (max_tokens in a request) bounds it."
        )
        yield "What stands under a kind of part is tokens in."
    uncounted = {item["unit"] for row in rows for item in row.get("line_items", ())} & {*_UNITS}
    if "cpu_second" in uncounted:
        yield "cpu s: seconds of CPU time on this machine."
    gone = [head for head in ("CERTAINTY", "LOW", "TEXT", "HIGH") if head not in shown]
    if gone:
        yield f"Left out at this width, but in --json: {', '.join(gone)}."


def _preparation(candidate: Document, kinds: Mapping[int, str]) -> str:
    """What is done to the parts before they are sent, in words."""
    steps: dict[int, list[Document]] = {}
    for step in candidate.get("preparation") or ():
        steps.setdefault(step["part"], []).append(step)
    told = (f"{kinds.get(part, 'part')} {part}: {', '.join(_words(done))}" for part, done in steps.items())
    return "; ".join([*told, *_saving(candidate)])


def _words(steps: Sequence[Document]) -> Iterator[str]:
    """What is done to one part. All steps but two remove its metadata too."""
    names = {step["step"] for step in steps}
    if "pdf_text" in names:
        yield "sent as the text of its pages"
    for step in steps:
        yield from filter(None, (_step(step),))
        if step.get("level"):
            yield f"asked for at detail {step['level']}"
    if names - {"pdf_text", "detail"}:
        yield _BARE


def _step(step: Document) -> str:
    """What a step does to the pixels, if anything."""
    before, after = step.get("from"), step.get("to")
    if not before or not after:
        return ""
    form = " as JPEG" if step.get("format") else ""
    if before == after:
        return f"drawn anew at {_pair(after)}{form}"
    why = _SMALLER.get(step["step"], "")
    return f"made smaller, {_pair(before)} to {_pair(after)}{form}{why}"


def _saving(candidate: Document) -> Iterator[str]:
    """What the preparation saves, where it changes what is charged."""
    saving = candidate.get("saving")
    if saving:
        tokens = [f"{count:,} tokens of {modality}" for modality, count in saving["tokens"].items()]
        yield f"saves {', '.join([*tokens, '$' + saving['usd']])}"


def _reasons(candidates: Sequence[Document], width: int, *, colour: bool) -> list[str]:
    """Why each candidate that is not chosen is not: once for all that it is said of."""
    groups: dict[tuple[str, str], list[str]] = {}
    for item in candidates:
        if item["verdict"] != "chosen":
            groups.setdefault((_verdict(item), _reason(item)), []).append(_clean(item["model"]))
    lines = []
    for (verdict, reason), names in groups.items():
        # The rows say who is dearer or lacks a key, in their order.
        text = reason if verdict in {"dearer", "no key"} else f"{reason}: {', '.join(names)}"
        head, *rest = hanging(verdict, text, width, _INDENT)
        style = _STYLES.get(verdict, {})
        lines += [
            click.style(head[: len(verdict)], **style) + head[len(verdict) :] if colour else head,
            *rest,
        ]
    return lines


def _reason(candidate: Document) -> str:
    """The reason without the candidate's own name; the code where it says more than the verdict."""
    reason = candidate["reason"]
    code = reason["code"]
    if code == "dearer":
        return "can carry it too, at the same or a higher expected cost; tried next, in this order"
    own = re.escape(candidate["model"])
    if code == NO_KEY:
        return _clean(reason["message"].removeprefix("no key "))
    message = re.sub(rf"^(part \d+ \(\w+\): )?{own} ", r"\1", reason["message"])
    message = re.sub(rf"(?<![\w./-]){own}(?![\w/-])", "it", message)
    return _clean(message) + ("" if code == "standby" else f" ({_clean(code)})")


def _pair(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"


def _size(count: int) -> str:
    """Bytes for people: 3475013 -> "3.3 MiB"."""
    if count < _KIB:
        return f"{count} B"
    return f"{count / _KIB:.1f} KiB" if count < _MIB else f"{count / _MIB:.1f} MiB"


def _clean(text: str) -> str:
    """Without control characters: a file name must not steer a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
