"""Image rules that hardly look at the pixels: flat counts, xAI's six tiles, Amazon Nova's table."""

from itertools import pairwise

from msgspec import Struct

from gateway.catalog.images.sizes import ImageTokens, cells


class Flat(Struct, frozen=True, forbid_unknown_fields=True, tag="flat", tag_field="kind"):
    """Every image costs `tokens` (Gemma 3: 256, LLaVA 1.5: 576, Nova 2 Lite: 230)."""

    tokens: int


class GrokTiles(Struct, frozen=True, forbid_unknown_fields=True, tag="grok", tag_field="kind"):
    """(tiles + 1) * 256 with tiles of 448 px, at most six; the resize before tiling is undocumented."""


class NovaTable(Struct, frozen=True, forbid_unknown_fields=True, tag="nova", tag_field="kind"):
    """Amazon Nova v1: AWS prints five sizes with rounded counts, no formula."""


def flat_tokens(rule: Flat, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """The same for every size."""
    return ImageTokens(tokens=rule.tokens, units=1)


def grok_tokens(rule: GrokTiles, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """1,792 is the ceiling whatever the size (xAI's documentation of 2025; detail has no effect)."""
    tiles = min(cells(width, 448) * cells(height, 448), 6)
    return ImageTokens(tokens=(tiles + 1) * 256, certainty="bounded", low=512, high=1792, units=tiles)


# (pixels, tokens) of the sizes AWS prints: 900x450, 900x900, 1400x900, 1800x900, 1300x1300.
_NOVA = ((405_000, 800), (810_000, 1300), (1_260_000, 1800), (1_620_000, 2400), (1_690_000, 2600))


def nova_tokens(rule: NovaTable, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """Scaled up until a side has 896 px, then read off AWS's table, linearly between its points."""
    long = max(width, height)
    pixels = width * height * max(896, long) ** 2 // long**2
    tokens = _NOVA[-1][1] if pixels > _NOVA[0][0] else _NOVA[0][1]
    for (left, less), (right, more) in pairwise(_NOVA):
        if left <= pixels <= right:
            tokens = less + (more - less) * (pixels - left) // (right - left)
    return ImageTokens(tokens=tokens, certainty="estimated")
