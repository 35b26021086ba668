"""The memory one contender takes for one task, measured in a process of its own.

`python -m tests.benchmarks.peak FILE WIDTH HEIGHT FORM CONTENDER` prints KiB: ready and warmed on a small
picture, then the peak of resident memory over the task, less what was resident before. The input is held
before and does not count, and nothing else was ever held: freed memory that is used again would not show.
"""

# ruff: noqa: T201 - what it prints is what it is for

import gc
import io
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.benchmarks.cases import Case
from tests.benchmarks.rivals import RIVALS

_STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def peak(case: Case, rival: str) -> float | None:
    """MiB, measured in a child; None where the kernel does not tell."""
    if not CLEAR.exists():
        return None
    with tempfile.NamedTemporaryFile() as held:
        held.write(case.data)
        held.flush()
        words = [held.name, *map(str, case.size), case.form, rival]
        command = [sys.executable, "-m", "tests.benchmarks.peak", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def resident(field: str) -> int:
    """KiB, as the kernel tells them under this name."""
    found = re.search(rf"^{field}:\s*(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError(f"the kernel does not tell {field}")
    return int(found[1])


def main(path: str, width: str, height: str, form: str, rival: str) -> None:
    """Measure here."""
    case = Case("", Path(path).read_bytes(), (int(width), int(height)), "png" if form == "png" else "jpeg")
    way = RIVALS[rival]()
    small = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(small, Image.open(io.BytesIO(case.data)).format)
    way(Case("", small.getvalue(), (32, 24), case.form))
    gc.collect()
    CLEAR.write_text("5")  # the peak begins anew
    before = resident("VmRSS")
    way(case)
    print(max(resident("VmHWM") - before, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
