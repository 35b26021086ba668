"""Terms: tiers, regions and hours are multiples of the usual rates."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway.catalog import ModelFacts, quote, settle_items
from gateway.catalog.cost import price
from gateway.catalog.demand import Amount
from gateway.catalog.facts import OffPeak, Selling, Window
from gateway.catalog.terms import served, under
from gateway.types.outcome import Usage
from gateway.types.terms import Terms
from tests.catalog.samples import carried, facts

WEEKDAYS = (0, 1, 2, 3, 4)
OFF_PEAK = OffPeak(
    "0.5", (Window("10:00", "24:00", WEEKDAYS), Window("00:00", "24:00", (5, 6)), Window("04:00", "06:00"))
)
SOLD = structs.replace(
    facts("openai/gpt-5.4"),
    selling=Selling({"batch": "0.5", "priority": "2"}, {"eu": "1.1"}, OFF_PEAK),
)


def rates(known: ModelFacts | None) -> list[str]:
    """Dollars of input and output, then of the same in long prompts."""
    assert known is not None
    return [rate.rate_usd for rate in known.rates if rate.kind == "fresh"]


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (Terms(), ["2.50", "15", "5", "22.50"]),
        (Terms(tier="batch"), ["1.25", "7.5", "2.5", "11.25"]),
        (Terms(tier="priority", region="eu"), ["5.5", "33", "11", "49.5"]),
    ],
)
def test_every_rate_is_multiplied(terms: Terms, expected: list[str]) -> None:
    """Tier and region each multiply the rates, those beyond a context threshold too."""
    assert expected == rates(under(SOLD, terms))


@pytest.mark.parametrize("terms", [Terms(tier="flex"), Terms(region="mars")])
def test_what_is_not_sold_has_no_price(terms: Terms) -> None:
    """A tier or a region without a multiple is not sold at the usual price instead."""
    assert under(SOLD, terms) is None


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # 27 November 2026 is a Friday.
        (datetime(2026, 11, 27, 9, 59, tzinfo=UTC), "2.50"),
        (datetime(2026, 11, 27, 10, 0, tzinfo=UTC), "1.25"),
        (datetime(2026, 11, 27, 23, 59, tzinfo=UTC), "1.25"),
        (datetime(2026, 11, 28, 7, 0, tzinfo=UTC), "1.25"),
        (datetime(2026, 11, 27, 5, 59, tzinfo=UTC), "1.25"),
        (datetime(2026, 11, 27, 6, 0, tzinfo=UTC), "2.50"),
        # 17:30 in Beijing is 09:30 UTC.
        (datetime(2026, 11, 27, 17, 30, tzinfo=timezone(timedelta(hours=8))), "2.50"),
        (None, "2.50"),
    ],
)
def test_the_hour_decides(at: datetime | None, expected: str) -> None:
    """Windows hold their start and not their end, in UTC; at an unknown hour the dearest holds."""
    assert expected == rates(under(SOLD, Terms(at=at)))[0]


def test_a_quote_under_terms_needs_nothing_else() -> None:
    """The same request at half the rates is half the money."""
    batch = under(SOLD, Terms(tier="batch"))
    assert batch is not None
    assert quote(SOLD, carried(tokens=1000)).high == 2 * quote(batch, carried(tokens=1000)).high


def test_usual_terms_change_nothing() -> None:
    """Nothing is built anew for the request that most are."""
    known: Any = under(SOLD)
    assert known is SOLD


NIGHT, NOON = datetime(2026, 11, 27, 23, tzinfo=UTC), datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        # 985 to 1,027 tokens in, 1,006 expected, at $2.50; 1 to 100 out at $15, 100 expected.
        (Terms(), (2_477_500, 4_015_000, 4_067_500)),
        # The window may close before the call lands, or open.
        (Terms(at=NIGHT), (1_238_750, 2_007_500, 4_067_500)),
        (Terms(at=NOON), (1_238_750, 4_015_000, 4_067_500)),
        # Priority may be served as usual.
        (Terms(tier="priority"), (2_477_500, 8_030_000, 8_135_000)),
        (Terms(tier="priority", at=NIGHT), (1_238_750, 4_015_000, 8_135_000)),
        (Terms(tier="default", region="eu"), (2_725_250, 4_416_500, 4_474_250)),
    ],
)
def test_a_quote_holds_whatever_the_hour_becomes(terms: Terms, expected: tuple[int, int, int]) -> None:
    """Expected is this hour's price; least and most are what the bill can still turn out to be."""
    known = under(SOLD, terms)
    assert known is not None
    found = quote(known, carried(tokens=1000, max_output_tokens=100))
    text_out = next(item for item in found.items if item.direction == "out")
    assert "100" == text_out.quantity
    assert expected == (found.low, found.expected, found.high)


@pytest.mark.parametrize(
    ("asked", "told", "expected", "known"),
    [
        (Terms(tier="priority"), Usage(tier="default"), "2.50", True),
        (Terms(tier="priority"), Usage(), "5", True),
        (Terms(tier="priority"), None, "5", True),
        (Terms(), Usage(tier="priority"), "5", True),
        (Terms(), Usage(region="eu"), "2.75", True),
        (Terms(tier="batch", region="eu"), Usage(tier="batch"), "1.375", True),
        # Served on a tier whose price nobody knows: as asked, and told so.
        (Terms(tier="batch"), Usage(tier="flex"), "1.25", False),
    ],
)
def test_what_the_answer_names_is_what_is_settled(
    asked: Terms, told: Usage | None, expected: str, known: bool
) -> None:
    """The tier and the region that a provider reports count before what it was asked for."""
    found, sure = served(SOLD, asked, told)
    assert (expected, known) == (rates(found)[0], sure)


@given(
    times=st.sampled_from(["0.25", "0.5", "0.7", "0.75"]),
    asked=st.sampled_from([None, "default", "batch", "priority"]),
    region=st.sampled_from([None, "eu"]),
    hours=st.tuples(st.integers(0, 167), st.integers(0, 167)),
    tokens=st.integers(0, 10_000_000),
    downgraded=st.booleans(),
)
def test_what_is_settled_lies_within_the_quote(
    times: str, asked: Any, region: str | None, hours: tuple[int, int], tokens: int, downgraded: bool
) -> None:
    """Whatever the hour when it lands, and if priority was served as usual: the bounds of the quote hold."""
    model = structs.replace(
        facts("openai/gpt-5.4"),
        selling=Selling(
            {"batch": "0.5", "priority": "1.8"}, {"eu": "1.1"}, structs.replace(OFF_PEAK, times=times)
        ),
    )
    planned, landed = (datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hour) for hour in hours)
    terms = Terms(tier=asked, region=region, at=planned)
    known = under(model, terms)
    assert known is not None
    count = Decimal(tokens)
    found = price(known, (Amount("text", "in", "token", count, count, count, "exact"),))
    told = Usage(input=tokens, output=0, tier="default" if downgraded and asked == "priority" else None)
    billed, _ = served(model, structs.replace(terms, at=landed), told)
    paid = sum(item.nanodollars for item in settle_items(billed, told, found))
    assert found.low <= paid <= found.high
    (line,) = found.items
    assert (line.low == line.high) == (line.certainty == "exact")
