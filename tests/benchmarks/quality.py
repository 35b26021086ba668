"""How near a scaled picture is to the ideal: a Lanczos scaling in floats of the decoded source, luma."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.benchmarks.cases import Case

Plane = npt.NDArray[np.float64]


def luma(image: Image.Image) -> Plane:
    """Luma as floats, not rounded."""
    weights = np.array([0.299, 0.587, 0.114])
    return np.asarray(np.asarray(image.convert("RGB"), np.float64) @ weights, np.float64)


def ideal(case: Case) -> Plane:
    """What the picture would be."""
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
