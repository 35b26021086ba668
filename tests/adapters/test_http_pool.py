"""The pool's book-keeping, over real connections to a server that says nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator

import anyio
import pytest

from gateway.adapters.http_connection import Connection
from gateway.adapters.http_pool import Pool, PoolLimits
from gateway.errors import OwnError, failure
from gateway.types.call import Deadlines


class Far:
    """The far side: accepts, answers each request with `{}`, and can hang up on everyone."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.writers.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    async def dial(self) -> Connection:
        """A connection to here."""
        loop = asyncio.get_running_loop()
        connection = Connection(loop)
        await loop.create_connection(lambda: connection, "127.0.0.1", self.port)
        return connection


@pytest.fixture
async def far() -> AsyncIterator[Far]:
    """A far side."""
    side = Far()
    server = await asyncio.start_server(side.serve, "127.0.0.1", 0)
    side.port = server.sockets[0].getsockname()[1]
    async with server:
        yield side


async def use(connection: Connection) -> bool:
    """One exchange to its end; whether the connection may be used again."""
    until = asyncio.get_running_loop().time() + 10
    connection.begin(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n", b"", Deadlines(), 100, until)
    await connection.read_head()
    while await connection.read():
        pass
    return connection.finish()


async def test_the_freshest_connection_goes_first(far: Far) -> None:
    """Idle connections are a stack, so that the rest grow old and are given up."""
    pool = Pool("http", PoolLimits(), far.dial)
    first, second = await pool.acquire(), await pool.acquire()
    for connection in (first, second):
        pool.release(connection, reusable=await use(connection))
    assert (2, 2) == (pool.taken, pool.idle)
    assert second is pool.take()
    assert first is pool.take()
    assert pool.take() is None
    pool.close()


async def test_a_connection_is_given_back_once(far: Far) -> None:
    """A second release changes nothing: no place is counted twice."""
    pool = Pool("http", PoolLimits(), far.dial)
    connection = await pool.acquire()
    for _ in range(2):
        pool.release(connection, reusable=False)
    assert (0, 0) == (pool.taken, pool.idle)


async def test_dead_connections_are_not_handed_out(far: Far) -> None:
    """An idle connection that the far side closed is found out before anything is written to it."""
    pool = Pool("http", PoolLimits(), far.dial)
    connection = await pool.acquire()
    pool.release(connection, reusable=await use(connection))
    for writer in far.writers:
        writer.close()
        await writer.wait_closed()
    assert pool.take() is None
    assert (0, 0) == (pool.taken, pool.idle)


async def test_an_end_the_loop_has_not_heard_of_is_noticed(far: Far) -> None:
    """A close that waits in the kernel, unread, is found by looking at the socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        far.port = listener.getsockname()[1]
        pool = Pool("http", PoolLimits(), far.dial)
        connection = await pool.acquire()
        peer, _ = listener.accept()
        using = asyncio.create_task(use(connection))
        await anyio.wait_all_tasks_blocked()
        peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")
        pool.release(connection, reusable=await using)
        assert pool.idle == 1
        peer.close()
        assert pool.take() is None  # nothing was awaited in between
        assert pool.taken == 0


async def test_a_failed_dial_gives_its_place_back(far: Far) -> None:
    """The place of a connection that could not be made goes to the next in the queue."""
    dials = 0

    async def dial() -> Connection:
        nonlocal dials
        dials += 1
        if dials == 2:
            raise failure("upstream_unreachable", "no")
        return await far.dial()

    pool = Pool("http", PoolLimits(connections=1), dial)
    held = await pool.acquire()
    results: list[str] = []

    async def wait() -> None:
        try:
            pool.release(await pool.acquire(), reusable=False)
            results.append("served")
        except failure("upstream_unreachable", "").__class__:
            results.append("unreachable")

    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        group.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert pool.queued == 2
        pool.release(held, reusable=False)
    assert ["unreachable", "served"] == results
    assert (0, 0) == (pool.taken, pool.queued)


async def test_a_place_given_to_one_who_left_goes_on(far: Far) -> None:
    """A caller cancelled in the very moment of its turn passes the connection on."""
    pool = Pool("http", PoolLimits(connections=1), far.dial)
    held = await pool.acquire()
    sound = await use(held)
    first = asyncio.create_task(pool.acquire())
    second = asyncio.create_task(pool.acquire())
    await anyio.wait_all_tasks_blocked()
    pool.release(held, reusable=sound)  # handed to the first,
    first.cancel()  # which does not live to take it
    assert held is await second
    assert first.cancelled()
    assert (1, 0, 0) == (pool.taken, pool.idle, pool.queued)
    pool.release(held, reusable=False)
    assert pool.taken == 0


async def test_callers_that_leave_the_queue_are_forgotten(far: Far) -> None:
    """Giving up while waiting shortens the queue."""
    pool = Pool("http", PoolLimits(connections=1), far.dial)
    held = await pool.acquire()
    with anyio.move_on_after(0.01):
        await pool.acquire()
    assert pool.queued == 0
    pool.release(held, reusable=False)
    assert pool.taken == 0


async def test_spare_connections_are_few(far: Far) -> None:
    """No more than `idle_connections` are kept; the oldest goes."""
    pool = Pool("http", PoolLimits(idle_connections=1), far.dial)
    held = [await pool.acquire() for _ in range(3)]
    for connection in held:
        pool.release(connection, reusable=await use(connection))
    assert (1, 1) == (pool.taken, pool.idle)
    assert held[2] is pool.take()
    pool.close()


async def test_closing_tells_the_queue(far: Far) -> None:
    """Whoever waits for a connection when the pool closes hears that we are draining."""
    pool = Pool("http", PoolLimits(connections=1), far.dial)
    await pool.acquire()
    waiting = asyncio.create_task(pool.acquire())
    await anyio.wait_all_tasks_blocked()
    pool.close()
    with pytest.raises(OwnError) as caught:
        await waiting
    assert caught.value.code == "draining"


@pytest.mark.parametrize(
    ("scheme", "own", "told", "kept"),
    [
        ("http", None, None, 4.0),
        ("https", None, None, 30.0),
        ("https", None, 5.0, 4.0),
        ("http", None, 0.0, 0.0),
        ("http", 60.0, 120.0, 60.0),
    ],
)
def test_idle_time_is_the_shorter_of_ours_and_theirs(
    scheme: str, own: float | None, told: float | None, kept: float
) -> None:
    """An upstream's `Keep-Alive: timeout=N` can only shorten what we keep, and by a second more."""
    assert kept == PoolLimits(idle_seconds=own).keep(scheme, told)
