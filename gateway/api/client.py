"""The way back to the caller over ASGI, and the watcher that notices when it leaves."""

from collections.abc import Awaitable, Callable
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
        self._scope: anyio.CancelScope | None = None

    @property
    def started(self) -> bool:
        """Whether the head of the answer has left."""
        return self._started

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

    async def watch(self, scope: anyio.CancelScope) -> None:
        """Cancel `scope` when the caller leaves, or stops reading, before its answer has ended."""
        self._scope = scope
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                if not self._ended:
                    self._gone = True
                    scope.cancel()
                return

    async def _emit(self, message: dict[str, Any]) -> None:
        if self._gone:
            return
        try:
            with anyio.move_on_after(self._stall_seconds) as stalled:
                await self._send(message)
        except OSError:
            # The server found the socket closed while writing; the watcher may not have seen it yet.
            self._gone = True
            return
        if stalled.cancelled_caught:
            # A caller that reads nothing holds a connection upstream; it is as good as gone.
            self._gone = True
            if self._scope is not None:
                self._scope.cancel()
