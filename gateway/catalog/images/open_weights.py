"""Image rules of open-weight families: Mistral, Qwen, Llama, InternVL, LLaVA.

Sizes are (width, height) in pixels, grids (columns, rows). Sources: the processors in transformers 5.23
and mistral-common 1.13 (providers.md 1.1, 1.2).
"""

from fractions import Fraction
from math import ceil, floor, sqrt

from msgspec import Struct

from gateway.catalog.images.sizes import ImageTokens, Size, cells, changed


class MistralGrid(Struct, frozen=True, forbid_unknown_fields=True, tag="mistral_grid", tag_field="kind"):
    """`cell`: pixels one token covers (patch x merge). `side`: the longest side sent to the encoder."""

    cell: int
    side: int


class QwenGrid(Struct, frozen=True, forbid_unknown_fields=True, tag="qwen", tag_field="kind"):
    """Qwen2-VL and later. `factor`: pixels one token covers; pixel caps of the resized image."""

    factor: int
    min_pixels: int = 65_536
    max_pixels: int = 16_777_216


class Llama4Tiles(Struct, frozen=True, forbid_unknown_fields=True, tag="llama4", tag_field="kind"):
    """Tiles of `tile` px, at most `tiles`, `per_tile` tokens each, plus a global tile when several."""

    tile: int = 336
    tiles: int = 16
    per_tile: int = 144


class LlamaVisionTiles(Struct, frozen=True, forbid_unknown_fields=True, tag="llama_vision", tag_field="kind"):
    """Llama 3.2 Vision as Bedrock estimates it: up to 2 x 2 tiles of 560 px, 1601 tokens each."""


class InternVL(Struct, frozen=True, forbid_unknown_fields=True, tag="internvl", tag_field="kind"):
    """Tiles of 448 px, at most `tiles`, plus a thumbnail. `crop` False (some checkpoints): one tile."""

    tiles: int = 12
    crop: bool = True


class LlavaNext(Struct, frozen=True, forbid_unknown_fields=True, tag="llava_next", tag_field="kind"):
    """336 px base image plus the best of five pinpoint canvases, unpadded, a newline token a row."""


def mistral_tokens(rule: MistralGrid, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """A break token ends each row: tokens = (columns + 1) * rows. The side cap rounds half to even."""
    ratio = max(width, height) / rule.side
    size = (width, height)
    if ratio > 1:
        size = max(round(width / ratio), 1), max(round(height / ratio), 1)
    columns, rows = cells(size[0], rule.cell), cells(size[1], rule.cell)
    return ImageTokens(
        tokens=(columns + 1) * rows,
        resized=changed((width, height), size),
        grid=(columns, rows),
        units=columns * rows,
    )


def qwen_tokens(rule: QwenGrid, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """`smart_resize`: both sides to multiples of the factor, within the pixel caps; two marker tokens."""
    factor, area = rule.factor, width * height
    across, down = round(width / factor) * factor, round(height / factor) * factor
    if across * down > rule.max_pixels:
        beta = sqrt(area / rule.max_pixels)
        across = max(factor, floor(width / beta / factor) * factor)
        down = max(factor, floor(height / beta / factor) * factor)
    elif across * down < rule.min_pixels:
        beta = sqrt(rule.min_pixels / area)
        across, down = ceil(width * beta / factor) * factor, ceil(height * beta / factor) * factor
    columns, rows = across // factor, down // factor
    too_long = max(width, height) > 200 * min(width, height)
    return ImageTokens(
        tokens=columns * rows,
        markers=2,
        resized=changed((width, height), (across, down)),
        grid=(columns, rows),
        units=columns * rows,
        refusal="its sides differ by more than 200 to 1" if too_long else None,
    )


def llama4_tokens(rule: Llama4Tiles, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """The canvas of at most 16 tiles that scales the image least up, else least down; ties: less area.

    tokens = 3 (start, image, end) + 144 for the global tile + per tile 144 and one separator each.
    """
    grids = [
        (columns, rows)
        for columns in range(1, rule.tiles + 1)
        for rows in range(1, rule.tiles // columns + 1)
    ]

    def scale(grid: tuple[int, int]) -> Fraction:
        return min(Fraction(grid[0] * rule.tile, width), Fraction(grid[1] * rule.tile, height))

    enough = [grid for grid in grids if scale(grid) >= 1]
    best = min(map(scale, enough)) if enough else max(map(scale, grids))
    columns, rows = min((g for g in grids if scale(g) == best), key=lambda grid: grid[0] * grid[1])
    tiles = columns * rows
    size = (width, height)
    if best < 1:
        size = max(floor(width * best), 1), max(floor(height * best), 1)
    return ImageTokens(
        tokens=3 + rule.per_tile + (tiles * rule.per_tile + tiles if tiles > 1 else 0),
        resized=changed((width, height), size),
        grid=(columns, rows),
        units=tiles,
    )


def llama_vision_tokens(
    rule: LlamaVisionTiles,  # noqa: ARG001
    width: int,
    height: int,
    detail: str | None,  # noqa: ARG001
) -> ImageTokens:
    """min(2, max(h // 560, 1)) * min(2, max(w // 560, 1)) * 1601, the estimate Bedrock documents."""
    columns, rows = min(2, max(width // 560, 1)), min(2, max(height // 560, 1))
    return ImageTokens(
        tokens=columns * rows * 1601, certainty="estimated", grid=(columns, rows), units=columns * rows
    )


def internvl_tokens(rule: InternVL, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """The grid of 1..12 tiles of nearest shape; 256 tokens a tile and for the thumbnail, plus 2.

    On equal distance a larger grid wins while the image has more than half of its pixels.
    """
    best = (1, 1)
    if rule.crop:
        shape, nearest = Fraction(width, height), abs(Fraction(width, height) - 1)
        grids = sorted(
            ((c, r) for c in range(1, rule.tiles + 1) for r in range(1, rule.tiles // c + 1)),
            key=lambda grid: grid[0] * grid[1],
        )
        for columns, rows in grids:
            distance = abs(shape - Fraction(columns, rows))
            roomy = 2 * width * height > 448 * 448 * columns * rows
            if distance < nearest or (distance == nearest and roomy):
                best, nearest = (columns, rows), distance
    tiles = best[0] * best[1]
    tiles += 1 if tiles > 1 else 0
    canvas = best[0] * 448, best[1] * 448
    return ImageTokens(
        tokens=tiles * 256 + 2, resized=changed((width, height), canvas), grid=best, units=tiles
    )


# (width, height), in the order in which ties are decided.
_PINPOINTS: tuple[Size, ...] = ((672, 336), (336, 672), (672, 672), (336, 1008), (1008, 336))
_BASE_TOKENS = 576
_VIT_PATCH = 14


def llava_next_tokens(rule: LlavaNext, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """Base image 576, plus the unpadded part of the pinpoint canvas: cells and one newline a row."""
    canvas = max(_PINPOINTS, key=lambda pinpoint: _effective(pinpoint, width, height))
    columns, rows = canvas[0] // _VIT_PATCH, canvas[1] // _VIT_PATCH
    if width * rows > height * columns:
        rows -= (rows - height * columns // width) // 2 * 2
    else:
        columns -= (columns - width * rows // height) // 2 * 2
    return ImageTokens(
        tokens=_BASE_TOKENS + rows * columns + rows, grid=(columns, rows), units=columns * rows
    )


def _effective(pinpoint: Size, width: int, height: int) -> tuple[int, int]:
    """(pixels of the image that survive on this canvas, minus the pixels wasted): larger is better."""
    scale = min(Fraction(pinpoint[0], width), Fraction(pinpoint[1], height))
    pixels = min(floor(width * scale) * floor(height * scale), width * height)
    return pixels, pixels - pinpoint[0] * pinpoint[1]
