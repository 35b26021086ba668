"""The account of one operation: its attempts are entered as they end, and it is closed exactly once.

An exchange ends in many ways at once: the answer finishes while the client hangs up while a deadline
fires. Each of them closes the book; the first one writes, the others wait for it and change nothing.
Closing is shielded from cancellation. If the ledger fails, the book stays open and the next close tries
again: the ledger knows the operation by its id, so nothing is written twice.
"""

from collections.abc import Iterable

import anyio
from anyio import CancelScope
from msgspec import Struct

from gateway.ports import Accounts, Clock
from gateway.types.outcome import End, LedgerLine, Settlement
from gateway.types.plan import Deployment


class Entry(Struct, frozen=True):
    """One attempt that ended."""

    deployment: Deployment
    end: End
    settlement: Settlement


class Book:
    """The one owner of what an operation cost. `operation` is minted inside, never the client's id.

    `held`: money is reserved under the operation, so closing has something to release in any case.
    """

    def __init__(
        self, operation: str, tenant: str, accounts: Accounts, clock: Clock, *, held: bool = False
    ) -> None:
        self.operation = operation
        self.tenant = tenant
        self._accounts = accounts
        self._clock = clock
        self._held = held
        self._entries: list[Entry] = []
        self._sealed = False
        self._closed = False
        self._lock = anyio.Lock(fast_acquire=True)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The attempts, in the order they ended."""
        return tuple(self._entries)

    @property
    def closed(self) -> bool:
        """Whether the ledger has it."""
        return self._closed

    @property
    def cost(self) -> int:
        """Nanodollars of all attempts."""
        return sum(entry.settlement.cost for entry in self._entries)

    @property
    def saved(self) -> int:
        """Nanodollars of all attempts."""
        return sum(entry.settlement.saved for entry in self._entries)

    def enter(self, deployment: Deployment, end: End, settlement: Settlement) -> None:
        """An attempt ended. Once closing began this would be lost money, and raises RuntimeError."""
        if self._sealed:
            raise RuntimeError("an attempt was entered after the book was closed")
        self._entries.append(Entry(deployment, end, settlement))

    async def close(self) -> bool:
        """Write the lines and release the hold; True for the one call that did it."""
        self._sealed = True
        first = False
        with CancelScope(shield=True):
            async with self._lock:
                if not self._closed:
                    await self._write()
                    self._closed = first = True
        return first

    async def _write(self) -> None:
        lines = ledger_lines(self.operation, self._clock.now(), self.tenant, self._entries)
        if lines or self._held:
            await self._accounts.settle(self.operation, lines)


def ledger_lines(operation: str, at: str, tenant: str, entries: Iterable[Entry]) -> tuple[LedgerLine, ...]:
    """The lines of all attempts, numbered through. `at`: ISO 8601, UTC."""
    items = [(entry, item) for entry in entries for item in entry.settlement.items]
    return tuple(
        LedgerLine(
            operation=operation,
            line=number,
            at=at,
            tenant=tenant,
            model=entry.deployment.name,
            provider=entry.deployment.provider,
            item=item,
            source=entry.settlement.source,
            end=entry.end,
        )
        for number, (entry, item) in enumerate(items)
    )
