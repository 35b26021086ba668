"""Closed loops of raw keep-alive connections: the cheapest load that plain Python can make.

A worker writes a prepared request, reads one answer by its framing, and begins again.

"""

import asyncio
import os
import shutil
import statistics
import time
from pathlib import Path

from msgspec import Struct

_HZ = os.sysconf("SC_CLK_TCK")


class Sample(Struct, frozen=True):
    """One run: answers a second, median and 99th percentile in ms, CPU seconds of the target a 1,000."""

    rate: float
    p50: float
    p99: float
    cpu: float
    errors: int


class _Worker(asyncio.Protocol):
    """Writes `request` whenever an answer is whole. Answers must have a Content-Length or chunks."""

    def __init__(self, request: bytes, until: float) -> None:
        self._request = request
        self._until = until
        self._held = bytearray()
        self._began = 0.0
        self.times: list[float] = []
        self.errors = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._next()

    def _next(self) -> None:
        self._began = time.perf_counter()
        if self._began >= self._until:
            self._transport.close()
            return
        self._transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        held = self._held
        held += data
        end = held.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(held[:end]).lower()
        at = head.find(b"content-length: ")
        if at >= 0:
            whole = len(held) >= end + 4 + int(head[at + 16 :].split(b"\r\n", 1)[0])
        else:
            whole = held.endswith(b"0\r\n\r\n")
        if whole:
            self.errors += not head.startswith(b"http/1.1 200")
            self.times.append(time.perf_counter() - self._began)
            held.clear()
            self._next()

    def connection_lost(self, _: Exception | None) -> None:
        if not self.done.done():
            self.errors += time.perf_counter() < self._until
            self.done.set_result(None)


def cpu_seconds(pids: list[int]) -> float:
    """User and system seconds of processes and their present children."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children = (task / "children").read_text().split()
            total += round(_HZ * cpu_seconds([int(child) for child in children]))
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _HZ


async def closed_loops(
    port: int, request: bytes, connections: int, seconds: float, pids: list[int] | None = None
) -> Sample:
    """Run `connections` loops for `seconds` against a port of the loopback."""
    loop = asyncio.get_running_loop()
    start, cpu = time.perf_counter(), cpu_seconds(pids or [])
    workers = []
    for _ in range(connections):
        worker = _Worker(request, start + seconds)
        workers.append(worker)
        await loop.create_connection(lambda worker=worker: worker, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.wait([worker.done for worker in workers], timeout=seconds + 10)
    elapsed, used = time.perf_counter() - start, cpu_seconds(pids or []) - cpu
    times = sorted(t for worker in workers for t in worker.times) or [float("nan")]
    return Sample(
        rate=len(times) / elapsed,
        p50=statistics.median(times) * 1000,
        p99=times[int(len(times) * 0.99)] * 1000,
        cpu=used / len(times) * 1000,
        errors=sum(worker.errors for worker in workers),
    )


def pin(pid: int, cpu: int) -> None:
    """Keep a process on one core, where the system knows how and has two."""
    if hasattr(os, "sched_setaffinity") and cpu in os.sched_getaffinity(0):
        os.sched_setaffinity(pid, {cpu})


def tools() -> str:
    """Which of the tools a fuller bench would like are here."""
    return ", ".join(name for name in ("wrk", "nginx", "gcc", "redis-server") if shutil.which(name)) or "none"
