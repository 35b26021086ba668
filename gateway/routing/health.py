"""Which deployments are skipped for a while: the one owner of what changes in routing.

It is told how attempts end and asked by a survey. What a client did wrong never counts: a body that the
provider rejects, an answer nobody waited for, a fault of ours. It lives as long as the process, whatever the
configuration becomes, and each process has its own.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from gateway.errors import ROWS
from gateway.ports import Clock
from gateway.routing import breaker
from gateway.routing.breaker import CLOSED, Breaker
from gateway.types.outcome import Outcome
from gateway.types.plan import Deployment, Reason

_SAID: Final[Mapping[str, str]] = {
    "upstream_rate_limited": "limits its rate",
    "upstream_quota_exhausted": "has no quota left",
    "upstream_overloaded": "is overloaded",
    "upstream_timeout": "does not answer in time",
    "upstream_unreachable": "cannot be reached",
    "upstream_refused_credentials": "refuses its credentials",
    "upstream_model_missing": "is not known to its provider",
}


class Rest(Struct, frozen=True):
    """Why a deployment is skipped, and until when: monotonic seconds."""

    reason: Reason
    until: float


class Turned(Struct, frozen=True):
    """A breaker opened or closed. `reason`: the row of errors that it opened for."""

    deployment: Deployment
    reason: str
    open: bool


class Health:
    """A breaker for each deployment that ever failed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._breakers: dict[str, Breaker] = {}

    def begin(self, deployment: Deployment) -> float:
        """An attempt begins; the moment, to be handed to `end`."""
        now = self._clock.monotonic()
        self._keep(deployment, breaker.begun(self._of(deployment), now))
        return now

    def end(
        self, deployment: Deployment, outcome: Outcome, began: float, told: float | None = None
    ) -> tuple[Turned, ...]:
        """An attempt ended. `told`: seconds that the provider asked for. What turned, to be told."""
        before = self._of(deployment)
        after = self._after(before, outcome, began, told)
        self._keep(deployment, after)
        if before.reason == after.reason:
            return ()
        turns = ((before.reason, False), (after.reason, True))
        return tuple(Turned(deployment, reason, opened) for reason, opened in turns if reason is not None)

    def rest(self, deployment: Deployment) -> Rest | None:
        """Why it is skipped now, None when it is not."""
        known, now = self._of(deployment), self._clock.monotonic()
        if known.reason is None or not breaker.rests(known, now):
            return None
        words = _SAID.get(known.reason, "fails")
        left = max(known.until - now, 0.0)
        again = "it is being tried at this moment" if known.tried else f"it is tried again in {left:.0f} s"
        return Rest(Reason("unhealthy", f"{deployment.name} {words}: {again}"), known.until)

    def _after(self, known: Breaker, outcome: Outcome, began: float, told: float | None) -> Breaker:
        row = ROWS.get(outcome.error or "")
        if outcome.end == "finished":
            return breaker.answered(known, began)
        if outcome.end == "failed" and row is not None and row.fault == "upstream" and row.retryable:
            return breaker.failed(known, began, row.code, self._clock.monotonic(), told)
        return breaker.given_up(known, began)

    def _of(self, deployment: Deployment) -> Breaker:
        return self._breakers.get(deployment.name, CLOSED)

    def _keep(self, deployment: Deployment, known: Breaker) -> None:
        if known == CLOSED:
            self._breakers.pop(deployment.name, None)
        else:
            self._breakers[deployment.name] = known
