"""Google's image rules: tiles of 258 tokens (Gemini 2.x), a token budget per part (Gemini 3, Gemma 4), crops
of long images (Gemma 3 with pan and scan).

Sizes are (width, height) in pixels. Sources: the tokens and media-resolution guides of September 2026,
live counts others published, and the Gemma processors in transformers (providers.md 1.1, 1.2).
"""

from math import isqrt

from msgspec import Struct

from gateway.catalog.images.sizes import ImageTokens, cells, changed

_TILE_TOKENS = 258
_SMALL = 384
_CELL = 48


class GeminiTiles(Struct, frozen=True, forbid_unknown_fields=True, tag="gemini_tiles", tag_field="kind"):
    """Gemini 2.0 and 2.5. `overview`: an extra tile of the whole image, as live captures show.

    `levels`: tokens of an image at a media resolution that looks at it whole; `scanned`: tokens of a tile at
    one that pans over it besides.
    """

    overview: bool = True
    levels: dict[str, int] = {}
    scanned: dict[str, int] = {}

    def __hash__(self) -> int:
        return hash((self.overview, *self.levels.items(), *self.scanned.items()))


class TokenBudget(Struct, frozen=True, forbid_unknown_fields=True, tag="token_budget", tag_field="kind"):
    """Gemini 3 and Gemma 4: `budget` tokens at most, whatever the pixels. 1120 is Gemini's default.

    `bounded`: the documentation promises the maximum only (Gemini); Gemma's count is exact. `levels`: the
    budget at a media resolution, by the provider's word: OpenAI's `detail` is none.
    """

    budget: int
    bounded: bool = True
    levels: dict[str, int] = {}

    def __hash__(self) -> int:
        return hash((self.budget, self.bounded, *self.levels.items()))


class PanAndScan(Struct, frozen=True, forbid_unknown_fields=True, tag="pan_and_scan", tag_field="kind"):
    """Gemma 3 where an operator switched it on: the whole image, and crops along the long side of a long one.

    `percent`: how long the long side must be, in hundredths of the short one; `least`: pixels a side of the
    smallest crop; `most`: crops.
    """

    tokens: int = 256
    percent: int = 120
    least: int = 256
    most: int = 4


def scanned_tokens(rule: PanAndScan, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """As many crops as the long side holds the short one, rounded; from two to `most`, none too small."""
    long, short = max(width, height), min(width, height)
    crops = 0
    if long * 100 >= short * rule.percent:
        crops = min((2 * long + short) // (2 * short), long // rule.least)
        crops = min(max(crops, 2), rule.most)
        if min(cells(long, crops), short) < rule.least:
            crops = 0
    return ImageTokens(tokens=rule.tokens * (1 + crops), units=1 + crops)


def tiles_tokens(rule: GeminiTiles, width: int, height: int, detail: str | None) -> ImageTokens:
    """258 up to 384 px on both sides, else 258 a tile with crop unit u = floor(min(w,h) / 1.5).

    tiles = ceil(w/u) * ceil(h/u): they follow the shape, not the pixels. `units` leaves the overview out.
    """
    whole = rule.levels.get(detail or "")
    if whole is not None:
        return ImageTokens(tokens=whole, grid=(1, 1), units=1)
    tile = rule.scanned.get(detail or "", _TILE_TOKENS)
    if max(width, height) <= _SMALL:
        return ImageTokens(tokens=tile, grid=(1, 1), units=1)
    unit = max(min(width, height) * 2 // 3, 1)
    columns, rows = cells(width, unit), cells(height, unit)
    tiles = columns * rows
    return ImageTokens(
        tokens=tile * (tiles + rule.overview),
        certainty="bounded",
        low=tile * tiles,
        high=tile * (tiles + 1),
        grid=(columns, rows),
        units=tiles,
    )


def budget_tokens(rule: TokenBudget, width: int, height: int, detail: str | None) -> ImageTokens:
    """Scale up or down to fill the budget with cells of 48 px: f = sqrt(B * 9 * 256 / (w * h)).

    floor(f * h / 48) = floor(sqrt(B * h / w)), so integer square roots are exact. A side that becomes
    zero takes one cell and the other the whole ratio, within the budget.
    """
    budget = rule.levels.get(detail or "", rule.budget)
    columns, rows = isqrt(budget * width // height), isqrt(budget * height // width)
    if rows == 0:
        columns, rows = min(width // height, budget), 1
    elif columns == 0:
        columns, rows = 1, min(height // width, budget)
    return ImageTokens(
        tokens=columns * rows,
        certainty="bounded" if rule.bounded else "exact",
        low=columns * rows if rule.bounded else None,
        high=budget if rule.bounded else None,
        resized=changed((width, height), (columns * _CELL, rows * _CELL)),
        grid=(columns, rows),
        units=columns * rows,
    )
