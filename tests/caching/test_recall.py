"""Asking and telling the store."""

import pytest
from msgspec import structs

from gateway.adapters.clock import ManualClock
from gateway.adapters.memory import MemoryCache
from gateway.caching.recall import CacheRules, recall, remember
from gateway.caching.store import compact
from gateway.types.event import TextDelta
from gateway.types.principal import Secret
from tests.caching.test_store import ANSWER

RULES = CacheRules(ttl_seconds=10, max_answer_bytes=10_000, secret=Secret("s"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def cache(clock: ManualClock) -> MemoryCache:
    return MemoryCache(clock)


async def test_what_is_remembered_is_recalled(cache: MemoryCache) -> None:
    """A remembered answer comes back, compacted, under its key and no other."""
    assert await remember(cache, ANSWER, RULES)
    assert structs.replace(ANSWER, events=compact(ANSWER.events)) == await recall(cache, "k", RULES)
    assert None is await recall(cache, "other", RULES)


async def test_an_answer_has_its_time(cache: MemoryCache, clock: ManualClock) -> None:
    """After its time to live an answer is a miss."""
    await remember(cache, ANSWER, RULES)
    clock.advance(10)
    assert None is await recall(cache, "k", RULES)


async def test_a_big_answer_is_not_kept(cache: MemoryCache) -> None:
    """Over the byte cap an answer is not stored, and says so."""
    big = structs.replace(ANSWER, events=(TextDelta("x" * 10_000),))
    assert not await remember(cache, big, RULES)
    assert None is await recall(cache, "k", RULES)


async def test_a_foreign_value_is_a_miss(cache: MemoryCache) -> None:
    """Bytes that another wrote, or that are over the cap, are a miss."""
    await cache.put("k", b"not ours", 10)
    assert None is await recall(cache, "k", RULES)
    await cache.put("k", b"x" * 10_001, 10)
    assert None is await recall(cache, "k", RULES)


async def test_another_secret_is_a_miss(cache: MemoryCache) -> None:
    """An answer signed by a gateway with another secret is not believed."""
    await remember(cache, ANSWER, RULES)
    assert None is await recall(cache, "k", structs.replace(RULES, secret=Secret("other")))
