"""What a policy may ask for beyond a downscale that loses nothing: smaller sizes, and JPEG."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from gateway.catalog import MediaLimit
from gateway.catalog.images import tokens
from gateway.catalog.sizes import LEGIBLE_PIXELS
from gateway.routing.preparation import Prepared, prepare
from gateway.types.plan import Policy, PrepareKind, Reason, Step
from tests.catalog.samples import CATALOG, carried, facts, medium

HIGH, TILES = "anthropic/claude-haiku-5-5", "openai/gpt-4o"
PNG = "image/png"


def policy(*steps: PrepareKind, **changes: Any) -> Policy:
    """A policy with these steps and the removal of metadata."""
    return Policy(prepare=frozenset({"strip", *steps}), **changes)


def step(model: str, allowed: Policy, **changes: Any) -> Step:
    """What is done to one image."""
    found = prepare(facts(model), carried(medium(**changes)), allowed)
    assert isinstance(found, Prepared)
    return found.steps[0]


def test_the_default_policy_loses_nothing() -> None:
    """Neither a smaller size nor JPEG is chosen unless a policy says so, whatever was measured."""
    page = {"width": 1920, "height": 1080, "text_score": 0.9, "glyph_height": 40.0, "opaque": True}
    assert Step(0, "strip") == step(HIGH, Policy(), mime=PNG, size=6_000_000, **page)
    assert LEGIBLE_PIXELS == Policy().glyph_height


def test_near_lossless_drops_a_row() -> None:
    """1920 x 1080 keeps whole cells of 28 px: 1891 x 1064, 2,584 tokens in the place of 2,691."""
    expected = Step(0, "near_lossless", (1920, 1080), (1891, 1064))
    assert expected == step(HIGH, policy("near_lossless"), width=1920, height=1080)


def test_near_lossless_may_downscale() -> None:
    """Where no row is to be gained, the size that loses nothing is sent, under its own name."""
    expected = Step(0, "downscale", (4000, 3000), (1024, 768))
    assert expected == step(TILES, policy("near_lossless"))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # 90 px to 11: one tile for a receipt of twelve megapixels.
        ({"text_score": 0.8, "glyph_height": 90.0}, ("legible", (370, 493))),
        ({"text_score": 0.49, "glyph_height": 90.0}, ("downscale", (768, 1024))),
        ({"text_score": 0.8}, ("downscale", (768, 1024))),
        ({}, ("downscale", (768, 1024))),
        # The target itself makes it 10 px tall: nothing more may be taken.
        ({"text_score": 0.8, "glyph_height": 40.0}, ("downscale", (768, 1024))),
    ],
)
def test_legible_wants_text_that_was_measured(found: dict[str, Any], expected: tuple[str, Any]) -> None:
    """A page shrinks until its median glyph has 11 px, never below; a photograph does not."""
    done = step(TILES, policy("legible"), width=3024, height=4032, **found)
    assert expected == (done.step, done.to)


def test_the_policy_says_how_tall() -> None:
    """A policy's own glyph height is the floor: half the glyphs, a quarter of the pixels."""
    page = {"width": 3024, "height": 4032, "text_score": 0.8, "glyph_height": 90.0}
    assert (740, 986) == step(HIGH, policy("legible", glyph_height=22.0), **page).to


def test_of_two_the_cheaper() -> None:
    """With both allowed the one that costs less is taken, and it is named."""
    both = policy("near_lossless", "legible")
    page = {"width": 1920, "height": 1080, "text_score": 0.8}
    assert "legible" == step(HIGH, both, glyph_height=30.0, **page).step
    assert "near_lossless" == step(HIGH, both, glyph_height=11.05, **page).step


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"size": 800_000}, Step(0, "recode", (600, 400), (600, 400), "jpeg")),
        # A screenshot of few colours has less than a byte a pixel.
        ({"size": 90_000}, Step(0, "strip")),
        ({"size": 800_000, "opaque": False}, Step(0, "strip")),
        ({"size": 800_000, "opaque": None}, Step(0, "strip")),
        ({"size": 800_000, "mime": "image/jpeg"}, Step(0, "strip")),
    ],
)
def test_recode_makes_jpeg_of_opaque_photographs(changes: dict[str, Any], expected: Step) -> None:
    """A PNG that a JPEG beats for certain, and that nothing shines through, leaves as JPEG."""
    image = {"mime": PNG, "width": 600, "height": 400, "opaque": True} | changes
    assert expected == step(TILES, policy("recode"), **image)


def test_a_downscale_is_recoded_on_the_way() -> None:
    """A big PNG photograph is drawn once: smaller, and as JPEG."""
    done = step(TILES, policy("downscale", "recode"), mime=PNG, size=20_000_000, opaque=True)
    assert Step(0, "downscale", (4000, 3000), (1024, 768), "jpeg") == done


@pytest.mark.parametrize(
    ("allowed", "to", "form"),
    [(policy("downscale"), (1368, 1368), None), (policy("recode"), (2804, 2804), "jpeg")],
)
def test_over_a_limit_of_bytes_jpeg_keeps_more(
    allowed: Policy, to: tuple[int, int], form: str | None
) -> None:
    """A PNG of few bytes a pixel over the limit keeps four times as many pixels as JPEG as it does as PNG."""
    limited = structs.replace(
        facts("openai/gpt-5.6-sol"), limits={"image": MediaLimit(bytes=7_864_320)}, image_rule=None
    )
    image = medium(mime=PNG, width=3000, height=3000, size=7_900_000, opaque=True)
    found = prepare(limited, carried(image), allowed)
    assert isinstance(found, Prepared)
    assert (to, form) == (found.steps[0].to, found.steps[0].format)
    assert found.sizes[0] <= 7_864_320


@settings(max_examples=150, deadline=None)
@given(
    width=st.integers(1, 16_000),
    height=st.integers(1, 16_000),
    size=st.integers(1, 26_000_000),
    mime=st.sampled_from(["image/png", "image/jpeg", "image/webp", "image/gif"]),
    glyph=st.floats(4, 200),
    floor=st.floats(7, 40),
    opaque=st.booleans(),
    model=st.sampled_from(CATALOG.names()),
)
def test_whatever_is_allowed_the_image_is_legal_legible_and_not_dearer(
    width: int, height: int, size: int, mime: str, glyph: float, floor: float, opaque: bool, model: str
) -> None:
    """All steps at once obey the target's sides and bytes, never cost more, and keep text legible."""
    image = medium(
        width=width, height=height, size=size, mime=mime, text_score=1.0, glyph_height=glyph, opaque=opaque
    )
    known = facts(model)
    everything = policy("downscale", "near_lossless", "legible", "recode", glyph_height=floor)
    found = prepare(known, carried(image), everything)
    if isinstance(found, Reason) or not found.steps or found.steps[0].to is None:
        return
    done = found.steps[0]
    to = found.steps[0].to
    limit = known.limits.get("image") or MediaLimit()
    assert to[0] <= width
    assert to[1] <= height
    assert limit.side is None or max(to) <= limit.side
    assert limit.bytes is None or found.sizes[0] <= limit.bytes
    if done.step == "legible":
        # By the long side, which sets the scale: the short one of a strip is a few pixels, and rounds.
        assert glyph * max(to) / max(width, height) >= floor * 0.999 - glyph / max(width, height)
    if known.image_rule is not None:
        after = tokens(known.image_rule, *to)
        assert after.refusal is None
        assert after.tokens <= tokens(known.image_rule, width, height).tokens
