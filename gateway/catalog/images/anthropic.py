"""Anthropic's image rule: a grid of 28 px patches under an edge cap and a token cap.

The two tiers (standard up to Claude 4.6, high resolution from 4.7) differ in the caps alone. Source: the
vision and vision-coordinates guides, mid to October 2026 (providers.md 1.2).
"""

from msgspec import Struct

from gateway.catalog.images.sizes import ImageTokens, Size, cells, changed

_PATCH = 28


class AnthropicGrid(Struct, frozen=True, forbid_unknown_fields=True, tag="anthropic_grid", tag_field="kind"):
    """`edge`: longest side in pixels after padding to 28. `tokens`: most patches of one image."""

    edge: int
    tokens: int


def grid_tokens(rule: AnthropicGrid, width: int, height: int, detail: str | None) -> ImageTokens:  # noqa: ARG001
    """Tokens = ceil(W/28) * ceil(H/28) of the resized image; detail has no meaning here."""
    size = grid_size(rule, width, height)
    columns, rows = cells(size[0], _PATCH), cells(size[1], _PATCH)
    return ImageTokens(
        tokens=columns * rows,
        resized=changed((width, height), size),
        grid=(columns, rows),
        units=columns * rows,
    )


def grid_size(rule: AnthropicGrid, width: int, height: int) -> Size:
    """The (width, height) the model sees: the largest long edge whose image fits both caps.

    A binary search, as published; the short edge is rounded half to even, which the API does too.
    """

    def fits(long: int, short: int) -> bool:
        columns, rows = cells(long, _PATCH), cells(short, _PATCH)
        return max(columns, rows) * _PATCH <= rule.edge and columns * rows <= rule.tokens

    long, short = max(width, height), min(width, height)
    if fits(long, short):
        return width, height
    ratio = long / short
    low, high = 1, long
    while high - low > 1:
        middle = (low + high) // 2
        if fits(middle, max(round(middle / ratio), 1)):
            low = middle
        else:
            high = middle
    edges = low, max(round(low / ratio), 1)
    return edges if width >= height else (edges[1], edges[0])
