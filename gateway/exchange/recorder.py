"""What is told of an exchange: metrics as things happen, one log line when it is over."""

import logging

from gateway.billing import Change
from gateway.exchange.visit import Visit
from gateway.ports import Clock, Meters
from gateway.routing import Turned
from gateway.telemetry import Known, RequestFacts, apply
from gateway.telemetry.log import log_request
from gateway.telemetry.record import (
    of_breaker,
    of_budget,
    of_budget_refusal,
    of_correction,
    of_fallback,
    of_lookup,
    of_media,
    of_plan,
    of_request,
    of_settlement,
    of_unpriced,
)
from gateway.types.outcome import Settlement
from gateway.types.plan import Deployment, Plan
from gateway.types.principal import Principal
from gateway.types.weight import Requirements

_log = logging.getLogger("weighbridge.catalog")
_health = logging.getLogger("weighbridge.health")


class Recorder:
    """Turns what happened into observations; the pure mapping is `telemetry.record`."""

    def __init__(self, meters: Meters, known: Known, clock: Clock) -> None:
        self._meters = meters
        self._known = known
        self._clock = clock

    def opened(self) -> None:
        """An exchange began."""
        self._meters.add("weighbridge_inflight_requests", 1)

    def looked_up(self, visit: Visit) -> None:
        """The cache was asked, or passed by."""
        apply(self._meters, of_lookup(visit.cache))

    def planned(self, load: Requirements, plan: Plan) -> None:
        """The request is weighed and its road chosen."""
        apply(self._meters, of_media(load, "received"))
        apply(self._meters, of_plan(plan, self._known))

    def sent(self, load: Requirements) -> None:
        """An attempt's media left in this shape."""
        apply(self._meters, of_media(load, "sent"))

    def settled(self, visit: Visit, deployment: Deployment, settlement: Settlement) -> None:
        """An attempt, or a hit on a stored answer, was settled."""
        tenant = visit.principal.tenant if visit.principal else "other"
        apply(self._meters, of_settlement(settlement, deployment, tenant, self._known))

    def served_unpriced(self, deployment: Deployment) -> None:
        """An attempt went to a model, or was served on a tier of it, whose price nobody knows."""
        apply(self._meters, of_unpriced(deployment, self._known))

    def fell_back(self, deployment: Deployment, code: str) -> None:
        """An attempt failed and another follows."""
        apply(self._meters, of_fallback(deployment, code, self._known))

    def turned(self, turn: Turned) -> None:
        """A deployment is skipped from now on, or no longer."""
        apply(self._meters, of_breaker(turn.deployment, turn.reason, self._known, opened=turn.open))
        fields = {"model": turn.deployment.name, "reason": turn.reason}
        words = "a deployment is skipped for a while" if turn.open else "a deployment is no longer skipped"
        _health.warning(words, extra={"weighbridge_fields": fields})

    def refused_budget(self, principal: Principal) -> None:
        """A request was refused for want of budget."""
        apply(self._meters, of_budget_refusal(principal.tenant, self._known))

    def budget(self, principal: Principal, remaining: int) -> None:
        """What is left of a tenant's budget, in nanodollars."""
        apply(self._meters, of_budget(principal.tenant, remaining, self._known))

    def corrected(self, change: Change) -> None:
        """What is quoted of a model's modality is corrected otherwise than before; never silently."""
        acting = change.correction
        times = 1.0 if acting is None else float(acting.times)
        deployment = Deployment(change.model, change.model.partition("/")[0], change.model)
        apply(self._meters, of_correction(deployment, change.modality, times, self._known))
        fields = {"model": change.model, "modality": change.modality, "times": times}
        _log.warning("a model counts otherwise than its rule says", extra={"weighbridge_fields": fields})

    def closed(self, visit: Visit) -> None:
        """The exchange is over."""
        self._meters.add("weighbridge_inflight_requests", -1)
        now = self._clock.monotonic()
        duration = now - visit.at
        facts = RequestFacts(
            operation=visit.operation,
            route=visit.route,
            end=visit.end,
            duration=duration,
            overhead=max(duration - visit.upstream_seconds, 0.0),
            first_token=visit.first_token,
            deployment=visit.deployment,
        )
        apply(self._meters, of_request(facts, self._known))
        log_request(visit.line(duration))
