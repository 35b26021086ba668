"""What to try next when a picture drawn for a target has more bytes than the target takes.

Routing foresees what a picture may weigh at most, of some kinds only as a rule: a drawing of few colours
has thousands once it is scaled. A JPEG first loses quality, which keeps its pixels and what they cost; what
then is left, and every PNG, loses pixels, as many as its bytes say. It costs the less for it.
"""

from math import isqrt
from typing import Final

from msgspec import Struct

QUALITIES: Final = (85, 70, 55)
"""Of JPEGs, on libjpeg's scale, from what is sent as a rule to what still reads well."""
TRIES: Final = 6
"""Drawings in all; by then a picture has a fifth of its sides, or it is no matter of pixels."""


class Drawing(Struct, frozen=True):
    """How a picture is drawn. `size`: width and height in pixels, upright."""

    size: tuple[int, int]
    quality: int = QUALITIES[0]


def tighter(drawn: Drawing, mime: str, weight: int, cap: int) -> Drawing | None:
    """The next drawing to try after this one came out with `weight` bytes; None when nothing is left to lose.

    `cap`: bytes that the target takes, fewer than `weight`.
    """
    lower = next((quality for quality in QUALITIES if quality < drawn.quality), None)
    if mime == "image/jpeg" and lower is not None:
        return Drawing(drawn.size, lower)
    # Bytes go with the square of a side; a twentieth less, since fewer pixels are harder to pack.
    width, height = drawn.size
    share = isqrt(cap * 1_000_000 // weight) * 95 // 100
    smaller = (max(width * share // 1_000, 1), max(height * share // 1_000, 1))
    return Drawing(smaller, drawn.quality) if smaller != drawn.size else None
