"""Boxes on a page become lines in reading order."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from gateway.engines.layout import Box, reading_order


def _box(left: float, top: float, text: str, width: float = 100, height: float = 20) -> Box:
    return Box(left, top, left + width, top + height, text)


def test_boxes_of_a_row_are_one_line() -> None:
    """A label and its value at one height are joined, left first, whatever order they came in."""
    boxes = [_box(400, 103, "120.50"), _box(10, 40, "Invoice"), _box(10, 100, "Total")]
    assert reading_order(boxes) == "Invoice\nTotal 120.50"


def test_a_table_is_read_by_rows() -> None:
    """Short cells in two columns are rows of a table, not columns of running text."""
    boxes = [
        box
        for row in range(10)
        for box in (_box(10, 30 * row, f"item{row}", 80), _box(500, 30 * row, f"{row}.50", 40))
    ]
    assert reading_order(boxes) == "\n".join(f"item{row} {row}.50" for row in range(10))


def test_two_columns_are_read_one_after_the_other() -> None:
    """Running text in two columns below a title: the title, the left column, the right column."""
    title = _box(100, 0, "TITLE", 800)
    left = [_box(0, 40 + 30 * row, f"left{row}", 480) for row in range(8)]
    right = [_box(520, 40 + 30 * row, f"right{row}", 480) for row in range(8)]
    mixed = [title, *(box for pair in zip(right, left, strict=True) for box in pair)]
    expected = ["TITLE", *(box.text for box in left), *(box.text for box in right)]
    assert reading_order(mixed) == "\n".join(expected)


def test_nothing_is_empty() -> None:
    """No boxes, or blank ones, make no text."""
    assert reading_order([_box(0, 0, "  ")]) == ""


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 900), st.integers(1, 60)),
        max_size=40,
    )
)
def test_no_box_is_lost_or_doubled(places: list[tuple[int, int, int, int]]) -> None:
    """Wherever boxes lie, each one's text is in the answer exactly once."""
    boxes = [_box(left, top, f"w{n}", w, h) for n, (left, top, w, h) in enumerate(places)]
    assert Counter(reading_order(boxes).split()) == Counter(box.text for box in boxes)


@given(st.permutations([(10, 0), (300, 2), (10, 40), (300, 41), (10, 80)]))
def test_order_of_boxes_does_not_matter(places: list[tuple[int, int]]) -> None:
    """The order in which a detector reports boxes changes nothing."""
    boxes = [_box(left, top, f"{left}:{top}") for left, top in places]
    assert reading_order(boxes) == "10:0 300:2\n10:40 300:41\n10:80"
