"""What the media engine must reach, and what it stretches for: preprocess.md A7, as data.

Ratios are of best times in one run, the rival's over ours; peaks are megabytes above the input. Cases differ
a little from those that the targets were set on: `3 MP JPEG` stands for the 2 MP one.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

VIPS, PILLOW, DRAFT = "pyvips thumbnail", "Pillow resize", "Pillow draft + LANCZOS"


class Target(NamedTuple):
    """Least ratios, by rival: what must be and what is stretched for; most megabytes likewise."""

    ratios: Mapping[str, tuple[float, float | None]]
    peak: tuple[float, float | None] | None = None


class Found(NamedTuple):
    """What one contender took: seconds at best, MiB at most, and how near the picture came (SSIM)."""

    seconds: float
    mebibytes: float | None
    ssim: float


_TWELVE: Final = Target({VIPS: (1.4, 2.0), PILLOW: (3.3, None), DRAFT: (1.6, None)}, (25, 8))
TARGETS: Final[Mapping[str, Target]] = {
    "12 MP JPEG": _TWELVE,
    "12 MP JPEG to 1024": _TWELVE,
    "48 MP JPEG": Target({VIPS: (1.3, 1.8)}, (25, 8)),
    "3 MP JPEG": Target({VIPS: (1.8, 2.3), PILLOW: (3.5, None)}),
    "A4 scan JPEG": Target({VIPS: (1.3, 1.8)}),
    "12 MP progressive JPEG": Target({VIPS: (1.2, 1.4)}, (45, None)),
    "4K PNG": Target({VIPS: (1.3, 2.0), PILLOW: (3.3, None)}, (12, None)),
    "12 MP WebP": Target({VIPS: (1.0, 1.2), PILLOW: (2.4, None)}),
    "64 px icon": Target({PILLOW: (1.0, None)}),
}
_MAY_LOSE: Final = 0.0005


def verdicts(case: str, found: Mapping[str, Found]) -> Iterator[str]:
    """A line for every target of this case: what was wanted, what was found, and whether it is met."""
    target = TARGETS.get(case)
    if target is None:
        return
    ours = found["fit"]
    for rival, (must, stretch) in target.ratios.items():
        if rival in found:
            ratio = found[rival].seconds / ours.seconds
            yield _line(
                case, f"times {rival}", f"{ratio:.2f}", ratio >= must, must, stretch, met=_met(ratio, stretch)
            )
    if target.peak is not None and ours.mebibytes is not None:
        must, stretch = target.peak
        megabytes = ours.mebibytes * 1.048576
        reached = stretch is not None and megabytes <= stretch
        yield _line(case, "MB at most", f"{megabytes:.0f}", megabytes <= must, must, stretch, met=reached)
    if PILLOW in found and case in {"12 MP JPEG", "12 MP JPEG to 1024"}:
        lost = found[PILLOW].ssim - ours.ssim
        yield _line(case, "SSIM lost to Pillow", f"{lost:.4f}", lost <= _MAY_LOSE, _MAY_LOSE, None, met=False)


def _met(ratio: float, stretch: float | None) -> bool:
    return stretch is not None and ratio >= stretch


def _line(
    case: str,
    what: str,
    value: str,
    ok: bool,
    must: float,
    stretch: float | None,
    *,
    met: bool,
) -> str:
    goal = "" if stretch is None else f", stretch {stretch:g}{' met' if met else ''}"
    return f"{'ok   ' if ok else 'SHORT'}  {case}: {value} {what} (must {must:g}{goal})"
