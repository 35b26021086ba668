"""The tasks that `fit` and its rivals do: a file, the size wanted, the form wanted."""

import functools
from typing import Final, Literal, NamedTuple

from tests.benchmarks import corpus

LONG_EDGE: Final = 1568
QUALITY: Final = 85


class Case(NamedTuple):
    """One task."""

    name: str
    data: bytes
    size: tuple[int, int]
    form: Literal["jpeg", "png"] = "jpeg"


@functools.cache
def cases() -> dict[str, Case]:
    """Photographs, a scan and a screenshot to the long edge that vision models take, by name."""
    photo, screen = corpus.photo(4032, 3024), corpus.screenshot(3840, 2160)
    large = photo.resize((8064, 6048))
    small = photo.resize((1920, 1440))
    jpeg = corpus.file(photo, "JPEG", quality=90)
    upright, wide, scan = (LONG_EDGE, 1176), (LONG_EDGE, 882), (1109, LONG_EDGE)
    found = [
        Case("12 MP JPEG", jpeg, upright),
        Case("12 MP JPEG to 1024", jpeg, (1024, 768)),
        Case("48 MP JPEG", corpus.file(large, "JPEG", quality=90), upright),
        Case("3 MP JPEG", corpus.file(small, "JPEG", quality=90), upright),
        Case("A4 scan JPEG", corpus.file(corpus.scan(2480, 3508), "JPEG", quality=85), scan),
        Case("12 MP progressive JPEG", corpus.file(photo, "JPEG", quality=90, progressive=True), upright),
        Case("4K PNG", corpus.file(screen, "PNG"), wide),
        Case("4K PNG to PNG", corpus.file(screen, "PNG"), wide, "png"),
        Case("64 px icon", corpus.file(screen.crop((0, 0, 64, 64)), "PNG"), (32, 32), "png"),
        Case("12 MP WebP", corpus.file(photo, "WEBP", quality=80, method=0), upright),
    ]
    return {case.name: case for case in found}
