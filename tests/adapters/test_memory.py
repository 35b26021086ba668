"""Stores inside the process."""

import tracemalloc
from collections import OrderedDict

import anyio
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.clock import ManualClock
from gateway.adapters.memory import MemoryAccounts, MemoryCache
from tests.contracts.ledger import line


async def test_the_least_recently_used_makes_room() -> None:
    """Reading a value keeps it; the one that nobody read goes first."""
    cache = MemoryCache(ManualClock(), max_bytes=3 * 1400, max_value_bytes=1000)
    for key in ("a", "b", "c"):
        await cache.put(key, b"x" * 900, 60)
    await cache.get("a")
    await cache.put("d", b"x" * 900, 60)
    assert [True, False, True, True] == [await cache.get(key) is not None for key in "abcd"]


async def test_a_value_over_the_cap_is_not_kept() -> None:
    """One huge value pushes nothing out, and replaces its own older value by nothing."""
    cache = MemoryCache(ManualClock(), max_bytes=10_000, max_value_bytes=1000)
    await cache.put("small", b"x", 60)
    await cache.put("big", b"x" * 1000, 60)
    await cache.put("big", b"x" * 1001, 60)
    assert None is await cache.get("big")
    assert b"x" == await cache.get("small")


steps = st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 400), st.integers(-1, 5), st.integers(0, 3))


@given(st.lists(steps, max_size=60))
def test_bytes_stay_bounded_and_counted(todo: list[tuple[str, int, int, int]]) -> None:
    """After any series of puts, gets and waits the count is exact, bounded, and no value is stale."""

    async def run() -> None:
        clock = ManualClock()
        cache = MemoryCache(clock, max_bytes=2500, max_value_bytes=300)
        kept: dict[str, tuple[int, float]] = {}
        for key, size, ttl, wait in todo:
            await cache.put(key, b"v" * size, ttl)
            kept[key] = (size, clock.monotonic() + ttl)
            clock.advance(wait)
            value = await cache.get(key)
            if value is not None:
                assert kept[key][0] == len(value)
                assert kept[key][1] > clock.monotonic()
            assert 0 <= cache.size <= 2500
        for key in list(kept):
            await cache.put(key, b"", 0)
        assert 0 == cache.size

    anyio.run(run)


async def test_the_count_is_not_less_than_the_memory() -> None:
    """What is counted for an entry covers what the interpreter takes for it."""
    cache = MemoryCache(ManualClock(), max_bytes=100_000_000)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for number in range(5000):
        await cache.put(f"{number:064d}", b"x" * (200 + number % 7), 60)
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before <= cache.size


async def test_closing_forgets() -> None:
    """A closed cache holds nothing."""
    cache = MemoryCache(ManualClock())
    await cache.put("a", b"x", 60)
    await cache.aclose()
    assert (0, None) == (cache.size, await cache.get("a"))


async def test_lines_are_bounded_and_sums_are_not() -> None:
    """The oldest lines go, what was spent stays."""
    accounts = MemoryAccounts(max_lines=2)
    for number in range(5):
        await accounts.settle(f"op{number}", [line(f"op{number}", 0, 10)])
    assert ["op3", "op4"] == [kept.operation for kept in await accounts.lines()]
    assert (50, 0) == await accounts.balance("t")


async def test_settled_operations_are_remembered_up_to_a_bound() -> None:
    """Memory of settled operations does not grow for ever."""
    accounts = MemoryAccounts(max_operations=3)
    for number in range(10):
        await accounts.settle(f"op{number}", [])
    assert OrderedDict.fromkeys(["op7", "op8", "op9"]) == accounts._settled
