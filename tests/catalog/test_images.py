"""Image rules: what the vectors do not say. Laws over all rules; sizes, levels and refusals of some."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog.images import RULES, ImageRule, largest_legal, lossless_size, tokens
from gateway.catalog.images.anthropic import AnthropicGrid, grid_size
from gateway.catalog.images.google import TokenBudget
from gateway.catalog.images.openai import OpenAITile
from tests.catalog.samples import CATALOG

NAMED: dict[str, ImageRule] = {
    name: rule for name in CATALOG.rule_names() if (rule := CATALOG.rule(name)) is not None
}
DETAILS = st.sampled_from([None, "auto", "low", "high", "original"])
SIDES = st.integers(min_value=1, max_value=9_000)
EVERY_RULE = pytest.mark.parametrize("rule", NAMED.values(), ids=NAMED.keys())


def test_every_kind_of_rule_is_used() -> None:
    """No rule is shipped that no named family uses."""
    assert set(RULES.values()) == {type(rule) for rule in NAMED.values()}


@EVERY_RULE
@settings(max_examples=60)
@given(width=SIDES, height=SIDES, detail=DETAILS)
def test_lossless_size_loses_nothing(rule: ImageRule, width: int, height: int, detail: str | None) -> None:
    """The prepared size has fewer pixels, is never enlarged, costs the same and is sent on unchanged."""
    size = lossless_size(rule, width, height, detail)
    if size is None:
        return
    assert size[0] <= width
    assert size[1] <= height
    assert size != (width, height)
    assert tokens(rule, width, height, detail).tokens == tokens(rule, *size, detail).tokens
    assert lossless_size(rule, *size, detail) is None


@EVERY_RULE
@settings(max_examples=40)
@given(width=SIDES, height=SIDES, detail=DETAILS)
def test_bounds_hold_the_prediction(rule: ImageRule, width: int, height: int, detail: str | None) -> None:
    """An exact count has no bounds; any other lies between its bounds, and all are positive."""
    counted = tokens(rule, width, height, detail)
    doubted = tokens(rule, width, height, detail, confirmed=False)
    assert counted.tokens > 0
    assert "estimated" == doubted.certainty
    for count in (counted, doubted):
        low = count.tokens if count.low is None else count.low
        high = count.tokens if count.high is None else count.high
        assert low <= count.tokens <= high


@settings(max_examples=200)
@given(width=SIDES, height=SIDES)
def test_anthropic_size_is_the_largest_that_fits(width: int, height: int) -> None:
    """One pixel more on the long edge would break a cap, and the result itself never does."""
    rule = AnthropicGrid(edge=1568, tokens=1568)
    size = grid_size(rule, width, height)
    counted = tokens(rule, *size)
    assert counted.tokens <= rule.tokens
    assert counted.resized is None
    assert -(-max(size) // 28) * 28 <= rule.edge


@pytest.mark.parametrize(
    ("width", "height", "detail", "expected"),
    [
        (4000, 3000, None, (1024, 768)),
        (3000, 4000, "auto", (768, 1024)),
        (300, 200, None, None),
        (5000, 300, None, (2048, 122)),
        # `low` costs the same at any size: the size for `high` is sent, which holds all that `low` needs.
        (4000, 3000, "low", (1024, 768)),
    ],
)
def test_openai_tile_sizes(
    width: int, height: int, detail: str | None, expected: tuple[int, int] | None
) -> None:
    """Tiles: within 2048 both ways, then the short side 768, never up."""
    assert expected == lossless_size(OpenAITile(base=85, tile=170), width, height, detail)


def test_low_can_cost_more_than_high() -> None:
    """On gpt-5.4 `low` has the larger budget, so asking for less detail can cost more."""
    rule = NAMED["gpt-5.4"]
    assert tokens(rule, 4000, 3000, "low").tokens > tokens(rule, 4000, 3000, "high").tokens


def test_unsaid_detail_is_the_familys_own() -> None:
    """Auto and unsaid mean `high` on 5.4 and `original` on 5.5: the same picture, 3.5 times the tokens."""
    picture = (3840, 2160)
    assert tokens(NAMED["gpt-5.4"], *picture, "high") == tokens(NAMED["gpt-5.4"], *picture, "auto")
    assert 9_792 == tokens(NAMED["gpt-5.5"], *picture, None).tokens


def test_refused_image_has_a_largest_legal_size() -> None:
    """Beyond 30,000 patches the API answers 400; the size offered instead is taken, and hardly smaller."""
    rule = NAMED["gpt-5.6"]
    assert tokens(rule, 7952, 5304, "original").refusal is not None
    assert lossless_size(rule, 7952, 5304, "original") is None
    size = largest_legal(rule, 7952, 5304, "original")
    assert size is not None
    taken = tokens(rule, *size, "original")
    assert taken.refusal is None
    assert 29_000 < (taken.units or 0) <= 30_000


@settings(max_examples=200)
@given(width=SIDES, height=SIDES)
def test_token_budget_is_never_exceeded(width: int, height: int) -> None:
    """Gemini's documented maximum holds for every shape."""
    counted = tokens(TokenBudget(budget=1120), width, height)
    assert 1 <= counted.tokens <= 1120


def test_qwen_refuses_needles() -> None:
    """A ratio beyond 200 is an error of the processor, and no size of that shape would work."""
    rule = NAMED["qwen3-vl"]
    assert tokens(rule, 8001, 40).refusal is not None
    assert largest_legal(rule, 8001, 40) is None
