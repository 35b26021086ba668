"""The process's own side: it limits itself, speaks frames, and ends when the gateway ends.

Its standard input is held open by the gateway alone, so hang-up on it means that the gateway is gone,
however it went (`kill -9` too). A thread waits for that and ends the process at once. Its standard
output carries frames, so it is taken away from libraries that like to print.
"""

import contextlib
import os
import resource
import select
import threading
from typing import NoReturn

from gateway.engines import wire

_STDIN = 0
_STDOUT = 1
_STDERR = 2


class Line:
    """The line to the gateway, from inside a process. Blocking; one thread reads, any one writes."""

    def __init__(self) -> None:
        self._out = os.dup(_STDOUT)
        os.dup2(_STDERR, _STDOUT)
        threading.Thread(target=_end_with_gateway, daemon=True).start()

    def receive(self, idle: float | None = None) -> wire.Question:
        """The next question. Ends the process at hang-up, or after `idle` seconds without a byte."""
        if idle is not None and not select.select([_STDIN], [], [], idle)[0]:
            end()
        size = wire.length(self._exactly(wire.HEAD), wire.MAX_QUESTION)
        return wire.question(self._exactly(size))

    def send(self, frame: wire.Answer) -> None:
        """Write a frame whole."""
        view = memoryview(wire.encode(frame))
        while view:
            view = view[os.write(self._out, view) :]

    def wait_for_hang_up(self) -> NoReturn:
        """Stay until the gateway closes the line."""
        while os.read(_STDIN, 4096):
            pass
        end()

    def _exactly(self, size: int) -> bytes:
        buffer = bytearray()
        while len(buffer) < size:
            chunk = os.read(_STDIN, min(size - len(buffer), 1_048_576))
            if not chunk:
                end()
            buffer += chunk
        return bytes(buffer)


def end() -> NoReturn:
    """Leave at once: native threads and destructors of libraries are not waited for."""
    os._exit(0)


def _end_with_gateway() -> None:
    poll = select.poll()
    poll.register(_STDIN, 0)  # no interest in data: only hang-up and error wake it
    poll.poll()
    end()


def confine(memory: int, nice: int) -> None:
    """Limit this process: `memory` bytes of address space, no files written, no core, fewer handles.

    Written files are refused by size, so pipes still work. Memory-mapped weights count as address space.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))
    with contextlib.suppress(PermissionError):  # some sandboxes forbid even to be nicer
        os.nice(nice)


def cpu_seconds() -> float:
    """CPU seconds of this process so far, all threads, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def allow_cpu(seconds: int) -> None:
    """Let this process use so many CPU seconds more; beyond, the kernel ends it (SIGXCPU)."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds()) + seconds + 1, hard))
