"""Prepare and dispatch, attempt after attempt, until one answers or none may be tried any more."""

from collections.abc import Mapping

from msgspec import Struct, structs

from gateway._core import Media
from gateway.billing import AnswerFacts
from gateway.dialects import DIALECTS, Dialect, Replacements
from gateway.errors import GatewayError
from gateway.exchange.account import Account, Trial
from gateway.exchange.documents import replacements
from gateway.exchange.house import Door, House
from gateway.exchange.reply import Frames, Reply
from gateway.media.prepare import prepare
from gateway.providers import parameter_rules
from gateway.routing import failover
from gateway.types.call import UpstreamCall
from gateway.types.event import Event
from gateway.types.plan import Attempt, Plan, Step
from gateway.types.principal import Secret
from gateway.types.request import Request, TextPart
from gateway.types.weight import Requirements
from gateway.upstream.dispatch import dispatch_stream, dispatch_whole


class Carried(Struct, frozen=True):
    """An answer that came to its explicit end. `raw`: the upstream's plain body, None for a stream."""

    trial: Trial
    events: list[Event]
    raw: bytes | None


class Road(Struct, frozen=True):
    """What every attempt of one request shares."""

    request: Request
    load: Requirements
    reply: Reply
    account: Account
    house: House
    tenant: str

    def facts(self, trial: Trial, now: float) -> AnswerFacts:
        """What the head of an answer says at `now`, monotonic seconds."""
        kinds = {fact.index: fact.modality for fact in self.load.media}
        return self.account.facts(trial, kinds, now)


async def carry(road: Road, plan: Plan) -> Carried:
    """The first answer of the plan's attempts. Raises the last one's error when none may follow it."""
    attempts = failover(plan)
    attempt = next(attempts)
    while True:
        trial = road.account.begin(attempt)
        try:
            return await _try(road, trial)
        except GatewayError as error:
            trial.progress.error, trial.retry_after = error.code, error.retry_after
            try:
                following = attempts.send(road.account.end(trial, "failed"))
            except StopIteration:
                # Whose failure it was, and how often it was tried, by names of the configuration.
                error.message = f"{attempt.deployment.name}: {error.message}"
                raise error from None
            road.house.recorder.fell_back(attempt.deployment, error.code)
            attempt = following


async def deliver(road: Road, carried: Carried) -> None:
    """Write the answer that settle has accounted for: all of a plain one, the tail of a stream."""
    trial = carried.trial
    if carried.raw is None:
        await road.reply.finish(road.account.bill(trial))
        return
    relayed = road.house.doors[trial.attempt.deployment.provider].provider.dialect == road.request.dialect
    facts = road.facts(trial, road.house.clock.monotonic())
    await road.reply.whole(carried.events, carried.raw if relayed else None, facts)


def _as_sent(load: Requirements, changed: Mapping[int, Media], parts: Replacements) -> Requirements:
    media = (
        structs.replace(fact, size=changed[fact.index].size) if fact.index in changed else fact
        for fact in load.media
        if not isinstance(parts.get(fact.index), TextPart)
    )
    return structs.replace(load, media=tuple(media))


def _as_done(step: Step, changed: Mapping[int, Media]) -> Step | None:
    """The step as it came out, None when it changed nothing. What was too heavy has been drawn smaller."""
    made = changed.get(step.part)
    if step.step == "pdf_text":
        return step
    if made is None:
        return None if step.level is None else Step(step.part, "detail", level=step.level)
    if step.to is None or made.width is None or made.height is None:
        return step
    return structs.replace(step, to=(made.width, made.height))


async def _try(road: Road, trial: Trial) -> Carried:
    request, house, attempt = road.request, road.house, trial.attempt
    limit = house.facts(attempt.deployment.name).limits.get("image")
    changed = await prepare(
        request.document.media,
        attempt.steps,
        house.limits,
        house.workers,
        house.shelf,
        tenant=road.tenant,
        most_bytes=None if limit is None else limit.bytes,
    )
    parts = await replacements(request, attempt.steps, house, road.tenant)
    trial.done = tuple(done for step in attempt.steps if (done := _as_done(step, changed)) is not None)
    door = house.doors[attempt.deployment.provider]
    dialect = DIALECTS[door.provider.dialect]
    call = upstream_call(road, attempt, changed, door, dialect, parts=parts)
    house.recorder.sent(_as_sent(road.load, changed, parts))
    road.reply.open(request, dialect.name)
    begun = house.clock.monotonic()
    try:
        if not request.stream:
            raw, events = await dispatch_whole(call, dialect, house.transport, trial.progress)
            return Carried(trial, events, raw)
        return await _stream(road, trial, call, dialect, begun)
    finally:
        road.account.visit.upstream_seconds += house.clock.monotonic() - begun


async def _stream(road: Road, trial: Trial, call: UpstreamCall, dialect: Dialect, begun: float) -> Carried:
    collected: list[Event] = []

    async def relay(frames: Frames, events: list[Event]) -> None:
        collected.extend(events)
        await road.reply.relay(frames, events, road.facts(trial, begun))

    await dispatch_stream(call, dialect, road.house.transport, trial.progress, relay)
    return Carried(trial, collected, None)


def upstream_call(
    road: Road,
    attempt: Attempt,
    changed: Mapping[int, Media],
    door: Door,
    dialect: Dialect,
    *,
    parts: Replacements,
) -> UpstreamCall:
    """The HTTP request of one attempt: the dialect's body, the provider row's address and headers."""
    deployment = attempt.deployment
    rules = parameter_rules(door.provider, road.house.facts(deployment.name), attempt.terms)
    body = dialect.write_request(road.request, deployment.upstream_model, changed, None, rules, parts=parts)
    return UpstreamCall(
        method="POST",
        url=door.provider.url(deployment.upstream_model, dialect.path),
        headers=(
            ("content-type", "application/json"),
            ("accept", "text/event-stream" if road.request.stream else "application/json"),
            ("x-weighbridge-hops", str(road.account.visit.hops + 1)),
            *door.provider.headers,
            *door.headers,
            *_credentials(door),
        ),
        body=body,
        deadlines=door.deadlines,
    )


def _credentials(door: Door) -> tuple[tuple[str, str | Secret], ...]:
    if door.api_key is None:
        return ()
    if door.provider.auth == "x-api-key":
        return (("x-api-key", door.api_key),)
    return (("authorization", Secret(f"Bearer {door.api_key.reveal()}")),)
