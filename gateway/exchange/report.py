"""The path up to `route`, told and not taken: what `/v1/quote` and `weighbridge quote` answer.

A medium that cannot be read ends a request that is to be sent. Here it is one finding among others: its
place and its error are told, everything else is weighed, and it is what stands in each candidate's way.
"""

from typing import Any

from msgspec import structs

from gateway.exchange import choose, read, surroundings, weighed
from gateway.exchange.house import House
from gateway.exchange.visit import Visit
from gateway.routing import Survey, explain, survey
from gateway.types.arrival import Arrival
from gateway.types.plan import Reason, Rejection
from gateway.types.weight import Fault, MediaFacts


async def quote(arrival: Arrival, house: House, visit: Visit) -> dict[str, Any]:
    """What was seen, and every candidate's price, verdict and reason."""
    principal = visit.principal = arrival.principal
    request = await read(arrival, house, go_on=True)
    group = choose(request, arrival, principal, house, visit)
    load = await weighed(request, group, house, principal.tenant)
    sound = structs.replace(load, media=tuple(fact for fact in load.media if fact.fault is None))
    around = surroundings(request, sound, principal, house)
    found = survey(sound, group, house.catalog, around, principal, told=True)
    broken = next((fact for fact in load.media if fact.fault is not None), None)
    return explain(request.model, load, found if broken is None else _held_up(found, broken))


def _held_up(found: Survey, broken: MediaFacts) -> Survey:
    """Nobody can carry a request with a broken part; what the rest would cost is told all the same."""
    fault = broken.fault or Fault("media_corrupt", "it cannot be read")
    reason = Reason(fault.code, f"part {broken.index}: {fault.message}", broken.index, broken.modality)
    held = (Rejection(one.deployment, reason, one.quote, one.steps, one.variants) for one in found.attempts)
    return Survey((), (*held, *found.rejections))
