"""Fair timing: contenders take turns, so that a busy minute hits all of them alike."""

import os
import pathlib
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

CPU_INFO: Final = pathlib.Path("/proc/cpuinfo")


class Timing(msgspec.Struct, frozen=True):
    """Seconds of wall time over all rounds."""

    best: float
    median: float


def interleaved(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timing]:
    """Each contender once per round, the first to run moving on by one; one round before does not count."""
    names = list(contenders)
    taken: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(-1, rounds):
        for place in range(len(names)):
            name = names[(turn + place) % len(names)]
            start = time.perf_counter()
            contenders[name]()
            if turn >= 0:
                taken[name].append(time.perf_counter() - start)
    return {name: Timing(min(times), statistics.median(times)) for name, times in taken.items()}


def machine() -> str:
    """What it ran on, in one line."""
    model = "unknown processor"
    if CPU_INFO.exists():
        lines = [line for line in CPU_INFO.read_text().splitlines() if line.startswith("model name")]
        model = lines[0].partition(":")[2].strip() if lines else model
    load = os.getloadavg()[0]
    return (
        f"{model}, {os.cpu_count()} cores, load {load:.1f}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Columns of text, the first to the left and the others to the right."""
    cells = [list(map(str, row)) for row in (head, *rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    cells.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )
