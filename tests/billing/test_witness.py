"""The provider's own sum as the witness of what was spent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.settle import settle
from gateway.billing.witness import as_billed
from gateway.types.money import LineItem, Quote, nanodollars
from gateway.types.outcome import Usage
from gateway.types.plan import Attempt
from tests.billing.attempts import ATTEMPT, GPT, outcome, price, tokens

# 12 x 2,500 + 765 x 2,500 + 20 x 10,000 nanodollars.
LINES = (tokens("text", 12), tokens("image", 765), tokens("text", 20, "out"))
OURS = 2_142_500


@pytest.mark.parametrize("told", [None, 0, OURS, OURS + 3, OURS - 3])
def test_a_witness_that_agrees_changes_nothing(told: int | None) -> None:
    """Nothing told, nought told, and a sum within the rounding of three lines leave them as they are."""
    assert LINES == as_billed(LINES, told)


def test_more_is_a_line_of_its_own() -> None:
    """A search of the provider's own costs half a cent: it stands beside the tokens, not among them."""
    found = as_billed(LINES, OURS + 5_000_000)
    assert LINES == found[:3]
    assert ("request", "1", "0.005", 5_000_000) == (
        found[3].modality, found[3].quantity, found[3].rate_usd, found[3].nanodollars
    )  # fmt: skip


def test_less_is_a_lower_rate() -> None:
    """Half the sum is half the rate of every line, for the same quantities."""
    found = as_billed(LINES, OURS // 2)
    assert ["1.25", "1.25", "5"] == [format(Decimal(item.rate_usd).normalize(), "f") for item in found]
    assert ["12", "765", "20"] == [item.quantity for item in found]


@given(
    counts=st.lists(st.integers(1, 10_000_000), min_size=1, max_size=6),
    told=st.integers(1, 10**14),
)
def test_the_lines_are_the_sum(counts: list[int], told: int) -> None:
    """Whatever is told: the lines add up to it within their rounding, and rate times quantity is cost."""
    items = tuple(tokens("text", count) for count in counts)
    found = as_billed(items, told)
    assert abs(told - sum(item.nanodollars for item in found)) <= (len(items) if found == items else 0)
    assert all(
        item.nanodollars == nanodollars(Decimal(item.quantity), item.rate_usd, item.per) >= 0
        for item in found
    )


def modalities(items: tuple[LineItem, ...]) -> list[str]:
    """Their modalities, in order."""
    return [item.modality for item in items]


def test_a_settlement_takes_the_witness() -> None:
    """A finished answer costs what its provider says; one that was cut off is priced by us."""
    told = Usage(input=777, output=20, cost=OURS + 5_000_000)
    done = settle(ATTEMPT, outcome(usage=told), price)
    assert (OURS + 5_000_000, "reported") == (done.cost, done.source)
    assert ["text", "image", "text", "request"] == modalities(done.items)
    cut = settle(ATTEMPT, outcome(usage=told, complete=False, output_tokens_seen=90), price)
    assert (12 + 765) * 2_500 + 90 * 10_000 == cut.cost


def test_a_sum_is_a_price_where_none_was_known() -> None:
    """A model that nobody has a price for costs what its provider says, and else is no data."""
    unpriced = Attempt(GPT, (), Quote((), priced=False), Quote((), priced=False))
    done = settle(unpriced, outcome(usage=Usage(input=777, output=20, cost=123)), price)
    assert (["request"], 123, "reported") == (modalities(done.items), done.cost, done.source)
    assert () == settle(unpriced, outcome(usage=Usage(input=777, output=20)), price).items
