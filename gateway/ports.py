"""What the path needs from the world: small protocols that `adapters` and `engines` fill."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gateway.types.call import UpstreamCall
from gateway.types.layer import LayerPage
from gateway.types.learned import Lesson, Tally
from gateway.types.outcome import LedgerLine


class UpstreamReply(Protocol):
    """The head of an answer, then its bytes as they come.

    `status` and `headers` (lower-case names) are final. `chunks` may be read once; leaving the context
    before its end closes the connection at once. Faults raise `errors.UpstreamError`.
    """

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> tuple[tuple[str, str], ...]: ...
    def chunks(self) -> AsyncIterator[bytes]: ...


class Transport(Protocol):
    """Sends one call. Never retries, never follows a redirect, never decodes a content coding."""

    def open(self, call: UpstreamCall) -> AbstractAsyncContextManager[UpstreamReply]:
        """Send and wait for the head within the call's deadlines."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class TextLayers(Protocol):
    """Reads what is written in PDFs, in a process that a hostile file may break."""

    async def read(self, pdf: bytes) -> tuple[LayerPage, ...]:
        """Every page. Raises `media_corrupt`, `media_unsupported`, `media_too_large` of what cannot be read,
        and an `OwnError` (`engine_missing`, `engine_failed`, `engine_timeout`, `overloaded`) otherwise.
        """
        ...

    async def aclose(self) -> None:
        """End its process."""
        ...


class Cache(Protocol):
    """Bytes under a key. A store that is down or slow answers None; it never raises to the path."""

    async def get(self, key: str) -> bytes | None: ...
    async def put(self, key: str, value: bytes, ttl_seconds: float) -> None: ...
    async def aclose(self) -> None: ...


class Accounts(Protocol):
    """The ledger and the money that is held. Every step is idempotent by its operation id."""

    async def reserve(self, operation: str, tenant: str, amount: int, budget: int) -> int | None:
        """Hold `amount` nanodollars if spent + held + amount <= budget. None: held; else what is left."""
        ...

    async def settle(self, operation: str, lines: Sequence[LedgerLine]) -> None:
        """Write the lines and release what the operation held; a second call changes nothing."""
        ...

    async def balance(self, tenant: str) -> tuple[int, int]:
        """Nanodollars (spent, held)."""
        ...

    async def aclose(self) -> None: ...


class Lessons(Protocol):
    """What was learned, kept for whoever uses the same store."""

    async def lessons(self) -> Mapping[Lesson, Tally]:
        """All that is known."""
        ...

    async def learn(self, seen: Mapping[Lesson, Tally]) -> Mapping[Lesson, Tally]:
        """Add what was seen, old sightings fading; answers what is known now of the same."""
        ...


class Ledger(Accounts, Lessons, Protocol):
    """One store for both."""


class Clock(Protocol):
    """Time as an argument."""

    def monotonic(self) -> float:
        """Seconds, for durations."""
        ...

    def now(self) -> str:
        """ISO 8601, UTC, for the ledger."""
        ...

    def unix(self) -> int:
        """Seconds since 1970, as answers tell when they were made."""
        ...


class Meters(Protocol):
    """Where numbers go. `name` is a row of `telemetry.instruments`; label values in the row's order."""

    def add(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None: ...
    def observe(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None: ...
    def set(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None: ...
    def render(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type."""
        ...
