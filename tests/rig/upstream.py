"""The scripted upstream: `python -m tests.rig.upstream --port 0`, or from a test

    async with scripted_upstream() as upstream:
        await upstream.arm(Program(status=503), Program(cut_at=100))
        ...                                   # the gateway calls upstream.base_url
        call = await upstream.wait(1, "left")
        assert call.prompt_tokens == 12

It speaks OpenAI (`POST /v1/chat/completions`, `GET /v1/models`) and Anthropic (`POST /v1/messages`), runs
in a process of its own, and its accounts are the independent witness of what was called and claimed.
"""

import argparse
import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal

from msgspec import convert, to_builtins

from tests.rig.book import Call
from tests.rig.process import Child, python, running, running_async
from tests.rig.programs import Program
from tests.rig.raw import fetch
from tests.rig.server import serve

__all__ = ["Call", "Program", "Upstream", "scripted_upstream", "upstream_process"]

State = Literal["arrived", "ended", "left"]


class Upstream:
    """The control side of a running scripted upstream."""

    def __init__(self, port: int, child: Child | None = None) -> None:
        self.port = port
        self.child = child

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:PORT/v1`, as a provider's base_url."""
        return f"{self.origin}/v1"

    async def _ask(self, path: str, **order: Any) -> Any:
        return (await fetch(self.port, "POST", path, json.dumps(order).encode())).json()

    async def arm(self, *programs: Program, model: str | None = None) -> None:
        """Queue programs, one for each coming call (of `model`, or of any)."""
        await self._ask("/_script", programs=to_builtins(list(programs)), model=model)

    async def name(self, name: str, program: Program) -> None:
        """Let every call whose last user text holds `script:NAME` follow this program."""
        await self._ask("/_script", programs=[to_builtins(program)], name=name)

    async def calls(self) -> list[Call]:
        """All calls since the start or the last `reset`, in order of arrival."""
        return convert(await self._ask("/_calls"), list[Call])

    async def wait(self, number: int, state: State = "ended", seconds: float = 10.0) -> Call:
        """Call `number` (from 1) once it has arrived, ended, or been left. Raises TimeoutError."""
        found = await self._ask("/_wait", call=number, state=state, timeout=seconds)
        if found is None:
            raise TimeoutError(f"call {number} has not {state} within {seconds} s")
        return convert(found, Call)

    async def wait_open(self, most: int, seconds: float = 10.0) -> None:
        """Until no more than `most` connections are open (this one not counted). Raises TimeoutError."""
        if not await self._ask("/_wait_open", most=most, timeout=seconds):
            raise TimeoutError(f"more than {most} connections are open after {seconds} s")

    async def release(self, number: int | None = None) -> None:
        """Let one held call go on, or all."""
        await self._ask("/_release", call=number)

    async def reset(self) -> None:
        """Forget calls and programs."""
        await self._ask("/_reset")

    async def connections(self) -> tuple[int, int]:
        """Connections accepted since the start (controls included), and open now (this one not counted)."""
        found = await self._ask("/_connections")
        return found["accepted"], found["open"]


@contextlib.asynccontextmanager
async def scripted_upstream(port: int = 0) -> AsyncIterator[Upstream]:
    """A scripted upstream in a process of its own."""
    command = python("-m", "tests.rig.upstream", "--port", str(port))
    async with running_async(command, '"port"') as (child, line):
        yield Upstream(json.loads(line)["port"], child)


@contextlib.contextmanager
def upstream_process(port: int = 0) -> Iterator[Upstream]:
    """The same for a fixture of a whole module: the control side belongs to no event loop."""
    with running(python("-m", "tests.rig.upstream", "--port", str(port)), '"port"') as (child, line):
        yield Upstream(json.loads(line)["port"], child)


def main() -> None:
    """Serve until ended."""
    parser = argparse.ArgumentParser(description="a scripted upstream")
    parser.add_argument("--port", type=int, default=0)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
