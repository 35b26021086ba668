"""Pictures on two threads: how much more is done, and how late a timer of the main thread wakes meanwhile.

`python -m tests.benchmarks.threads`; `make bench-media` installs the rivals first.

The first row is a yardstick: SHA-256 touches no memory to speak of and holds no lock. Where it does not reach
the required scale either, the second processor is not free, and nothing is said of ours.
"""

# ruff: noqa: T201 - what it prints is what it is for

import functools
import hashlib
import statistics
import threading
import time
from collections.abc import Callable
from typing import Final

from tests.benchmarks.cases import cases
from tests.benchmarks.measure import table
from tests.benchmarks.rivals import there

PICTURES: Final = 12
ROUNDS: Final = 5
TICK: Final = 0.001
SCALE: Final = 1.85
LATE: Final = 0.0005
YARDSTICK: Final = "SHA-256 of 16 MiB"


def rate(work: Callable[[], object], threads: int) -> float:
    """Pictures a second when so many threads do nothing else."""

    def run() -> None:
        for _ in range(PICTURES):
            work()

    crowd = [threading.Thread(target=run) for _ in range(threads)]
    start = time.perf_counter()
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    return threads * PICTURES / (time.perf_counter() - start)


def lateness(work: Callable[[], object]) -> float:
    """Seconds that a tick of this thread comes late, at its 99th percentile, while another thread works."""
    done = threading.Event()

    def run() -> None:
        for _ in range(PICTURES):
            work()
        done.set()

    thread = threading.Thread(target=run)
    late: list[float] = []
    thread.start()
    while not done.is_set():
        before = time.perf_counter()
        time.sleep(TICK)
        late.append(time.perf_counter() - before - TICK)
    thread.join()
    return statistics.quantiles(late, n=100)[98]


def main() -> None:
    """Prints one row a contender."""
    case = cases()["12 MP JPEG"]
    ways, _ = there()
    block = bytes(16 << 20)
    works: dict[str, Callable[[], object]] = {YARDSTICK: lambda: hashlib.sha256(block).digest()}
    works |= {name: functools.partial(way, case) for name, way in ways.items()}
    rows: list[list[str]] = []
    able = True
    for name, work in works.items():
        rates = [(rate(work, 1), rate(work, 2)) for _ in range(ROUNDS)]
        one, two = (max(column) for column in zip(*rates, strict=True))
        idle = lateness(functools.partial(time.sleep, 0.05))
        late = min(lateness(work) for _ in range(ROUNDS))
        verdict = ""
        if name == YARDSTICK:
            able = two / one >= SCALE
            verdict = "" if able else "busy"
        elif name == "fit":
            scaled = two / one >= SCALE
            verdict = "ok" if scaled and late - idle <= LATE else "SHORT" if able else "not shown"
        rows.append(
            [
                name,
                f"{one:.1f}",
                f"{two:.1f}",
                f"{two / one:.2f}",
                f"{late * 1e3:.2f}",
                f"{idle * 1e3:.2f}",
                verdict,
            ]
        )
    print(
        "\ntwo threads (must: 1.85 times one thread; a tick at most 0.5 ms later than beside an idle thread)"
    )
    head = ["12 MP JPEG", "1 thread /s", "2 threads /s", "scale", "late p99 ms", "idle p99 ms", ""]
    print(table(head, rows))


if __name__ == "__main__":
    main()
