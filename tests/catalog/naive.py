"""Every image rule once more, slowly: written from the providers' words alone, by counting and trying out.

Nothing of `gateway.catalog` is called but the numbers of a rule. Where the catalog takes a root or divides,
here a loop goes up until it is too far; where it scales, here stands an exact fraction. An answer is the
tokens and the pixels that the target works on.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import count
from typing import Any

from gateway.catalog.images import ImageRule, Size
from gateway.catalog.images.anthropic import AnthropicGrid
from gateway.catalog.images.flat import Flat, GrokTiles, NovaTable
from gateway.catalog.images.google import GeminiTiles, PanAndScan, TokenBudget
from gateway.catalog.images.open_weights import (
    InternVL,
    Llama4Tiles,
    LlamaVisionTiles,
    LlavaNext,
    MistralGrid,
    QwenGrid,
)
from gateway.catalog.images.openai import OpenAIPatch, OpenAITile, PatchLevel


def counted(rule: ImageRule, size: Size, detail: str | None = None) -> tuple[int, Size]:
    """Tokens, and the size that the model works on; the image's own where a rule does not say."""
    return _RULES[type(rule)](rule, size, detail)


def _covering(length: int, cell: int) -> int:
    """Cells laid one beside the other until they cover the length."""
    return len(range(0, length, cell))


def _most(fits: Callable[[int], bool]) -> int:
    """The last number that fits, counting up from nothing."""
    return next(n for n in count(0) if not fits(n + 1))


def _times(size: Size, scale: Fraction, cut: Callable[[Fraction], int]) -> Size:
    return max(cut(size[0] * scale), 1), max(cut(size[1] * scale), 1)


def _tile(rule: OpenAITile, size: Size, detail: str | None) -> tuple[int, Size]:
    scale = min(Fraction(1), Fraction(2048, max(size)), Fraction(768, min(size)))
    seen = _times(size, scale, int)
    tiles = 0 if detail == "low" else _covering(seen[0], 512) * _covering(seen[1], 512)
    return rule.base + rule.tile * tiles, seen


def _patch(rule: OpenAIPatch, size: Size, detail: str | None) -> tuple[int, Size]:
    said = detail if detail in {"low", "high", "original"} else rule.auto
    level: PatchLevel = {"low": rule.low, "high": rule.high, "original": rule.original}[said]
    width, height = _times(size, min(Fraction(1), Fraction(level.side, max(size))), round)
    if level.budget is not None and _covering(width, 32) * _covering(height, 32) > level.budget:
        # floor(W * k / 32) where k * k = 32 * 32 * B / (W * H): n cells while n * n * H <= B * W.
        budget = level.budget
        columns = _most(lambda n: n * n * height <= budget * width and n <= budget) or 1
        rows = _most(lambda n: n * n * width <= budget * height and n <= budget) or 1
        scale = min(Fraction(32 * columns, width), Fraction(32 * rows, height))
        width, height = _times((width, height), scale, int)
    patches = _covering(width, 32) * _covering(height, 32)
    exact = patches * Fraction(rule.multiplier)
    return next(n for n in count(patches) if n >= exact), (width, height)


def _grid(rule: AnthropicGrid, size: Size, _: str | None) -> tuple[int, Size]:
    def cells(width: int, height: int) -> int | None:
        across, down = _covering(width, 28), _covering(height, 28)
        return across * down if max(across, down) * 28 <= rule.edge and across * down <= rule.tokens else None

    if (whole := cells(*size)) is not None:
        return whole, size
    long, short = max(size), min(size)
    for edge in range(long - 1, 0, -1):
        other = max(round(Fraction(edge * short, long)), 1)
        seen = (edge, other) if size[0] >= size[1] else (other, edge)
        if (tokens := cells(*seen)) is not None:
            return tokens, seen
    raise AssertionError("one pixel always fits")


def _gemini_tiles(rule: GeminiTiles, size: Size, _: str | None) -> tuple[int, Size]:
    if max(size) <= 384:
        return 258, size
    unit = _most(lambda n: n * 3 <= min(size) * 2) or 1
    return 258 * (_covering(size[0], unit) * _covering(size[1], unit) + rule.overview), size


def _budget(rule: TokenBudget, size: Size, _: str | None) -> tuple[int, Size]:
    # floor(f * W / 48) where f * f = B * 48 * 48 / (W * H): n cells while n * n * H <= B * W.
    width, height = size
    columns = _most(lambda n: n * n * height <= rule.budget * width)
    rows = _most(lambda n: n * n * width <= rule.budget * height)
    if not rows:
        columns, rows = min(width // height, rule.budget), 1
    if not columns:
        columns, rows = 1, min(height // width, rule.budget)
    return columns * rows, (48 * columns, 48 * rows)


def _scanned(rule: PanAndScan, size: Size, _: str | None) -> tuple[int, Size]:
    long, short = max(size), min(size)
    if Fraction(long, short) < Fraction(rule.percent, 100):
        return rule.tokens, size
    halves = _most(lambda n: n * short <= 2 * long)
    crops = min((halves + 1) // 2, len(range(rule.least, long + 1, rule.least)))
    crops = sorted((2, crops, rule.most))[1]
    piece = next(n for n in count(1) if n * crops >= long)
    return rule.tokens * (1 + (crops if min(piece, short) >= rule.least else 0)), size


def _mistral(rule: MistralGrid, size: Size, _: str | None) -> tuple[int, Size]:
    seen = _times(size, min(Fraction(1), Fraction(rule.side, max(size))), round)
    columns, rows = _covering(seen[0], rule.cell), _covering(seen[1], rule.cell)
    return sum(columns + 1 for _row in range(rows)), seen


def _qwen(rule: QwenGrid, size: Size, _: str | None) -> tuple[int, Size]:
    width, height = size
    factor, square = rule.factor, rule.factor**2
    columns, rows = (round(Fraction(side, factor)) for side in size)
    if columns * rows * square > rule.max_pixels:
        # beta * beta = W * H / max: cells while n * factor <= W / beta.
        columns = _most(lambda n: n * n * square * height <= rule.max_pixels * width) or 1
        rows = _most(lambda n: n * n * square * width <= rule.max_pixels * height) or 1
    elif columns * rows * square < rule.min_pixels:
        columns = next(n for n in count(1) if n * n * square * height >= rule.min_pixels * width)
        rows = next(n for n in count(1) if n * n * square * width >= rule.min_pixels * height)
    return columns * rows, (columns * factor, rows * factor)


def _llama4(rule: Llama4Tiles, size: Size, _: str | None) -> tuple[int, Size]:
    canvases = [
        (columns, rows, min(Fraction(columns * 336, size[0]), Fraction(rows * 336, size[1])))
        for rows in range(1, 17)
        for columns in range(1, 17)
        if rows * columns <= 16
    ]
    upscaling = [canvas for canvas in canvases if canvas[2] >= 1]
    best = min(c[2] for c in upscaling) if upscaling else max(c[2] for c in canvases)
    columns, rows, _scale = min((c for c in canvases if c[2] == best), key=lambda c: c[0] * c[1])
    several = columns * rows * 144 + rows * (columns - 1) + rows if columns * rows > 1 else 0
    return 3 + 144 + several, _times(size, min(best, Fraction(1)), int)


def _llama_vision(_rule: LlamaVisionTiles, size: Size, _: str | None) -> tuple[int, Size]:
    return min(2, max(size[1] // 560, 1)) * min(2, max(size[0] // 560, 1)) * 1601, size


def _internvl(rule: InternVL, size: Size, _: str | None) -> tuple[int, Size]:
    sides = range(1, 13)
    grids = [(c, r) for c in sides for r in sides if c * r <= rule.tiles] if rule.crop else [(1, 1)]
    shape = Fraction(*size)
    nearest = min(abs(shape - Fraction(*grid)) for grid in grids)
    tied = sorted(
        (g for g in grids if abs(shape - Fraction(*g)) == nearest), key=lambda grid: grid[0] * grid[1]
    )
    roomy = [g for g in tied if size[0] * size[1] > Fraction(1, 2) * 448 * 448 * g[0] * g[1]]
    columns, rows = roomy[-1] if roomy else tied[0]
    tiles = columns * rows
    return (tiles + (tiles > 1)) * 256 + 2, (columns * 448, rows * 448)


def _llava_next(_rule: LlavaNext, size: Size, _: str | None) -> tuple[int, Size]:
    def effective(canvas: Size) -> tuple[int, int]:
        scale = min(Fraction(canvas[0], size[0]), Fraction(canvas[1], size[1]))
        kept = min(int(size[0] * scale) * int(size[1] * scale), size[0] * size[1])
        return kept, -(canvas[0] * canvas[1] - kept)

    canvas = max([(672, 336), (336, 672), (672, 672), (336, 1008), (1008, 336)], key=effective)
    columns, rows = canvas[0] // 14, canvas[1] // 14
    if Fraction(*size) > Fraction(columns, rows):
        while rows - 2 >= size[1] * columns // size[0]:
            rows -= 2  # a row of padding above and one below
    else:
        while columns - 2 >= size[0] * rows // size[1]:
            columns -= 2
    return rows * columns + rows + 576, size


def _flat(rule: Flat, size: Size, _: str | None) -> tuple[int, Size]:
    return rule.tokens, size


def _grok(_rule: GrokTiles, size: Size, _: str | None) -> tuple[int, Size]:
    return (min(_covering(size[0], 448) * _covering(size[1], 448), 6) + 1) * 256, size


def _nova(_rule: NovaTable, size: Size, _: str | None) -> tuple[int, Size]:
    # AWS prints five sizes; between them a straight line, outside the nearest of them.
    table = {900 * 450: 800, 900 * 900: 1300, 1400 * 900: 1800, 1800 * 900: 2400, 1300 * 1300: 2600}
    scale = max(Fraction(1), Fraction(896, max(size)))
    pixels = int(size[0] * scale * size[1] * scale)
    if pixels in table or not min(table) < pixels < max(table):
        return table[min(table, key=lambda known: abs(known - pixels))], size
    below = max(known for known in table if known < pixels)
    above = min(known for known in table if known > pixels)
    slope = Fraction(table[above] - table[below], above - below)
    return table[below] + int(slope * (pixels - below)), size


_RULES: dict[type, Callable[[Any, Size, str | None], tuple[int, Size]]] = {
    OpenAITile: _tile,
    OpenAIPatch: _patch,
    AnthropicGrid: _grid,
    GeminiTiles: _gemini_tiles,
    TokenBudget: _budget,
    PanAndScan: _scanned,
    MistralGrid: _mistral,
    QwenGrid: _qwen,
    Llama4Tiles: _llama4,
    LlamaVisionTiles: _llama_vision,
    InternVL: _internvl,
    LlavaNext: _llava_next,
    Flat: _flat,
    GrokTiles: _grok,
    NovaTable: _nova,
}
