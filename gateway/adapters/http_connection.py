"""One connection to an upstream: an asyncio protocol that carries one exchange after another.

The event loop calls the lower half; the one task that holds the connection awaits the upper half. All
clean-up is synchronous (`abort`), so a cancelled task needs no further await to leave nothing behind.
"""

import asyncio
import select
from typing import Final, cast

from gateway.adapters.http_answer import AnswerReader
from gateway.errors import GatewayError, failure
from gateway.types.call import Deadlines

HIGH_WATER: Final = 262_144
"""Unread body bytes above which the socket is not read: back-pressure reaches the upstream."""
_ONE_WRITE: Final = 65_536
_SLACK: Final = 0.001
_MOST_DIGITS: Final = 6

_NO_DEADLINES: Final = Deadlines()


def _late(what: str, seconds: float) -> GatewayError:
    return failure("upstream_timeout", f"{what} within {seconds:g} s")


class Connection(asyncio.Protocol):
    """`served`: exchanges begun. `idle_since`: loop time of the return to the pool, kept by the pool."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._poll: select.poll | None = None
        self._reader: AnswerReader | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._error: GatewayError | None = None
        self._failed = False
        self._timer: asyncio.TimerHandle | None = None
        self._deadlines = _NO_DEADLINES
        self._total_at = 0.0
        self._expires_at = 0.0
        self._phase = ("the upstream did not answer", 0.0)
        self._unsent = 0
        self._sending = False
        self._paused = False
        self.closed = False
        self.served = 0
        self.idle_since = 0.0
        self.keep_seconds: float | None = None

    @property
    def begun(self) -> bool:
        """Whether any byte of the present answer has come."""
        return self._reader is not None and self._reader.begun

    # --- awaited by the holder

    def begin(self, head: bytes, body: bytes, deadlines: Deadlines, max_bytes: int, until: float) -> None:
        """Write a request. `until`: loop time at which the whole exchange is late."""
        assert self._transport is not None
        self._reader = AnswerReader(max_bytes)
        self._error, self._failed = None, False
        self._deadlines = deadlines
        self._total_at = self._expires_at = until
        self.served += 1
        if len(body) <= _ONE_WRITE:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)

    async def read_head(self) -> AnswerReader:
        """Wait for the final head."""
        reader = self._reader
        assert reader is not None
        seconds = self._deadlines.first_byte
        late_at: float | None = None
        while reader.status == 0:
            self._raise_failure()
            now = self._loop.time()
            if self._sending:
                idle = self._deadlines.idle
                await self._wait(now + idle, "the upstream did not take the request", idle)
                continue
            if late_at is None:  # counted once, so that a head dribbled byte by byte is late too
                late_at = now + seconds
            await self._wait(late_at, "the upstream did not begin to answer", seconds)
        return reader

    async def read(self) -> bytes:
        """The next bytes of the body, as many as have come; b"" at its end."""
        reader = self._reader
        assert reader is not None
        while reader.buffered == 0:
            if reader.complete:
                return b""
            self._raise_failure()
            idle = self._deadlines.idle
            await self._wait(self._loop.time() + idle, "the upstream sent nothing more", idle)
        data = reader.take()
        if self._paused:
            self._resume()
        return data

    def finish(self) -> bool:
        """End the exchange; whether the connection may carry another one."""
        reader, self._reader = self._reader, None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.closed or self._transport is None or reader is None:
            return False
        if not reader.complete or not reader.keep_alive or reader.surplus or self._failed:
            return False
        if self._sending or self._transport.get_write_buffer_size() > 0:
            return False  # answered before it had the whole request
        self.keep_seconds = _keep_alive_seconds(reader)
        if self._paused:
            self._resume()
        return True

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()

    def silent(self) -> bool:
        """Whether an idle connection is open and has nothing to say: an end or stray bytes are no basis."""
        if self.closed or self._transport is None or self._transport.is_closing():
            return False
        return self._poll is None or not self._poll.poll(0)

    def _raise_failure(self) -> None:
        """Raise what went wrong, and keep no hold of it: it holds its frames, and they hold the body sent."""
        if not self._failed:
            return
        error, self._error = self._error, None
        try:
            raise error or failure("upstream_reset", "the connection has failed before")
        finally:
            del error

    async def _wait(self, until: float, what: str, seconds: float) -> None:
        """Sleep until the lower half moves, or fail as late at `until`, which was `seconds` away."""
        self._expires_at = min(until, self._total_at)
        self._phase = (what, seconds)
        self._arm()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None
            self._expires_at = self._total_at

    # --- the clock: one timer an exchange, re-armed only when it fires

    def _arm(self) -> None:
        if self._timer is None or self._timer.when() > self._expires_at + _SLACK:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.call_at(self._expires_at, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self._reader is None or self._reader.complete:
            return
        now = self._loop.time()
        if self._sending and self._transport is not None and now < self._total_at:
            unsent = self._transport.get_write_buffer_size()
            if unsent < self._unsent:
                self._unsent = unsent
                self._expires_at = min(now + self._deadlines.idle, self._total_at)
        if now + _SLACK < self._expires_at:
            self._arm()
            return
        total = now + _SLACK >= self._total_at
        self._fail(_late(*(("the exchange did not end", self._deadlines.total) if total else self._phase)))
        self.abort()

    # --- called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._transport = transport
        transport.set_write_buffer_limits(high=_ONE_WRITE, low=0)
        sock = transport.get_extra_info("socket")
        if sock is not None and hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(sock.fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        reader = self._reader
        if reader is None:
            self.abort()  # bytes that nobody asked for: what follows could be taken for another's answer
            return
        try:
            reader.feed(data)
        except GatewayError as fault:
            self._fail(fault)
            self.abort()
            return
        if reader.buffered > HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        if self._reader is not None:
            try:
                self._reader.end()
            except GatewayError as fault:
                self._fail(fault)
        self.closed = True
        self._wake()
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self._reader is not None and not self._reader.complete:
            reason = "the upstream reset the connection" if error else "the connection was closed"
            self._fail(failure("upstream_reset", reason))
        self._wake()

    def pause_writing(self) -> None:
        self._sending = True
        if self._transport is not None:
            self._unsent = self._transport.get_write_buffer_size()

    def resume_writing(self) -> None:
        self._sending = False
        self._wake()  # the wait for the first byte begins now

    def _resume(self) -> None:
        self._paused = False
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def _fail(self, error: GatewayError) -> None:
        if not self._failed:
            self._error, self._failed = error, True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _keep_alive_seconds(reader: AnswerReader) -> float | None:
    """What the upstream says it keeps an idle connection for: `Keep-Alive: timeout=5`."""
    for name, value in reader.headers:
        if name == b"keep-alive":
            _, found, rest = value.partition(b"timeout=")
            digits = rest.split(b",")[0].strip()
            if found and digits.isdigit() and len(digits) <= _MOST_DIGITS:
                return float(digits)
    return None
