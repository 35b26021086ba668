"""Sizes below the rule's own: laws over every rule, the examples of the reference, and the golden table."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog.images import ImageRule, tokens
from gateway.catalog.images.anthropic import AnthropicGrid
from gateway.catalog.images.openai import OpenAIPatch, OpenAITile
from gateway.catalog.sizes import (
    LEGIBLE_PIXELS,
    legible_size,
    near_lossless_size,
    seen_glyph_height,
    seen_size,
)
from tests.catalog.naive import counted
from tests.catalog.samples import CATALOG

NAMED: dict[str, ImageRule] = {
    name: rule for name in CATALOG.rule_names() if (rule := CATALOG.rule(name)) is not None
}
DETAILS = st.sampled_from([None, "auto", "low", "high", "original"])
SIDES = st.integers(min_value=1, max_value=9_000)
EVERY_RULE = pytest.mark.parametrize("rule", NAMED.values(), ids=NAMED.keys())
GOLDEN = Path(__file__).parent.parent / "golden" / "sizes.json"
GLYPH = 24.0
LEVELLED = (OpenAITile, OpenAIPatch)
SHAPES = [
    *[(side, side) for side in (1, 16, 100, 224, 384, 385, 512, 768, 1024, 1568, 2048, 3000)],
    *[(640, 480), (480, 640), (800, 600), (960, 540), (1092, 1092), (1200, 800), (1280, 720), (1500, 1000)],
    *[(1600, 1200), (1920, 1080), (1080, 1920), (2000, 1500), (2480, 3508), (2550, 3300), (3024, 4032)],
    *[(3840, 2160), (4000, 3000), (4032, 3024), (8000, 6000), (1000, 8000), (8000, 1000), (1170, 2532)],
    *[(200, 4000), (5000, 300), (31, 33), (57, 28), (513, 511), (1537, 769)],
]


def row(rule: ImageRule, width: int, height: int) -> list[Any]:
    """Tokens; the pixels the model sees; the two smaller sizes with their tokens, or null."""
    priced = [
        size and [*size, tokens(rule, *size).tokens]
        for size in (
            near_lossless_size(rule, width, height),
            legible_size(rule, width, height, GLYPH),
        )
    ]
    return [tokens(rule, width, height).tokens, list(seen_size(rule, width, height)), *priced]


def table() -> dict[str, dict[str, list[Any]]]:
    """Every rule and every shape; `python -m tests.catalog.test_sizes` writes it, then read the diff."""
    return {
        name: {f"{width}x{height}": row(rule, width, height) for width, height in SHAPES}
        for name, rule in NAMED.items()
    }


@EVERY_RULE
def test_golden_table(rule: ImageRule) -> None:
    """Forty shapes a rule: size seen, tokens, and both smaller sizes are those that were looked at once."""
    name = next(name for name, named in NAMED.items() if named is rule)
    assert 40 == len(set(SHAPES))
    assert json.loads(GOLDEN.read_text())[name] == table()[name]


@EVERY_RULE
def test_every_rule_by_its_own_words(rule: ImageRule) -> None:
    """The golden tokens and sizes equal the provider's published steps, written down again to be slow."""
    name = next(name for name, named in NAMED.items() if named is rule)
    golden = json.loads(GOLDEN.read_text())[name]
    for shape in SHAPES:
        expected, size = counted(rule, shape)
        gains = size[0] <= shape[0] and size[1] <= shape[1] and expected == counted(rule, size)[0]
        seen = size if gains else shape
        assert [expected, list(seen)] == golden[f"{shape[0]}x{shape[1]}"][:2], shape


@pytest.mark.parametrize("detail", ["low", "high", "original"])
@pytest.mark.parametrize("name", [name for name, rule in NAMED.items() if isinstance(rule, LEVELLED)])
def test_every_level_by_its_own_words(name: str, detail: str) -> None:
    """At each level of detail, tokens and pixels that the model works on are those of the slow way."""
    rule = NAMED[name]
    for shape in [*SHAPES, (1, 9_000), (9_000, 7), (2, 2)]:
        found = tokens(rule, *shape, detail)
        assert counted(rule, shape, detail) == (found.tokens, found.resized or shape), shape


@EVERY_RULE
@settings(max_examples=60, deadline=None)
@given(width=SIDES, height=SIDES, detail=DETAILS)
def test_near_lossless_is_near(rule: ImageRule, width: int, height: int, detail: str | None) -> None:
    """It saves tokens, is no larger than the image, and keeps 97 % of what the model sees, less a pixel."""
    size = near_lossless_size(rule, width, height, detail)
    if size is None:
        return
    seen = seen_size(rule, width, height, detail)
    assert tokens(rule, *size, detail).tokens < tokens(rule, width, height, detail).tokens
    for side, limit in zip(size, seen, strict=True):
        assert limit * 97 // 100 <= side <= limit


@EVERY_RULE
@settings(max_examples=60, deadline=None)
@given(width=SIDES, height=SIDES, detail=DETAILS, glyph=st.floats(1, 400))
def test_legible_is_legible(
    rule: ImageRule, width: int, height: int, detail: str | None, glyph: float
) -> None:
    """It saves tokens, is no larger than what the model sees anyway, and glyphs keep their eleven pixels."""
    size = legible_size(rule, width, height, glyph, detail)
    if size is None:
        return
    assert tokens(rule, *size, detail).tokens < tokens(rule, width, height, detail).tokens
    assert glyph * size[0] / width >= LEGIBLE_PIXELS * (1 - 1e-9)
    assert glyph * size[1] / height >= LEGIBLE_PIXELS * (1 - 1e-9)
    seen = seen_size(rule, width, height, detail)
    assert size[0] <= seen[0]
    assert size[1] <= seen[1]


@pytest.mark.parametrize(
    ("rule", "size", "before", "expected", "after"),
    [
        (AnthropicGrid(edge=2576, tokens=4784), (1920, 1080), 2691, (1891, 1064), 2584),
        (OpenAITile(base=85, tile=170), (1030, 500), 85 + 3 * 170, (1024, 497), 85 + 2 * 170),
        (OpenAITile(base=85, tile=170), (1100, 500), 85 + 3 * 170, None, None),
        (AnthropicGrid(edge=1568, tokens=1568), (560, 280), 200, None, None),
    ],
)
def test_examples(
    rule: ImageRule,
    size: tuple[int, int],
    before: int,
    expected: tuple[int, int] | None,
    after: int | None,
) -> None:
    """The examples of providers.md 1.4: a cell's row or column is cut when 3 % of scale do it."""
    assert before == tokens(rule, *size).tokens
    found = near_lossless_size(rule, *size)
    assert expected == found
    if found is not None:
        assert after == tokens(rule, *found).tokens


def test_openai_patches_example() -> None:
    """1920 x 1080 at detail `original`: 2,040 patches become 1,947 at 1877 x 1056 (providers.md 1.4)."""
    rule = next(
        rule for rule in NAMED.values() if isinstance(rule, OpenAIPatch) and rule.original.budget is None
    )
    assert 2040 == tokens(rule, 1920, 1080, "original").units
    size = near_lossless_size(rule, 1920, 1080, "original")
    assert (1877, 1056) == size
    assert 1947 == tokens(rule, *size, "original").units


def test_a_page_too_small_to_read() -> None:
    """A tall screenshot is scaled until its glyphs are lost; then nothing more is taken from it."""
    rule = OpenAITile(base=85, tile=170)
    assert 3.1 == pytest.approx(seen_glyph_height(rule, 1000, 8000, 12.0), abs=0.05)
    assert legible_size(rule, 1000, 8000, 12.0) is None
    assert legible_size(rule, 1000, 8000, 60.0) is not None


def test_a_receipt_saves_tiles() -> None:
    """A receipt of 12 megapixels with glyphs of 90 px needs one tile instead of four."""
    rule = OpenAITile(base=85, tile=170)
    size = legible_size(rule, 3024, 4032, 90.0)
    assert (370, 493) == size
    assert 765 == tokens(rule, 3024, 4032).tokens
    assert 255 == tokens(rule, *size).tokens


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(table(), separators=(",", ":")).replace('},"', '},\n"') + "\n")
