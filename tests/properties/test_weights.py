"""Laws of weight over random shapes: where more pixels are never fewer tokens, and where they are."""

from collections.abc import Iterable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from gateway.catalog import ModelFacts, quote
from gateway.catalog.images import ImageRule, Size, tokens
from gateway.catalog.images.anthropic import AnthropicGrid
from gateway.catalog.images.flat import Flat, GrokTiles, NovaTable
from gateway.catalog.images.google import PanAndScan, TokenBudget
from gateway.catalog.images.open_weights import (
    InternVL,
    Llama4Tiles,
    LlamaVisionTiles,
    LlavaNext,
    MistralGrid,
    QwenGrid,
)
from gateway.catalog.images.openai import OpenAIPatch, OpenAITile
from gateway.catalog.sizes import seen_size
from gateway.routing.preparation import Prepared, prepare
from gateway.types.plan import Policy, PrepareKind
from gateway.types.weight import MediaFacts
from tests.catalog.samples import CATALOG, CHATS, carried, facts, medium

NAMED: dict[str, ImageRule] = {
    name: rule for name in CATALOG.rule_names() if (rule := CATALOG.rule(name)) is not None
}
SIDES = st.one_of(st.integers(1, 80), st.integers(1, 900), st.integers(1, 6_000))
MORE = st.one_of(st.integers(0, 40), st.integers(0, 400), st.integers(0, 3_000))
DETAILS = st.sampled_from([None, "auto", "low", "high", "original"])
SEERS = [name for name in CHATS if "image" in facts(name).modalities_in]
LOSSY: tuple[PrepareKind, ...] = ("strip", "downscale", "near_lossless", "legible", "recode", "detail")


def of_kinds(*kinds: type, shaped: bool = True) -> pytest.MarkDecorator:
    """Every named rule of these kinds. `shaped`: also InternVL that crops, to the canvas nearest in shape."""
    chosen = {
        name: rule
        for name, rule in NAMED.items()
        if isinstance(rule, kinds) and (shaped or not (isinstance(rule, InternVL) and rule.crop))
    }
    return pytest.mark.parametrize("rule", chosen.values(), ids=chosen.keys())


def count(rule: ImageRule, size: Size, detail: str | None = None) -> int:
    """Tokens, markers included."""
    found = tokens(rule, *size, detail)
    return found.tokens + found.markers


@of_kinds(Flat, GrokTiles, LlamaVisionTiles, InternVL, shaped=False)
@settings(max_examples=200)
@given(width=SIDES, height=SIDES, wider=MORE, higher=MORE)
def test_where_growing_never_costs_less(
    rule: ImageRule, width: int, height: int, wider: int, higher: int
) -> None:
    """Flat counts, and tiles that nothing is scaled for: growing either side never lowers the tokens."""
    assert count(rule, (width, height)) <= count(rule, (width + wider, height + higher))


@of_kinds(
    AnthropicGrid,
    Flat,
    GrokTiles,
    InternVL,
    Llama4Tiles,
    LlamaVisionTiles,
    LlavaNext,
    MistralGrid,
    NovaTable,
    OpenAITile,
    PanAndScan,
    TokenBudget,
)
@settings(max_examples=200)
@given(width=SIDES, height=SIDES, times=st.integers(2, 6), detail=DETAILS)
def test_where_the_same_shape_enlarged_never_costs_less(
    rule: ImageRule, width: int, height: int, times: int, detail: str | None
) -> None:
    """The same picture at twice the pixels a side, or more, has as many tokens at least."""
    assert count(rule, (width, height), detail) <= count(rule, (width * times, height * times), detail)


@of_kinds(AnthropicGrid, MistralGrid, OpenAIPatch, OpenAITile, QwenGrid)
# Half of the shapes are over one limit or another, and say nothing here.
@settings(max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
@given(width=SIDES, height=SIDES, wider=MORE, higher=MORE, detail=DETAILS)
def test_growing_within_the_limits_never_costs_less(
    rule: ImageRule, width: int, height: int, wider: int, higher: int, detail: str | None
) -> None:
    """What is charged by cells grows with either side as long as the target scales nothing down, or up."""
    grown = (width + wider, height + higher)
    assume(seen_size(rule, *grown, detail) == grown and tokens(rule, *grown, detail).refusal is None)
    if isinstance(rule, QwenGrid):
        # Below its least pixels a picture is enlarged, with its shape: thin ones then count most.
        assume(
            round(width / rule.factor) * round(height / rule.factor) * rule.factor**2 >= rule.min_pixels
            and round(grown[0] / rule.factor) * round(grown[1] / rule.factor) * rule.factor**2
            <= rule.max_pixels
        )
    assert count(rule, (width, height), detail) <= count(rule, grown, detail)


@pytest.mark.parametrize(
    ("name", "detail", "small", "grown", "fewer"),
    [
        # Growing one side past a cap shrinks the other with it.
        ("claude-high", None, (1483, 2655), (1528, 4277), (4784, 3036)),
        ("gpt-4o", None, (2904, 5833), (4526, 5970), (1445, 765)),
        ("gpt-5.4", None, (2539, 1187), (4369, 1257), (2304, 1460)),
        ("mistral-28", None, (1832, 1327), (3700, 1408), (2240, 1176)),
        ("qwen3-vl", None, (22, 328), (25, 1885), (93, 70)),
        # The shape decides, and another shape fits its canvas or budget worse.
        ("gemini-2", None, (1080, 1920), (1900, 1920), (1806, 1290)),
        ("gemini-3", None, (310, 48), (2175, 93), (1105, 966)),
        ("gemma-3-pan-and-scan", None, (1773, 489), (2243, 2074), (1280, 256)),
        ("internvl", None, (113, 8), (443, 414), (3330, 258)),
        ("llama-4", None, (5387, 127), (6150, 719), (2467, 1452)),
        ("llava-next", None, (218, 122), (2176, 151), (1608, 868)),
        # Bedrock enlarges small ones to 896 px a side, so a thin one of more pixels ends with fewer.
        ("nova", None, (206, 207), (1118, 293), (1286, 800)),
        # The same shape enlarged: the budget's whole patches fit it worse (patches), its least pixels no
        # longer enlarge it (Qwen), a tile's side is rounded down less (Gemini 2).
        ("gpt-4.1-nano", "low", (1920, 845), (9600, 4225), (3774, 3506)),
        ("qwen2-vl", None, (19, 19), (57, 57), (9, 4)),
        ("gemini-2", None, (417, 313), (1668, 1252), (1806, 1290)),
    ],
)
def test_where_growing_costs_less(
    name: str, detail: str | None, small: Size, grown: Size, fewer: tuple[int, int]
) -> None:
    """Rules that are not monotone, each with a picture that costs less when both its sides grow."""
    rule = NAMED[name]
    assert fewer == (tokens(rule, *small, detail).tokens, tokens(rule, *grown, detail).tokens)


@st.composite
def pictures(draw: st.DrawFn) -> MediaFacts:
    """Photos, scans and screenshots of any shape, on their side or not, looked at or not."""
    size = draw(st.integers(100, 30_000_000))
    return medium(
        mime=draw(st.sampled_from(["image/jpeg", "image/png", "image/webp", "image/gif", "image/bmp"])),
        width=draw(SIDES),
        height=draw(SIDES),
        size=size,
        orientation=draw(st.sampled_from([1, 6])),
        detail=draw(DETAILS),
        text_score=draw(st.sampled_from([None, 0.1, 0.9])),
        glyph_height=draw(st.sampled_from([None, 8.0, 20.0, 60.0])),
        opaque=draw(st.sampled_from([None, True, False])),
    )


def more(known: ModelFacts, media: Iterable[MediaFacts], policy: Policy) -> str:
    """Where the prepared request costs more than the original; empty when nowhere."""
    load = carried(*media, max_output_tokens=100)
    prepared = prepare(known, load, policy)
    if not isinstance(prepared, Prepared):
        return ""
    before, after = quote(known, load), quote(known, load, prepared.steps)
    bounds = (after.low, after.expected, after.high), (before.low, before.expected, before.high)
    dearer = any(now > then for now, then in zip(*bounds, strict=True))
    return f"{known.name}: {prepared.steps} makes {bounds[1]} {bounds[0]}" if dearer else ""


@settings(max_examples=120, deadline=None)
@given(picture=pictures(), allowed=st.sets(st.sampled_from(LOSSY)), glyphs=st.sampled_from([9.0, 11.0, 14.0]))
def test_what_is_prepared_never_costs_more(
    picture: MediaFacts, allowed: set[PrepareKind], glyphs: float
) -> None:
    """At every model that sees, under every policy: no bound of the quote is higher after preparation."""
    policy = Policy(prepare=frozenset(allowed), glyph_height=glyphs)
    found = [text for name in SEERS if (text := more(facts(name), [picture], policy))]
    assert not found, picture
