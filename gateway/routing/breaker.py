"""A circuit breaker: when a deployment is skipped, and when it is tried again. Pure; time is an argument.

| it is | an attempt that began since then | becomes |
|---|---|---|
| closed | failed, and the provider named a pause | open for that long |
| closed | failed for the fifth time in a row | open for ten seconds |
| open, its pause over | begins | tried: others wait for how this one ends |
| open or tried | failed | open again, twice as long, up to five minutes |
| any | answered | closed, and nothing is remembered |

What began before the last opening tells nothing new. Times are monotonic seconds.
"""

from typing import Final

from msgspec import Struct, structs

FAILURES_TO_OPEN: Final = 5
FIRST_PAUSE: Final = 10.0
LONGEST_PAUSE: Final = 300.0
# A provider that asks for more is tried now and then all the same.
LONGEST_TOLD: Final = 300.0


class Breaker(Struct, frozen=True):
    """`failures` in a row; `openings` without an answer between them. `reason`: the row of the last failure
    that opened it, None when closed. `until`: when its pause is over. `tried`: somebody is trying it.
    """

    failures: int = 0
    openings: int = 0
    reason: str | None = None
    opened: float = 0.0
    until: float = 0.0
    tried: bool = False


CLOSED: Final = Breaker()


def begun(breaker: Breaker, now: float) -> Breaker:
    """An attempt begins."""
    if breaker.reason is None or now < breaker.until:
        return breaker
    return structs.replace(breaker, tried=True)


def answered(breaker: Breaker, began: float) -> Breaker:
    """An attempt that began at `began` was answered in full."""
    return breaker if _stale(breaker, began) else CLOSED


def failed(breaker: Breaker, began: float, reason: str, now: float, told: float | None = None) -> Breaker:
    """An attempt failed for a reason of the provider's. `told`: the seconds that it asks to be left alone."""
    if _stale(breaker, began):
        return breaker
    failures = breaker.failures + 1
    if breaker.reason is None and not told and failures < FAILURES_TO_OPEN:
        return structs.replace(breaker, failures=failures)
    pause = min(told or 0.0, LONGEST_TOLD)
    if breaker.openings or not told:
        # The first pause is as long as the provider says; who fails again is left alone for longer.
        doubled = max(breaker.openings - 1, 0) if told else breaker.openings
        pause = max(pause, min(FIRST_PAUSE * 2.0 ** min(doubled, 16), LONGEST_PAUSE))
    return Breaker(failures, breaker.openings + 1, reason, opened=now, until=now + pause)


def given_up(breaker: Breaker, began: float) -> Breaker:
    """An attempt ended and tells nothing of the deployment: its client left, or the request was at fault."""
    return breaker if _stale(breaker, began) else structs.replace(breaker, tried=False)


def rests(breaker: Breaker, now: float) -> bool:
    """Whether it is skipped."""
    return breaker.reason is not None and (breaker.tried or now < breaker.until)


def _stale(breaker: Breaker, began: float) -> bool:
    return breaker.reason is not None and began <= breaker.opened
