"""Boxes of text on a page -> plain text in reading order.

Boxes that share a row are one line, left to right: this keeps labels beside their values on invoices,
receipts and forms. Only running text set in two columns is read column by column, and running text is
told from a table by lines that fill their column. Lines across both columns (titles) part the page.
"""

from collections.abc import Iterable, Sequence
from statistics import median

from msgspec import Struct

# A column of running text has at least so many lines, which fill at least this share of its width.
_COLUMN_LINES = 6
_COLUMN_FILL = 0.6
# The gutter lies in the middle of the text, and at most this share of the boxes cross it.
_GUTTER_FROM, _GUTTER_TO = 0.3, 0.7
_MAX_CROSSING = 0.2


class Box(Struct, frozen=True):
    """A piece of text on a page. Pixels, y downwards."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def middle(self) -> float:
        """Height of its middle."""
        return (self.top + self.bottom) / 2


def reading_order(boxes: Iterable[Box]) -> str:
    """Lines top to bottom, parted by newlines; pieces of one line by a space."""
    found = [box for box in boxes if box.text.strip()]
    gutter = _gutter(found)
    blocks = [found] if gutter is None else _blocks(found, gutter)
    return "\n".join(line for block in blocks for line in _lines(block))


def _lines(boxes: Sequence[Box]) -> list[str]:
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        if rows and _same_row(rows[-1], box):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [" ".join(box.text.strip() for box in sorted(row, key=lambda box: box.left)) for row in rows]


def _same_row(row: Sequence[Box], box: Box) -> bool:
    middle = sum(other.middle for other in row) / len(row)
    height = min(other.bottom - other.top for other in (*row, box))
    return abs(box.middle - middle) < height / 2


def _gutter(boxes: Sequence[Box]) -> float | None:
    """Where two columns of running text part, if they do."""
    if len(boxes) < 2 * _COLUMN_LINES:
        return None
    left, right = min(box.left for box in boxes), max(box.right for box in boxes)
    low, high = (left + share * (right - left) for share in (_GUTTER_FROM, _GUTTER_TO))
    places = {box.right for box in boxes if low <= box.right <= high}
    fitting = [place for place in places if _two_columns(boxes, place, left, right)]
    return min(fitting, key=lambda place: (_crossing(boxes, place), place), default=None)


def _crossing(boxes: Sequence[Box], place: float) -> int:
    return sum(box.left < place < box.right for box in boxes)


def _two_columns(boxes: Sequence[Box], place: float, left: float, right: float) -> bool:
    first = [box.right - box.left for box in boxes if box.right <= place]
    second = [box for box in boxes if box.left >= place]
    if min(len(first), len(second)) < _COLUMN_LINES or _crossing(boxes, place) > _MAX_CROSSING * len(boxes):
        return False
    start = min(box.left for box in second)
    return median(first) >= _COLUMN_FILL * (place - left) and median(
        box.right - box.left for box in second
    ) >= _COLUMN_FILL * (right - start)


def _blocks(boxes: Sequence[Box], gutter: float) -> list[list[Box]]:
    """Left column, right column, between any two boxes that cross the gutter."""
    blocks: list[list[Box]] = []
    left: list[Box] = []
    right: list[Box] = []
    for box in sorted(boxes, key=lambda box: box.middle):
        if box.right <= gutter:
            left.append(box)
        elif box.left >= gutter:
            right.append(box)
        else:
            blocks += [left, right, [box]]
            left, right = [], []
    return [block for block in (*blocks, left, right) if block]
