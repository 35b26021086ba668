"""Stores inside this process: the cache of a single worker, and accounts that nobody has to keep."""

import sys
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final

from gateway.ports import Clock
from gateway.types.learned import MEMORY, Lesson, Tally
from gateway.types.outcome import LedgerLine

# A dictionary slot, a linked-list node and the boxed size and expiry, measured on CPython 3.11 and 3.12.
_ENTRY_BYTES: Final = 320


class MemoryCache:
    """Least recently used out first, within `max_bytes` counting keys, values and bookkeeping.

    `max_value_bytes`: a value over it is not kept (default: an eighth of `max_bytes`), so that one
    answer cannot push out all others.
    """

    def __init__(self, clock: Clock, max_bytes: int = 67_108_864, max_value_bytes: int | None = None) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._max_value_bytes = max_bytes // 8 if max_value_bytes is None else max_value_bytes
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes held, bookkeeping included."""
        return self._bytes

    async def get(self, key: str) -> bytes | None:
        """The value, unless it was pushed out or its time is over."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        value, expires = entry
        if expires <= self._clock.monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return value

    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None:
        """Keep a value; the least recently used make room."""
        self._drop(key)
        cost = _cost(key, value)
        if ttl_seconds <= 0 or len(value) > self._max_value_bytes or cost > self._max_bytes:
            return
        self._entries[key] = (value, self._clock.monotonic() + ttl_seconds)
        self._bytes += cost
        while self._bytes > self._max_bytes:
            self._drop(next(iter(self._entries)))

    async def aclose(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._bytes = 0

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _cost(key, entry[0])


class MemoryAccounts:
    """The ledger of one process, gone with it: for tests and for `accounts: memory`.

    `max_lines`: the newest lines are kept, sums of all. `max_operations`: settled operations that are
    remembered, to refuse a second settling.
    """

    def __init__(self, max_lines: int = 100_000, max_operations: int = 100_000) -> None:
        self._max_lines = max_lines
        self._max_operations = max_operations
        self._spent: dict[str, int] = {}
        self._held: dict[str, tuple[str, int]] = {}
        self._held_sum: dict[str, int] = {}
        self._settled: OrderedDict[str, None] = OrderedDict()
        self._lines: OrderedDict[tuple[str, int], LedgerLine] = OrderedDict()
        self._lessons: dict[Lesson, Tally] = {}

    async def reserve(self, operation: str, tenant: str, amount: int, budget: int) -> int | None:
        """Hold `amount` nanodollars if spent + held + amount <= budget. None: held; else what is left."""
        if operation in self._held or operation in self._settled:
            return None
        left = budget - self._spent.get(tenant, 0) - self._held_sum.get(tenant, 0)
        if amount > left:
            return left
        self._held[operation] = (tenant, amount)
        self._held_sum[tenant] = self._held_sum.get(tenant, 0) + amount
        return None

    async def settle(self, operation: str, lines: Sequence[LedgerLine]) -> None:
        """Write the lines and release what the operation held; a second call changes nothing."""
        if operation in self._settled:
            return
        self._settled[operation] = None
        if len(self._settled) > self._max_operations:
            self._settled.popitem(last=False)
        held = self._held.pop(operation, None)
        if held is not None:
            self._held_sum[held[0]] -= held[1]
        for line in lines:
            self._lines[line.operation, line.line] = line
            self._spent[line.tenant] = self._spent.get(line.tenant, 0) + line.item.nanodollars
        while len(self._lines) > self._max_lines:
            self._lines.popitem(last=False)

    async def balance(self, tenant: str) -> tuple[int, int]:
        """Nanodollars (spent, held)."""
        return self._spent.get(tenant, 0), self._held_sum.get(tenant, 0)

    async def lines(self) -> list[LedgerLine]:
        """The lines kept, oldest first."""
        return list(self._lines.values())

    async def lessons(self) -> Mapping[Lesson, Tally]:
        """All that is known."""
        return dict(self._lessons)

    async def learn(self, seen: Mapping[Lesson, Tally]) -> Mapping[Lesson, Tally]:
        """Add what was seen, old sightings fading; answers what is known now of the same."""
        for lesson, tally in seen.items():
            self._lessons[lesson] = self._lessons.get(lesson, Tally()).plus(tally, MEMORY[lesson.kind])
        return {lesson: self._lessons[lesson] for lesson in seen}

    async def aclose(self) -> None:
        """Nothing to close; the figures stay readable."""


def _cost(key: str, value: bytes) -> int:
    return sys.getsizeof(key) + sys.getsizeof(value) + _ENTRY_BYTES
