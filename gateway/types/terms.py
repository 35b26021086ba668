"""The terms that a request is bought on: the queue it waits in, where it is worked on, the hour."""

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

Tier: TypeAlias = Literal["batch", "flex", "priority", "fast", "ultrafast", "balanced", "reserved"]
# What a request can ask for. `default`: the usual queue and no other, which a policy may not change.
Wish: TypeAlias = Literal["default", "flex", "priority"]


class Terms(Struct, frozen=True):
    """None: the usual. `at`: when it is sent, with its zone; None: at the dearest hour."""

    tier: Tier | Literal["default"] | None = None
    region: str | None = None
    at: datetime | None = None


USUAL = Terms()
