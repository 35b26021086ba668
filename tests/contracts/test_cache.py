"""What every `Cache` promises, proved over each of them."""

from collections.abc import AsyncIterator, Callable, Iterator

import anyio
import pytest

from gateway.adapters.clock import SystemClock
from gateway.adapters.memory import MemoryCache
from gateway.adapters.redis import RedisCache
from gateway.ports import Cache
from tests.adapters.valkey import Valkey, valkey


@pytest.fixture(scope="module")
def server() -> Iterator[Valkey]:
    with valkey() as running:
        yield running


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest, server: Valkey) -> AsyncIterator[Cache]:
    makers: dict[str, Callable[[], Cache]] = {
        "memory": lambda: MemoryCache(SystemClock(), max_value_bytes=1000),
        "redis": lambda: RedisCache(
            server.url, SystemClock(), max_value_bytes=1000, get_seconds=5, put_seconds=5
        ),
    }
    server.client().flushall()
    made = makers[request.param]()
    yield made
    await made.aclose()


async def test_a_value_comes_back(cache: Cache) -> None:
    """Bytes come back as they went in, whatever they are, under their own key only."""
    value = bytes(range(256))
    await cache.put("a", value, 60)
    assert (value, None) == (await cache.get("a"), await cache.get("b"))


async def test_the_last_value_wins(cache: Cache) -> None:
    """A second put replaces the first."""
    await cache.put("a", b"one", 60)
    await cache.put("a", b"two", 60)
    assert b"two" == await cache.get("a")


async def test_without_time_to_live_nothing_is_kept(cache: Cache) -> None:
    """A time of zero or less keeps nothing."""
    await cache.put("a", b"x", 0)
    await cache.put("b", b"x", -1)
    assert (None, None) == (await cache.get("a"), await cache.get("b"))


async def test_a_value_ends(cache: Cache) -> None:
    """A value is gone once its time is over."""
    await cache.put("a", b"x", 0.02)
    with anyio.fail_after(5):
        # The store's own clock runs it out; there is nothing to wait on.
        while await cache.get("a") is not None:  # noqa: ASYNC110
            await anyio.sleep(0.005)


async def test_a_value_over_the_cap_is_a_miss(cache: Cache) -> None:
    """The cap is inclusive; a longer value is not kept."""
    await cache.put("a", b"x" * 1000, 60)
    await cache.put("b", b"x" * 1001, 60)
    assert (b"x" * 1000, None) == (await cache.get("a"), await cache.get("b"))


async def test_many_at_once(cache: Cache) -> None:
    """Concurrent callers each get their own value, cancelled neighbours or not."""
    wrong: list[str] = []

    async def one(name: str) -> None:
        await cache.put(name, name.encode(), 60)
        found = {await cache.get(name) for _ in range(20)}
        wrong.extend(name for value in found if value not in {name.encode(), None})

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(one, f"key{number}")
        for number in range(10):
            async with anyio.create_task_group() as hurried:
                hurried.start_soon(one, f"gone{number}")
                await anyio.lowlevel.checkpoint()
                hurried.cancel_scope.cancel()
    assert [] == wrong
