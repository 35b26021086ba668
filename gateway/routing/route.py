"""Route: which deployments can carry a request, what each costs, in which order they are tried. Pure.

The order is by the expected dollars of *this* request at each candidate after its preparation, not by
list price; equal costs by name. Models without a price come after all others, if they are allowed at
all. With the model `auto`, standby models come last whatever they cost. What keeps failing rests and is
skipped; when all that could carry the request rests, it is tried all the same, the first to wake first.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from msgspec import Struct, structs

from gateway.catalog import Catalog, ModelFacts
from gateway.catalog.cost import price
from gateway.catalog.demand import demand, undone
from gateway.catalog.layers import as_text
from gateway.errors import GatewayError, failure
from gateway.routing.health import Rest
from gateway.routing.levels import SAYABLE, unsaid
from gateway.routing.preparation import prepare
from gateway.routing.requirements import context_exceeded, not_good_enough, too_heavy, unsuitable
from gateway.routing.terms import Asked, bought
from gateway.routing.variants import AS_THEY_CAME, best, narrower, ways, without_text
from gateway.routing.variants import told as weighed
from gateway.types.learned import NOTHING, Learned
from gateway.types.plan import (
    Attempt,
    Deployment,
    Group,
    Level,
    Plan,
    Policy,
    Reason,
    Rejection,
    Step,
    Variant,
)
from gateway.types.principal import Principal
from gateway.types.terms import Terms
from gateway.types.weight import Requirements

_SHOWN = 3


class Obstacle(Protocol):
    """What a dialect cannot say of a request; `gateway.dialects.Obstacle` is one."""

    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def part(self) -> int | None: ...
    @property
    def kind(self) -> str | None: ...


class Surroundings(Struct, frozen=True):
    """What routing asks of others, each a pure function of the deployment.

    `obstacles`: what its dialect cannot say of the request. `unready`: why it cannot be used now, for
    instance `no_credentials`; None when it can. `learned`: what earlier answers taught of it. `asked`: how
    it is to be bought. `rest`: why it is skipped for a while. `levels`: of detail that its dialect can say.
    """

    obstacles: Callable[[Deployment], Sequence[Obstacle]] = lambda _: ()
    unready: Callable[[Deployment], Reason | None] = lambda _: None
    learned: Callable[[Deployment], Learned] = lambda _: NOTHING
    asked: Callable[[Deployment], Asked] = lambda _: Asked()
    rest: Callable[[Deployment], Rest | None] = lambda _: None
    levels: Callable[[Deployment], frozenset[Level]] = lambda _: SAYABLE


class Survey(Struct, frozen=True):
    """Every candidate of a group, judged. `attempts` in the order of trying, empty when nothing fits."""

    attempts: tuple[Attempt, ...]
    rejections: tuple[Rejection, ...]


def survey(
    load: Requirements,
    group: Group,
    catalog: Catalog,
    surroundings: Surroundings,
    principal: Principal | None = None,
    *,
    told: bool = False,
) -> Survey:
    """Judge every candidate of a group for a request; never raises for a request that nobody can carry.

    `told`: with the variants that a narrower policy would have led to, for a person to compare.
    """
    attempts: list[Attempt] = []
    rejections: list[Rejection] = []
    for candidate in group.candidates:
        if principal is not None and not _allowed(principal, group, candidate):
            reason = Reason("not_allowed", f"this key may not use {candidate.name}")
            rejections.append(Rejection(candidate, reason))
            continue
        judged = _judge(candidate, load, group, catalog, surroundings, told=told)
        if isinstance(judged, Attempt):
            attempts.append(judged)
        else:
            rejections.append(judged)
    awake, skipped = _awake(sorted(attempts, key=_rank), surroundings)
    return Survey(awake, (*rejections, *skipped))


def _awake(
    attempts: Sequence[Attempt], surroundings: Surroundings
) -> tuple[tuple[Attempt, ...], tuple[Rejection, ...]]:
    """The attempts without those that rest; all of them, the first to wake first, when all rest."""
    found = {attempt.deployment.name: surroundings.rest(attempt.deployment) for attempt in attempts}
    rests = {name: rest for name, rest in found.items() if rest is not None}
    awake = tuple(attempt for attempt in attempts if attempt.deployment.name not in rests)
    resting = [attempt for attempt in attempts if attempt.deployment.name in rests]
    if awake:
        return awake, tuple(
            Rejection(a.deployment, rests[a.deployment.name].reason, a.quote, a.steps, a.variants)
            for a in resting
        )
    resting.sort(key=lambda attempt: rests[attempt.deployment.name].until)
    return tuple(structs.replace(a, resting=rests[a.deployment.name].reason) for a in resting), ()


def route(
    load: Requirements,
    group: Group,
    catalog: Catalog,
    surroundings: Surroundings,
    principal: Principal | None = None,
) -> Plan:
    """The plan for a request. Raises `no_suitable_model` with every rejection when nothing can carry it."""
    found = survey(load, group, catalog, surroundings, principal)
    if not found.attempts:
        raise no_suitable_model(group.name, found.rejections)
    return Plan(
        model=group.name,
        attempts=found.attempts,
        rejections=found.rejections,
        policy=group.policy,
        baseline=_baseline(group, found.attempts),
    )


def no_suitable_model(model: str, rejections: Sequence[Rejection]) -> GatewayError:
    """The refusal, with the part in the way when it is the same for all candidates."""
    places = {(rejection.reason.part, rejection.reason.kind) for rejection in rejections}
    part, kind = next(iter(places)) if len(places) == 1 else (None, None)
    shown = "; ".join(f"{r.reason.message}" for r in rejections[:_SHOWN])
    more = len(rejections) - _SHOWN
    tail = f"; and {more} more, see `details`" if more > 0 else ""
    what = f"no model behind this name can carry the request: {shown}{tail}"
    if not rejections:
        what = "no model stands behind this name: configure one, or a provider's key"
    details: dict[str, Any] = {"model": model, "rejections": [_told(rejection) for rejection in rejections]}
    return failure("no_suitable_model", what, part=part, kind=kind, details=details)


def _told(rejection: Rejection) -> dict[str, Any]:
    reason = rejection.reason
    told = {"model": rejection.deployment.name, "code": reason.code, "message": reason.message}
    place = {"part": reason.part, "kind": reason.kind} if reason.part is not None else {}
    return {**told, **place}


def _allowed(principal: Principal, group: Group, candidate: Deployment) -> bool:
    """A key that may use the name asked for may use what stands behind it."""
    return principal.may_use(group.name) or principal.may_use(candidate.name)


def _judge(
    candidate: Deployment,
    load: Requirements,
    group: Group,
    catalog: Catalog,
    surroundings: Surroundings,
    *,
    told: bool,
) -> Attempt | Rejection:
    facts, policy = catalog.get(candidate.name), group.policy
    found: tuple[frozenset[int], ...] = (AS_THEY_CAME,)
    if facts is not None and policy.transform:
        stopped = [obstacle.part for obstacle in surroundings.obstacles(candidate)]
        found = ways(facts, load, policy, stopped, surroundings.learned(candidate))
    if len(found) == 1 and not told:
        return _judge_way(candidate, load, group, catalog, surroundings, way=found[0])
    judged = [_judge_way(candidate, load, group, catalog, surroundings, way=way) for way in found]
    chosen = best(judged)
    if told:
        way = frozenset(step.part for step in chosen.steps if step.step == "pdf_text")
        for less in narrower(policy):
            narrow = structs.replace(group, policy=less)
            judged.append(_judge_way(candidate, load, narrow, catalog, surroundings, way=way))
    silent = unsaid(facts, load, policy) if facts is not None and isinstance(chosen, Attempt) and told else ()
    unheard = tuple(Variant((), reason=reason) for reason in silent)
    return structs.replace(chosen, variants=(*weighed(judged), *unheard))


def _judge_way(
    candidate: Deployment,
    load: Requirements,
    group: Group,
    catalog: Catalog,
    surroundings: Surroundings,
    *,
    way: frozenset[int],
) -> Attempt | Rejection:
    """The candidate with these documents as text."""
    texts = tuple(Step(part, "pdf_text") for part in sorted(way))
    carried = as_text(load, way)
    sold = _sold(candidate, carried, group.policy, catalog, surroundings, way=way)
    if isinstance(sold, Reason):
        return Rejection(candidate, without_text(candidate.name, load, sold), steps=texts)
    facts, terms = sold
    prepared = prepare(facts, carried, group.policy, surroundings.levels(candidate))
    if isinstance(prepared, Reason):
        return Rejection(candidate, prepared, steps=texts)
    learned = surroundings.learned(candidate)
    amounts = demand(facts, carried, prepared.steps, learned)
    steps = texts + prepared.steps
    reason = too_heavy(facts, prepared.sizes) or context_exceeded(facts, carried, amounts)
    if reason is not None:
        return Rejection(candidate, reason, steps=steps)
    wanted = price(facts, amounts)
    if not wanted.priced and not _may_be_unpriced(group):
        words = (
            f"no price is known for {candidate.name}: give it a `price`, or allow `unpriced` in the policy"
        )
        return Rejection(candidate, Reason("unpriced", words), wanted, steps)
    standby = facts.standby if group.gathered else None
    unprepared = undone(facts, carried, prepared.steps, amounts, learned)
    return Attempt(
        candidate,
        steps,
        wanted,
        wanted if unprepared is amounts else price(facts, unprepared),
        standby,
        learned,
        terms,
    )


def _sold(
    candidate: Deployment,
    load: Requirements,
    policy: Policy,
    catalog: Catalog,
    surroundings: Surroundings,
    *,
    way: frozenset[int],
) -> tuple[ModelFacts, Terms] | Reason:
    """The facts at the rates that hold for this request, or what is in the way whatever its preparation.

    `way`: media that do not go as such, so that nothing stands in their way.
    """
    facts = catalog.get(candidate.name)
    if facts is None:
        words = f"nothing is known of {candidate.name}: give its `facts` under `models`"
        return surroundings.unready(candidate) or Reason("facts_missing", words)
    reason = (
        surroundings.unready(candidate)
        or unsuitable(facts, load)
        or not_good_enough(facts, load, policy.quality_floor)
        or next((_reason(o) for o in surroundings.obstacles(candidate) if o.part not in way), None)
    )
    return reason or bought(facts, surroundings.asked(candidate), policy)


def _reason(obstacle: Obstacle) -> Reason:
    return Reason(obstacle.code, obstacle.message, obstacle.part, obstacle.kind)


def _may_be_unpriced(group: Group) -> bool:
    """A client that names one deployment gets it; a choice among several is by price."""
    policy: Policy = group.policy
    return policy.unpriced or len(group.candidates) == 1


def _rank(attempt: Attempt) -> tuple[bool, bool, int, str]:
    return (
        attempt.standby is not None,
        not attempt.quote.priced,
        attempt.quote.expected,
        attempt.deployment.name,
    )


def _baseline(group: Group, attempts: Sequence[Attempt]) -> int | None:
    """What the operator's first choice would cost; none for `auto`, one candidate, or one that cannot."""
    if group.gathered or len(group.candidates) < 2:  # noqa: PLR2004 - two make a choice
        return None
    first = group.candidates[0]
    quotes = [attempt.quote for attempt in attempts if attempt.deployment == first]
    return quotes[0].expected if quotes and quotes[0].priced else None
