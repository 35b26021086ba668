"""Text in columns that never wraps: what matters least is shortened first, then left out, then cut."""

import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

GAP: Final = "  "
_CUT: Final = "…"


class Column(Struct, frozen=True):
    """A heading and what stands below it. `right`: aligned so, as numbers are."""

    head: str
    cells: tuple[str, ...]
    right: bool = False

    @property
    def width(self) -> int:
        """Of the widest cell, in cells of a terminal."""
        return max(map(cells, (self.head, *self.cells)))


def fitted(layouts: Iterable[Sequence[Column]], width: int) -> tuple[Sequence[Column], list[str]]:
    """The first layout that fits, and its lines: heading, then rows. The last one is cut if need be."""
    columns: Sequence[Column] = ()
    for columns in layouts:
        if sum(column.width + len(GAP) for column in columns) - len(GAP) <= width:
            break
    rows = zip(*((column.head, *column.cells) for column in columns), strict=True)
    lines = [
        GAP.join(_padded(text, column) for text, column in zip(row, columns, strict=True)).rstrip()
        for row in rows
    ]
    return columns, [cut(line, width) for line in lines]


def cut(text: str, width: int) -> str:
    """The text, or as much of it as fits, with a sign that there is more."""
    if cells(text) <= width:
        return text
    while text and cells(text) > width - 1:
        text = text[:-1]
    return text + _CUT


def hanging(head: str, text: str, width: int, indent: int) -> list[str]:
    """A paragraph behind a heading of its own: `head`, then the text in lines that begin at `indent`."""
    lines = textwrap.wrap(
        text,
        width=max(width, indent + 1),
        initial_indent=head.ljust(indent),
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [cut(line, width) for line in lines]


def cells(text: str) -> int:
    """How many cells of a terminal a text takes: two for wide letters, none for marks upon others."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _padded(text: str, column: Column) -> str:
    space = " " * (column.width - cells(text))
    return space + text if column.right else text + space
