"""A quote as people read it: what would be sent, then every candidate with its cost and its reason."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from gateway.cli import doubts
from gateway.cli.columns import Column, fitted, hanging
from gateway.cli.whatif import Key
from gateway.cli.words import (
    NOTHING,
    Document,
    answer,
    certainty,
    clean,
    count,
    headline,
    measure,
    preparation,
    reasons,
    remarks,
    size,
    verdict,
    whys,
)
from gateway.types.money import short_usd

# Where the texts of reasons and preparations begin.
_INDENT: Final = 10
_STYLES: Final[dict[str, dict[str, Any]]] = {
    "chosen": {"fg": "green", "bold": True},
    "no key": {"dim": True},
    "rejected": {"fg": "red"},
}
# What goes first where the terminal is narrow. Verdict, model and expected cost stay.
_LEAST: Final = ("CERTAINTY", "LOW", "TEXT", "OUT", "HIGH", "AUDIO", "VIDEO", "DOC", "IMAGE", "PREP", "FACTS")
_MODALITIES: Final = {"text": "TEXT", "image": "IMAGE", "document": "DOC", "audio": "AUDIO", "video": "VIDEO"}
_PREPARATIONS: Final = "abcdefghijklmnopqrstuvwxyz"
PREPARED: Final = "PREP, done before it is sent:"
DOUBTED: Final = "FACTS, what is to be doubted of a price:"
BEST: Final = "Why the best are where they are:"


def render(document: Document, *, width: int, colour: bool, key: Key | None = None) -> str:
    """A `/v1/quote` document as text, no line wider than `width` cells.

    `file` of a part and a candidate without a key (`no_credentials`) are shown as what they are. `key`: the
    one that would change the choice.
    """
    rows = weighed(document)
    blocks = [[line for said in headline(document, key) for line in hanging("", said, width, 0)]]
    if document["parts"]:
        blocks.append(fitted([parts(document["parts"])], width)[1])
    if rows:
        blocks += _table(rows, kinds(document), width, colour=colour)
    blocks.append(_reasons(document, width, colour=colour))
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def weighed(document: Document) -> list[Document]:
    """The candidates that have a row: those that can carry it, or lack a key alone."""
    return [item for item in document["candidates"] if verdict(item) != "rejected"]


def kinds(document: Document) -> dict[int, str]:
    """The kind of each part, by its number."""
    return {part["index"]: part["kind"] for part in document["parts"]}


def parts(found: Sequence[Document]) -> list[Column]:
    """What was seen in the request."""
    return [
        Column("PART", tuple(str(part["index"]) for part in found)),
        Column("KIND", tuple(part["kind"] for part in found)),
        Column("TYPE", tuple(clean(part["mime"]) for part in found)),
        Column("SIZE", tuple(size(part["bytes"]) for part in found), right=True),
        Column("MEASURE", tuple(map(measure, found))),
        Column("FILE", tuple(clean(part.get("file") or NOTHING) for part in found)),
    ]


def preparations(rows: Sequence[Document], kinds: Mapping[int, str]) -> dict[str, str]:
    """A letter for each preparation that is not nothing, by its words."""
    words = [preparation(item, kinds) for item in rows]
    return dict(zip(dict.fromkeys(filter(None, words)), _PREPARATIONS, strict=False))


def layouts(rows: Sequence[Document], kinds: Mapping[int, str]) -> Iterator[list[Column]]:
    """The table from its widest form to its narrowest: money is rounded first, then columns go."""
    letters = preparations(rows, kinds)
    prepared = tuple(letters.get(preparation(item, kinds), "") for item in rows)
    sure = tuple(map(certainty, rows))
    marks = tuple(map(doubts.marks, rows))
    for exact in (True, False):
        columns = [
            Column("VERDICT", tuple(map(verdict, rows))),
            Column("MODEL", tuple(clean(item["model"]) for item in rows)),
            *(_money(rows, name, exact=exact) for name in ("low", "expected", "high")),
            *_tokens(rows),
            *([Column("PREP", prepared)] if any(prepared) else []),
            *([Column("FACTS", marks)] if any(marks) else []),
            *([Column("CERTAINTY", sure)] if {*sure} - {NOTHING} else []),
        ]
        yield columns
    for least in _LEAST:
        columns = [column for column in columns if column.head != least]
        yield columns


def _table(
    rows: Sequence[Document], kinds: Mapping[int, str], width: int, *, colour: bool
) -> Iterator[list[str]]:
    """The rows, and what stands below them: why the best are best, preparations, doubts and remarks."""
    columns, (head, *lines) = fitted(layouts(rows, kinds), width)
    if colour:
        head = click.style(head, bold=True)
        lines = [
            click.style(line, **_STYLES.get(verdict(item), {}))
            for item, line in zip(rows, lines, strict=True)
        ]
    yield [head, *lines]
    shown = {column.head for column in columns}
    best = [(str(place), f"{name}: {why}") for place, (name, why) in enumerate(whys(rows), 1)]
    prepared = [(letter, text) for text, letter in preparations(rows, kinds).items()]
    yield _legend(BEST, best, width)
    yield _legend(PREPARED, prepared, width)
    yield _legend(DOUBTED, doubts.legend(rows) if "FACTS" in shown else [], width)
    yield hanging("", " ".join(remarks(rows, shown)), width, 0)


def _legend(title: str, entries: Sequence[tuple[str, str]], width: int) -> list[str]:
    """What signs stand for, or nothing where there are none."""
    if not entries:
        return []
    lines = (line for sign, text in entries for line in hanging(f"  {sign}", text, width, _INDENT))
    return [*hanging("", title, width, 0), *lines]


def _money(rows: Sequence[Document], name: str, *, exact: bool) -> Column:
    """Amounts with their decimal points below each other. What has no price says so, and never zero."""
    costs = [item.get("cost_usd") for item in rows]
    none = "unpriced" if name == "expected" else NOTHING
    amounts = [
        none if cost is None else f"${cost[name]}" if exact else short_usd(cost[name]) for cost in costs
    ]
    halves = [amount.partition(".") for amount in amounts]
    left = max((len(whole) for whole, _, _ in halves if whole != none), default=0)
    return Column(name.upper(), tuple(whole.rjust(left) + point + rest for whole, point, rest in halves))


def _tokens(rows: Sequence[Document]) -> list[Column]:
    """Tokens in by modality, each a column, and tokens out unless they are the same for all."""
    columns = []
    for modality, head in _MODALITIES.items():
        counts = tuple(count(item, "in", modality) for item in rows)
        if {*counts} - {NOTHING}:
            columns.append(Column(head, counts, right=True))
    if answer(rows) is None:
        columns.append(Column("OUT", tuple(count(item, "out", "text") for item in rows), right=True))
    return columns


def _reasons(document: Document, width: int, *, colour: bool) -> list[str]:
    lines = []
    for said, text in reasons(document):
        head, *rest = hanging(said, text, width, _INDENT)
        style = _STYLES.get(said, {})
        lines += [click.style(head[: len(said)], **style) + head[len(said) :] if colour else head, *rest]
    return lines
