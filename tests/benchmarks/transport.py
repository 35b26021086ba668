"""Which HTTP client carries the calls: `python -m tests.benchmarks.transport [--seconds 3] [--rounds 3]`.

Loopback, uvloop, the responder in a process of its own on another core, 1 KB up and 1 KB down; the
clients take turns within each round and the median of the rounds counts. CPU is this process's own. The
responder is Python too: at the top rows it is as busy as the client, so their ratio to it is a floor.
"""

# ruff: noqa: T201 - what it prints is what it is for

import argparse
import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable

import httpx
import httpx2
import uvloop

from gateway.adapters.http import PoolLimits, WireTransport
from gateway.adapters.http_httpx2 import Httpx2Transport
from gateway.ports import Transport
from gateway.types.call import UpstreamCall
from gateway.types.principal import Secret
from tests.benchmarks.load import pin
from tests.rig.process import python, running

_BODY = json.dumps({"model": "bench", "messages": [{"role": "user", "content": "weigh this " * 80}]}).encode()
_STREAM = _BODY[:-1] + b', "stream": true}'
_HEADERS = (("content-type", "application/json"), ("authorization", Secret("Bearer bench")))

Ask = Callable[[bytes], Awaitable[int]]


def _through(transport: Transport, url: str) -> Ask:
    async def ask(body: bytes) -> int:
        size = 0
        async with transport.open(UpstreamCall("POST", url, _HEADERS, body)) as reply:
            async for chunk in reply.chunks():
                size += len(chunk)
        return size

    return ask


def _by_client(client: httpx.AsyncClient | httpx2.AsyncClient, url: str) -> Ask:
    headers = {"content-type": "application/json", "authorization": "Bearer bench"}

    async def ask(body: bytes) -> int:
        size = 0
        async with client.stream("POST", url, content=body, headers=headers) as reply:
            async for chunk in reply.aiter_raw():
                size += len(chunk)
        return size

    return ask


async def _measure(ask: Ask, body: bytes, connections: int, seconds: float) -> tuple[float, float]:
    """Calls a second, and CPU milliseconds a call."""
    end = time.perf_counter() + seconds
    calls = 0

    async def loop() -> None:
        nonlocal calls
        while time.perf_counter() < end:
            assert await ask(body) > 1000
            calls += 1

    used, start = time.process_time(), time.perf_counter()
    await asyncio.gather(*(loop() for _ in range(connections)))
    return calls / (time.perf_counter() - start), (time.process_time() - used) / calls * 1000


async def _compare(port: int, seconds: float, rounds: int) -> None:
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    wire, kept_none = WireTransport(), Httpx2Transport(PoolLimits())
    async with httpx.AsyncClient() as plain, httpx2.AsyncClient() as plain2:
        asks = {
            "WireTransport": _through(wire, url),
            "Httpx2Transport": _through(kept_none, url),
            f"httpx2 {httpx2.__version__} AsyncClient": _by_client(plain2, url),
            f"httpx {httpx.__version__} AsyncClient": _by_client(plain, url),
        }
        print("| client | " + " | ".join(f"{c} /s | {c} cpu ms" for c in ("c1", "c64", "stream c16")) + " |")
        print("|---|" + "---|" * 6)
        found: dict[str, list[list[tuple[float, float]]]] = {name: [] for name in asks}
        for _ in range(rounds):
            for name, ask in asks.items():
                cells = ((_BODY, 1), (_BODY, 64), (_STREAM, 16))
                found[name].append([await _measure(ask, body, c, seconds) for body, c in cells])
        for name, rows in found.items():
            cells_of = []
            for cell in range(3):
                rate = statistics.median(row[cell][0] for row in rows)
                cpu = statistics.median(row[cell][1] for row in rows)
                cells_of.append(f"{rate:,.0f} | {cpu:.3f}")
            print(f"| {name} | " + " | ".join(cells_of) + " |")
    await wire.aclose()
    await kept_none.aclose()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="HTTP clients side by side")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with running(python("-m", "tests.benchmarks.responder"), '"port"') as (child, line):
        pin(child.process.pid, 1)
        pin(os.getpid(), 0)
        uvloop.run(_compare(json.loads(line)["port"], chosen.seconds, chosen.rounds))


if __name__ == "__main__":
    main()
