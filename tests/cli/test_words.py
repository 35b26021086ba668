"""The words of a quote, before they are laid out."""

from typing import Any

import pytest

from gateway.cli.whatif import Key
from gateway.cli.words import certainty, clean, headline, measure, reasons, size, verdict, whys


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3_475_013, "3.3 MiB")]
)
def test_sizes_are_for_people(count: int, words: str) -> None:
    """Bytes in the largest unit of which there is one."""
    assert words == size(count)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"width": 4, "height": 3}, "4x3"),
        ({"pages": 1}, "1 page"),
        ({"pages": 2}, "2 pages"),
        ({"seconds": 2.5}, "2.5 s"),
        ({"width": 4, "height": 3, "error": {"code": "x", "message": "y"}}, "cannot be read"),
        ({}, "-"),
    ],
)
def test_a_part_has_its_measure(part: dict[str, Any], words: str) -> None:
    """Pixels, pages or seconds; what is broken says so whatever its header claimed."""
    assert words == measure(part)


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ("chosen", None, "chosen"),
        ("dearer", "dearer", "dearer"),
        ("dearer", "standby", "standby"),
        ("rejected", "no_credentials", "no key"),
        ("rejected", "unpriced", "rejected"),
    ],
)
def test_a_verdict_says_what_its_reason_says(told: str, code: str | None, words: str) -> None:
    """Standby and a missing key are verdicts of their own to a person."""
    assert words == verdict({"verdict": told, "reason": code and {"code": code}})


def test_a_sum_is_as_sure_as_its_least_sure_part() -> None:
    """Estimated beats bounded beats exact; without lines nothing is claimed."""
    lines = [{"certainty": word} for word in ("exact", "estimated", "bounded")]
    assert ["-", "exact", "estimated"] == [certainty({"line_items": some}) for some in ([], lines[:1], lines)]


def test_what_others_wrote_is_made_printable() -> None:
    """Names, sentences and messages cannot hold what steers a terminal."""
    bad = "a\x1b[31m\n"
    item = {"model": bad, "verdict": "chosen", "reason": None, "why": bad, "cost_usd": None}
    out = {"model": bad + "2", "verdict": "rejected", "reason": {"code": bad, "message": bad}}
    document = {"model": bad, "chosen": bad, "candidates": [item, out]}
    told = [*headline(document, Key(bad, "K", bad)), *whys([item])[0], *reasons(document)[0]]
    assert all(text.isprintable() for text in told)
    assert "a?[31m?" == clean(bad)
