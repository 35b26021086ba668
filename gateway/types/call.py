"""A request on its way to an upstream."""

from msgspec import Struct

from gateway.types.principal import Secret


class Deadlines(Struct, frozen=True):
    """Seconds. `first_byte`: from sent to the answer's head. `idle`: between two chunks. `total`: all."""

    connect: float = 5.0
    first_byte: float = 60.0
    idle: float = 60.0
    total: float = 600.0


class UpstreamCall(Struct, frozen=True):
    """One HTTP request. Header names are lower case; values that are secrets stay `Secret`."""

    method: str
    url: str
    headers: tuple[tuple[str, str | Secret], ...]
    body: bytes
    deadlines: Deadlines = Deadlines()
    max_answer_bytes: int = 67_108_864

    def __repr__(self) -> str:
        return f"UpstreamCall({self.method} {self.url}, {len(self.body)} bytes)"
