"""The cache in Redis, and everything that can be wrong with a Redis."""

import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from gateway.adapters.clock import ManualClock
from gateway.adapters.redis import Breaker, RedisCache
from gateway.types.principal import Secret
from tests.adapters.valkey import Valkey, valkey


@pytest.fixture
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def cache(server: Valkey, clock: ManualClock) -> AsyncIterator[RedisCache]:
    # Longer deadlines than the default: a busy machine must not turn a hit into a miss.
    made = RedisCache(server.url, clock, max_value_bytes=1000, get_seconds=0.5, put_seconds=0.5)
    yield made
    await made.aclose()


async def miss(cache: RedisCache, times: int) -> None:
    """That many misses, in time that no hanging store would leave."""
    with anyio.fail_after(30):
        for _ in range(times):
            assert None is await cache.get("a")


async def test_a_killed_server_is_a_miss_and_comes_back(
    server: Valkey, clock: ManualClock, cache: RedisCache, caplog: pytest.LogCaptureFixture
) -> None:
    """Killed: misses, one log line, skipped. Restarted: one probe after the pause, one log line, hits."""
    await cache.put("a", b"x", 60)
    server.kill()
    await miss(cache, 10)
    assert cache._reads.is_open
    server.restart()
    await miss(cache, 1)
    clock.advance(1)
    await miss(cache, 1)
    await cache.put("a", b"y", 60)
    assert b"y" == await cache.get("a")
    told = [record.message for record in caplog.records if record.name == "weighbridge.cache"]
    assert [
        "the cache store for reading is skipped: ConnectionError",
        "the cache store for reading is back",
    ] == told


async def test_a_frozen_server_costs_three_deadlines(
    server: Valkey, clock: ManualClock, cache: RedisCache
) -> None:
    """SIGSTOP: three callers wait their deadline, then nobody does; thawed, it answers again."""
    await cache.put("a", b"x", 60)
    with server.frozen():
        await miss(cache, 3)
        assert cache._reads.is_open
        with anyio.fail_after(1):
            for _ in range(1000):
                assert None is await cache.get("a")
        clock.advance(1)
        await miss(cache, 1)
        assert cache._reads.is_open
    clock.advance(2)
    assert b"x" == await cache.get("a")


async def test_a_full_server_still_answers_reads(server: Valkey, cache: RedisCache) -> None:
    """OOM: puts are given up, gets go on."""
    await cache.put("a", b"x", 60)
    server.client().config_set("maxmemory", "1")
    server.client().config_set("maxmemory-policy", "noeviction")
    for _ in range(3):
        await cache.put("b", b"y", 60)
    assert (False, True) == (cache._reads.is_open, cache._writes.is_open)
    assert (b"x", None) == (await cache.get("a"), await cache.get("b"))


async def test_a_read_only_replica_still_answers_reads(server: Valkey, cache: RedisCache) -> None:
    """READONLY: puts are given up, gets go on."""
    await cache.put("a", b"x", 60)
    server.client().replicaof("127.0.0.1", 1)
    for _ in range(3):
        await cache.put("b", b"y", 60)
    assert (False, True) == (cache._reads.is_open, cache._writes.is_open)
    assert b"x" == await cache.get("a")


async def test_foreign_keys_are_misses(server: Valkey, cache: RedisCache) -> None:
    """Another type, a huge or an empty value under our key is a miss and no failure of the store."""
    client = server.client()
    client.rpush("weighbridge:answer:list", "x")
    client.set("weighbridge:answer:huge", b"x" * 1001)
    client.set("weighbridge:answer:empty", b"")
    for _ in range(5):
        found = [await cache.get(key) for key in ("list", "huge", "empty")]
        assert [None, None, None] == found
    assert not cache._reads.is_open
    await cache.put("list", b"ours", 60)
    assert b"ours" == await cache.get("list")


async def test_a_huge_foreign_value_is_not_read_whole(server: Valkey, cache: RedisCache) -> None:
    """What is read of a value is bounded by the cap, whoever wrote it."""
    client = server.client()
    client.set("weighbridge:answer:huge", b"x" * 50_000_000)
    client.config_resetstat()
    await cache.get("huge")
    sent = client.info("stats")
    assert isinstance(sent, dict)
    assert sent["total_net_output_bytes"] < 100_000


async def test_hang_ups_keep_the_connection(server: Valkey, cache: RedisCache) -> None:
    """A thousand cancelled callers do not become a thousand reconnects."""
    await cache.put("a", b"x", 60)
    before = _connections(server)
    for _ in range(100):
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(cache.get, "a")
            await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
    assert b"x" == await cache.get("a")
    assert _connections(server) - before <= 1 + 10


def _connections(server: Valkey) -> int:
    stats = server.client().info("stats")
    assert isinstance(stats, dict)
    return int(stats["total_connections_received"])


async def test_a_lost_reply_is_not_asked_again(server: Valkey, clock: ManualClock) -> None:
    """A command whose reply is lost reached the server once: the client library's retries are off."""

    async def cut_after_set(stream: SocketStream) -> None:
        async with await anyio.connect_tcp("127.0.0.1", server.port) as real:
            while True:
                data = await stream.receive()
                await real.send(data)
                reply = await real.receive()
                if b"canary" in data:
                    return
                await stream.send(reply)

    async with listening(cut_after_set) as url:
        cache = RedisCache(url, clock, put_seconds=10)
        with anyio.fail_after(30):
            await cache.put("a", b"canary", 60)
        await cache.aclose()
    sets = server.client().info("commandstats")
    assert isinstance(sets, dict)
    assert 1 == sets["cmdstat_set"]["calls"]


async def _nothing(stream: SocketStream) -> None:
    await anyio.sleep_forever()


async def _hang_up(stream: SocketStream) -> None:
    return


async def _garbage(stream: SocketStream) -> None:
    while True:
        await stream.receive()
        await stream.send(b"HTTP/1.1 200 OK\r\n\r\n\xff\xfe\x00")


async def _wrong_types(stream: SocketStream) -> None:
    while True:
        data = await stream.receive()
        await stream.send(b"*2\r\n$1\r\na\r\n:-1\r\n" * data.count(b"*"))


async def _endless(stream: SocketStream) -> None:
    await stream.receive()
    await stream.send(b"$99999999999\r\n")
    while True:
        await stream.send(b"x" * 1000)
        await anyio.sleep(0.01)


@pytest.mark.parametrize("serve", [_nothing, _hang_up, _garbage, _wrong_types, _endless])
async def test_a_server_that_is_no_redis_is_a_miss(
    serve: Callable[[SocketStream], Awaitable[None]], clock: ManualClock
) -> None:
    """Silence, hang-ups, another protocol, wrong types and an endless reply: misses, never an error."""
    async with listening(serve) as url:
        cache = RedisCache(url, clock)
        await miss(cache, 4)
        await cache.put("a", b"x", 60)
        await cache.aclose()


async def test_a_refused_connection_is_a_miss(clock: ManualClock) -> None:
    """Nobody listens: a miss at once."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        cache = RedisCache(Secret(f"redis://127.0.0.1:{closed.getsockname()[1]}/0"), clock)
        await miss(cache, 5)
    await cache.aclose()


async def test_the_password_is_not_logged(
    server: Valkey, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A wrong password is a miss, and appears in no record, not even at DEBUG."""
    caplog.set_level(logging.DEBUG)
    server.client().config_set("requirepass", "right")
    cache = RedisCache(Secret(f"redis://:canary-secret@127.0.0.1:{server.port}/0"), clock)
    await miss(cache, 5)
    assert cache._reads.is_open
    assert "canary-secret" not in caplog.text + repr(cache)
    await cache.aclose()


@asynccontextmanager
async def listening(serve: Callable[[SocketStream], Awaitable[None]]) -> AsyncIterator[Secret]:
    """A TCP server of one's own making; yields its URL."""

    async def handle(stream: SocketStream) -> None:
        async with stream:
            try:
                await serve(stream)
            except (anyio.EndOfStream, anyio.BrokenResourceError):
                return

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(SocketAttribute.local_port)
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, handle)
        yield Secret(f"redis://127.0.0.1:{port}/0")
        group.cancel_scope.cancel()


def test_the_breaker_opens_after_three_in_a_row(clock: ManualClock) -> None:
    """Two failures and a success do not open it; three in a row do."""
    breaker = Breaker("store", clock)
    for failures in (2, 2, 3):
        assert breaker.allow()
        for _ in range(failures):
            breaker.failed("reason")
        if failures == 2:
            breaker.succeeded()
    assert not breaker.allow()


def test_the_breaker_lets_one_probe_through(clock: ManualClock) -> None:
    """After the pause exactly one caller probes; each failed probe doubles the pause, up to 5 s."""
    breaker = Breaker("store", clock)
    for _ in range(3):
        breaker.failed("reason")
    for pause in (1, 2, 4, 5, 5):
        clock.advance(pause - 0.5)
        assert not breaker.allow()
        clock.advance(0.5)
        assert [True, False, False] == [breaker.allow() for _ in range(3)]
        breaker.failed("reason")
    clock.advance(5)
    assert breaker.allow()
    breaker.succeeded()
    assert [True, True] == [breaker.allow() for _ in range(2)]
    assert not breaker.is_open
