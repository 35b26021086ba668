"""Time as an argument."""

from datetime import UTC, datetime

import pytest

from gateway.adapters.clock import ManualClock, SystemClock


def test_the_system_clock_tells_utc() -> None:
    """`now` is ISO 8601 in UTC with milliseconds, between two readings of the machine's clock."""
    before = datetime.now(UTC)
    told = SystemClock().now()
    after = datetime.now(UTC)
    assert told.endswith("Z")
    assert (
        before.replace(microsecond=before.microsecond // 1000 * 1000) <= datetime.fromisoformat(told) <= after
    )


def test_the_system_clock_never_steps_back() -> None:
    """`monotonic` does not decrease."""
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert sorted(readings) == readings


def test_a_manual_clock_stands_still_until_advanced() -> None:
    """Both readings move by exactly what was advanced."""
    clock = ManualClock()
    assert "2026-01-01T00:00:00.000Z" == clock.now()
    clock.advance(61.5)
    assert "2026-01-01T00:01:01.500Z" == clock.now()
    assert 61.5 == clock.monotonic()


def test_a_manual_clock_is_not_turned_back() -> None:
    """A negative step is refused."""
    with pytest.raises(ValueError, match="not turned back"):
        ManualClock().advance(-1)


def test_unix_time_agrees_with_the_calendar() -> None:
    """Whole seconds since 1970, of the machine and of the turned clock."""
    clock = ManualClock()
    clock.advance(1.9)
    assert 1_767_225_601 == clock.unix()
    told = datetime.fromisoformat(SystemClock().now()).timestamp()
    assert abs(SystemClock().unix() - told) < 60
