"""Money held before anything is sent."""

import pytest
from msgspec import structs

from gateway.adapters.memory import MemoryAccounts
from gateway.admission.reserve import needed_for, reserve
from gateway.errors import ClientError
from gateway.types.money import LineItem, Quote
from gateway.types.plan import Attempt, Deployment, Plan, Policy
from gateway.types.principal import Principal

ITEM = LineItem(
    modality="text",
    direction="in",
    unit="token",
    quantity="1",
    rate_usd="1",
    per=1,
    nanodollars=50,
    low=10,
    high=70,
    certainty="bounded",
)


def plan(*highs: int, priced: bool = True) -> Plan:
    attempts = []
    for number, high in enumerate(highs):
        quote = Quote((structs.replace(ITEM, high=high),), priced=priced)
        attempts.append(Attempt(Deployment(f"p/m{number}", "p", "m"), (), quote, quote))
    return Plan("vision", tuple(attempts), (), Policy())


async def test_the_dearest_attempt_is_held() -> None:
    """Whichever attempt answers in the end, its worst price is held."""
    accounts = MemoryAccounts()
    assert 90 == await reserve(accounts, Principal("t", "k", budget=100), plan(70, 90, 20), "op")
    assert (0, 90) == await accounts.balance("t")


async def test_without_a_budget_nothing_is_held() -> None:
    """No budget, no look at the accounts, priced or not."""
    accounts = MemoryAccounts()
    assert 0 == await reserve(accounts, Principal("t", "k"), plan(70, priced=False), "op")
    assert (0, 0) == await accounts.balance("t")


async def test_over_budget_is_refused_with_figures() -> None:
    """429 with what was needed, what is left and what would work; nothing is held."""
    accounts = MemoryAccounts()
    await accounts.reserve("other", "t", 40, 100)
    with pytest.raises(ClientError) as caught:
        await reserve(accounts, Principal("t", "k", budget=100), plan(70), "op")
    assert ("budget_exceeded", 429) == (caught.value.code, caught.value.row.status)
    expected = {"needed_usd": "0.00000007", "left_usd": "0.00000006", "budget_usd": "0.0000001"}
    assert expected == caught.value.details
    assert "up to $0.00000007 and $0.00000006 of the budget of $0.0000001" in caught.value.message
    assert (0, 40) == await accounts.balance("t")


async def test_what_is_left_is_never_told_below_zero() -> None:
    """An overdrawn budget has nothing left, not less."""
    accounts = MemoryAccounts()
    await accounts.reserve("other", "t", 100, 100)
    with pytest.raises(ClientError) as caught:
        await reserve(accounts, Principal("t", "k", budget=50), plan(1), "op")
    assert caught.value.details is not None
    assert "0" == caught.value.details["left_usd"]


async def test_an_unknown_price_fails_closed() -> None:
    """A budget cannot cover what has no price."""
    accounts = MemoryAccounts()
    with pytest.raises(ClientError, match="no known price"):
        await reserve(accounts, Principal("t", "k", budget=100), plan(1, priced=False), "op")
    assert (0, 0) == await accounts.balance("t")


def test_what_will_not_be_tried_is_not_held() -> None:
    """The policy tries three attempts; a dear or unpriced fourth holds nothing and refuses nothing."""
    assert 30 == needed_for(plan(10, 20, 30, 900))
