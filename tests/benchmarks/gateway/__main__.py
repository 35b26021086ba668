"""What the gateway costs: `python -m tests.benchmarks.gateway [--seconds 3] [--rounds 3]`.

With BENCH_GATEWAY (the folder of the shared bench; it needs gcc and wrk) that bench runs with our adapter,
beside the direct upstream and nginx. Otherwise this: direct and through Weighbridge in turn, the gateway
on one core, the responder and the load on another, the median of the rounds. The load is Python: "direct"
is its limit rather than the responder's, so the ratio flatters us at low cost; read the CPU column.
"""

# ruff: noqa: T201 - what it prints is what it is for

import argparse
import asyncio
import base64
import json
import os
import random
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import tomllib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from msgspec import Struct

from tests.benchmarks.load import Sample, closed_loops, pin
from tests.rig.process import python, running, start
from tests.rig.raw import RawClient, request_bytes

HERE = Path(__file__).parent
ADAPTER = HERE / "weighbridge.toml"
BIN = Path(sys.executable).with_name("weighbridge")


class Side(Struct, frozen=True):
    """One of those compared: where it listens, what clients must show, whose CPU counts."""

    name: str
    port: int
    headers: tuple[tuple[str, str], ...] = ()
    pids: list[int] = []


def body(*, stream: bool = False, image: bytes | None = None) -> bytes:
    """A chat completion of about 1 KB of text, or one line and a PNG."""
    content: object = "weigh this carefully, please, and say what it comes to. " * 15
    if image is not None:
        url = "data:image/png;base64," + base64.b64encode(image).decode()
        content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url}}]
    document = {"model": "mock-fast", "messages": [{"role": "user", "content": content}]}
    return json.dumps(document | ({"stream": True} if stream else {})).encode()


def png(size: int) -> bytes:
    """A valid RGB image of about `size` bytes that does not compress."""
    side = int((size / 3) ** 0.5)
    dice = random.Random(7)
    rows = b"".join(b"\0" + dice.randbytes(side * 3) for _ in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(rows, 0))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")


WORKLOADS = {
    "chat c1": (body(), 1),
    "chat c16": (body(), 16),
    "chat c64": (body(), 64),
    "stream c16": (body(stream=True), 16),
    "image 1 MB c1": (body(image=png(1_000_000)), 1),
}


async def _until_answered(side: Side) -> None:
    """Wait until the gateway answers a call."""
    while True:
        try:
            async with await RawClient.connect(side.port) as client:
                await client.send(request_bytes("POST", "/v1/chat/completions", body(), _headers(side)))
                reply = await client.read_reply()
                if reply.status == 200:
                    return
                raise RuntimeError(f"the gateway answers {reply.status}: {reply.body[:500]!r}")
        except OSError:
            await asyncio.sleep(0.05)


def _headers(side: Side) -> tuple[tuple[str, str], ...]:
    return (("content-type", "application/json"), *side.headers)


@contextmanager
def gateway(upstream: int) -> Iterator[Side]:
    """Weighbridge as its adapter says, in front of a port."""
    adapter = tomllib.loads(ADAPTER.read_text())
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        words = dict.fromkeys(("mock", "mock_paced", "mock_delay"), f"http://127.0.0.1:{upstream}")
        words |= {"dir": folder, "port": str(port), **adapter["options"]}

        def fill(text: str) -> str:
            for name, value in words.items():
                text = text.replace("{" + name + "}", value)
            return text.replace("${WEIGHBRIDGE_BIN}", str(BIN))

        for name, text in adapter["files"].items():
            (Path(folder) / name).write_text(fill(text))
        child = start([fill(word) for word in adapter["cmd"]], adapter["env"])
        try:
            pin(child.process.pid, 0)
            headers = tuple((name.lower(), value) for name, value in adapter["headers"].items())
            side = Side("weighbridge", port, headers, [child.process.pid])
            try:
                uvloop.run(asyncio.wait_for(_until_answered(side), 30))
            except (TimeoutError, RuntimeError) as fault:
                raise SystemExit(f"Weighbridge does not answer: {fault}\n{child.output()}") from None
            yield side
        finally:
            child.stop()


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _row(workload: str, name: str, samples: list[Sample], direct: list[Sample]) -> str:
    def middle(pick: str, of: list[Sample]) -> float:
        return float(statistics.median(getattr(sample, pick) for sample in of))

    rate, base = middle("rate", samples), middle("rate", direct)
    cells = [
        f"{rate:,.0f}",
        f"{rate / base:.2f}",
        f"{middle('p50', samples):.2f}",
        f"{middle('p99', samples):.2f}",
    ]
    cpu = "-" if name == "direct" else f"{middle('cpu', samples):.3f}"
    return f"| {workload} | {name} | {' | '.join(cells)} | {cpu} | {sum(s.errors for s in samples)} |"


def compare(seconds: float, rounds: int) -> bool:
    """Print the table; whether no call failed."""
    print("| workload | | answers/s | of direct | p50 ms | p99 ms | cpu s per 1,000 | errors |")
    print("|---|---|---|---|---|---|---|---|")
    clean = True
    with running(python("-m", "tests.benchmarks.responder"), '"port"') as (child, line):
        upstream = json.loads(line)["port"]
        pin(child.process.pid, 1)
        pin(os.getpid(), 1)
        with gateway(upstream) as ours:
            sides = [Side("direct", upstream), ours]
            for workload, (content, connections) in WORKLOADS.items():
                found: dict[str, list[Sample]] = {side.name: [] for side in sides}
                for _ in range(rounds):
                    for side in sides:
                        asked = request_bytes("POST", "/v1/chat/completions", content, _headers(side))
                        run = closed_loops(side.port, asked, connections, seconds, side.pids)
                        found[side.name].append(uvloop.run(run))
                for side in sides:
                    print(_row(workload, side.name, found[side.name], found["direct"]), flush=True)
                    clean = clean and not any(sample.errors for sample in found[side.name])
    return clean


def shared(folder: Path, seconds: float, rounds: int) -> int:
    """Run the shared bench with our adapter; its exit code."""
    missing = [tool for tool in ("gcc", "wrk") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"the shared bench needs {' and '.join(missing)}; unset BENCH_GATEWAY for our own")
    gateways = ["direct", *(["nginx"] if shutil.which("nginx") else []), str(ADAPTER)]
    command = [sys.executable, str(folder / "bench.py"), "--gateways", ",".join(gateways)]
    command += ["--workloads", "chat-c16,chat-c64,stream-c32,img1m-c1", "--rounds", str(rounds)]
    command += ["--seconds", str(seconds), "--stat", "median", "--base", "direct"]
    return subprocess.run(command, check=False, env={**os.environ, "WEIGHBRIDGE_BIN": str(BIN)}).returncode


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="what the gateway costs")
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    if folder := os.environ.get("BENCH_GATEWAY"):
        return shared(Path(folder), chosen.seconds, chosen.rounds)
    return 0 if compare(chosen.seconds, chosen.rounds) else 1


if __name__ == "__main__":
    sys.exit(main())
