"""`Httpx2Transport`: the transport port over httpx2, for what `WireTransport` does not do (proxies).

The same contract tests hold for both. h11 below httpx2 is laxer in places: it merges equal doubled
Content-Lengths, does not count interim heads, and cannot tell a broken chunk from a cut one. Worse,
bytes that an upstream sends after its answer are taken for the answer to the next call on that
connection (httpx2 2.16.2, `test_stray_bytes_reach_nobody`): another tenant's, perhaps. So a connection
carries one call here and is closed.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Final

import anyio
import httpx2

from gateway.adapters.http_message import HEAD_BYTES, HEADERS, METHODS, framing_of, target_of, wire_headers
from gateway.adapters.http_pool import PoolLimits
from gateway.errors import GatewayError, failure
from gateway.types.call import UpstreamCall
from gateway.types.principal import Secret

_FAULTS: Final[tuple[tuple[type[httpx2.TransportError], str, str], ...]] = (
    (httpx2.ConnectTimeout, "upstream_timeout", "no connection to the upstream within the deadline"),
    (httpx2.PoolTimeout, "upstream_timeout", "no connection to the upstream became free within the deadline"),
    (
        httpx2.TimeoutException,
        "upstream_timeout",
        "the upstream did not take the request within the deadline",
    ),
    (httpx2.ConnectError, "upstream_unreachable", "the upstream could not be reached"),
    (httpx2.ProxyError, "upstream_unreachable", "the proxy did not reach the upstream"),
    (httpx2.NetworkError, "upstream_reset", "the upstream reset the connection"),
    (httpx2.TransportError, "upstream_invalid_answer", "the answer is not well-formed HTTP/1.1"),
)

_UNSENT: Final = (httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ConnectError, httpx2.ProxyError)


def _mapped(fault: httpx2.TransportError, *, in_body: bool) -> GatewayError:
    """The row of a fault. Its own words stay here: they may quote the upstream."""
    if isinstance(fault, httpx2.RemoteProtocolError):
        if in_body:
            return failure("upstream_incomplete", "the upstream closed before the end of its answer")
        # httpcore2 raises this one itself, with no parser's error behind it, when the peer just closes.
        core = fault.__cause__
        if core is not None and core.__context__ is None:
            return failure("upstream_reset", "the upstream closed the connection without an answer")
    _, code, message = next(row for row in _FAULTS if isinstance(fault, row[0]))
    return failure(code, message, unsent=isinstance(fault, _UNSENT))


class _Reply:
    """An answer whose head is here. Fills `ports.UpstreamReply`."""

    def __init__(self, response: httpx2.Response, call: UpstreamCall, until: float) -> None:
        self._response = response
        self._call = call
        self._until = until
        self._left = call.max_answer_bytes
        self._read = False

    @property
    def status(self) -> int:
        return self._response.status_code

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        pairs = self._response.headers.raw
        return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs)

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes; once."""
        if self._read:
            raise RuntimeError("the answer's chunks are read once")
        self._read = True
        assert isinstance(self._response.stream, httpx2.AsyncByteStream)
        return self._chunks(aiter(self._response.stream))

    async def _chunks(self, source: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        while True:
            idle = min(self._call.deadlines.idle, max(0.0, self._until - anyio.current_time()))
            data: bytes | None = None
            with anyio.move_on_after(idle) as scope:
                try:
                    data = await anext(source, b"")
                except httpx2.TransportError as fault:
                    raise _mapped(fault, in_body=True) from None
            if data is None and scope.cancelled_caught:
                raise failure("upstream_timeout", f"the upstream sent nothing more within {idle:g} s")
            if not data:
                return
            self._left -= len(data)
            if self._left < 0:
                raise failure("upstream_invalid_answer", "the answer is larger than the cap")
            yield data


class _Exchange(AbstractAsyncContextManager[_Reply, None]):
    def __init__(self, transport: httpx2.AsyncHTTPTransport, call: UpstreamCall) -> None:
        self._transport = transport
        self._call = call
        self._response: httpx2.Response | None = None

    async def __aenter__(self) -> _Reply:
        call = self._call
        request = _request(call)
        until = anyio.current_time() + call.deadlines.total
        seconds = min(call.deadlines.connect + call.deadlines.first_byte, call.deadlines.total)
        with anyio.move_on_after(seconds):
            try:
                self._response = await self._transport.handle_async_request(request)
            except httpx2.TransportError as fault:
                raise _mapped(fault, in_body=False) from None
        if self._response is None:
            raise failure("upstream_timeout", f"the upstream did not begin to answer within {seconds:g} s")
        try:
            _check(self._response, call.max_answer_bytes)
        except GatewayError:
            await self.__aexit__(None, None, None)
            raise
        return _Reply(self._response, call, until)

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._response is not None:
            with anyio.CancelScope(shield=True):
                await self._response.aclose()


def _request(call: UpstreamCall) -> httpx2.Request:
    if call.method not in METHODS:
        raise failure("internal_error", "upstreams are asked by GET, POST, PUT or DELETE")
    target = target_of(call.url)
    connect = min(call.deadlines.connect, call.deadlines.total)
    timeouts = {"connect": connect, "pool": connect, "write": call.deadlines.idle, "read": None}
    return httpx2.Request(
        call.method,
        httpx2.URL(
            scheme=target.scheme, host=target.host, port=target.port, raw_path=target.path.encode("ascii")
        ),
        headers=wire_headers(call),
        content=call.body,
        extensions={"timeout": timeouts},
    )


def _check(response: httpx2.Response, max_bytes: int) -> None:
    pairs = response.headers.raw
    if len(pairs) > HEADERS:
        raise failure("upstream_invalid_answer", "the answer has more than 100 headers")
    if sum(len(name) + len(value) + 4 for name, value in pairs) > HEAD_BYTES:
        raise failure("upstream_invalid_answer", "the answer's head is larger than 64 KiB")
    framing = framing_of(response.status_code, [(name.lower(), value) for name, value in pairs])
    if (framing.length or 0) > max_bytes:
        raise failure("upstream_invalid_answer", "the answer is larger than the cap")


class Httpx2Transport:
    """HTTP/1.1 through httpx2's pool. Fills `ports.Transport`.

    `proxy`: `http://`, `https://` (or with its extra `socks5://`) URL, possibly with credentials. The
    environment's proxy variables are not looked at: where requests go is said in the configuration.
    """

    def __init__(
        self,
        limits: PoolLimits | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: Secret | None = None,
    ) -> None:
        limits = limits or PoolLimits()
        self._transport = httpx2.AsyncHTTPTransport(
            verify=ssl_context or ssl.create_default_context(),
            trust_env=False,
            limits=httpx2.Limits(
                max_connections=limits.connections,
                max_keepalive_connections=0,
            ),
            proxy=proxy.reveal() if proxy is not None else None,
        )

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[_Reply]:
        """Send `call`; entering waits for the final head. See `ports.Transport.open`."""
        return _Exchange(self._transport, call)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._transport.aclose()
