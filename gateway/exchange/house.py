"""What an exchange needs of the world."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import anyio
from msgspec import Struct

from gateway import _core
from gateway.admission import Keys
from gateway.billing import Backlog, Experience
from gateway.caching import CacheRules
from gateway.catalog import Catalog, ModelFacts
from gateway.exchange.recorder import Recorder
from gateway.media.layers import Library
from gateway.media.measure import Gauge
from gateway.media.shelf import Shelf
from gateway.ports import Accounts, Cache, Clock, Transport
from gateway.providers import Provider
from gateway.routing import Health
from gateway.routing.resolve import Fleet
from gateway.types.call import Deadlines
from gateway.types.principal import Secret


class Door(Struct, frozen=True):
    """How to reach one provider: its row as configured, and the key for it."""

    provider: Provider
    api_key: Secret | None
    headers: tuple[tuple[str, str | Secret], ...] = ()
    deadlines: Deadlines = Deadlines()


class House(Struct, frozen=True):
    """What one configuration comes to; built by the composition root, kept by a request to its end.

    `mint`: makes ids that no client can choose. `epoch`: digest of configuration and catalog.
    `workers`: bounds the threads that touch pixels and big bodies. `shelf`: pictures of earlier requests.
    `gauge`: remembers what pixels told, `library` what documents say. `health`: which deployments are skipped
    for a while.
    """

    keys: Keys
    fleet: Fleet
    doors: Mapping[str, Door]
    catalog: Catalog
    cache: Cache | None
    cache_rules: CacheRules
    accounts: Accounts
    backlog: Backlog
    experience: Experience
    health: Health
    transport: Transport
    recorder: Recorder
    clock: Clock
    limits: _core.Limits
    shelf: Shelf
    workers: anyio.CapacityLimiter
    gauge: Gauge
    library: Library
    mint: Callable[[], str]
    epoch: str

    def facts(self, name: str) -> ModelFacts:
        """The facts of a deployment. Every deployment of the fleet has some; anything else is a bug."""
        found = self.catalog.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def today(self) -> datetime:
        """The moment, in UTC: some providers sell cheaper at some hours."""
        return datetime.fromtimestamp(self.clock.unix(), UTC)

    def fleet_facts(self) -> tuple[ModelFacts, ...]:
        """The facts of every deployment that can be asked for."""
        names = {candidate.name for group in self.fleet.groups.values() for candidate in group.candidates}
        found = (self.catalog.get(name) for name in sorted(names))
        return tuple(facts for facts in found if facts is not None)
