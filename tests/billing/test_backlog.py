"""Books that wait for a ledger that is away."""

import anyio

from gateway.adapters.clock import ManualClock
from gateway.billing.backlog import Backlog
from gateway.billing.book import Book
from tests.billing.attempts import GPT
from tests.billing.test_book import DONE, SlowAccounts


def waiting(accounts: SlowAccounts, count: int) -> Backlog:
    """A backlog of this many operations, each with one finished attempt."""
    backlog = Backlog()
    for number in range(count):
        book = Book(f"op{number}", "t", accounts, ManualClock())
        book.enter(GPT, "finished", DONE)
        backlog.keep(book)
    return backlog


async def test_a_ledger_that_is_back_gets_every_book_once() -> None:
    """What waited is written, and offering again writes nothing more."""
    accounts = SlowAccounts()
    backlog = waiting(accounts, 3)
    await backlog.flush()
    await backlog.flush()
    assert (3 * DONE.cost, 0) == await accounts.balance("t")
    assert 0 == len(backlog)


async def test_a_ledger_that_is_still_away_is_asked_once() -> None:
    """The first refusal ends the round; every book still waits, and the next round writes them."""
    accounts = SlowAccounts(failures=1)
    backlog = waiting(accounts, 3)
    await backlog.flush()
    assert (1, 3) == (accounts.calls, len(backlog))
    await backlog.flush()
    assert (3 * DONE.cost, 0) == await accounts.balance("t")


async def test_a_cancelled_flush_forgets_no_book() -> None:
    """A process that ends in the middle of a round still has the rest to offer at its end."""
    accounts = SlowAccounts(steps=2)
    backlog = waiting(accounts, 3)
    async with anyio.create_task_group() as group:
        group.start_soon(backlog.flush)
        await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    await backlog.flush()
    assert (3 * DONE.cost, 0) == await accounts.balance("t")
