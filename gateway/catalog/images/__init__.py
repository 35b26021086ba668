"""What an image costs at a model, and the size that loses nothing there.

A rule is a frozen record of numbers (data of the catalog, `kind` names it); beside it stands one pure
function from (rule, width, height, detail) to `ImageTokens`. Widths and heights are upright pixels.

| module | rules |
|---|---|
| `openai` | tiles of 512 px; patches of 32 px with a budget |
| `anthropic` | grid of 28 px under two caps |
| `google` | Gemini 2 tiles; Gemini 3 and Gemma 4 token budget; Gemma 3 crops |
| `open_weights` | Mistral, Qwen, Llama 3.2 and 4, InternVL, LLaVA-NeXT |
| `flat` | flat counts, xAI, Amazon Nova v1 |
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import structs

from gateway.catalog.images.anthropic import AnthropicGrid, grid_tokens
from gateway.catalog.images.flat import Flat, GrokTiles, NovaTable, flat_tokens, grok_tokens, nova_tokens
from gateway.catalog.images.google import (
    GeminiTiles,
    PanAndScan,
    TokenBudget,
    budget_tokens,
    scanned_tokens,
    tiles_tokens,
)
from gateway.catalog.images.open_weights import (
    InternVL,
    Llama4Tiles,
    LlamaVisionTiles,
    LlavaNext,
    MistralGrid,
    QwenGrid,
    internvl_tokens,
    llama4_tokens,
    llama_vision_tokens,
    llava_next_tokens,
    mistral_tokens,
    qwen_tokens,
)
from gateway.catalog.images.openai import (
    OpenAIPatch,
    OpenAITile,
    largest_patch_size,
    patch_tokens,
    tile_tokens,
)
from gateway.catalog.images.sizes import ImageTokens, Size

__all__ = ["RULES", "ImageRule", "ImageTokens", "Size", "largest_legal", "lossless_size", "tokens"]

ImageRule: TypeAlias = (
    OpenAITile
    | OpenAIPatch
    | AnthropicGrid
    | GeminiTiles
    | TokenBudget
    | PanAndScan
    | MistralGrid
    | QwenGrid
    | Llama4Tiles
    | LlamaVisionTiles
    | InternVL
    | LlavaNext
    | Flat
    | GrokTiles
    | NovaTable
)

_COUNTERS: dict[type[ImageRule], Callable[[Any, int, int, str | None], ImageTokens]] = {
    OpenAITile: tile_tokens,
    OpenAIPatch: patch_tokens,
    AnthropicGrid: grid_tokens,
    GeminiTiles: tiles_tokens,
    TokenBudget: budget_tokens,
    PanAndScan: scanned_tokens,
    MistralGrid: mistral_tokens,
    QwenGrid: qwen_tokens,
    Llama4Tiles: llama4_tokens,
    LlamaVisionTiles: llama_vision_tokens,
    InternVL: internvl_tokens,
    LlavaNext: llava_next_tokens,
    Flat: flat_tokens,
    GrokTiles: grok_tokens,
    NovaTable: nova_tokens,
}

RULES: dict[str, type[ImageRule]] = {str(rule.__struct_config__.tag): rule for rule in _COUNTERS}

# What an unconfirmed rule may be off by: x1.2 is assumed where x1.62 was once documented.
_UNCONFIRMED_LOW, _UNCONFIRMED_HIGH = 75, 135


@lru_cache(maxsize=4096)
def tokens(
    rule: ImageRule, width: int, height: int, detail: str | None = None, *, confirmed: bool = True
) -> ImageTokens:
    """What one image of `width` x `height` upright pixels costs under a rule.

    `confirmed` False: the rule is inferred for this model; the answer is then an estimate with bounds. Kept
    for the next candidate: most models share a rule with others.
    """
    counted = _COUNTERS[type(rule)](rule, width, height, detail)
    if confirmed and counted.certainty != "estimated":
        return counted
    low, high = counted.low or counted.tokens, counted.high or counted.tokens
    return structs.replace(
        counted,
        certainty="estimated",
        low=low * _UNCONFIRMED_LOW // 100,
        high=-(-high * _UNCONFIRMED_HIGH // 100),
    )


def lossless_size(rule: ImageRule, width: int, height: int, detail: str | None = None) -> Size | None:
    """The size to send: what the target would scale to itself, with fewer pixels and the same tokens.

    None when sending it as it is costs no more bytes than needed, or when the smaller image would be
    counted differently (extreme shapes under a rounding rule).
    """
    counted = tokens(rule, width, height, detail)
    size = counted.resized
    if size is None or counted.refusal is not None or size[0] > width or size[1] > height:
        return None
    return size if tokens(rule, *size, detail).tokens == counted.tokens else None


def largest_legal(rule: ImageRule, width: int, height: int, detail: str | None = None) -> Size | None:
    """For an image that the target refuses: the largest size of the same shape that it takes, or None."""
    if not isinstance(rule, OpenAIPatch):
        return None
    size = largest_patch_size(rule, width, height, detail)
    return None if tokens(rule, *size, detail).refusal is not None else size
