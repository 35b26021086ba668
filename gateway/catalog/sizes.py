"""Sizes below the one that an image rule asks for: fewer tokens for little loss, or for none that matters.

| function | gives | costs |
|---|---|---|
| `images.lossless_size` | what the target would scale to itself | nothing: the model sees the same |
| `near_lossless_size` | the same without grid rows and columns filled in part | at most 3 % of scale |
| `legible_size` | the smallest at which measured text stays readable | detail finer than text |

All are pure and answer None when there is nothing to gain. Sizes are (width, height) of the upright image.
None is ever larger than the image, nor does it cost more tokens. Sources: providers.md 1.4; pipelines.md,
finding 9 (receipts kept every total and date down to glyphs of 9 px; 11 leaves a margin).
"""

from fractions import Fraction
from math import ceil

from gateway.catalog.images import ImageRule, Size, lossless_size, tokens
from gateway.catalog.images.anthropic import AnthropicGrid
from gateway.catalog.images.open_weights import MistralGrid, QwenGrid
from gateway.catalog.images.openai import OpenAIPatch, OpenAITile
from gateway.types.plan import Level

LEGIBLE_PIXELS = 11.0
"""Median glyph height that every reader measured could read, with a margin of two pixels.

`make legible`: no field of 40 pages lost whose small print is two thirds of the body. Small print of half of
it is lost on 2 of 40 at 11 px and on none at 12.
"""

_LEAST_SCALE = Fraction(97, 100)
# Pixels a side of the one view that tiles give at detail `low` (images-vision guide).
_LOW_SIDE = 512


def cell_of(rule: ImageRule) -> int | None:
    """Pixels a side of the cells that a rule charges by, None for rules that do not charge by cells."""
    match rule:
        case OpenAITile():
            return 512
        case OpenAIPatch():
            return 32
        case AnthropicGrid():
            return 28
        case MistralGrid():
            return rule.cell
        case QwenGrid():
            return rule.factor
        case _:
            return None


def levels(rule: ImageRule) -> tuple[Level, ...]:
    """The levels of detail that a rule counts by; none where the client's word means nothing."""
    match rule:
        case OpenAITile():
            return "low", "high"
        case OpenAIPatch():
            return "low", "high", "original"
        case _:
            return ()


def seen_size(rule: ImageRule, width: int, height: int, detail: str | None = None) -> Size:
    """The pixels of the image that reach the model: what the target scales it down to, or all of them."""
    if isinstance(rule, OpenAITile) and detail == "low":
        # One view of 512 x 512, which the documentation calls a low-resolution version of the image.
        long = max(width, height, _LOW_SIDE)
        return _scaled((width, height), Fraction(_LOW_SIDE, long))
    return lossless_size(rule, width, height, detail) or (width, height)


def near_lossless_size(
    rule: ImageRule,
    width: int,
    height: int,
    detail: str | None = None,
    *,
    least_scale: Fraction = _LEAST_SCALE,
) -> Size | None:
    """The size without the row, the column, or both, of grid cells that the image fills in part only.

    Both sides keep their ratio. None when no tokens are saved by at most `1 - least_scale` of either side.
    """
    cell = cell_of(rule)
    if cell is None or tokens(rule, width, height, detail).refusal is not None:
        return None
    seen = seen_size(rule, width, height, detail)
    scales = {Fraction(side // cell * cell, side) for side in seen}
    sizes = [_scaled(seen, scale) for scale in scales if least_scale <= scale < 1]
    return _cheapest(rule, (width, height), sizes, detail)


def legible_size(
    rule: ImageRule,
    width: int,
    height: int,
    glyph_height: float,
    detail: str | None = None,
    *,
    least: float = LEGIBLE_PIXELS,
) -> Size | None:
    """The smallest size whose median glyph is still `least` pixels tall.

    `glyph_height` is what `_core.signals` measured, in pixels of this image. None when no tokens are saved,
    and when the target itself makes the text smaller than that: nothing may be taken from it then.
    """
    if glyph_height <= least or tokens(rule, width, height, detail).refusal is not None:
        return None
    scale = Fraction(least) / Fraction(glyph_height)
    size = ceil(width * scale), ceil(height * scale)
    seen = seen_size(rule, width, height, detail)
    if size[0] > seen[0] or size[1] > seen[1]:
        return None
    return _cheapest(rule, (width, height), [size], detail)


def seen_glyph_height(
    rule: ImageRule, width: int, height: int, glyph_height: float, detail: str | None = None
) -> float:
    """How tall the median glyph is once the target has scaled the image, in its pixels.

    Less than `LEGIBLE_PIXELS` means: crop it or split it, a whole page is too small to be read there.
    """
    return glyph_height * max(seen_size(rule, width, height, detail)) / max(width, height)


def _scaled(size: Size, scale: Fraction) -> Size:
    """Both sides cut to whole pixels, so that the side that sets the scale meets its multiple exactly."""
    return max(int(size[0] * scale), 1), max(int(size[1] * scale), 1)


def _cheapest(rule: ImageRule, whole: Size, sizes: list[Size], detail: str | None) -> Size | None:
    """Of the sizes that cost less than the whole image the cheapest, of equals the largest."""
    before = tokens(rule, *whole, detail).tokens
    priced = [(tokens(rule, *size, detail), size) for size in sizes]
    saving = [
        (counted.tokens, -size[0] * size[1], size)
        for counted, size in priced
        if counted.tokens < before and counted.refusal is None
    ]
    return min(saving)[2] if saving else None
