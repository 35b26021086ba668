"""The path of one exchange. Read `exchange` first: its verbs are the whole story, in order.

    identify -> read -> recall -> weigh -> route -> reserve -> (prepare -> dispatch)+ -> settle -> write

`identify` stands before `read`, and before the body: a key is checked from the head alone, where the
request arrives (`api.arrive`), and a stranger's body is not even waited for. `recall` stands before
`weigh`, since a stored answer needs no weighing. `prepare` and `dispatch` repeat when an attempt fails
before its first byte. `settle` runs once, shielded, however the exchange ends: finished, failed,
cancelled, or its client gone. A stream is written as it comes; its tail, which holds the account, waits
for `settle`. `weigh` reads headers alone, and looks at pixels or reads documents only where a policy asks
and it can pay.

| module | holds |
|---|---|
| here | the verbs |
| `house`, `visit` | what an exchange needs of the world; what it remembers of itself |
| `report` | the path up to `route`, told and not taken |
| `account` | reserve and settle round an operation |
| `documents` | documents that may leave as text |
| `carry` | prepare and dispatch, attempt after attempt |
| `reply` | write |
| `recorder` | metrics and the log line |
"""

import logging
from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

import anyio

from gateway import _core
from gateway.billing import task
from gateway.caching import (
    CacheControl,
    StoredAnswer,
    cache_control,
    cache_key,
    recall,
    remember,
    storable,
)
from gateway.dialects import DIALECTS, Obstacle
from gateway.errors import GatewayError, failure
from gateway.exchange import documents
from gateway.exchange.account import Account, opened
from gateway.exchange.carry import Carried, Road, carry, deliver
from gateway.exchange.house import Door, House
from gateway.exchange.reply import Reply
from gateway.exchange.visit import Visit
from gateway.media.prepare import refused
from gateway.media.threads import in_thread
from gateway.media.weigh import weigh
from gateway.providers import not_carried
from gateway.routing import Asked, Surroundings, route, to_look_at, to_read
from gateway.routing.resolve import resolve
from gateway.types.arrival import Arrival, Client
from gateway.types.learned import Learned
from gateway.types.plan import Deployment, Group, Level, Plan
from gateway.types.principal import Principal
from gateway.types.request import Request
from gateway.types.weight import Requirements

__all__ = ["Door", "House", "Visit", "choose", "exchange", "plan_for", "read", "surroundings", "weighed"]

# Below this a body is scanned on the event loop: a thread costs more than the scan.
SMALL_BODY_BYTES = 65_536
# So many media are weighed at every candidate in less time than a thread's turn takes.
FEW_MEDIA = 8

_log = logging.getLogger("weighbridge.exchange")
T = TypeVar("T")


async def exchange(arrival: Arrival, client: Client, house: House, visit: Visit) -> None:
    """One exchange, from the client's bytes to the last byte back. Never raises a `GatewayError`."""
    house.recorder.opened()
    reply = Reply(client, arrival.dialect, visit, house.clock)
    try:
        principal = visit.principal = arrival.principal
        request = await read(arrival, house)
        group = choose(request, arrival, principal, house, visit)
        control = cache_control(arrival.headers.get("cache-control"))
        key = await off_loop(
            request,
            house,
            partial(cache_key, principal.tenant, request, group.policy.name, house.epoch),
        )
        if (stored := await _recalled(key, control, house, visit)) is not None:
            await reply.replay(request, stored, house.recorder)
            return
        load, plan = await plan_for(request, group, principal, house)
        house.recorder.planned(load, plan)
        async with opened(visit, principal, plan, client, house, load=load) as account:
            road = Road(request, load, reply, account, house, principal.tenant)
            carried = await carry(road, plan)
            await account.settle()
            await deliver(road, carried)
        await _remembered(key, control, carried, account, house)
        await account.tell_budget()
    except GatewayError as error:
        await reply.error(error)
    except anyio.get_cancelled_exc_class():
        if visit.end == "refused":
            visit.end = "disconnected" if client.gone else "cancelled"
        await reply.cut_short()
        raise
    except BaseException:
        # A bug goes on its way; only how the visit ended is written down.
        if visit.end == "refused":
            visit.end = "failed"
        raise
    finally:
        house.recorder.closed(visit)


async def read(arrival: Arrival, house: House) -> Request:
    """Bytes to `Request`. The media leave the JSON here and never become a Python `str`."""
    if len(arrival.body) < SMALL_BODY_BYTES:
        return _read(arrival, house)
    return await in_thread(house.workers, _read, arrival, house)


def _read(arrival: Arrival, house: House) -> Request:
    try:
        document = _core.scan(arrival.body, house.limits, house.shelf.seen, arrival.principal.tenant)
        return DIALECTS[arrival.dialect].read_request(document)
    except _core.Refusal as refusal:
        raise refused(refusal) from None


def choose(request: Request, arrival: Arrival, principal: Principal, house: House, visit: Visit) -> Group:
    """The deployments behind the model name. Raises `model_not_found`, `model_not_allowed`."""
    group = resolve(request.model, house.fleet, arrival.headers.get("x-weighbridge-policy"))
    visit.route = group.name
    if not principal.may_use(request.model):
        raise failure(
            "model_not_allowed",
            "This key may not ask for this model; GET /v1/models lists the ones it may.",
            param="model",
        )
    return group


async def plan_for(
    request: Request, group: Group, principal: Principal, house: House
) -> tuple[Requirements, Plan]:
    """Weigh and route. Raises `no_suitable_model` with the reason of every candidate."""
    load = await weighed(request, group, house, principal.tenant)
    around = surroundings(request, load, principal, house)
    work = partial(route, load, group, house.catalog, around, principal)
    return load, await off_loop(request, house, work)


def surroundings(request: Request, load: Requirements, principal: Principal, house: House) -> Surroundings:
    """What routing asks of the dialects, of the fleet and of what was learned."""
    kind, now = task(load), house.today()

    # A walk over the whole request: once for a provider, however many of its models are asked about.
    @cache
    def of_provider(name: str) -> tuple[Obstacle, ...]:
        provider = house.doors[name].provider
        return (*not_carried(provider, request), *DIALECTS[provider.dialect].obstacles(request))

    def obstacles(deployment: Deployment) -> tuple[Obstacle, ...]:
        return of_provider(deployment.provider)

    def learned(deployment: Deployment) -> Learned:
        return house.experience.learned(house.facts(deployment.name), principal.tenant, kind)

    def levels(deployment: Deployment) -> frozenset[Level]:
        return DIALECTS[house.doors[deployment.provider].provider.dialect].levels

    def asked(deployment: Deployment) -> Asked:
        provider = house.doors[deployment.provider].provider
        return Asked(request.tier, provider.parameters.tiers, provider.region, now)

    return Surroundings(obstacles, house.fleet.unready, learned, asked, house.health.rest, levels)


async def weighed(request: Request, group: Group, house: House, tenant: str) -> Requirements:
    """What is in a request, for the candidates of a group."""
    encodings = house.catalog.encodings(candidate.name for candidate in group.candidates)
    load = await off_loop(request, house, partial(weigh, request, encodings))
    looks = to_look_at(load, group, house.catalog)
    if looks:
        media, limits, workers = request.document.media, house.limits, house.workers
        load = await house.gauge.measured(load, media, looks, limits, workers, tenant=tenant)
    return await documents.measured(load, request, to_read(load, group, house.catalog), house, tenant)


async def off_loop(request: Request, house: House, work: Callable[[], T]) -> T:
    """Do work on a request: in a thread when it is big or has many media, so that others do not wait."""
    document = request.document
    if len(document.skeleton) < SMALL_BODY_BYTES and len(document.media) <= FEW_MEDIA:
        return work()
    return await in_thread(house.workers, work)


async def _recalled(key: str, control: CacheControl, house: House, visit: Visit) -> StoredAnswer | None:
    stored = None
    if house.cache is not None and control.read:
        visit.cache = "miss"
        stored = await recall(house.cache, key, house.cache_rules)
    if stored is not None:
        visit.cache = "hit"
    house.recorder.looked_up(visit)
    return stored


async def _remembered(
    key: str, control: CacheControl, carried: Carried, account: Account, house: House
) -> None:
    """Keep a whole answer for the next one who asks; the client already has it."""
    if house.cache is None or not control.write:
        return
    events = tuple(carried.events)
    attempt = carried.trial.attempt
    if not storable(account.end(carried.trial, "finished"), events):
        return
    answer = StoredAnswer(
        key=key,
        events=events,
        model=attempt.deployment.name,
        provider=attempt.deployment.provider,
        items=account.items,
        quoted=attempt.quote.expected,
        created=house.clock.now(),
    )
    try:
        await remember(house.cache, answer, house.cache_rules)
    except (OverflowError, TypeError, ValueError):
        # A provider's own field that MessagePack cannot hold: this answer is not kept, and that is all.
        _log.warning("an answer cannot be stored", extra={"weighbridge_fields": {"id": account.visit.id}})
