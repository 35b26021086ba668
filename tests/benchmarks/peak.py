"""The memory one contender takes for one task: `python -m tests.benchmarks.peak CASE CONTENDER`, KiB.

A process of its own: ready and warmed on a small picture, then the peak of resident memory over the task,
less what was resident before. The input is held before and does not count.
"""

# ruff: noqa: T201 - what it prints is what it is for

import gc
import io
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.benchmarks.cases import Case, cases
from tests.benchmarks.rivals import RIVALS

_STATUS = Path("/proc/self/status")
_CLEAR = Path("/proc/self/clear_refs")


def peak(case: str, rival: str) -> float | None:
    """MiB, measured in a child; None where the kernel does not tell."""
    if not _CLEAR.exists():
        return None
    command = [sys.executable, "-m", "tests.benchmarks.peak", case, rival]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def _resident(field: str) -> int:
    found = re.search(rf"^{field}:\s*(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the kernel does not tell {field}")
    return int(found[1])


def main(name: str, rival: str) -> None:
    """Measure here."""
    case = cases()[name]
    cases.cache_clear()
    way = RIVALS[rival]()
    small = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(small, "PNG" if name.startswith("4K") else "JPEG")
    way(Case("warm", small.getvalue(), (32, 24), case.form))
    gc.collect()
    _CLEAR.write_text("5")  # the peak begins anew
    before = _resident("VmRSS")
    way(case)
    print(max(_resident("VmHWM") - before, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
