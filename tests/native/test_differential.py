"""A slice of `make tokens`, which compares more than 140,000 texts and megabytes of adversaries."""

import random

import pytest

from gateway import _core
from tests.native.differential import SEED
from tests.native.strings import ADVERSARIES, COLUMNS, KINDS, adversaries, column, everything
from tests.native.vocabulary import ENCODINGS, NAMES, tiktoken_encodings

WITNESS = tiktoken_encodings()
SLICE = 120


def same(text: str) -> None:
    """Each encoding's count is tiktoken's."""
    expected = {name: len(WITNESS[name].encode_ordinary(text)) for name in NAMES}
    assert expected == {name: _core.count_tokens(text, name) for name in NAMES}, text[:200]


def test_columns_of_every_plane() -> None:
    """Characters of every plane, assigned or not, cut and merge as tiktoken's do."""
    rng = random.Random(SEED)
    for start in COLUMNS[::60]:
        same(column(start, rng))


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_text(kind: str) -> None:
    """Each kind of text, cut and merged as tiktoken does."""
    rng = random.Random(f"{SEED} {kind}")
    for _ in range(SLICE):
        same(KINDS[kind](rng))


def test_the_whole_suite_covers_every_block_and_more_than_100_000_texts() -> None:
    """Every column of 16 code points but the surrogates has a text, and the rest makes up the number."""
    made = everything(SEED, 0)
    seen = {ord(letter) // 16 for _, text in made for letter in text}
    assert {start // 16 for start in COLUMNS} <= seen
    assert len(COLUMNS) + 3_000 * len(KINDS) > 100_000


@pytest.mark.parametrize(
    ("kind", "text"), list(adversaries(20_000)), ids=[*map(ascii, ADVERSARIES), "letters", "latin-1"]
)
def test_adversaries(kind: str, text: str) -> None:
    """What has broken tokenizers, short enough for tiktoken; `make tokens` takes a megabyte of each."""
    for name in ENCODINGS:
        assert len(WITNESS[name].encode_ordinary(text)) == _core.count_tokens(text, name), kind


def test_a_megabyte_of_spaces_is_counted() -> None:
    """Where tiktoken's engine overflows its stack, ours counts: runs are merged into the longest tokens."""
    counted = {name: _core.count_tokens(" " * 1_000_000, name) for name in ENCODINGS}
    assert {"o200k_base": 7_813, "cl100k_base": 7_813} == counted
