"""The path up to `route`, told and not taken: what `/v1/quote` and `weighbridge quote` answer.

A medium that cannot be read ends a request that is to be sent. Here it is one finding among others: its
place and its error are told, everything else is weighed, and it is what stands in each candidate's way.
"""

from functools import partial
from typing import Any

from msgspec import structs

from gateway import _core
from gateway.dialects.quoted import read_quoted
from gateway.errors import failure
from gateway.exchange import SMALL_BODY_BYTES, choose, off_loop, surroundings, weighed
from gateway.exchange.house import House
from gateway.exchange.visit import Visit
from gateway.media.prepare import refused
from gateway.media.threads import in_thread
from gateway.routing import Surroundings, Survey, explain, survey
from gateway.types.arrival import Arrival
from gateway.types.plan import Deployment, Group, Reason, Rejection
from gateway.types.principal import Principal
from gateway.types.request import Request
from gateway.types.weight import Fault, MediaFacts

BODY_HEADER = "x-weighbridge-body"
_ANY = "auto"


async def quote(arrival: Arrival, house: House, visit: Visit) -> dict[str, Any]:
    """What was seen, and every candidate's price, verdict and reason.

    A chat is judged as it would be served. What is not served yet, hearing and speaking and embedding, is
    weighed at every service of the catalog that does it, key or none; `served` tells which of the two it is.
    """
    principal = visit.principal = arrival.principal
    request = await _read(arrival, house)
    served = request.operation == "chat"
    group = (
        choose(request, arrival, principal, house, visit) if served else _services(request, principal, house)
    )
    load = await weighed(request, group, house, principal.tenant)
    sound = structs.replace(load, media=tuple(fact for fact in load.media if fact.fault is None))
    around = surroundings(request, sound, principal, house) if served else Surroundings()
    work = partial(survey, sound, group, house.catalog, around, principal if served else None, told=True)
    found = await off_loop(request, house, work)
    broken = next((fact for fact in load.media if fact.fault is not None), None)
    found = found if broken is None else _held_up(found, broken)
    document = explain(request.model, load, found, house.catalog, house.today().date())
    return document | {"operation": request.operation, "served": served}


async def _read(arrival: Arrival, house: House) -> Request:
    """The request, past media that cannot be read; such a one is not to be sent."""
    read = partial(_scanned, arrival, house)
    return read() if len(arrival.body) < SMALL_BODY_BYTES else await in_thread(house.workers, read)


def _scanned(arrival: Arrival, house: House) -> Request:
    try:
        document = _core.scan(arrival.body, house.limits, go_on=True)
        return read_quoted(document, arrival.headers.get(BODY_HEADER))
    except _core.Refusal as refusal:
        raise refused(refusal) from None


def _services(request: Request, principal: Principal, house: House) -> Group:
    """Every model of the catalog that does what is asked and that this key may use, or those of the name."""
    known = [facts for name in house.catalog.names() if (facts := house.catalog.get(name)) is not None]
    mine = (facts for facts in known if principal.may_use(facts.name) or principal.may_use(request.model))
    able = [facts for facts in mine if request.operation in facts.operations]
    meant = [facts for facts in able if request.model in {_ANY, facts.name, facts.upstream_model}]
    if not meant:
        there = ", ".join(facts.name for facts in able) or "none: give one as facts under `models`"
        words = f"No model of this name is known for {request.operation}; there are: {there}."
        raise failure("model_not_found", words, param="model")
    candidates = (Deployment(facts.name, facts.provider, facts.upstream_model) for facts in meant)
    return Group(request.model, tuple(candidates), gathered=True)


def _held_up(found: Survey, broken: MediaFacts) -> Survey:
    """Nobody can carry a request with a broken part; what the rest would cost is told all the same."""
    fault = broken.fault or Fault("media_corrupt", "it cannot be read")
    reason = Reason(fault.code, f"part {broken.index}: {fault.message}", broken.index, broken.modality)
    held = (Rejection(one.deployment, reason, one.quote, one.steps, one.variants) for one in found.attempts)
    return Survey((), (*held, *found.rejections))
