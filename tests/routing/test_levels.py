"""Levels of detail: only what costs less is asked for, and only where nothing is lost that matters."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog.images import tokens
from gateway.catalog.sizes import seen_size
from gateway.routing import Surroundings, survey
from gateway.routing.levels import NO_TEXT, levels, open_to, unsaid
from gateway.routing.preparation import Prepared, prepare
from gateway.types.plan import Policy, Step
from tests.catalog.samples import CATALOG, carried, facts, medium
from tests.routing.samples import group

TILES, OPEN, TURNED = "openai/gpt-4o", "openai/gpt-5.6-sol", "openai/gpt-5.4"
DETAIL = Policy(prepare=frozenset({"strip", "downscale", "detail"}))
BLANK: dict[str, Any] = {"text_score": 0.02, "glyph_height": None}


def step(model: str, policy: Policy = DETAIL, **changes: Any) -> Step:
    """What is done to one image of 4000 x 3000."""
    found = prepare(facts(model), carried(medium(**changes)), policy)
    assert isinstance(found, Prepared)
    return found.steps[0]


def test_a_picture_without_text_goes_at_low() -> None:
    """Seen by somebody who found no letter, it costs the base alone, and patches of 512 px."""
    assert Step(0, "downscale", (4000, 3000), (1024, 768), level="low") == step(TILES, **BLANK)
    assert Step(0, "downscale", (4000, 3000), (512, 384), level="low") == step(OPEN, **BLANK)


@pytest.mark.parametrize("model", [TILES, OPEN, TURNED])
@pytest.mark.parametrize(
    "found",
    [
        {},
        {"text_score": NO_TEXT, "glyph_height": 900.0},
        {"text_score": 0.49, "glyph_height": 900.0},
        {"text_score": 0.8, "glyph_height": None},
        {"text_score": 0.8, "glyph_height": 20.0},
        {**BLANK, "detail": "high"},
        {**BLANK, "detail": "original"},
    ],
)
def test_the_clients_level_stays(model: str, found: dict[str, Any]) -> None:
    """Unseen, perhaps with text, with text that would be lost, or asked for by the client."""
    assert step(model, **found).level is None


def test_without_the_policy_no_level_is_changed() -> None:
    """What was seen does not matter where nobody allowed it."""
    assert all(step(model, Policy(), **BLANK).level is None for model in (TILES, OPEN, TURNED))


@pytest.mark.parametrize(
    ("glyph", "level"), [(24.0, None), (25.0, "high"), (85.0, "high"), (86.0, "low"), (400.0, "low")]
)
def test_a_page_takes_the_level_that_keeps_its_letters(glyph: float, level: str | None) -> None:
    """Of 4000 px gpt-5.6 shows all at `original`, 1824 at `high`, 512 at `low`: 11 px must be left."""
    assert level == step(OPEN, text_score=0.8, glyph_height=glyph).level


def test_low_of_the_client_is_the_cheapest() -> None:
    """gpt-5.4 shows more at `low` than at `high`, and charges it; who says `low` wants little."""
    assert "high" == step(TURNED, detail="low", **BLANK).level
    assert step(TURNED, detail="low").level is None


def test_a_picture_that_low_shows_whole_needs_no_look() -> None:
    """Up to 512 px not a pixel is lost, whatever the client's word and whatever is in it."""
    small: dict[str, Any] = {"width": 400, "height": 300, "size": 9_000}
    for said in (None, "auto", "high"):
        assert Step(0, "strip", level="low") == step(TILES, detail=said, **small)
    bare = Policy(prepare=frozenset({"detail"}))
    assert Step(0, "detail", level="low") == step(TILES, bare, **small)
    assert step(OPEN, **small).level is None  # the same pixels cost the same


def test_a_level_that_is_taken_where_the_clients_is_not() -> None:
    """More than 30,000 patches are refused at `original` and fine at `high`, without leave to downscale."""
    policy = Policy(prepare=frozenset({"detail"}))
    huge: dict[str, Any] = {"width": 7952, "height": 5304, **BLANK}
    assert not isinstance(
        prepare(facts(OPEN), carried(medium(**huge)), Policy(prepare=frozenset())), Prepared
    )
    assert "low" == step(OPEN, policy, **huge).level


def test_only_what_the_dialect_can_say() -> None:
    """A dialect without a word for the level keeps the client's, and the quote with it."""
    found = prepare(facts(TILES), carried(medium(**BLANK)), DETAIL, frozenset())
    assert isinstance(found, Prepared)
    assert found.steps[0].level is None


def test_other_rules_have_no_levels() -> None:
    """Where the rule does not count by levels nothing is asked for, and nobody needs to look."""
    for model in ("anthropic/claude-haiku-5-5", "gemini/gemini-3.8-flash", "mistral/mistral-small-2603"):
        assert () == levels(facts(model), medium(**BLANK), DETAIL)
        assert not open_to(facts(model), medium())


@settings(max_examples=150, deadline=None)
@given(
    width=st.integers(1, 9_000),
    height=st.integers(1, 9_000),
    said=st.sampled_from([None, "auto", "low", "high", "original"]),
    score=st.one_of(st.none(), st.floats(0, 1)),
    glyph=st.one_of(st.none(), st.floats(4, 400)),
    model=st.sampled_from(
        [TILES, OPEN, TURNED, "openai/gpt-4o-mini", "openai/gpt-5.5", "openai/gpt-6-astra"]
    ),
)
def test_a_level_costs_less_and_keeps_what_was_seen(
    width: int, height: int, said: str | None, score: float | None, glyph: float | None, model: str
) -> None:
    """Whatever is allowed at once: never dearer, and text that was found is shown or still tall enough."""
    known = facts(model)
    image = medium(width=width, height=height, detail=said, text_score=score, glyph_height=glyph)
    for allowed in levels(known, image, DETAIL):
        assert known.image_rule is not None
        now, there = (tokens(known.image_rule, width, height, level) for level in (said, allowed))
        assert now.refusal is not None or there.tokens < now.tokens
        shown = [seen_size(known.image_rule, width, height, level) for level in (said, allowed)]
        lost = shown[1][0] < shown[0][0] or shown[1][1] < shown[0][1]
        if lost and (score is None or score >= NO_TEXT):
            assert score is not None
            assert glyph is not None
            assert glyph * max(shown[1]) / max(width, height) >= DETAIL.glyph_height
    everything = Policy(prepare=frozenset({"downscale", "near_lossless", "legible", "recode", "detail"}))
    found = prepare(known, carried(image), everything)
    if isinstance(found, Prepared) and found.steps and known.image_rule is not None:
        done = found.steps[0]
        before = tokens(known.image_rule, width, height, said)
        after = tokens(known.image_rule, *(done.to or (width, height)), done.level or said)
        assert after.refusal is None
        assert before.refusal is not None or after.tokens <= before.tokens


def test_the_same_pixels_cost_the_same_at_every_level_of_patches() -> None:
    """Why no level is free: under patches what is shown is what is charged."""
    for name in CATALOG.rule_names():
        rule = CATALOG.rule(name)
        if rule is None or "patch" not in type(rule).__name__.lower():
            continue
        for size in ((300, 200), (1400, 900), (4000, 3000)):
            told: dict[Any, set[int]] = {}
            for level in ("low", "high", "original"):
                counted = tokens(rule, *size, level)
                told.setdefault(seen_size(rule, *size, level), set()).add(counted.tokens)
            assert all(len(counts) == 1 for counts in told.values())


def test_a_media_resolution_that_cannot_be_said_is_told() -> None:
    """Gemini would charge less at a lower resolution: the quote says what, and why it is not asked for."""
    load = carried(medium(), medium("document", "application/pdf", index=1, pages=3, size=9_000))
    name = "gemini/gemini-3.8-flash"
    (attempt,) = survey(load, group(name, policy=DETAIL), CATALOG, Surroundings(), told=True).attempts
    reasons = [variant.reason for variant in attempt.variants if variant.reason is not None]
    assert [("level_unsupported", 0), ("level_unsupported", 1)] == [(one.code, one.part) for one in reasons]
    assert "MEDIA_RESOLUTION_LOW" in reasons[0].message
    assert "would count 840 tokens in the place of 1,680" in reasons[1].message
    assert [] == list(unsaid(facts(name), load, Policy()))
    assert [] == list(unsaid(facts(TILES), load, DETAIL))
