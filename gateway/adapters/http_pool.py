"""The connections to one origin: at most so many, the freshest first, and a fair queue for the rest.

A *slot* is the right to hold one connection. Slots are counted in `_taken` and are never lost: whoever
holds one hands it on, with its connection (`release`) or without (`_free`), on every way out, cancelled
or not. Everything but the wait and the dialling is synchronous, so there is nothing to be cut in two.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from msgspec import Struct

from gateway.adapters.http_connection import Connection
from gateway.errors import failure


class PoolLimits(Struct, frozen=True):
    """Of one origin. An idle connection is closed after `idle_seconds`.

    Default 4 s over plain HTTP, one less than the 5 s of the commonest private server (uvicorn), so that
    we close first and do not write into its goodbye; 30 s over TLS, where dialling is dear and the far
    side patient. `Keep-Alive: timeout=N` in an answer shortens it to N - 1.
    """

    connections: int = 512
    idle_connections: int = 64
    idle_seconds: float | None = None

    def keep(self, scheme: str, told: float | None) -> float:
        """Seconds that an idle connection is kept."""
        own = self.idle_seconds if self.idle_seconds is not None else (30.0 if scheme == "https" else 4.0)
        return own if told is None else min(own, max(0.0, told - 1.0))


class Pool:
    """See the module. `dial` makes a connection to the origin or raises."""

    def __init__(self, scheme: str, limits: PoolLimits, dial: Callable[[], Awaitable[Connection]]) -> None:
        self._scheme = scheme
        self._limits = limits
        self._dial = dial
        self._taken = 0
        self._idle: list[Connection] = []
        self._held: set[Connection] = set()
        self._queue: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()

    @property
    def taken(self) -> int:
        """Slots in use: connections held, idle, or being dialled."""
        return self._taken

    @property
    def idle(self) -> int:
        """Connections that wait for work."""
        return len(self._idle)

    @property
    def queued(self) -> int:
        """Callers that wait for a slot."""
        return len(self._queue)

    def take(self) -> Connection | None:
        """The freshest idle connection that is still good, at once or not at all."""
        now = self._loop.time()
        while self._idle:
            connection = self._idle.pop()
            if now < connection.idle_since + self._keep(connection) and connection.silent():
                self._held.add(connection)
                return connection
            connection.abort()
            self._free()
        return None

    async def acquire(self) -> Connection:
        """A connection: idle, new, or the next one that another caller is done with, first come first served.

        Raises what `dial` raises. The caller bounds the time.
        """
        connection = self.take()
        if connection is not None:
            return connection
        if self._taken < self._limits.connections:
            self._taken += 1
        else:
            connection = await self._turn()
            if connection is not None:
                if connection.silent():
                    self._held.add(connection)
                    return connection
                connection.abort()
        try:
            connection = await self._dial()
        except BaseException:
            self._free()
            raise
        self._held.add(connection)
        return connection

    async def fresh(self, spent: Connection) -> Connection:
        """A new connection in the slot of one that turned out dead; the dead one is closed."""
        self._held.discard(spent)
        spent.abort()
        try:
            connection = await self._dial()
        except BaseException:
            self._free()
            raise
        self._held.add(connection)
        return connection

    def release(self, connection: Connection, *, reusable: bool) -> None:
        """Give a connection back, with its slot."""
        if connection not in self._held:
            return
        self._held.discard(connection)
        if not reusable or connection.closed or self._keep(connection) <= 0:
            connection.abort()
            self._free()
            return
        if not self._hand_on(connection):
            connection.idle_since = self._loop.time()
            self._idle.append(connection)
            if len(self._idle) > self._limits.idle_connections:
                self._idle.pop(0).abort()
                self._free()
            self._schedule_sweep()

    def close(self) -> None:
        """Close every connection; whoever waits is told so."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None
        for connection in [*self._held, *self._idle]:
            connection.abort()
        self._taken -= len(self._idle)
        self._idle.clear()
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_exception(
                    failure("draining", "the gateway is shutting down; ask another instance")
                )

    async def _turn(self) -> Connection | None:
        """Wait for a slot, with a connection in it or empty."""
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._queue.append(waiter)
        try:
            return await waiter
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())  # the slot came, and the caller had already left
            elif waiter in self._queue:
                self._queue.remove(waiter)
            raise

    def _pass_on(self, connection: Connection | None) -> None:
        if connection is None:
            self._free()
        else:
            self._held.add(connection)
            self.release(connection, reusable=True)

    def _hand_on(self, connection: Connection | None) -> bool:
        while self._queue:
            waiter = self._queue.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _free(self) -> None:
        """A slot without a connection: to the next in the queue, or back to the count."""
        if not self._hand_on(None):
            self._taken -= 1

    def _keep(self, connection: Connection) -> float:
        return self._limits.keep(self._scheme, connection.keep_seconds)

    def _schedule_sweep(self) -> None:
        if self._sweeper is None and self._idle:
            due = min(connection.idle_since + self._keep(connection) for connection in self._idle)
            self._sweeper = self._loop.call_at(due, self._sweep)

    def _sweep(self) -> None:
        self._sweeper = None
        now = self._loop.time() + 0.001
        for connection in list(self._idle):
            if now >= connection.idle_since + self._keep(connection) or connection.closed:
                self._idle.remove(connection)
                connection.abort()
                self._free()
        self._schedule_sweep()
