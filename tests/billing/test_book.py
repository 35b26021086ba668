"""The account of one operation, closed exactly once."""

from collections.abc import Sequence

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.clock import ManualClock
from gateway.adapters.memory import MemoryAccounts
from gateway.billing.book import Book, Entry, ledger_lines
from gateway.billing.settle import settle
from gateway.errors import OwnError, failure
from gateway.types.outcome import LedgerLine, Usage
from tests.billing.attempts import ATTEMPT, GPT, outcome, price

DONE = settle(ATTEMPT, outcome(usage=Usage(777, 20)), price)
LATE = settle(ATTEMPT, outcome(end="failed", started=False, complete=False, error="upstream_timeout"), price)


class SlowAccounts(MemoryAccounts):
    """Accounts that take their time, count how often they are asked, and fail the first times."""

    def __init__(self, steps: int = 0, failures: int = 0) -> None:
        super().__init__()
        self.steps = steps
        self.failures = failures
        self.calls = 0
        self.torn = 0

    async def settle(self, operation: str, lines: Sequence[LedgerLine]) -> None:
        """Wait, then fail or write."""
        self.calls += 1
        self.torn += 1
        for _ in range(self.steps):
            await anyio.lowlevel.checkpoint()
        self.torn -= 1
        if self.failures:
            self.failures -= 1
            raise failure("ledger_unavailable", "not now")
        await super().settle(operation, lines)


def book(accounts: MemoryAccounts, *, held: bool = False) -> Book:
    return Book("op", "t", accounts, ManualClock(), held=held)


async def test_a_closed_book_is_on_the_ledger() -> None:
    """All attempts' lines are written under one operation, numbered through."""
    accounts = MemoryAccounts()
    account = book(accounts)
    account.enter(GPT, "failed", LATE)
    account.enter(GPT, "finished", DONE)
    assert await account.close()
    lines = await accounts.lines()
    assert [0, 1, 2, 3, 4, 5] == [line.line for line in lines]
    assert ["failed"] * 3 + ["finished"] * 3 == [line.end for line in lines]
    assert ["predicted"] * 3 + ["reported"] * 3 == [line.source for line in lines]
    assert (account.cost, 0) == await accounts.balance("t")
    assert LATE.cost + DONE.cost == account.cost
    assert LATE.saved + DONE.saved == account.saved


async def test_closing_twice_changes_nothing() -> None:
    """One call closes; the next ones say that it was not them."""
    accounts = SlowAccounts()
    account = book(accounts)
    account.enter(GPT, "finished", DONE)
    assert [True, False, False] == [await account.close() for _ in range(3)]
    assert 1 == accounts.calls


async def test_a_hold_is_released_without_lines() -> None:
    """A request that was refused after its reservation gives the money back."""
    accounts = MemoryAccounts()
    await accounts.reserve("op", "t", 100, 100)
    await book(accounts, held=True).close()
    assert (0, 0) == await accounts.balance("t")


async def test_nothing_held_and_nothing_spent_writes_nothing() -> None:
    """A cache hit does not touch the ledger."""
    accounts = SlowAccounts()
    assert await book(accounts).close()
    assert 0 == accounts.calls


async def test_a_late_attempt_is_refused_loudly() -> None:
    """An attempt entered once closing began would be lost money."""
    account = book(MemoryAccounts())
    await account.close()
    with pytest.raises(RuntimeError, match="after the book was closed"):
        account.enter(GPT, "finished", DONE)


async def test_a_failed_ledger_leaves_the_book_open() -> None:
    """When the ledger fails the close fails, and a later one writes everything, once."""
    accounts = SlowAccounts(failures=1)
    account = book(accounts)
    account.enter(GPT, "finished", DONE)
    with pytest.raises(OwnError, match="ledger_unavailable"):
        await account.close()
    assert not account.closed
    assert await account.close()
    assert (DONE.cost, 0) == await accounts.balance("t")


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 6)), min_size=1, max_size=8),
    st.integers(0, 5),
    st.integers(0, 3),
)
def test_any_interleaving_settles_exactly_once(
    closers: list[tuple[int, int | None]], steps: int, failures: int
) -> None:
    """Closers that start at any moment, are cancelled at any moment, and meet a failing ledger: the
    operation is written once, exactly one closer is told so, and none is torn off half-way.
    """

    async def run() -> None:
        accounts = SlowAccounts(steps, failures)
        await accounts.reserve("op", "t", DONE.cost, DONE.cost)
        account = book(accounts, held=True)
        account.enter(GPT, "disconnected", DONE)
        won: list[int] = []

        async def closer(number: int, wait: int, patience: int | None) -> None:
            async def close() -> None:
                for _ in range(wait):
                    await anyio.lowlevel.checkpoint()
                try:
                    if await account.close():
                        won.append(number)
                except OwnError:
                    return

            async with anyio.create_task_group() as group:
                group.start_soon(close)
                if patience is not None:
                    for _ in range(patience):
                        await anyio.lowlevel.checkpoint()
                    group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            for number, (wait, patience) in enumerate(closers):
                group.start_soon(closer, number, wait, patience)
        while not account.closed:
            try:
                if await account.close():
                    won.append(-1)
            except OwnError:
                continue
        assert (1, 0) == (len(won), accounts.torn)
        assert (DONE.cost, 0) == await accounts.balance("t")
        assert 3 == len(await accounts.lines())

    anyio.run(run)


def test_lines_carry_the_attempt() -> None:
    """Each line names tenant, deployment, provider, source and end of its attempt."""
    (first, *_) = ledger_lines("op", "2026-01-01T00:00:00Z", "t", [Entry(GPT, "finished", DONE)])
    expected = LedgerLine(
        operation="op",
        line=0,
        at="2026-01-01T00:00:00Z",
        tenant="t",
        model="openai/gpt-4o",
        provider="openai",
        item=DONE.items[0],
        source="reported",
        end="finished",
    )
    assert expected == first
