"""What one exchange remembers of itself for its headers, its metrics and its log line."""

from typing import Any, Literal, TypeAlias

from gateway.types.money import usd
from gateway.types.outcome import End
from gateway.types.plan import Deployment
from gateway.types.principal import Principal

Cached: TypeAlias = Literal["hit", "miss", "bypass", "joined"]


class Visit:
    """The one mutable value of an exchange.

    `id`: minted here. `at`: monotonic seconds of its arrival. `hops`: gateways of ours it came through.
    `route`: the model name asked for. `upstream_seconds`: spent waiting for providers.
    `first_token`: seconds from arrival to the first byte of a stream. Money in nanodollars.
    """

    def __init__(self, request_id: str, at: float, operation: str = "chat") -> None:
        self.id = request_id
        self.at = at
        self.operation = operation
        self.hops = 0
        self.route = "other"
        self.principal: Principal | None = None
        self.deployment: Deployment | None = None
        self.end: End = "refused"
        self.error: str | None = None
        self.cache: Cached = "bypass"
        self.attempts = 0
        self.upstream_seconds = 0.0
        self.first_token: float | None = None
        self.cost: int | None = None
        self.saved: int | None = None
        self.quoted: int | None = None

    def line(self, duration: float) -> dict[str, Any]:
        """The fields of the log line; names from configuration and figures, nothing a client wrote."""
        return {
            "id": self.id,
            "operation": self.operation,
            "route": self.route,
            "tenant": self.principal.tenant if self.principal else None,
            "key": self.principal.key if self.principal else None,
            "model": self.deployment.name if self.deployment else None,
            "end": self.end,
            "error": self.error,
            "cache": self.cache,
            "attempts": self.attempts,
            "seconds": round(duration, 6),
            "upstream_seconds": round(self.upstream_seconds, 6),
            "quoted_usd": None if self.quoted is None else usd(self.quoted),
            "cost_usd": None if self.cost is None else usd(self.cost),
            "saved_usd": None if self.saved is None else usd(self.saved),
        }
