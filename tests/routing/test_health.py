"""Health: which ends of attempts count, and what is told of a deployment that rests."""

import pytest

from gateway.adapters.clock import ManualClock
from gateway.errors import ROWS
from gateway.routing.breaker import FAILURES_TO_OPEN
from gateway.routing.health import Health, Turned
from gateway.types.outcome import Outcome
from tests.routing.samples import deployment

GPT, MINI = deployment("openai/gpt-4o"), deployment("openai/gpt-4o-mini")
FINISHED = Outcome(end="finished", sent=True, started=True, complete=True)


def fail(health: Health, code: str | None, times: int, clock: ManualClock) -> tuple[Turned, ...]:
    """So many attempts that end with this error, a second each; what turned."""
    turns: tuple[Turned, ...] = ()
    for _ in range(times):
        began = health.begin(GPT)
        clock.advance(1)
        turns += health.end(GPT, Outcome(end="failed", sent=True, error=code), began)
    return turns


@pytest.mark.parametrize("code", [*ROWS, None])
def test_only_what_the_provider_does_wrong_counts(code: str | None) -> None:
    """A refused body, a fault of ours and a bug open nothing, however often; the provider's faults do."""
    clock = ManualClock()
    health = Health(clock)
    fail(health, code, FAILURES_TO_OPEN, clock)
    row = ROWS.get(code or "")
    assert (row is not None and row.fault == "upstream" and row.retryable) == (health.rest(GPT) is not None)
    assert health.rest(MINI) is None


@pytest.mark.parametrize("end", ["cancelled", "disconnected"])
def test_who_leaves_tells_nothing(end: str) -> None:
    """A client that hangs up is no failure of the provider, and frees the trial for the next."""
    clock = ManualClock()
    health = Health(clock)
    fail(health, "upstream_timeout", FAILURES_TO_OPEN, clock)
    clock.advance(10)
    began = health.begin(GPT)
    rest = health.rest(GPT)
    assert rest is not None
    assert "it is being tried at this moment" in rest.reason.message
    assert () == health.end(GPT, Outcome(end=end, sent=True), began)  # type: ignore[arg-type]
    assert health.rest(GPT) is None


def test_the_reason_says_why_and_how_long() -> None:
    """Why it is skipped, in words without the provider's own, and in how many seconds it is tried again."""
    clock = ManualClock()
    health = Health(clock)
    began = health.begin(GPT)
    limited = Outcome(end="failed", sent=True, refused=True, error="upstream_rate_limited")
    (turned,) = health.end(GPT, limited, began, 30)
    assert Turned(GPT, "upstream_rate_limited", True) == turned
    clock.advance(12)
    rest = health.rest(GPT)
    assert rest is not None
    assert ("unhealthy", "openai/gpt-4o limits its rate: it is tried again in 18 s") == (
        rest.reason.code,
        rest.reason.message,
    )


def test_turns_are_told_in_pairs() -> None:
    """Opening, opening for another reason, and closing: each leaves no series open that is closed."""
    clock = ManualClock()
    health = Health(clock)
    assert (Turned(GPT, "upstream_timeout", True),) == fail(health, "upstream_timeout", 5, clock)
    clock.advance(10)
    assert (
        Turned(GPT, "upstream_timeout", False),
        Turned(GPT, "upstream_overloaded", True),
    ) == fail(health, "upstream_overloaded", 1, clock)
    clock.advance(20)
    began = health.begin(GPT)
    assert (Turned(GPT, "upstream_overloaded", False),) == health.end(GPT, FINISHED, began)
    assert health.rest(GPT) is None
