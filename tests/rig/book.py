"""The scripted upstream's accounts: the witness that knows nothing of the gateway's own."""

import asyncio
import time
from typing import Literal

from msgspec import Struct, convert

from tests.rig.answers import Media
from tests.rig.programs import Program

Ending = Literal["open", "finished", "cut", "left"]


class Call(Struct):
    """One call. `ended`: `finished` (all was written), `cut` (by its program), `left` (by the client).

    `prompt_tokens`, `completion_tokens`: what the answer claims; `claimed`: the whole claim was written.
    `terms`: the tier and the region that the body asks for.
    `events`: events of its stream that were written whole.
    `arrived_at`, `ended_at`: seconds on the upstream's monotonic clock. `sent`: bytes written.
    """

    id: int
    connection: int
    method: str
    path: str
    headers: list[tuple[str, str]] = []
    model: str = ""
    stream: bool = False
    last_text: str = ""
    body_sha256: str = ""
    body_length: int = 0
    media: list[Media] = []
    terms: dict[str, str] = {}
    status: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    claimed: bool = False
    ended: Ending = "open"
    sent: int = 0
    events: int = 0
    arrived_at: float = 0.0
    ended_at: float | None = None

    def header(self, name: str) -> str | None:
        """The first value of a request header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


class Book:
    """Calls, programs armed for them, and everyone who waits for a change."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.connections = 0
        self.open_connections = 0
        self._releases: dict[int, asyncio.Event] = {}
        self._named: dict[str, Program] = {}
        self._queues: dict[str, list[Program]] = {}
        self._changed = asyncio.Condition()

    def enter(self, call: Call) -> Call:
        """Write a call down; its id is its ordinal, from 1."""
        call.id = len(self.calls) + 1
        call.arrived_at = time.monotonic()
        self.calls.append(call)
        self._releases[call.id] = asyncio.Event()
        return call

    def end(self, call: Call, ended: Ending) -> None:
        """Write down how a call ended; the first ending stays."""
        if call.ended == "open":
            call.ended = ended
            call.ended_at = time.monotonic()

    async def tell(self) -> None:
        """Wake everyone who waits for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def wait(self, number: int, state: str, seconds: float) -> Call | None:
        """The call once it has arrived / ended / been left, None when that took too long."""

        def there() -> bool:
            if len(self.calls) < number:
                return False
            ended = self.calls[number - 1].ended
            return {"arrived": True, "ended": ended != "open", "left": ended == "left"}[state]

        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(there)
        except TimeoutError:
            return None
        return self.calls[number - 1]

    async def wait_open(self, most: int, seconds: float) -> bool:
        """Whether, within the time, no more than `most` connections were open."""
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self.open_connections <= most)
        except TimeoutError:
            return False
        return True

    async def held(self, call: Call) -> None:
        """Wait for the release of a call."""
        await self._releases[call.id].wait()

    def release(self, number: int | None) -> None:
        """Let one held call (or all, also later ones' first hold) go on."""
        for key, event in self._releases.items():
            if number is None or key == number:
                event.set()

    def arm(self, programs: list[dict[str, object]], model: str | None, name: str | None) -> None:
        """Queue programs (for one model or for any), or keep the first under a name."""
        read = [convert(program, Program) for program in programs]
        if name is not None:
            self._named[name] = read[0]
        else:
            self._queues.setdefault(model or "", []).extend(read)

    def program(self, model: str, marker: str | None) -> Program:
        """The armed program of a call. Raises KeyError for a marker nobody armed."""
        if marker is not None:
            return self._named[marker]
        for key in (model, ""):
            if self._queues.get(key):
                return self._queues[key].pop(0)
        return Program()

    def reset(self) -> None:
        """Forget calls and programs; held calls go on unseen."""
        self.release(None)
        self.calls.clear()
        self._releases.clear()
        self._named.clear()
        self._queues.clear()
