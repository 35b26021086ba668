"""Houses: which one a request is in, and when what only a left one used is closed."""

from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import TypeAlias

import anyio
import pytest

from gateway.adapters.memory import MemoryCache
from gateway.adapters.prometheus import PrometheusMeters
from gateway.api.desk import Desk, Houses, Readiness
from gateway.app.build import Services, open_desk, open_services
from gateway.catalog import load as load_catalog
from gateway.config import Settings, discover

KEY = "question"
Open: TypeAlias = Callable[[MemoryCache | None], Desk]


@pytest.fixture(scope="module")
def settings() -> Settings:
    """What an empty environment offers."""
    return discover(environment={}, catalog=load_catalog(on=date(2026, 11, 21)))


@pytest.fixture
async def services(settings: Settings) -> AsyncIterator[Services]:
    """Real ones; nothing is called."""
    services = open_services(settings, PrometheusMeters("0"))
    yield services
    await services.transport.aclose()


@pytest.fixture
def desk(settings: Settings, services: Services) -> Open:
    """Opens a desk over a store."""
    return lambda cache: open_desk(settings, services, cache, Readiness())


async def full(services: Services) -> MemoryCache:
    """A store that holds something: closed, it holds nothing."""
    cache = MemoryCache(services.clock)
    await cache.put(KEY, b"answer", 60.0)
    return cache


async def test_a_store_is_closed_when_the_last_guest_of_its_houses_is_gone(
    services: Services, desk: Open
) -> None:
    """It is handed on from house to house: a guest two houses back keeps it open."""
    store = await full(services)
    first, second, third = desk(store), desk(store), desk(None)
    houses = Houses(first)
    with first.guests:
        houses.move(second)
        houses.move(third)
        await houses.sweep()
        assert b"answer" == await store.get(KEY)
    await houses.sweep()
    assert await store.get(KEY) is None
    assert third is houses.now


async def test_the_store_of_the_house_of_the_moment_stays_open(services: Services, desk: Open) -> None:
    """Leaving a house closes nothing that the next one took over."""
    store = await full(services)
    houses = Houses(desk(store))
    houses.move(desk(store))
    await houses.sweep()
    await houses.close_left()
    assert b"answer" == await store.get(KEY)


async def test_the_end_of_the_process_waits_for_guests_of_all_houses(services: Services, desk: Open) -> None:
    """Exchanges of a left house settle too before the ledger is closed."""
    old, new = desk(None), desk(None)
    houses = Houses(old)
    left: list[str] = []

    async def stay(guest: Desk, name: str, until: anyio.Event) -> None:
        with guest.guests:
            await until.wait()
            left.append(name)

    async with anyio.create_task_group() as group:
        done = anyio.Event()
        group.start_soon(stay, old, "old", done)
        await anyio.lowlevel.checkpoint()
        houses.move(new)
        group.start_soon(stay, new, "new", done)
        await anyio.lowlevel.checkpoint()
        group.start_soon(_after, done)
        await houses.gone()
        assert ["new", "old"] == sorted(left)


async def _after(done: anyio.Event) -> None:
    await anyio.lowlevel.checkpoint()
    done.set()


async def test_what_left_houses_used_is_closed_at_the_end(services: Services, desk: Open) -> None:
    """The end does not wait for guests that would not go."""
    store = await full(services)
    old = desk(store)
    houses = Houses(old)
    with old.guests:
        houses.move(desk(None))
        await houses.close_left()
    assert await store.get(KEY) is None
