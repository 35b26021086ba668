"""Reported input by modality, where the provider reports one sum."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.demand import MEDIA
from gateway.catalog.split import split
from gateway.types.money import Certainty, LineItem, Modality, Quote, nanodollars
from gateway.types.outcome import Usage


def line(modality: Modality, expected: int, low: int | None = None, high: int | None = None) -> LineItem:
    """Input tokens at $3 a million, exact unless bounds are given."""
    low, high = expected if low is None else low, expected if high is None else high
    cost, least, most = (nanodollars(count, "3", 1_000_000) for count in (expected, low, high))
    sure: Certainty = "exact" if low == high else "bounded"
    return LineItem(modality, "in", "token", str(expected), "3", 1_000_000, cost, least, most, sure)


EXACT = Quote((line("text", 100), line("image", 1000)))
LOOSE = Quote((line("text", 100, 90, 120), line("image", 1000)))
BOTH = Quote((line("text", 100, 90, 120), line("image", 1000, 950, 1060)))
TWO = Quote((line("text", 100), line("image", 1000), line("document", 500)))


@pytest.mark.parametrize(
    ("predicted", "total", "text", "image", "document"),
    [
        (EXACT, 1100, 100, 1000, 0),
        # A formula that is off by thirty percent: the text was counted, so it is the image's.
        (EXACT, 1400, 100, 1300, 0),
        (EXACT, 800, 100, 700, 0),
        # What the text's bounds allow is the text's.
        (LOOSE, 1110, 110, 1000, 0),
        (LOOSE, 1095, 95, 1000, 0),
        # Beyond them a rule is broken, and it is the image's.
        (LOOSE, 1420, 120, 1300, 0),
        (LOOSE, 790, 90, 700, 0),
        # Two that may be off share in proportion to how far they may.
        (BOTH, 1140, 110, 1030, 0),
        # Two media that may not: by their size.
        (TWO, 1750, 100, 1100, 550),
        # Nobody has less than nothing.
        (EXACT, 60, 60, 0, 0),
        (EXACT, 0, 0, 0, 0),
    ],
)
def test_what_a_report_is_off(predicted: Quote, total: int, text: int, image: int, document: int) -> None:
    """First what stated bounds allow, then the media whose formula must be broken."""
    found = split(total, Usage(input=total), predicted)
    told = [found.tokens[name] for name in ("text", "image", "document")]
    assert [text, image, document] == told
    assert found.guessed


def test_what_the_provider_tells_apart_stands() -> None:
    """A reported image count is not touched; the rest is text, and nothing is guessed."""
    found = split(1400, Usage(input=1400, image=1250), EXACT)
    assert (150, 1250, False) == (found.tokens["text"], found.tokens["image"], found.guessed)


def test_pages_that_are_counted_among_images() -> None:
    """A provider that tells pages as images: both share that count as they were quoted."""
    found = split(1750, Usage(input=1750, image=1650), TWO, "image")
    assert (100, 1100, 550) == tuple(found.tokens[name] for name in ("text", "image", "document"))
    assert found.guessed


def test_text_alone_takes_all() -> None:
    """Without media the report is the text's."""
    found = split(130, Usage(input=130), Quote((line("text", 100),)))
    assert (130, False) == (found.tokens["text"], found.guessed)


counts = st.integers(0, 5_000)


@given(
    total=counts,
    quoted=st.lists(
        st.tuples(st.sampled_from(("text", *MEDIA)), counts, counts, counts), unique_by=lambda q: q[0]
    ),
    told=st.dictionaries(st.sampled_from(MEDIA), counts),
)
def test_the_parts_are_the_report(
    total: int, quoted: list[tuple[Modality, int, int, int]], told: dict[str, Any]
) -> None:
    """Whatever was quoted and told apart: whole tokens, none below zero, together what was reported."""
    items = tuple(line(name, low + more, low, low + more + most) for name, low, more, most in quoted)
    found = split(total, Usage(input=total, **told), Quote(items)).tokens
    assert total == sum(found.values())
    assert min(found.values()) >= 0
    assert {"text", *MEDIA} == set(found)
    assert all(found[name] <= count for name, count in told.items() if name in MEDIA)
    assert all(Decimal(item.quantity) >= 0 for item in items)
