"""What every `Accounts` promises, proved over each of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.clock import ManualClock
from gateway.adapters.memory import MemoryAccounts
from gateway.adapters.sqlite import SqliteAccounts
from gateway.types.learned import MEMORY, Lesson, Tally
from tests.contracts.ledger import line

Both = MemoryAccounts | SqliteAccounts


@pytest.fixture(params=["memory", "sqlite"])
async def accounts(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Both]:
    made: Both = (
        MemoryAccounts() if request.param == "memory" else SqliteAccounts(tmp_path / "l.db", ManualClock())
    )
    yield made
    await made.aclose()


async def test_what_is_held_counts_against_the_budget(accounts: Both) -> None:
    """A hold is taken up to the budget and not a nanodollar over it."""
    assert None is await accounts.reserve("a", "t", 60, 100)
    assert 40 == await accounts.reserve("b", "t", 41, 100)
    assert None is await accounts.reserve("c", "t", 40, 100)
    assert (0, 100) == await accounts.balance("t")


async def test_settling_releases_and_spends(accounts: Both) -> None:
    """What was held is free again, what was spent is not."""
    await accounts.reserve("a", "t", 90, 100)
    await accounts.settle("a", [line("a", 0, 20), line("a", 1, 5)])
    assert (25, 0) == await accounts.balance("t")
    assert 75 == await accounts.reserve("b", "t", 76, 100)
    assert None is await accounts.reserve("c", "t", 75, 100)


async def test_a_second_settle_changes_nothing(accounts: Both) -> None:
    """Neither the same lines nor other ones are written twice."""
    await accounts.settle("a", [line("a", 0, 20)])
    await accounts.settle("a", [line("a", 0, 20)])
    await accounts.settle("a", [line("a", 0, 20), line("a", 1, 7)])
    assert (20, 0) == await accounts.balance("t")
    assert [line("a", 0, 20)] == await accounts.lines()


async def test_a_second_reserve_changes_nothing(accounts: Both) -> None:
    """An operation holds once, and not again after it was settled."""
    await accounts.reserve("a", "t", 60, 100)
    assert None is await accounts.reserve("a", "t", 60, 100)
    assert (0, 60) == await accounts.balance("t")
    await accounts.settle("a", [])
    assert None is await accounts.reserve("a", "t", 60, 100)
    assert (0, 0) == await accounts.balance("t")


async def test_settling_without_a_hold_or_lines(accounts: Both) -> None:
    """An operation that held nothing and cost nothing settles all the same."""
    await accounts.settle("a", [])
    assert (0, 0) == await accounts.balance("t")


async def test_tenants_are_apart(accounts: Both) -> None:
    """One tenant's money never counts for another."""
    await accounts.reserve("a", "t", 100, 100)
    assert None is await accounts.reserve("b", "other", 100, 100)
    await accounts.settle("b", [line("b", 0, 30, tenant="other")])
    assert [(0, 100), (30, 0)] == [await accounts.balance("t"), await accounts.balance("other")]


async def test_more_than_held_is_spent_all_the_same(accounts: Both) -> None:
    """A provider that bills more than was held is written down in full; what is left goes below zero."""
    await accounts.reserve("a", "t", 10, 100)
    await accounts.settle("a", [line("a", 0, 130)])
    assert -30 == await accounts.reserve("b", "t", 1, 100)


async def test_lines_come_back_as_written(accounts: Both) -> None:
    """Every field of a line survives."""
    await accounts.settle("a", [line("a", 0, 1), line("a", 1, 2, tenant='"; DROP TABLE ledger; --')])
    assert [line("a", 0, 1), line("a", 1, 2, tenant='"; DROP TABLE ledger; --')] == await accounts.lines()


IMAGE = Lesson("ratio", "p/m", "image 0123")
TEXT = Lesson("ratio", "p/m", "text 4567")


async def test_what_was_learned_is_added_up(accounts: Both) -> None:
    """Two processes that saw the same model add to one tally; each hears what is known of its own."""
    await accounts.learn({IMAGE: Tally(2.0, 100.0, 130.0)})
    now = await accounts.learn({IMAGE: Tally(1.0, 50.0, 65.0), TEXT: Tally(1.0, 9.0, 9.0)})
    assert {IMAGE: Tally(3.0, 150.0, 195.0), TEXT: Tally(1.0, 9.0, 9.0)} == now
    assert now == await accounts.lessons()


async def test_old_sightings_fade(accounts: Both) -> None:
    """A tally never weighs more than it remembers, and keeps its mean."""
    for _ in range(100):
        await accounts.learn({IMAGE: Tally(1.0, 1000.0, 1300.0)})
    (tally,) = (await accounts.lessons()).values()
    assert MEMORY["ratio"] == pytest.approx(tally.weight)
    assert pytest.approx(1.3) == tally.mean


operations = st.sampled_from("abcdef")
amounts = st.integers(0, 60)
moves = st.tuples(st.sampled_from(["reserve", "settle"]), operations, amounts)


@settings(deadline=None, max_examples=60)
@given(st.lists(moves, max_size=25), st.booleans())
def test_any_history_keeps_the_books(history: list[tuple[str, str, int]], durable: bool) -> None:
    """After any history: held and spent are what a naive book says, and a hold never overshoots."""

    async def run() -> None:
        accounts: Both = SqliteAccounts(":memory:", ManualClock()) if durable else MemoryAccounts()
        held: dict[str, int] = {}
        spent: dict[str, int] = {}
        for verb, operation, amount in history:
            if verb == "reserve":
                left = await accounts.reserve(operation, "t", amount, 100)
                room = 100 - sum(held.values()) - sum(spent.values())
                if operation not in held and operation not in spent:
                    assert (None if amount <= room else room) == left
                    if left is None:
                        held[operation] = amount
            else:
                await accounts.settle(operation, [line(operation, 0, amount)])
                if operation not in spent:
                    spent[operation] = amount
                    held.pop(operation, None)
            assert (sum(spent.values()), sum(held.values())) == await accounts.balance("t")
        assert sum(spent.values()) == sum(row.item.nanodollars for row in await accounts.lines())
        await accounts.aclose()

    anyio.run(run)
