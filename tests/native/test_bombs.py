"""Hostile media: each is refused by one row that says what, where and how much, or drawn anew."""

import json
import subprocess
import sys

import pytest

from tests.benchmarks.bombs import MEBIBYTES
from tests.native.bombs import CARRIED, Bomb, bombs
from tests.native.defused import defused, outcome

BOMBS = tuple(bombs())
EVERY_BOMB = pytest.mark.parametrize("bomb", BOMBS, ids=[bomb.name for bomb in BOMBS])


def test_there_are_forty_at_least() -> None:
    """Forty of them are refused or drawn anew; no two have one name."""
    assert 40 <= sum(bomb.expected != CARRIED for bomb in BOMBS)
    assert len(BOMBS) == len({bomb.name for bomb in BOMBS})


@EVERY_BOMB
def test_a_bomb_is_refused_or_defused(bomb: Bomb) -> None:
    """The row that refuses it names the part, its kind and the limit; what leaves holds nothing hostile."""
    found = defused(bomb.make())
    assert bomb.expected == outcome(bomb, found)
    if isinstance(found, list):
        assert [] == [mark for mark in bomb.marks if any(mark in data for data in found)]
        return
    assert bomb.says in found.message
    assert found.message.isprintable()
    if not found.code.startswith("body_"):
        assert (64 if found.code == "media_too_many" else 0) == found.part
    if found.code.startswith("image_"):
        assert "image" == found.kind


def test_a_bomb_takes_little_memory() -> None:
    """In a process of its own, none makes resident memory rise by more than 8 MiB."""
    command = [sys.executable, "-m", "tests.benchmarks.bombs", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout)
    assert len(BOMBS) == len(rows)
    heavy = {row["name"] for row in rows if row["mib"] is not None and row["mib"] > MEBIBYTES}
    assert set() == heavy
