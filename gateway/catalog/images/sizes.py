"""What every image rule answers with."""

from typing import TypeAlias

from msgspec import Struct

from gateway.types.money import Certainty

Size: TypeAlias = tuple[int, int]


class ImageTokens(Struct, frozen=True):
    """What one image costs at one target.

    `tokens`: the prediction; `low` and `high` bound it, both None when it is exact. `markers`: tokens
    of framing round the image that the family charges as text, not part of `tokens`. `resized`: the
    (width, height) the target works on when it differs from what was sent. `grid`: (columns, rows) of
    cells or tiles; `units`: how many patches or tiles were counted. `refusal`: why the target would
    answer 400, None when it takes the image.
    """

    tokens: int
    certainty: Certainty = "exact"
    low: int | None = None
    high: int | None = None
    markers: int = 0
    resized: Size | None = None
    grid: tuple[int, int] | None = None
    units: int | None = None
    refusal: str | None = None


def cells(length: int, cell: int) -> int:
    """How many cells of `cell` pixels cover `length` pixels: the ceiling of the quotient."""
    return -(-length // cell)


def changed(before: Size, after: Size) -> Size | None:
    """`after` where it differs from `before`."""
    return after if after != before else None
