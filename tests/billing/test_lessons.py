"""What a tally says."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.billing.lessons import (
    BOUNDS,
    ENOUGH,
    correction,
    corrections,
    expectation,
    seen_answer,
    seen_ratio,
    task,
    told,
)
from gateway.types.learned import COLD_START_TOKENS, MEMORY, Tally
from gateway.types.weight import Requirements, TextWeight


def ratios(*seen: float, tokens: float = 500) -> Tally:
    """A tally of answers."""
    tally = Tally()
    for ratio in seen:
        tally = tally.plus(seen_ratio(ratio, tokens), MEMORY["ratio"])
    return tally


def answers(*seen: float) -> Tally:
    """A tally of lengths."""
    tally = Tally()
    for tokens in seen:
        tally = tally.plus(seen_answer(tokens), MEMORY["answer"])
    return tally


def test_a_correction_needs_answers() -> None:
    """One answer fewer than enough says nothing yet; enough of them do."""
    assert correction(ratios(*[1.3] * (ENOUGH - 1))) is None
    acting = correction(ratios(*[1.3] * ENOUGH))
    assert acting is not None
    assert (Decimal("1.30"), ENOUGH) == (acting.times, acting.answers)


@pytest.mark.parametrize(("ratio", "acts"), [(1.04, False), (0.96, False), (1.06, True), (0.94, True)])
def test_a_rule_that_nearly_holds_is_left_alone(ratio: float, acts: bool) -> None:
    """Within five percent nothing is corrected."""
    assert acts == (correction(ratios(*[ratio] * 40, tokens=1_000)) is not None)


@pytest.mark.parametrize(("ratio", "times"), [(3.0, BOUNDS[1]), (0.3, BOUNDS[0]), (900.0, BOUNDS[1])])
def test_a_correction_is_bounded(ratio: float, times: Decimal) -> None:
    """Half and twice the rule: beyond that a person has to look."""
    acting = correction(ratios(*[ratio] * 40))
    assert acting is not None
    assert times == acting.times


def test_a_change_shows_within_memory() -> None:
    """A rule that held for a thousand answers and then is off by thirty percent: in a hundred it is known."""
    steady = ratios(*[1.0] * 1_000)
    assert correction(steady) is None
    later = steady
    for _ in range(100):
        later = later.plus(seen_ratio(1.3, 500), MEMORY["ratio"])
    acting = correction(later)
    assert acting is not None
    assert Decimal("1.24") <= acting.times <= Decimal("1.30")


def test_a_short_prompt_says_little() -> None:
    """The overhead of ten tokens is no formula: what long texts report outweighs it."""
    tally = ratios(*[1.5] * 20, tokens=10).plus(ratios(*[1.0] * 5, tokens=2_000), MEMORY["ratio"])
    assert correction(tally) is None


def test_short_prompts_alone_say_nothing() -> None:
    """Any number of prompts of ten tokens: their overhead is no formula for a page."""
    assert correction(ratios(*[1.5] * 500, tokens=10)) is None


def test_one_book_does_not_outvote_many_letters() -> None:
    """A request of a million tokens counts as one of two thousand."""
    tally = ratios(2.0, tokens=1e6).plus(ratios(*[1.0] * 30, tokens=2_000), MEMORY["ratio"])
    assert correction(tally) is None


def test_only_what_acts_is_handed_on() -> None:
    """Modalities whose rule holds are not among the corrections."""
    found = corrections({"text": ratios(*[1.0] * 30), "image": ratios(*[0.7] * 30)})
    assert {"image": Decimal("0.70")} == {modality: acting.times for modality, acting in found.items()}


def test_the_cold_start_is_stated() -> None:
    """Without any answer the default is expected, of no answers."""
    found = expectation(Tally(), Tally())
    assert (COLD_START_TOKENS, 0) == (found.tokens, found.answers)


def test_a_model_never_tried_writes_as_the_others_do() -> None:
    """Its expectation is that of the task, so that no choice is made by who has history."""
    usual = answers(*[600] * 90)
    untried, tried = expectation(Tally(), usual), expectation(usual, usual)
    assert (555, 555) == (untried.tokens, tried.tokens)
    assert 90 == untried.answers


def test_a_model_that_writes_more_is_known_for_it() -> None:
    """Its own answers outweigh the others' as they come."""
    at_all = answers(*[200] * 100)
    assert expectation(answers(*[900] * 100), at_all).tokens > 800
    assert expectation(answers(900), at_all).tokens < 300


@given(st.lists(st.floats(0, 1e6), max_size=300))
def test_an_expectation_lies_within_what_was_seen(seen: list[float]) -> None:
    """Never more than the longest answer and the cold start, never less than a token."""
    tally = answers(*seen)
    found = expectation(tally, tally).tokens
    assert 1 <= found <= max([*seen, COLD_START_TOKENS]) + 1


@given(st.lists(st.floats(0.01, 100), max_size=200), st.floats(1, 1e6))
def test_a_tally_remembers_so_many(seen: list[float], tokens: float) -> None:
    """Its count never passes its memory, its mean never what it saw."""
    tally = ratios(*seen, tokens=tokens)
    assert tally.weight <= MEMORY["ratio"] + 1e-6
    assert tally.mean == 0.0 if not tally.weight else 0.25 - 1e-9 <= tally.mean <= 4.0 + 1e-9


def test_in_words() -> None:
    """What acts, what is missing, or that the rule holds."""
    assert "x1.30 after 20 answers: the rule in the catalog is off" == told(ratios(*[1.3] * 20))
    few = "none: 2 answers of 1,000 tokens so far (x1.30); 20 of 2,000 are needed"
    assert few == told(ratios(1.3, 1.3))
    assert "none: the rule holds, x1.04 over 32 answers" == told(ratios(*[1.04] * 50, tokens=1_000))
    assert "the most it may" in told(ratios(*[3.9] * 30))


def test_a_task_is_what_goes_in_and_the_form_that_comes_out() -> None:
    """Modalities and the form of the answer; streaming makes no other task."""
    text = TextWeight({"o200k_base": 3}, {}, 1, 0, 12)
    plain = Requirements(text, (), frozenset({"streaming"}), None)
    formed = Requirements(text, (), frozenset({"tools", "schema"}), None)
    assert ("text", "text+schema+tools") == (task(plain), task(formed))


def test_pings_push_out_no_page() -> None:
    """Hundreds of prompts of a few tokens, with a few more of the provider's own, change nothing."""
    pages = ratios(*[1.0] * 50, tokens=2_000)
    pinged = pages.plus(ratios(*[15 / 8] * 300, tokens=8), MEMORY["ratio"])
    assert (None, pages) == (correction(pinged), pinged)
    framed = pages
    for _ in range(300):
        framed = framed.plus(seen_ratio(130 / 100, 100), MEMORY["ratio"])
    assert correction(framed) is None


def test_what_is_heavy_outweighs_what_is_light() -> None:
    """A constant of sixty tokens beside thumbnails does not become a formula for photographs."""
    photos = ratios(*[1.0] * 30, tokens=765)
    for _ in range(25):
        photos = photos.plus(seen_ratio(145 / 85, 85), MEMORY["ratio"])
    assert correction(photos) is None


def test_a_models_own_answers_count_once() -> None:
    """Alone in its task, a model's history is not its own prior as well."""
    own = answers(*[4] * 60)
    assert round((60 * 4 + 10 * COLD_START_TOKENS) / 70) == expectation(own, own).tokens
