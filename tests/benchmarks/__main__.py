"""All benchmarks, or those named: `python -m tests.benchmarks [NAME ...]`, with a name of `NAMES`.

Each runs in a process of its own, one after the other, so that none inherits another's memory or threads.
"""

# ruff: noqa: T201 - what it prints is what it is for

import subprocess
import sys

from tests.benchmarks.measure import machine

NAMES = ("media", "threads", "tokens", "body", "quotes", "transport", "gateway")


def main(names: list[str]) -> int:
    """Run the benchmarks of these names, all without names; how many of them failed."""
    unknown = set(names) - set(NAMES)
    if unknown:
        raise SystemExit(
            f"there is no benchmark {', '.join(sorted(unknown))}; choose from {', '.join(NAMES)}"
        )
    failed = 0
    for name in names or NAMES:
        print(f"\n== {name}: {machine()}", flush=True)
        failed += (
            subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode != 0
        )
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
