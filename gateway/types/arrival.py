"""What reached us: one HTTP request whose body has been read under its caps."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from gateway.types.principal import Principal


class Arrival(Struct, frozen=True):
    """`headers`: lower-case names; a header sent twice keeps its first value. `at`: monotonic seconds.

    `principal`: who asks, told from the head alone, before a byte of the body was read.
    """

    dialect: str
    headers: Mapping[str, str]
    body: bytes
    at: float
    principal: Principal


class Client(Protocol):
    """The way back to the caller. After `gone` turns True every send is a no-op."""

    @property
    def started(self) -> bool: ...
    @property
    def ended(self) -> bool: ...
    @property
    def gone(self) -> bool: ...
    async def start(self, status: int, headers: tuple[tuple[str, str], ...]) -> None: ...
    async def send(self, chunk: bytes, *, more: bool) -> None: ...
