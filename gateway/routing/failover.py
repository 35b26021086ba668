"""Failover: which attempt comes next, told by how the last one ended. A generator; whoever sends drives it.

| ended | an answer began | the error's row | next |
|---|---|---|---|
| finished | | | stop |
| cancelled, disconnected, refused | | | stop: nobody waits, or money was not granted |
| failed | yes | | stop: part of an answer is with the client |
| failed | no | not retryable | stop: another deployment would refuse it too |
| failed | no | retryable | the plan's next attempt, up to `policy.max_attempts` |
"""

from collections.abc import Generator
from typing import Final, Literal, TypeAlias

from gateway.errors import ROWS
from gateway.types.outcome import End, Outcome
from gateway.types.plan import Attempt, Plan

Verdict: TypeAlias = Literal["stop", "next"]

# (how it ended, an answer began, the error is retryable) -> what follows. Whatever is not here stops.
TRANSITIONS: Final[dict[tuple[End, bool, bool], Verdict]] = {
    ("failed", False, True): "next",
}


def verdict(outcome: Outcome) -> Verdict:
    """What follows an outcome; a failure without an error row is a bug of ours and stops."""
    retryable = outcome.error is not None and ROWS[outcome.error].retryable
    return TRANSITIONS.get((outcome.end, outcome.started, retryable), "stop")


def failover(plan: Plan) -> Generator[Attempt, Outcome, None]:
    """Yields the attempts of a plan in order; send the outcome of each. Ends when no other is to be tried."""
    for attempt in plan.attempts[: max(plan.policy.max_attempts, 1)]:
        outcome = yield attempt
        if verdict(outcome) == "stop":
            return
