"""A process of ours: started with a clean environment, spoken to in frames, killed without ceremony.

The gateway's environment holds provider keys, so a process that reads hostile files does not get it.
"""

import os
import subprocess
import sys
from pathlib import Path

import anyio
import msgspec
from anyio.abc import Process

from gateway.engines import wire

# What the loader and the numeric libraries may need; everything else stays behind.
_KEPT = ("LD_LIBRARY_PATH", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "NVPL_BLAS_DEBUG_CPU_TYPE")
# The folder that holds the package `gateway`: found by the process wherever we were started.
_ROOT = str(Path(__file__).resolve().parents[2])


class Ended(Exception):  # noqa: N818 -- an event of the line, mapped by its owner to an error row
    """The process ended, or spoke nonsense and was ended. `status`: its exit status, -N for signal N."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"process ended with status {status}")
        self.status = status


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    fixed = {
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": _ROOT,
        "PYTHONDONTWRITEBYTECODE": "1",
        # Numeric libraries start a thread a core when loaded; each costs address space.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    return kept | fixed


class Child:
    """One process. `send` and `receive` are for one task at a time; `kill` for anyone, at any time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._buffer = bytearray()
        self.jobs = 0
        self.idle_since = 0.0

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """It has not ended, as far as we have heard."""
        return self._process.returncode is None

    async def send(self, frame: wire.Question) -> None:
        """Write a frame. Raises Ended when the process is gone."""
        await self.send_bytes(wire.encode(frame))

    async def send_bytes(self, frame: bytes) -> None:
        """Write an encoded frame. Raises Ended when the process is gone."""
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send(frame)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise Ended(await self._end()) from error

    async def receive(self) -> wire.Answer:
        """The next frame. Raises Ended when the process is gone or sends what is no frame."""
        try:
            size = wire.length(await self._exactly(wire.HEAD), wire.MAX_ANSWER)
            return wire.answer(await self._exactly(size))
        except (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise Ended(await self._end()) from error
        except (ValueError, msgspec.MsgspecError) as error:
            await self.kill()
            raise Ended(None) from error

    async def ends_within(self, seconds: float) -> bool:
        """Whether it has ended, or does so in this time."""
        with anyio.move_on_after(seconds):
            await self._process.wait()
        return not self.alive

    async def kill(self) -> None:
        """End it now and collect it; returns when it is gone, even if the caller is being cancelled."""
        with anyio.CancelScope(shield=True):
            if self.alive:
                self._process.kill()
            await self._process.aclose()

    async def _exactly(self, size: int) -> bytes:
        assert self._process.stdout is not None
        while len(self._buffer) < size:
            self._buffer += await self._process.stdout.receive(65_536)
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    async def _end(self) -> int | None:
        # The line broke before or while the process died: give its own status a moment to arrive.
        await self.ends_within(1)
        status = self._process.returncode
        await self.kill()
        return status


async def start(module: str, setup: wire.Question) -> Child:
    """Start `python -m MODULE` and send it its setup. Raises Ended when it does not take it."""
    process = await anyio.open_process(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Decoders print what they find in hostile files; nothing of it may reach our log.
        stderr=subprocess.DEVNULL,
        env=_environment(),
        cwd="/",
    )
    child = Child(process)
    try:
        await child.send(setup)
    except BaseException:  # cancelled or broken: the process must not stay behind
        await child.kill()
        raise
    return child
