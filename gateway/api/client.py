"""The way back to the caller over ASGI, and the watcher that notices when it leaves.

asyncio and not anyio where a request pays for it: a task group with one task costs 154 us, a bare task 18;
a timeout round every write 14 us, one timer for all of them 3.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import anyio

from gateway.api.arrive import Receive

# A caller that takes not a byte for this long is not coming back.
STALL_SECONDS = 60.0

Send = Callable[[dict[str, Any]], Awaitable[None]]


class AsgiClient:
    """`types.arrival.Client` over ASGI. Sending to a caller that left is a no-op, never an error."""

    def __init__(self, receive: Receive, send: Send, stall_seconds: float = STALL_SECONDS) -> None:
        self._receive = receive
        self._send = send
        self._stall_seconds = stall_seconds
        self._started = False
        self._ended = False
        self._gone = False
        self._scope = anyio.CancelScope()
        # Loop time since which a write waits to be taken.
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def started(self) -> bool:
        """Whether the head of the answer has left."""
        return self._started

    @property
    def ended(self) -> bool:
        """Whether the last piece of the answer has left."""
        return self._ended

    @property
    def gone(self) -> bool:
        """Whether the caller has closed."""
        return self._gone

    async def start(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        """Send the head."""
        self._started = True
        raw = [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]
        await self._emit({"type": "http.response.start", "status": status, "headers": raw})

    async def send(self, chunk: bytes, *, more: bool) -> None:
        """Send a piece of the body; the last one has `more=False`."""
        if self._ended:
            return
        self._ended = not more
        await self._emit({"type": "http.response.body", "body": chunk, "more_body": more})

    @contextmanager
    def patient(self) -> Iterator[None]:
        """Cancel the block when a write in it is not taken in time. Once for each client."""
        loop = asyncio.get_running_loop()
        with self._scope:
            self._timer = loop.call_later(self._stall_seconds, self._tick, loop)
            try:
                yield
            finally:
                self._timer.cancel()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """`patient`, and cancel the block too when the caller leaves before its answer has ended."""
        with self.patient():
            watcher = asyncio.get_running_loop().create_task(self._watch())
            try:
                yield
            finally:
                watcher.cancel()

    async def _watch(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                if not self._ended:
                    self._leave()
                return

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer for all writes, set again only when it fires."""
        since = loop.time() if self._since is None else self._since
        if loop.time() - since >= self._stall_seconds:
            # A caller that reads nothing holds a connection upstream; it is as good as gone.
            self._leave()
            return
        self._timer = loop.call_at(since + self._stall_seconds, self._tick, loop)

    def _leave(self) -> None:
        self._gone = True
        self._scope.cancel()

    async def _emit(self, message: dict[str, Any]) -> None:
        if self._gone:
            return
        self._since = asyncio.get_running_loop().time()
        try:
            await self._send(message)
        except OSError:
            # The server found the socket closed while writing; the watcher may not have seen it yet.
            self._gone = True
        finally:
            self._since = None
