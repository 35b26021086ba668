"""`WireTransport`: the transport port over asyncio and httptools."""

import asyncio
import socket
import ssl
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Final

import anyio

from gateway.adapters.http_answer import AnswerReader
from gateway.adapters.http_connection import Connection
from gateway.adapters.http_message import Target, target_of, write_head
from gateway.adapters.http_pool import Pool, PoolLimits
from gateway.errors import GatewayError, UpstreamError, failure
from gateway.types.call import UpstreamCall

_DIAL_FAULTS: Final[tuple[tuple[type[OSError], str], ...]] = (
    (socket.gaierror, "the upstream's host name could not be resolved"),
    (ssl.SSLCertVerificationError, "the upstream's certificate could not be verified"),
    (ssl.SSLError, "the TLS handshake with the upstream failed"),
    (ConnectionRefusedError, "the upstream refused the connection"),
    (OSError, "the upstream could not be reached"),
)


class WireReply:
    """An answer whose head is here. Fills `ports.UpstreamReply`."""

    __slots__ = ("_connection", "_read", "_reader")

    def __init__(self, connection: Connection, reader: AnswerReader) -> None:
        self._connection = connection
        self._reader = reader
        self._read = False

    @property
    def status(self) -> int:
        """The final status."""
        return self._reader.status

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Lower-case names and values, Latin-1, trailers excluded."""
        pairs = self._reader.headers
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs if name)

    def chunks(self) -> "WireReply":
        """The body, as much at a time as has come; once."""
        if self._read:
            raise RuntimeError("the answer's chunks are read once")
        self._read = True
        return self

    def __aiter__(self) -> "WireReply":
        return self

    async def __anext__(self) -> bytes:
        data = await self._connection.read()
        if not data:
            raise StopAsyncIteration
        return data


class _Exchange(AbstractAsyncContextManager[WireReply, None]):
    """One call, from its write to the connection's return or end."""

    __slots__ = ("_call", "_connection", "_pool", "_transport")

    def __init__(self, transport: "WireTransport", call: UpstreamCall) -> None:
        self._transport = transport
        self._call = call
        self._connection: Connection | None = None
        self._pool: Pool | None = None

    async def __aenter__(self) -> WireReply:
        call = self._call
        target = target_of(call.url)
        head = write_head(call, target)
        until = asyncio.get_running_loop().time() + call.deadlines.total
        self._pool = pool = self._transport.pool(target)
        self._connection = connection = pool.take() or await _bounded(pool, call)
        try:
            connection.begin(head, call.body, call.deadlines, call.max_answer_bytes, until)
            return WireReply(connection, await connection.read_head())
        except BaseException as fault:
            if not _may_send_again(call, connection, fault):
                self._leave(reusable=False)
                raise
        return await self._again(pool, head, until)

    async def _again(self, pool: Pool, head: bytes, until: float) -> WireReply:
        call, spent = self._call, self._connection
        assert spent is not None
        self._connection = None  # its slot is now `fresh`'s to keep or to give up
        spent.finish()
        self._connection = connection = await _bounded(pool, call, spent)
        try:
            connection.begin(head, call.body, call.deadlines, call.max_answer_bytes, until)
            return WireReply(connection, await connection.read_head())
        except BaseException:
            self._leave(reusable=False)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave(reusable=True)

    def _leave(self, *, reusable: bool) -> None:
        """Give the connection back; it is kept only if its answer came to the end."""
        connection, self._connection = self._connection, None
        if connection is not None and self._pool is not None:
            sound = connection.finish()
            self._pool.release(connection, reusable=reusable and sound)


def _may_send_again(call: UpstreamCall, connection: Connection, fault: BaseException) -> bool:
    """A GET whose idle connection had died before it: nothing was answered, and asking twice is harmless.

    A POST is never sent twice: a connection that died under it may have carried it first. (One that was
    dead before we wrote is not used at all: `Connection.silent`.)
    """
    return (
        call.method == "GET"
        and connection.served > 1
        and isinstance(fault, UpstreamError)
        and fault.code == "upstream_reset"
        and not connection.begun
    )


async def _bounded(pool: Pool, call: UpstreamCall, spent: Connection | None = None) -> Connection:
    """Acquire within the deadline for connecting, the wait for a free slot included."""
    seconds = min(call.deadlines.connect, call.deadlines.total)
    with anyio.move_on_after(seconds):
        return await (pool.acquire() if spent is None else pool.fresh(spent))
    raise failure("upstream_timeout", f"no connection to the upstream within {seconds:g} s", unsent=True)


class WireTransport:
    """Keep-alive HTTP/1.1 with a pool an origin. Fills `ports.Transport`.

    `ssl_context`: how to trust; default the operating system's store, names checked. One event loop.
    """

    def __init__(self, limits: PoolLimits | None = None, ssl_context: ssl.SSLContext | None = None) -> None:
        self._limits = limits or PoolLimits()
        self._ssl = ssl_context
        self._pools: dict[tuple[str, str, int], Pool] = {}
        self._closed = False

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[WireReply]:
        """Send `call`; entering waits for the final head. See `ports.Transport.open`."""
        return _Exchange(self, call)

    async def aclose(self) -> None:
        """Close every connection, also those in use; later calls are refused."""
        self._closed = True
        for pool in self._pools.values():
            pool.close()

    def pool(self, target: Target) -> Pool:
        """The pool of an origin, made on first use."""
        if self._closed:
            raise failure("draining", "the gateway is shutting down; ask another instance")
        pool = self._pools.get(target.origin)
        if pool is None:
            pool = Pool(target.scheme, self._limits, lambda: self._dial(target))
            self._pools[target.origin] = pool
        return pool

    async def _dial(self, target: Target) -> Connection:
        loop = asyncio.get_running_loop()
        connection = Connection(loop)
        try:
            if target.scheme == "https":
                await loop.create_connection(
                    lambda: connection,
                    target.host,
                    target.port,
                    ssl=self._context(),
                    server_hostname=target.host,
                )
            else:
                await loop.create_connection(lambda: connection, target.host, target.port)
        except OSError as fault:
            raise _unreachable(fault) from None
        except BaseException:
            connection.abort()
            raise
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._ssl is None:
            self._ssl = ssl.create_default_context()
            self._ssl.set_alpn_protocols(["http/1.1"])
        return self._ssl


def _unreachable(fault: OSError) -> GatewayError:
    message = next(text for kind, text in _DIAL_FAULTS if isinstance(fault, kind))
    return failure("upstream_unreachable", message)
