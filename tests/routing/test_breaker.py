"""The breaker, as a table of what happened and when it is tried again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.routing.breaker import (
    CLOSED,
    FAILURES_TO_OPEN,
    LONGEST_PAUSE,
    LONGEST_TOLD,
    Breaker,
    answered,
    begun,
    failed,
    given_up,
    rests,
)

LATE = "upstream_timeout"


def run(*told: float | None, breaker: Breaker = CLOSED) -> list[float]:
    """The pauses of one failure after the other, each tried as soon as it may be; 0: not open."""
    now, pauses = 0.0, []
    for seconds in told:
        now = max(now + 1, breaker.until)
        breaker = failed(begun(breaker, now), now, LATE, now + 0.5, seconds)
        pauses.append(breaker.until - breaker.opened if breaker.reason else 0)
    return pauses


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ((None,) * 4, [0, 0, 0, 0]),
        ((None,) * 12, [0, 0, 0, 0, 10, 20, 40, 80, 160, 300, 300, 300]),
        # The provider's word opens at once and sets the first pause; who fails again waits for longer.
        ((7.0,), [7]),
        ((1.0, 1.0, 1.0, 90.0), [1, 10, 20, 90]),
        ((0.0, None), [0, 0]),
        ((90_000.0,), [LONGEST_TOLD]),
    ],
)
def test_pauses(told: tuple[float | None, ...], expected: list[float]) -> None:
    """Five failures in a row open it, or one that names a pause; each pause is twice the last, to a bound."""
    assert expected == run(*told)


def open_at(now: float) -> Breaker:
    """A breaker that opened then, for ten seconds."""
    return Breaker(5, 1, LATE, opened=now, until=now + 10)


def test_one_tries_and_the_others_wait() -> None:
    """Half open: once the pause is over the first that begins is the trial, and how it ends decides."""
    breaker = open_at(100)
    assert [True, True, False] == [rests(breaker, now) for now in (100, 109.9, 110)]
    tried = begun(breaker, 110)
    assert rests(tried, 111)
    assert not rests(given_up(tried, 110), 111)
    assert CLOSED == answered(tried, 110)
    again = failed(tried, 110, LATE, 112)
    assert (132, True) == (again.until, rests(again, 131))


def test_what_began_before_it_opened_tells_nothing_new() -> None:
    """Slow answers and failures of the time before neither close it nor lengthen its pause."""
    breaker = open_at(100)
    assert breaker == answered(breaker, 99) == failed(breaker, 99, LATE, 105) == given_up(breaker, 99)
    assert CLOSED == answered(breaker, 101)


def test_an_answer_forgets_what_was_before() -> None:
    """Failures count in a row only."""
    breaker = CLOSED
    for number in range(3 * FAILURES_TO_OPEN):
        breaker = answered(breaker, number) if number % 3 == 2 else failed(breaker, number, LATE, number)
        assert not rests(breaker, number)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e6)), max_size=40))
def test_no_pause_is_longer_than_it_may_be(told: list[float | None]) -> None:
    """However long a provider fails and whatever it asks for, it is tried again."""
    assert all(
        pause <= (LONGEST_TOLD if asked else LONGEST_PAUSE) + 1e-6
        for pause, asked in zip(run(*told), told, strict=True)
    )
