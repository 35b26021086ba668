"""What each hostile medium costs: `python -m tests.benchmarks.bombs`, `make bombs`.

Each is set off in a process of its own, forked from one that is ready and warm: the best of three times, and
how far resident memory rose above what it was with the body at hand. Bounds: 50 ms and 8 MiB.
"""

# ruff: noqa: T201 - what it prints is what it is for

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import machine
from tests.native.bombs import Bomb, body, bombs, jpeg, pixels, png
from tests.native.defused import defused, outcome

MILLISECONDS, MEBIBYTES = 50.0, 8.0
_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def measured() -> Iterator[dict[str, Any]]:
    """One row a bomb: `name`, `outcome`, `expected`, `ms`, and `mib` where the kernel tells."""
    for sound in (jpeg(), png(900, 900, pixels(900, 900))):
        defused(body(sound, "image/png"))
    for bomb in bombs():
        yield _forked(bomb)


def _forked(bomb: Bomb) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(_alone(bomb)).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as told:
        row: dict[str, Any] = json.loads(told.read())
    os.waitpid(child, 0)
    return row


def _alone(bomb: Bomb) -> dict[str, Any]:
    held = bomb.make()
    before = _reset()
    begun = time.perf_counter()
    found = defused(held)
    times = [time.perf_counter() - begun]
    rise = _resident("VmHWM") - before if before is not None else None
    for _ in range(2):
        begun = time.perf_counter()
        defused(held)
        times.append(time.perf_counter() - begun)
    return {
        "name": bomb.name,
        "outcome": outcome(bomb, found),
        "expected": bomb.expected,
        "ms": 1000 * min(times),
        "mib": max(rise, 0) / 1024 if rise is not None else None,
    }


def _reset() -> int | None:
    """Resident KiB now, from which the peak begins anew; None where the kernel does not tell."""
    if not _CLEAR.exists():
        return None
    _CLEAR.write_text("5")
    return _resident("VmRSS")


def _resident(field: str) -> int:
    found = re.search(rf"^{field}:\s*(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the kernel does not tell {field}")
    return int(found[1])


def main() -> int:
    """The table; how many rows are out of bounds."""
    print(
        f"== bombs: refused or drawn anew within {MILLISECONDS:.0f} ms and {MEBIBYTES:.0f} MiB, {machine()}"
    )
    short = 0
    for row in measured():
        late = row["ms"] > MILLISECONDS
        big = row["mib"] is not None and row["mib"] > MEBIBYTES
        other = row["outcome"] != row["expected"]
        short += late or big or other
        verdict = "short" if late or big or other else "ok"
        size = f"{row['mib']:6.1f} MiB" if row["mib"] is not None else ""
        print(f"{verdict:6} {row['name']:42} {row['outcome']:22} {row['ms']:8.2f} ms {size}", flush=True)
    print(f"out of bounds: {short}")
    return short


if __name__ == "__main__":
    if sys.argv[1:] == ["--json"]:
        print(json.dumps(list(measured())))
    else:
        sys.exit(min(main(), 1))
