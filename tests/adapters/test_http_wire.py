"""What `WireTransport` promises beyond the contract."""

import asyncio
import gc
import socket
import struct
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import uvloop

from gateway.adapters.http import PoolLimits, WireTransport
from gateway.adapters.http_message import target_of
from gateway.errors import UpstreamError
from gateway.types.call import Deadlines, UpstreamCall

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[str]:
    """The URL of a server with this behaviour on each connection."""

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(guarded, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"


async def fetch(transport: WireTransport, call: UpstreamCall) -> tuple[int, bytes]:
    """Status and whole body."""
    async with transport.open(call) as reply:
        return reply.status, b"".join([chunk async for chunk in reply.chunks()])


class Fickle:
    """Answers the first request of each connection and hangs up on the second after some first words."""

    def __init__(self, words: bytes = b"") -> None:
        self.requests = 0
        self.words = words

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        writer.write(OK)
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        writer.write(self.words)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


async def test_a_get_is_asked_again_on_a_fresh_connection() -> None:
    """A kept connection that dies under a GET costs the caller nothing but a second request."""
    fickle = Fickle()
    async with server(fickle) as url:
        transport = WireTransport()
        call = UpstreamCall("GET", url, (), b"")
        for _ in range(3):
            assert await fetch(transport, call) == (200, b"{}")
        pool = transport.pool(target_of(url))
        assert (5, 1, 1) == (fickle.requests, pool.taken, pool.idle)
        await transport.aclose()


async def test_a_get_whose_answer_began_is_not() -> None:
    """Once a byte of the answer has come, even a GET is failed rather than asked again."""
    fickle = Fickle(b"HTTP/1.1 200 OK\r\n")
    async with server(fickle) as url:
        transport = WireTransport()
        call = UpstreamCall("GET", url, (), b"")
        assert await fetch(transport, call) == (200, b"{}")
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, call)
        assert caught.value.code == "upstream_reset"
        assert fickle.requests == 2
        await transport.aclose()


async def test_a_post_is_not() -> None:
    """The same connection under a POST is an error: it may have been read before it died."""
    fickle = Fickle()
    async with server(fickle) as url:
        transport = WireTransport()
        call = UpstreamCall("POST", url, (), b"")
        assert await fetch(transport, call) == (200, b"{}")
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, call)
        assert caught.value.code == "upstream_reset"
        assert (2, 0) == (fickle.requests, transport.pool(target_of(url)).taken)
        await transport.aclose()


async def test_an_answer_before_the_whole_request_ends_the_connection() -> None:
    """A refusal sent while the body is still going up is an answer; what is left of the body is not sent."""
    left = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK.replace(b"200 OK", b"413 Too Large"))
        await left.wait()

    async with server(refuse) as url:
        transport = WireTransport()
        call = UpstreamCall("POST", url, (), b"x" * 30_000_000)
        assert await fetch(transport, call) == (413, b"{}")
        assert transport.pool(target_of(url)).taken == 0
        left.set()
        await transport.aclose()


async def test_an_upload_nobody_takes_is_late() -> None:
    """While the upstream takes nothing of the body the idle deadline runs, not the first byte's."""
    done = asyncio.Event()

    async def deaf(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        await done.wait()

    async with server(deaf) as url:
        transport = WireTransport()
        late = Deadlines(first_byte=60.0, idle=0.1)
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, UpstreamCall("POST", url, (), b"x" * 30_000_000, deadlines=late))
        assert caught.value.code == "upstream_timeout"
        assert "did not take the request" in caught.value.message
        done.set()
        await transport.aclose()


async def test_a_dribbled_head_is_late() -> None:
    """The deadline for the head is for the whole of it, however busily it comes."""

    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nx: ")
        while True:
            writer.write(b"y")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with server(dribble) as url:
        transport = WireTransport()
        late = Deadlines(first_byte=0.2)
        with pytest.raises(UpstreamError) as caught:
            await fetch(transport, UpstreamCall("POST", url, (), b"", deadlines=late))
        assert caught.value.code == "upstream_timeout"
        await transport.aclose()


async def test_told_idle_time_is_kept() -> None:
    """An upstream that says it closes idle connections within a second gets a fresh one each time."""
    connections = 0

    async def brief(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK.replace(b"\r\n\r\n", b"\r\nKeep-Alive: timeout=1, max=9\r\n\r\n"))

    async with server(brief) as url:
        transport = WireTransport()
        for _ in range(3):
            assert await fetch(transport, UpstreamCall("POST", url, (), b"")) == (200, b"{}")
        assert connections == 3
        await transport.aclose()


def test_the_same_on_uvloop() -> None:
    """On the loop of production: plain call, kept connection, reset, big body."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            size = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert len(await reader.readexactly(size)) == size
            if size == 13:
                return
            writer.write(OK)

    async def run() -> None:
        async with server(serve) as url:
            transport = WireTransport(PoolLimits(connections=1))
            for size in (0, 2, 20_000_000, 2):
                assert await fetch(transport, UpstreamCall("POST", url, (), b"x" * size)) == (200, b"{}")
            pool = transport.pool(target_of(url))
            assert (1, 1) == (pool.taken, pool.idle)
            with pytest.raises(UpstreamError):
                await fetch(transport, UpstreamCall("POST", url, (), b"x" * 13))
            assert (0, 0) == (pool.taken, pool.idle)
            await transport.aclose()

    uvloop.run(run())


async def test_a_failed_call_is_freed_at_once() -> None:
    """An outage under big bodies takes no memory: no failure keeps its body for the collector."""

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.transport.abort()

    body = bytes(200_000)
    async with server(reset) as url:
        transport = WireTransport()
        gc.collect()
        gc.disable()
        try:
            before = sys.getrefcount(body)
            for _ in range(5):
                with pytest.raises(UpstreamError) as failure:
                    await fetch(transport, UpstreamCall("POST", url, (), body))
                assert failure.value.code == "upstream_reset"
                del failure
            assert before == sys.getrefcount(body)
        finally:
            gc.enable()
            await transport.aclose()
