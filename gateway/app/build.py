"""Settings to services, and to a house.

`Services` outlive a configuration: connections, the ledger and the money it holds, books that wait. A
house is what one configuration makes of them; a request keeps the one it began in.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime

import anyio
import msgspec
from msgspec import Struct

from gateway import _core, engines
from gateway.adapters.clock import SystemClock
from gateway.adapters.http import default_transport
from gateway.adapters.memory import MemoryAccounts, MemoryCache
from gateway.adapters.sqlite import SqliteAccounts
from gateway.admission import KeyEntry, Keys
from gateway.api.arrive import ArrivalLimits
from gateway.api.desk import Desk, Guests, Readiness
from gateway.billing import Backlog, Experience
from gateway.caching import CacheRules
from gateway.catalog import load as load_catalog
from gateway.config import CacheSettings, Settings
from gateway.engines.layers import PdfLayers
from gateway.engines.transport import EngineTransport
from gateway.exchange import Door, House
from gateway.exchange.recorder import Recorder
from gateway.media.layers import Library
from gateway.media.measure import Gauge
from gateway.media.shelf import Shelf
from gateway.ports import Cache, Clock, Ledger, Meters, TextLayers, Transport, UpstreamReply
from gateway.routing import Health
from gateway.routing.resolve import Fleet
from gateway.telemetry import Known
from gateway.types.call import UpstreamCall
from gateway.types.plan import Reason
from gateway.types.principal import Secret


class Services(Struct, frozen=True):
    """What every house of this process is served by.

    `workers`: bounds the threads for big bodies. `shelf`: pictures of earlier requests.
    """

    meters: Meters
    clock: Clock
    transport: Transport
    accounts: Ledger
    backlog: Backlog
    experience: Experience
    health: Health
    workers: anyio.CapacityLimiter
    shelf: Shelf
    layers: TextLayers


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


def open_services(settings: Settings, meters: Meters) -> Services:
    """The services of this process. The ledger is opened, nothing is called."""
    clock = SystemClock()
    http = default_transport()
    accounts = _accounts(settings, clock)
    return Services(
        meters=meters,
        clock=clock,
        transport=ByScheme(http, EngineTransport(http)),
        accounts=accounts,
        backlog=Backlog(),
        experience=Experience(accounts),
        health=Health(clock),
        workers=anyio.CapacityLimiter(_cores()),
        shelf=Shelf(settings.media.remember_bytes),
        layers=PdfLayers.new(),
    )


def open_cache(cache: CacheSettings, clock: Clock) -> Cache | None:
    """The store of answers; None when it is switched off."""
    if cache.store == "off":
        return None
    if cache.store == "redis" and cache.url is not None:
        from gateway.adapters.redis import RedisCache  # noqa: PLC0415 - its client takes 0.3 s to import

        return RedisCache(cache.url, clock)
    return MemoryCache(clock, cache.max_bytes)


def same_store(one: CacheSettings, other: CacheSettings) -> bool:
    """Whether two settings mean the same store of answers; how long they are kept is a rule beside it."""
    size = one.store == "memory" and one.max_bytes != other.max_bytes
    return (one.store, one.url) == (other.store, other.url) and not size


def build_house(settings: Settings, services: Services, cache: Cache | None) -> House:
    """What an exchange needs, from what is configured."""
    return House(
        keys=_keys(settings),
        fleet=_fleet(settings),
        doors=_doors(settings),
        catalog=load_catalog(on=datetime.now(UTC).date()).merged(settings.facts),
        cache=cache,
        cache_rules=CacheRules(settings.cache.ttl, secret=_cache_secret(settings)),
        accounts=services.accounts,
        backlog=services.backlog,
        experience=services.experience,
        health=services.health,
        transport=services.transport,
        recorder=Recorder(services.meters, _known(settings), services.clock),
        clock=services.clock,
        limits=_limits(settings),
        workers=services.workers,
        shelf=services.shelf,
        gauge=Gauge(),
        library=Library(services.layers),
        mint=lambda: f"wb-{secrets.token_hex(12)}",
        epoch=_epoch(settings),
    )


def open_desk(settings: Settings, services: Services, cache: Cache | None, readiness: Readiness) -> Desk:
    """A house with its desk and nobody in it."""
    limits = ArrivalLimits(settings.limits.body_bytes, settings.server.body_timeout)
    house = build_house(settings, services, cache)
    return Desk(house, services.meters, limits, readiness, Guests())


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
        deployment.name: Reason("no_credentials", _no_key(deployment.provider, settings))
        for deployment in settings.deployments
        if not settings.usable(deployment)
    }
    for engine in engines.available():
        if not engine.ready:
            words = f"{engine.name} needs {', '.join(engine.missing)}: install weighbridge[local]"
            barred[engine.name] = Reason("engine_missing", words)
    return Fleet(settings.groups, settings.policies, barred)


def _no_key(provider: str, settings: Settings) -> str:
    usual = settings.providers[provider].row.api_key_env
    remedy = f": set {usual[0]}, or give it an api_key" if usual else ": give it an api_key"
    return f"no key for {provider} is configured{remedy}"


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


def _cache_secret(settings: Settings) -> Secret:
    """Signs cached answers with what every replica of this configuration knows and a store does not.

    Nobody else writes into memory: a checksum will do there, and answers outlive a provider's old key.
    """
    if settings.cache.store == "memory":
        return Secret("")
    keys = sorted(p.api_key.reveal() for p in settings.providers.values() if p.api_key is not None)
    return Secret(_core.digest(b"cache", *(key.encode() for key in keys)) if keys else "")


def _accounts(settings: Settings, clock: Clock) -> Ledger:
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
        ancillary_bytes=caps.ancillary_bytes,
    )


def _epoch(settings: Settings) -> str:
    """Changes when other models or other rules may answer; holds no secret."""
    # The same model name behind another address is another model.
    rows = {name: provider.row for name, provider in settings.providers.items()}
    return _core.digest(
        _core.__version__.encode(),
        msgspec.json.encode([settings.groups, settings.policies, settings.facts, rows], order="sorted"),
    )
