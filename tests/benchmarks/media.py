"""`fit` against Pillow: how much faster, and how near to the ideal the picture stays."""

# ruff: noqa: T201 - what it prints is what it is for

import functools
import io
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import PIL
from PIL import Image, features

from gateway import _core
from tests.benchmarks import corpus
from tests.benchmarks.measure import interleaved, table

ROUNDS: Final = 7
LONG_EDGE: Final = 1568
QUALITY: Final = 85

Plane = npt.NDArray[np.float64]


class Case(NamedTuple):
    """One task: a file, the size wanted, the form wanted, and whether Pillow's `draft` applies."""

    name: str
    data: bytes
    size: tuple[int, int]
    form: Literal["jpeg", "png"]


def cases() -> list[Case]:
    """Photographs and a screenshot to the long edge that vision models take."""
    photo, screen = corpus.photo(4032, 3024), corpus.screenshot(3840, 2160)
    progressive = corpus.file(photo, "JPEG", quality=90, progressive=True)
    upright, wide = (LONG_EDGE, 1176), (LONG_EDGE, 882)
    return [
        Case("12 MP JPEG", corpus.file(photo, "JPEG", quality=90), upright, "jpeg"),
        Case("12 MP progressive JPEG", progressive, upright, "jpeg"),
        Case("12 MP JPEG to 1024", corpus.file(photo, "JPEG", quality=90), (1024, 768), "jpeg"),
        Case("4K PNG to JPEG", corpus.file(screen, "PNG"), wide, "jpeg"),
        Case("4K PNG to PNG", corpus.file(screen, "PNG"), wide, "png"),
    ]


def with_pillow(case: Case, *, draft: bool) -> bytes:
    """Pillow's way; `draft` lets its JPEG decoder skip detail it will not need, its best idiom."""
    image: Image.Image = Image.open(io.BytesIO(case.data))
    if draft:
        image.draft("RGB", case.size)
    image = image.resize(case.size, Image.Resampling.LANCZOS)
    if case.form == "png":
        # the level nearest to ours in effort
        return corpus.file(image, "PNG", compress_level=1)
    return corpus.file(image, "JPEG", quality=QUALITY)


def with_fit(case: Case) -> bytes:
    """Ours, from bytes to bytes, header walk and digest included."""
    return _core.fit(_core.Media(case.data), *case.size, format=case.form, quality=QUALITY).data()


def contenders(case: Case) -> dict[str, Callable[[], bytes]]:
    """By name, ours first."""
    out: dict[str, Callable[[], bytes]] = {
        "fit": functools.partial(with_fit, case),
        "Pillow, plain": functools.partial(with_pillow, case, draft=False),
    }
    if case.data.startswith(b"\xff\xd8"):
        out["Pillow, draft + LANCZOS"] = functools.partial(with_pillow, case, draft=True)
    return out


def luma(image: Image.Image) -> Plane:
    """Luma as floats, not rounded."""
    weights = np.array([0.299, 0.587, 0.114])
    return np.asarray(np.asarray(image.convert("RGB"), np.float64) @ weights, np.float64)


def ideal(case: Case) -> Plane:
    """Luma of the source, scaled by Lanczos in floats."""
    plane = Image.fromarray(luma(Image.open(io.BytesIO(case.data))).astype(np.float32))
    return np.asarray(plane.resize(case.size, Image.Resampling.LANCZOS), np.float64)


def psnr(expected: Plane, actual: Plane) -> float:
    """Peak signal to noise ratio, dB."""
    return float(10 * np.log10(255**2 / np.mean((expected - actual) ** 2)))


def ssim(expected: Plane, actual: Plane) -> float:
    """Mean structural similarity over windows of 8 x 8 (Wang et al. 2004, uniform window)."""

    def mean(plane: Plane) -> Plane:
        sums = np.pad(plane, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
        return np.asarray((sums[8:, 8:] - sums[:-8, 8:] - sums[8:, :-8] + sums[:-8, :-8]) / 64, np.float64)

    a, b = mean(expected), mean(actual)
    variance_a, variance_b = mean(expected**2) - a**2, mean(actual**2) - b**2
    covariance = mean(expected * actual) - a * b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    score = (2 * a * b + c1) * (2 * covariance + c2) / ((a**2 + b**2 + c1) * (variance_a + variance_b + c2))
    return float(score.mean())


def rows(case: Case) -> list[list[str]]:
    """One row per contender."""
    ways = contenders(case)
    timing = interleaved(ways, ROUNDS)
    reference = ideal(case)
    out: list[list[str]] = []
    for name, way in ways.items():
        result = way()
        plane = luma(Image.open(io.BytesIO(result)))
        time = timing[name]
        ratio = time.best / timing["fit"].best
        times = [f"{time.best * 1e3:.0f}", f"{time.median * 1e3:.0f}", f"{ratio:.2f}"]
        quality = [
            f"{psnr(reference, plane):.1f}",
            f"{ssim(reference, plane):.4f}",
            f"{len(result) / 1024:.0f}",
        ]
        out.append([f"{case.name}: {name}", *times, *quality])
    return out


def main() -> None:
    """Prints one table: time, ratio to ours, and what the picture looks like afterwards."""
    turbo = features.version("libjpeg_turbo")
    print(
        f"\nfit against Pillow {PIL.__version__} (libjpeg-turbo {turbo}), best and median of {ROUNDS} rounds;"
    )
    print("quality against a Lanczos scaling in floats of the decoded source, luma, after encoding")
    head = ["task", "best ms", "median ms", "times ours", "PSNR dB", "SSIM", "KiB"]
    print(table(head, [row for case in cases() for row in rows(case)]))
    photo = _core.Media(corpus.file(corpus.photo(4032, 3024), "JPEG", quality=90, comment=b"a comment"))
    strip = interleaved({"strip": lambda: _core.strip(photo)}, 30)["strip"]
    megabytes = photo.size / 1e6
    print(
        f"\nstrip, JPEG of {megabytes:.1f} MB: {strip.best * 1e6:.0f} us ({megabytes / strip.best:.0f} MB/s)"
    )


if __name__ == "__main__":
    main()
