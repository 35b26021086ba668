"""Time: the machine's, and one that tests turn by hand."""

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        """Seconds that never step back."""
        return time.monotonic()

    def now(self) -> str:
        """ISO 8601, UTC, milliseconds: `2026-11-23T09:30:00.000Z`."""
        return _iso(datetime.now(UTC))

    def unix(self) -> int:
        """Whole seconds since 1970."""
        return int(time.time())


class ManualClock:
    """A clock that stands still until `advance`."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._elapsed = 0.0

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._elapsed

    def now(self) -> str:
        """The start plus all that was advanced."""
        return _iso(self._start + timedelta(seconds=self._elapsed))

    def unix(self) -> int:
        """Whole seconds since 1970."""
        return int(self._start.timestamp() + self._elapsed)

    def advance(self, seconds: float) -> None:
        """Move forward; time never steps back here."""
        if seconds < 0:
            raise ValueError("a clock is not turned back")
        self._elapsed += seconds


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
