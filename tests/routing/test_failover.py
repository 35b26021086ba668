"""Failover, as scripts of outcomes and attempts."""

from itertools import product
from typing import get_args

import pytest

from gateway.errors import ROWS
from gateway.routing import Surroundings, failover, route
from gateway.routing.failover import TRANSITIONS, verdict
from gateway.types.outcome import End, Outcome
from gateway.types.plan import Plan, Policy
from tests.catalog.samples import CATALOG, carried
from tests.routing.samples import group

NAMES = ("openai/gpt-4o", "openai/gpt-4o-mini", "openai/gpt-4.1", "openai/gpt-5.4")
REFUSED = Outcome("failed", sent=True, error="upstream_rejected_request")
OVERLOADED = Outcome("failed", sent=True, error="upstream_overloaded")
UNREACHED = Outcome("failed", error="upstream_unreachable")
CUT = Outcome("failed", sent=True, started=True, error="upstream_reset")
DONE = Outcome("finished", sent=True, started=True, complete=True)


def plan(max_attempts: int = 3) -> Plan:
    """A plan of four attempts."""
    return route(carried(), group(*NAMES, policy=Policy(max_attempts=max_attempts)), CATALOG, Surroundings())


def played(script: list[Outcome], tried: Plan) -> int:
    """How many attempts are made when each ends as the script says."""
    attempts, made = failover(tried), 0
    try:
        attempt = next(attempts)
        for outcome in script:
            assert tried.attempts[made] == attempt
            made += 1
            attempt = attempts.send(outcome)
    except StopIteration:
        return made
    raise AssertionError("the script ended before the failover")


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ([DONE], 1),
        ([OVERLOADED, DONE], 2),
        ([UNREACHED, OVERLOADED, DONE], 3),
        ([OVERLOADED, OVERLOADED, OVERLOADED], 3),
        ([CUT], 1),
        ([OVERLOADED, CUT], 2),
        ([REFUSED], 1),
        ([Outcome("cancelled", sent=True)], 1),
        ([Outcome("disconnected", sent=True)], 1),
        ([Outcome("refused")], 1),
        ([Outcome("failed", error="engine_missing"), DONE], 2),
        ([Outcome("failed")], 1),
    ],
)
def test_script(script: list[Outcome], made: int) -> None:
    """Another deployment is tried after a retryable failure before the first byte, and never otherwise."""
    assert made == played(script, plan())


@pytest.mark.parametrize(("allowed", "made"), [(1, 1), (2, 2), (9, 4), (0, 1)])
def test_attempts_are_bounded(allowed: int, made: int) -> None:
    """By the policy and by the plan; one attempt is always made."""
    assert made == played([OVERLOADED] * made, plan(allowed))


def test_table_is_total() -> None:
    """Every combination has a verdict, and `next` needs a failure that nobody has seen."""
    retryable = next(row.code for row in ROWS.values() if row.retryable)
    final = next(row.code for row in ROWS.values() if not row.retryable)
    for end, started, error in product(get_args(End), (True, False), (retryable, final, None)):
        found = verdict(Outcome(end, started=started, error=error))
        assert ("next" if end == "failed" and not started and error == retryable else "stop") == found
    assert {"next"} == set(TRANSITIONS.values())
