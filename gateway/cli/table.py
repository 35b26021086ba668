"""A quote as people read it: the parts that were seen, then every candidate with its cost and its reason."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import click

Cell: TypeAlias = str
Row: TypeAlias = Sequence[Cell]
Document: TypeAlias = Mapping[str, Any]

_GAP: Final = "  "
_KIB: Final = 2**10
_MIB: Final = 2**20
_NOTHING: Final = "-"
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "chosen": {"fg": "green", "bold": True},
    "dearer": {},
    "rejected": {"fg": "red"},
}
_CERTAINTY: Final = ("exact", "bounded", "estimated")


def render(document: Document, *, colour: bool) -> str:
    """A `/v1/quote` document as text. `file` of a part, `credentials` of a candidate: shown if given."""
    blocks = [_headline(document)]
    parts: Sequence[Document] = document["parts"]
    if parts:
        head = ("PART", "KIND", "TYPE", "SIZE", "MEASURE", "FILE")
        blocks.append("\n".join(_aligned([head, *map(_part, parts)], right={3})))
    blocks.append("\n".join(_candidates(document["candidates"], _kinds(parts), colour=colour)))
    text = "\n\n".join(blocks)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _headline(document: Document) -> str:
    asked = _clean(document["model"])
    chosen = document.get("chosen")
    if chosen is None:
        return f"Weighed for {asked}, nothing was sent. No candidate can carry it."
    return f"Weighed for {asked}, nothing was sent. Chosen: {_clean(chosen)}"


def _kinds(parts: Sequence[Document]) -> dict[int, str]:
    return {part["index"]: part["kind"] for part in parts}


def _part(part: Document) -> Row:
    measure = _NOTHING
    if part.get("width") and part.get("height"):
        measure = f"{part['width']}x{part['height']}"
    elif part.get("pages"):
        measure = f"{part['pages']} pages"
    elif part.get("seconds"):
        measure = f"{part['seconds']:g} s"
    return (
        str(part["index"]),
        part["kind"],
        _clean(part["mime"]),
        _size(part["bytes"]),
        measure,
        _clean(part.get("file") or _NOTHING),
    )


def _candidates(candidates: Sequence[Document], kinds: Mapping[int, str], *, colour: bool) -> list[str]:
    head = ("VERDICT", "MODEL", "LOW", "EXPECTED", "HIGH", "TOKENS IN", "TOKENS OUT", "CERTAINTY")
    money = [_pointed([_cost(item, name) for item in candidates]) for name in ("low", "expected", "high")]
    rows = [
        (item["verdict"], _model(item), *costs, _tokens(item, "in"), _tokens(item, "out"), _certainty(item))
        for item, *costs in zip(candidates, *money, strict=True)
    ]
    lines = _aligned([head, *rows])
    text = [click.style(lines[0], bold=True) if colour else lines[0]]
    indent = " " * (max(len(row[0]) for row in [head, *rows]) + len(_GAP))
    for item, line in zip(candidates, lines[1:], strict=True):
        text.append(click.style(line, **_STYLES.get(item["verdict"], {})) if colour else line)
        remarks = [*_preparation(item, kinds), *_reason(item)]
        text += [indent + (click.style(remark, dim=True) if colour else remark) for remark in remarks]
    return text


def _model(candidate: Document) -> Cell:
    name = _clean(candidate["model"])
    return f"{name} (no key)" if candidate.get("credentials") == "missing" else name


def _cost(candidate: Document, name: str) -> Cell:
    cost = candidate.get("cost_usd")
    if cost is None:
        return _NOTHING
    return f"${cost[name]}"


def _pointed(amounts: Sequence[Cell]) -> list[Cell]:
    """Amounts padded so that their decimal points stand below each other."""
    halves = [amount.partition(".") for amount in amounts]
    left = max((len(whole) for whole, _, _ in halves), default=0)
    right = max((len(point + rest) for _, point, rest in halves), default=0)
    return [whole.rjust(left) + (point + rest).ljust(right) for whole, point, rest in halves]


def _tokens(candidate: Document, direction: str) -> Cell:
    """Tokens by modality; what is not counted in tokens follows in its own unit."""
    counts = candidate.get("tokens", {}).get(direction, {})
    words = [f"{modality} {count}" for modality, count in counts.items() if count]
    words += [
        f"{item['modality']} {item['quantity']} {item['unit'].replace('_', ' ')}"
        for item in candidate.get("line_items", ())
        if item["direction"] == direction and item["unit"] != "token"
    ]
    return ", ".join(words) or _NOTHING


def _certainty(candidate: Document) -> Cell:
    """The weakest word among the line items: a sum is no surer than its least sure part."""
    said = [item["certainty"] for item in candidate.get("line_items", ())]
    return max(said, key=_CERTAINTY.index, default=_NOTHING)


def _preparation(candidate: Document, kinds: Mapping[int, str]) -> list[str]:
    steps: dict[int, list[str]] = {}
    for step in candidate.get("preparation", ()):
        text = step["step"]
        if step.get("from") and step.get("to"):
            text += f" {_pair(step['from'])} > {_pair(step['to'])}"
        steps.setdefault(step["part"], []).append(text)
    return [f"{kinds.get(part, 'part')} {part}: {', then '.join(texts)}" for part, texts in steps.items()]


def _reason(candidate: Document) -> list[str]:
    """The message names its part itself; the code is told where it says more than the verdict."""
    reason = candidate.get("reason")
    if reason is None:
        return []
    code = "" if reason["code"] == candidate["verdict"] else f" ({_clean(reason['code'])})"
    return [_clean(reason["message"]) + code]


def _aligned(rows: Sequence[Row], right: frozenset[int] | set[int] = frozenset()) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(
            cell.rjust(width) if index in right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]


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
