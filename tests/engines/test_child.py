"""A process limits itself."""

import signal
import subprocess
import sys
from pathlib import Path

_CONFINED = "import os; from gateway.engines import child; child.confine(536_870_912, 0);"


def _run(code: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", _CONFINED + code], capture_output=True, check=False)


def test_memory_is_bounded() -> None:
    """Asking for more than the limit fails inside the process instead of starving the machine."""
    done = _run("bytearray(1 << 30)")
    assert b"MemoryError" in done.stderr


def test_no_file_is_written(tmp_path: Path) -> None:
    """A confined process cannot fill a disk."""
    target = tmp_path / "x"
    done = _run(f"os.write(os.open({str(target)!r}, os.O_CREAT | os.O_WRONLY), b'x')")
    assert b"OSError" in done.stderr
    assert target.read_bytes() == b""


def test_cpu_time_is_bounded() -> None:
    """A loop that never ends is ended by the kernel."""
    done = _run("child.allow_cpu(0)\nwhile True: pass")
    assert done.returncode == -signal.SIGXCPU
