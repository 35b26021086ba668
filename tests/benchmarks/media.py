"""`fit` against the image libraries: time, memory, and how near to the ideal the picture stays.

`python -m tests.benchmarks.media [CASE ...]`; `make bench-media` installs the rivals first.
"""

# ruff: noqa: T201 - what it prints is what it is for

import functools
import io
import sys
from typing import Final

from PIL import Image

from gateway import _core
from tests.benchmarks import corpus
from tests.benchmarks.cases import Case, cases
from tests.benchmarks.measure import interleaved, table
from tests.benchmarks.peak import peak
from tests.benchmarks.quality import ideal, luma, psnr, ssim
from tests.benchmarks.rivals import Way, there
from tests.benchmarks.targets import Found, verdicts

ROUNDS: Final = 7
_HEAD: Final = ["task", "best ms", "median ms", "times ours", "peak MiB", "PSNR dB", "SSIM", "KiB"]


def rows(case: Case, ways: dict[str, Way]) -> tuple[list[list[str]], dict[str, Found]]:
    """One row per contender, ours first; and the same as numbers."""
    if not case.data.startswith(b"\xff\xd8"):
        # Drafts are JPEG's; elsewhere these would be the plain way twice.
        ways = {name: way for name, way in ways.items() if name != "Pillow draft + LANCZOS"}
    timing = interleaved({name: functools.partial(way, case) for name, way in ways.items()}, ROUNDS)
    reference = ideal(case)
    out: list[list[str]] = []
    found: dict[str, Found] = {}
    for name, way in ways.items():
        result = way(case)
        plane = luma(Image.open(io.BytesIO(result)))
        if plane.shape != reference.shape:
            raise AssertionError(f"{name}: the picture has another size")
        time, memory = timing[name], peak(case, name)
        found[name] = Found(time.best, memory, ssim(reference, plane))
        numbers = [
            f"{time.best * 1e3:.3g}",
            f"{time.median * 1e3:.3g}",
            f"{time.best / timing['fit'].best:.2f}",
            "?" if memory is None else f"{memory:.0f}",
            f"{psnr(reference, plane):.1f}",
            f"{found[name].ssim:.4f}",
            f"{len(result) / 1024:.0f}",
        ]
        out.append([f"{case.name}: {name}", *numbers])
    return out, found


def strip() -> str:
    """Metadata cut out of photographs that already fit, a comment or nothing to cut."""
    out: list[list[str]] = []
    for quality in (75, 90):
        image = corpus.photo(4032, 3024)
        for what, options in (("a comment", {"comment": b"a comment"}), ("nothing", {})):
            photo = _core.Media(corpus.file(image, "JPEG", quality=quality, **options))
            taken = interleaved({"strip": functools.partial(_core.strip, photo)}, 100)["strip"].best
            megabytes = photo.size / 1e6
            row = [f"{taken * 1e6:.0f}", f"{taken * 1e6 / megabytes:.0f}", "<= 50"]
            out.append([f"strip {what}, JPEG of {megabytes:.1f} MB", *row])
    return table(["task", "best us", "us per MB", "wanted"], out)


def main(names: list[str]) -> None:
    """Prints a table for each task; the name `strip` is that row alone."""
    # As the server does.
    _core.tune_allocator()
    if names == ["strip"]:
        print(strip())
        return
    ways, missing = there()
    print(f"\n{ROUNDS} rounds in turn, one thread; quality: luma against a Lanczos scaling in floats")
    if missing:
        print(f"not installed, so not measured: {', '.join(missing)} (make bench-media installs them)")
    said: list[str] = []
    for name in names or cases():
        lines, found = rows(cases()[name], ways)
        said += verdicts(name, found)
        print(f"\n{table(_HEAD, lines)}", flush=True)
    print(f"\n{strip()}\n\ntargets (best times; ratio of the rival's over ours)")
    print("\n".join(said))


if __name__ == "__main__":
    main(sys.argv[1:])
