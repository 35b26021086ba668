"""Columns that fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.columns import Column, cells, cut, fitted, hanging


def test_the_first_layout_that_fits_is_taken() -> None:
    """A layout is left for the next one only where it is too wide."""
    first = [Column("A", ("1", "22")), Column("LONG", ("3", "4"), right=True)]
    second = first[:1]
    assert (first, ["A   LONG", "1      3", "22     4"]) == fitted([first, second], 8)
    assert (second, ["A", "1", "22"]) == fitted([first, second], 7)


def test_wide_letters_take_two_cells() -> None:
    """Columns stand below each other also beside a name in Chinese."""
    assert 4 == cells("照片")
    assert 1 == cells("e\u0301")
    _, lines = fitted([[Column("FILE", ("照片", "a")), Column("N", ("1", "2"))]], 20)
    assert {7} == {cells(line) for line in lines}


@given(text=st.text(max_size=30), width=st.integers(1, 40))
def test_cut_text_fits(text: str, width: int) -> None:
    """What is cut fits and shows that it was; what fits is left as it is."""
    short = cut(text, width)
    assert cells(short) <= width
    assert short == text if cells(text) <= width else short.endswith("…")


@pytest.mark.parametrize("width", [30, 18])
def test_a_paragraph_begins_where_the_others_do(width: int) -> None:
    """The heading stands alone before the text, whose lines begin below each other."""
    first, *rest = hanging("head", "some words that take a few lines", width, 8)
    assert first.startswith("head    some")
    assert all(line.startswith(" " * 8) and line[8] != " " and len(line) <= width for line in rest)
