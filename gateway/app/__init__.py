"""The composition root: settings to services to the ASGI application. The one place that knows them all.

| module | holds |
|---|---|
| here | the application, from its first warming to its last book |
| `build` | settings to services, and to a house |
| `reload` | another configuration while requests run: when it is taken, and what is told of one that is not |
| `calibrate` | a model's rules beside its provider's own counter |
| `memory` | what a gateway has learned, told to other processes |
| `watch` | whether a file has other content than before |
"""

import gc
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import anyio
from anyio import to_thread
from litestar import Litestar
from msgspec import structs

from gateway import _core
from gateway.adapters.prometheus import PrometheusMeters
from gateway.api.desk import Houses, Readiness
from gateway.api.endpoints import application
from gateway.app.build import Services, build_house, open_cache, open_desk, open_services
from gateway.app.memory import recalled
from gateway.app.reload import Refuses, Reloader
from gateway.config import AccountsSettings, Settings, load_settings
from gateway.exchange import House, Visit
from gateway.exchange.report import quote
from gateway.ports import Clock, Meters
from gateway.telemetry.log import set_up
from gateway.types.arrival import Arrival
from gateway.types.principal import Principal

__all__ = ["Quoter", "create_app"]

# How often the event loop is asked whether it is late.
LAG_SECONDS = 0.5
# How often books that the ledger would not take are offered again, and what was learned is shared.
RETRY_SECONDS = 2.0
# How many such turns until what other processes learned is read whole.
RECALL_TURNS = 15
# New containers, less the gone ones, before the garbage collector looks at the young.
COLLECT_AFTER = 2_000
# How long exchanges that the end of the process cut off may take to settle.
SETTLING_SECONDS = 5.0


def create_app(settings: Settings | None = None, refuses: Refuses | None = None) -> Litestar:
    """The application. Without settings they are loaded as `serve` would: file, or discovery.

    `refuses`: why a configuration that is loaded later may not be served here, None when it may.
    """
    settings = settings or load_settings()
    set_up(level=settings.log_level.upper())
    _core.tune_allocator()
    meters = PrometheusMeters(_core.__version__)
    services = open_services(settings, meters)
    readiness = Readiness()
    cache = open_cache(settings.cache, services.clock)
    houses = Houses(open_desk(settings, services, cache, readiness))
    reloader = Reloader(settings, houses, services, refuses)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        async with anyio.create_task_group() as group:
            group.start_soon(_watch_lag, meters, services.clock)
            group.start_soon(_warm, houses.now.house)
            group.start_soon(_keep_accounts, houses, services)
            # From here on SIGHUP is a wish and not the end.
            await group.start(reloader.keep)
            _settle_memory()
            readiness.reason = None
            try:
                yield
            finally:
                readiness.reason = "draining"
                # Its receiver goes with the group: what came then would end the process over its ledger.
                if threading.current_thread() is threading.main_thread():
                    signal.signal(signal.SIGHUP, signal.SIG_IGN)
                group.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    # Those cut off by the server still settle: the ledger is theirs until they have.
                    with anyio.move_on_after(SETTLING_SECONDS):
                        await houses.gone()
                    await houses.close_left()
                    await _close(houses.now.house)

    return application(houses, [lifespan])


class Quoter:
    """What requests would cost, without a server and without sending anything.

    `learned`: the accounts of a gateway whose experience is to be used, read and left as they are.
    """

    def __init__(self, settings: Settings, learned: AccountsSettings | None = None) -> None:
        self._settings = settings
        self._learned = learned

    def document(self, body: bytes) -> dict[str, Any]:
        """What `POST /v1/quote` answers to this body. Raises the `GatewayError` it would refuse it with."""
        return anyio.run(self._document, body)

    async def _document(self, body: bytes) -> dict[str, Any]:
        services = open_services(self._settings, PrometheusMeters(_core.__version__))
        experience = None if self._learned is None else await recalled(self._learned)
        if experience is not None:
            services = structs.replace(services, experience=experience)
        house = build_house(self._settings, services, open_cache(self._settings.cache, services.clock))
        principal = Principal(tenant="default", key="command line")
        at = house.clock.monotonic()
        arrival = Arrival(dialect="openai_chat", headers={}, body=body, at=at, principal=principal)
        try:
            return await quote(arrival, house, Visit(house.mint(), arrival.at, "quote"))
        finally:
            await _close(house)


async def _close(house: House) -> None:
    await house.transport.aclose()
    await house.library.aclose()
    if house.cache is not None:
        await house.cache.aclose()
    await house.backlog.flush()
    await house.experience.share()
    await house.accounts.aclose()


def _settle_memory() -> None:
    """What is here now stays: the collector need not walk modules and catalog again for every request.

    A request leaves thousands of short-lived values and few cycles. What cycles there are may hold bodies
    of megabytes, so the old are looked at as often as ever.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)


async def _watch_lag(meters: Meters, clock: Clock) -> None:
    while True:
        begun = clock.monotonic()
        await anyio.sleep(LAG_SECONDS)
        late = clock.monotonic() - begun - LAG_SECONDS
        meters.observe("weighbridge_event_loop_lag_seconds", max(late, 0.0))


async def _keep_accounts(houses: Houses, services: Services) -> None:
    """Offer the books that the ledger would not take, and what was learned, again and again."""
    for turn in count():
        if turn % RECALL_TURNS == 0:
            await services.experience.recall()
        house = houses.now.house
        for change in services.experience.news(house.fleet_facts()):
            house.recorder.corrected(change)
        await anyio.sleep(RETRY_SECONDS)
        await services.backlog.flush()
        await services.experience.share()


async def _warm(house: House) -> None:
    """Load the vocabularies of those who can answer beside the first requests and not within them."""
    names = {candidate.name for group in house.fleet.groups.values() for candidate in group.candidates}
    for encoding in sorted(house.catalog.encodings(names)):
        await to_thread.run_sync(_core.count_tokens, "", encoding)
