"""OpenAI's two image rules: tiles of 512 px (gpt-4o, 4.1, 5, o-series), patches of 32 px (later models).

All sizes are (width, height) in pixels. Scales are kept as ratios of integers, so that no rounding of a
float can tip a side over a tile edge. Source: the images-vision guide as of September 2026 (providers.md
1.1 and 1.2); vectors of status `computed` and `documented`.
"""

from decimal import ROUND_CEILING, Decimal
from math import isqrt

from msgspec import Struct

from gateway.catalog.images.sizes import ImageTokens, Size, cells, changed
from gateway.types.plan import Level

_TILE = 512
_LONG_SIDE = 2048
_SHORT_SIDE = 768
_PATCH = 32


class OpenAITile(Struct, frozen=True, forbid_unknown_fields=True, tag="openai_tile", tag_field="kind"):
    """`base` tokens an image plus `tile` tokens for each tile; detail `low` costs the base alone."""

    base: int
    tile: int


class PatchLevel(Struct, frozen=True, forbid_unknown_fields=True):
    """Caps of one level of detail: longest `side` in pixels, `budget` in patches (None: no budget)."""

    side: int
    budget: int | None = None


class OpenAIPatch(Struct, frozen=True, forbid_unknown_fields=True, tag="openai_patch", tag_field="kind"):
    """Patches times `multiplier` (a decimal string). `auto`: the level an unsaid detail means.

    `refuse`: patches after sizing beyond which the API answers 400 instead of resizing.
    """

    multiplier: str
    low: PatchLevel
    high: PatchLevel
    original: PatchLevel
    auto: Level
    refuse: int = 30_000


def tile_tokens(rule: OpenAITile, width: int, height: int, detail: str | None) -> ImageTokens:
    """Fit within 2048 x 2048, then the short side within 768, never up; count tiles of 512.

    s = min(1, 2048/max(w,h), 768/min(w,h)); tokens = base + tile * ceil(W/512) * ceil(H/512).
    """
    resized = _tile_size(width, height)
    columns, rows = cells(resized[0], _TILE), cells(resized[1], _TILE)
    low = detail == "low"
    return ImageTokens(
        tokens=rule.base if low else rule.base + rule.tile * columns * rows,
        resized=changed((width, height), resized),
        grid=None if low else (columns, rows),
        units=0 if low else columns * rows,
    )


def _tile_size(width: int, height: int) -> Size:
    long, short = max(width, height), min(width, height)
    # The smallest of the ratios 1/1, 2048/long and 768/short, compared without division.
    top, bottom = 1, 1
    for cap, side in ((_LONG_SIDE, long), (_SHORT_SIDE, short)):
        if cap * bottom < top * side:
            top, bottom = cap, side
    return max(width * top // bottom, 1), max(height * top // bottom, 1)


def patch_tokens(rule: OpenAIPatch, width: int, height: int, detail: str | None) -> ImageTokens:
    """Cap the long side, then the patch budget; tokens = ceil(patches * multiplier).

    The caps are those of the level of detail; `auto` and an unsaid detail mean `rule.auto`.
    """
    size = patch_size(_level(rule, detail), width, height)
    columns, rows = cells(size[0], _PATCH), cells(size[1], _PATCH)
    patches = columns * rows
    tokens = (Decimal(patches) * Decimal(rule.multiplier)).to_integral_value(rounding=ROUND_CEILING)
    refusal = None
    if patches > rule.refuse:
        refusal = f"it makes {patches:,} patches of 32 px where {rule.refuse:,} are taken"
    return ImageTokens(
        tokens=int(tokens),
        resized=changed((width, height), size),
        grid=(columns, rows),
        units=patches,
        refusal=refusal,
    )


def _level(rule: OpenAIPatch, detail: str | None) -> PatchLevel:
    levels = {"low": rule.low, "high": rule.high, "original": rule.original}
    return levels.get(detail or rule.auto, levels[rule.auto])


def patch_size(level: PatchLevel, width: int, height: int) -> Size:
    """The (width, height) that patches are cut from.

    Over the budget B the scale is k = sqrt(32 * 32 * B / (w * h)), cut so that one side is a whole
    number of patches. sqrt(B * w / h) is that side in patches, so integer square roots give the exact
    floor: with n the patches along the binding side, that side is 32 n and the other keeps the ratio.
    """
    long = max(width, height)
    if long > level.side:
        width = max(round(width * level.side / long), 1)
        height = max(round(height * level.side / long), 1)
    budget = level.budget
    if budget is None or cells(width, _PATCH) * cells(height, _PATCH) <= budget:
        return width, height
    columns = min(max(isqrt(budget * width // height), 1), budget)
    rows = min(max(isqrt(budget * height // width), 1), budget)
    if columns * height <= rows * width:
        return _PATCH * columns, max(height * _PATCH * columns // width, 1)
    return max(width * _PATCH * rows // height, 1), _PATCH * rows


def largest_patch_size(rule: OpenAIPatch, width: int, height: int, detail: str | None) -> Size:
    """The largest size of the same shape that is not refused: the budget rule with B = the refusal."""
    size = patch_size(_level(rule, detail), width, height)
    return patch_size(PatchLevel(side=max(size), budget=rule.refuse), *size)
