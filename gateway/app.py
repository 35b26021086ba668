"""The composition root: settings to services to the ASGI application. The one place that knows them all."""

import gc
import logging
import os
import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, get_args

import anyio
import msgspec
from anyio import to_thread
from litestar import Litestar

from gateway import _core, engines
from gateway.adapters.clock import SystemClock
from gateway.adapters.http import default_transport
from gateway.adapters.memory import MemoryAccounts, MemoryCache
from gateway.adapters.prometheus import PrometheusMeters
from gateway.adapters.sqlite import SqliteAccounts
from gateway.admission import KeyEntry, Keys
from gateway.api.arrive import ArrivalLimits
from gateway.api.desk import Desk, Guests, Readiness
from gateway.api.endpoints import application
from gateway.billing import Backlog
from gateway.caching import CacheRules
from gateway.catalog import Catalog
from gateway.catalog import load as load_catalog
from gateway.config import Settings, load_settings
from gateway.engines.transport import EngineTransport
from gateway.exchange import Door, House, Visit, quote
from gateway.exchange.recorder import Recorder
from gateway.ports import Accounts, Cache, Clock, Meters, Transport, UpstreamReply
from gateway.routing.resolve import Fleet
from gateway.telemetry import Known
from gateway.telemetry.log import set_up
from gateway.types.arrival import Arrival
from gateway.types.call import UpstreamCall
from gateway.types.plan import Reason
from gateway.types.principal import Principal, Secret
from gateway.types.weight import Encoding

# How often the event loop is asked whether it is late.
LAG_SECONDS = 0.5
# How often books that the ledger would not take are offered again.
RETRY_SECONDS = 2.0
# New containers, less the gone ones, before the garbage collector looks at the young.
COLLECT_AFTER = 20_000
# How long exchanges that the end of the process cut off may take to settle.
SETTLING_SECONDS = 5.0

_log = logging.getLogger("weighbridge")


class ByScheme:
    """One Transport of two: `local:` goes to the embedded engines, all else over HTTP."""

    def __init__(self, http: Transport, local: Transport) -> None:
        self._http = http
        self._local = local

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[UpstreamReply]:
        """See `ports.Transport`."""
        chosen = self._local if call.url.startswith("local:") else self._http
        return chosen.open(call)

    async def aclose(self) -> None:
        """Close both, the engines' processes first."""
        await self._local.aclose()
        await self._http.aclose()


def create_app(settings: Settings | None = None) -> Litestar:
    """The application. Without settings they are loaded as `serve` would: file, or discovery."""
    settings = settings or load_settings()
    set_up(level=settings.log_level.upper())
    _core.tune_allocator()
    meters = PrometheusMeters(_core.__version__)
    readiness = Readiness()
    house = build_house(settings, meters)
    limits = ArrivalLimits(settings.limits.body_bytes, settings.server.body_timeout)
    guests = Guests()
    desk = Desk(house, meters, limits, readiness, guests)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncGenerator[None, None]:
        async with anyio.create_task_group() as group:
            group.start_soon(_watch_lag, meters, house.clock)
            group.start_soon(_warm)
            group.start_soon(_retry_books, house)
            _settle_memory()
            readiness.reason = None
            try:
                yield
            finally:
                readiness.reason = "draining"
                group.cancel_scope.cancel()
                with anyio.CancelScope(shield=True):
                    # Those cut off by the server still settle: the ledger is theirs until they have.
                    with anyio.move_on_after(SETTLING_SECONDS):
                        await guests.gone()
                    await _close(house)

    return application(desk, [lifespan])


def build_house(settings: Settings, meters: Meters) -> House:
    """The services that an exchange needs, from what is configured."""
    clock = SystemClock()
    http = default_transport()
    return House(
        keys=_keys(settings),
        fleet=_fleet(settings),
        doors=_doors(settings),
        catalog=_catalog().merged(settings.facts),
        cache=_cache(settings, clock),
        cache_rules=CacheRules(settings.cache.ttl, secret=_cache_secret(settings)),
        accounts=_accounts(settings, clock),
        backlog=Backlog(),
        transport=ByScheme(http, EngineTransport(http)),
        recorder=Recorder(meters, _known(settings), clock),
        clock=clock,
        limits=_limits(settings),
        workers=anyio.CapacityLimiter(_cores()),
        mint=lambda: f"wb-{secrets.token_hex(12)}",
        epoch=_epoch(settings),
    )


class Quoter:
    """What requests would cost, without a server and without sending anything."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def document(self, body: bytes) -> dict[str, Any]:
        """What `POST /v1/quote` answers to this body. Raises the `GatewayError` it would refuse it with."""
        return anyio.run(self._document, body)

    async def _document(self, body: bytes) -> dict[str, Any]:
        house = build_house(self._settings, PrometheusMeters(_core.__version__))
        principal = Principal(tenant="default", key="command line")
        at = house.clock.monotonic()
        arrival = Arrival(dialect="openai_chat", headers={}, body=body, at=at, principal=principal)
        try:
            return await quote(arrival, house, Visit(house.mint(), arrival.at, "quote"))
        finally:
            await _close(house)


def _catalog() -> Catalog:
    return load_catalog(on=datetime.now(UTC).date())


async def _close(house: House) -> None:
    await house.transport.aclose()
    if house.cache is not None:
        await house.cache.aclose()
    await house.backlog.flush()
    await house.accounts.aclose()


def _settle_memory() -> None:
    """What is here now stays: the collector need not walk modules and catalog again for every request.

    A request leaves thousands of short-lived values and few cycles; with the default threshold of 700 the
    collector took a fifth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 50)


async def _watch_lag(meters: Meters, clock: Clock) -> None:
    while True:
        begun = clock.monotonic()
        await anyio.sleep(LAG_SECONDS)
        late = clock.monotonic() - begun - LAG_SECONDS
        meters.observe("weighbridge_event_loop_lag_seconds", max(late, 0.0))


async def _retry_books(house: House) -> None:
    """Offer the books that the ledger would not take, again and again."""
    while True:
        await anyio.sleep(RETRY_SECONDS)
        await house.backlog.flush()


async def _warm() -> None:
    """Load the vocabularies beside the first requests and not within them."""
    for encoding in get_args(Encoding):
        await to_thread.run_sync(_core.count_tokens, "", encoding)


def _cores() -> int:
    return max(len(os.sched_getaffinity(0)), 1)


def _keys(settings: Settings) -> Keys:
    entries = [
        KeyEntry(
            name=key.principal.key,
            secret=key.secret,
            tenant=key.principal.tenant,
            models=key.principal.models,
            budget=key.principal.budget,
        )
        for key in settings.keys
    ]
    return Keys(entries) if settings.anonymous is None else Keys(entries, settings.anonymous)


def _fleet(settings: Settings) -> Fleet:
    barred = {
        deployment.name: Reason(
            "no_credentials", f"no key for {deployment.provider} is configured, so it cannot be asked"
        )
        for deployment in settings.deployments
        if not settings.usable(deployment)
    }
    for engine in engines.available():
        if not engine.ready:
            words = f"{engine.name} needs {', '.join(engine.missing)}: install weighbridge[local]"
            barred[engine.name] = Reason("engine_missing", words)
    return Fleet(settings.groups, settings.policies, barred)


def _doors(settings: Settings) -> Mapping[str, Door]:
    return {
        name: Door(
            provider=provider.row,
            api_key=provider.api_key,
            headers=provider.headers,
            deadlines=provider.deadlines,
        )
        for name, provider in settings.providers.items()
    }


def _cache(settings: Settings, clock: Clock) -> Cache | None:
    cache = settings.cache
    if cache.store == "off":
        return None
    if cache.store == "redis" and cache.url is not None:
        from gateway.adapters.redis import RedisCache  # noqa: PLC0415 - its client takes 0.3 s to import

        return RedisCache(cache.url, clock)
    return MemoryCache(clock, cache.max_bytes)


def _cache_secret(settings: Settings) -> Secret:
    """Signs cached answers with what every replica of this configuration knows and a store does not."""
    keys = sorted(p.api_key.reveal() for p in settings.providers.values() if p.api_key is not None)
    return Secret(_core.digest(b"cache", *(key.encode() for key in keys)) if keys else "")


def _accounts(settings: Settings, clock: Clock) -> Accounts:
    path = settings.accounts.path
    if path is None:
        return MemoryAccounts()
    # Held money outlives the longest request that holds it: every attempt at its longest.
    longest = max((p.deadlines.total for p in settings.providers.values()), default=0.0)
    attempts = max((policy.max_attempts for policy in settings.policies.values()), default=1)
    return SqliteAccounts(path, clock, lease_seconds=longest * attempts + 60.0, busy_seconds=1.0)


def _known(settings: Settings) -> Known:
    tenants = {key.principal.tenant for key in settings.keys}
    if settings.anonymous is not None:
        tenants.add(settings.anonymous.tenant)
    return Known(
        models=frozenset(deployment.name for deployment in settings.deployments),
        providers=frozenset(settings.providers),
        tenants=frozenset(tenants),
        routes=frozenset(settings.groups),
    )


def _limits(settings: Settings) -> _core.Limits:
    caps = settings.limits
    return _core.Limits(
        body_bytes=caps.body_bytes,
        depth=caps.depth,
        nodes=caps.nodes,
        media=caps.media,
        media_bytes=caps.media_bytes,
        pixels=caps.pixels,
        side=caps.side,
        frames=caps.frames,
    )


def _epoch(settings: Settings) -> str:
    """Changes when other models or other rules may answer; holds no secret."""
    return _core.digest(
        _core.__version__.encode(),
        msgspec.json.encode([settings.groups, settings.policies, settings.facts], order="sorted"),
    )
