"""Children of a test: started, ready when they say so on a line, always ended."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from queue import Empty, Queue
from typing import IO

import anyio.to_thread

ROOT = Path(__file__).parents[2]


class Child:
    """A running child. `lines`: what it has said so far (stdout and stderr, in order of arrival)."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self._fresh: Queue[str | None] = Queue()
        assert process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, stdout: IO[str]) -> None:
        for line in stdout:
            self.lines.append(line)
            self._fresh.put(line)
        self._fresh.put(None)

    def wait_line(self, part: str, seconds: float = 20.0) -> str:
        """The first line not yet waited for that holds `part`.

        Raises RuntimeError with what the child said when it ends or takes too long.
        """
        with contextlib.suppress(Empty):
            while (line := self._fresh.get(timeout=seconds)) is not None:
                if part in line:
                    return line
        raise RuntimeError(f"no line with {part!r}; the child said:\n{''.join(self.lines[-40:])}")

    def output(self) -> str:
        """Everything said so far."""
        return "".join(self.lines)

    def stop(self, seconds: float = 10.0) -> int:
        """Ask it to end, end it if it does not; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self._reader.join(seconds)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def start(command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Child:
    """Start a command; `env` is laid over this process's environment."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return Child(process)


@contextlib.contextmanager
def running(
    command: Sequence[str], ready: str, env: Mapping[str, str] | None = None, seconds: float = 20.0
) -> Iterator[tuple[Child, str]]:
    """A child and its ready line; ended when the block is left."""
    child = start(command, env)
    try:
        yield child, child.wait_line(ready, seconds)
    finally:
        child.stop()


@contextlib.asynccontextmanager
async def running_async(
    command: Sequence[str], ready: str, env: Mapping[str, str] | None = None, seconds: float = 20.0
) -> AsyncIterator[tuple[Child, str]]:
    """`running` that does not hold the event loop up."""
    child = start(command, env)
    try:
        yield child, await anyio.to_thread.run_sync(child.wait_line, ready, seconds)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(child.stop)


def python(*arguments: str) -> list[str]:
    """A command that runs this interpreter."""
    return [sys.executable, *arguments]
