"""Seconds of sound as tokens and as what is billed."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.audio import AudioRule, billed_seconds, heard_tokens, spoken_tokens
from gateway.catalog.demand import demand
from tests.catalog.samples import carried, facts, medium

LENGTHS = st.decimals(0, 100_000, places=3, allow_nan=False)


@given(seconds=LENGTHS, more=LENGTHS)
def test_longer_sound_is_never_less(seconds: Decimal, more: Decimal) -> None:
    """Tokens and billed seconds grow with the length, and a begun token is whole."""
    rule = AudioRule(tokens_per_second="12.5", least_seconds=10)
    assert heard_tokens(rule, seconds) <= heard_tokens(rule, seconds + more)
    assert billed_seconds(rule, seconds) <= billed_seconds(rule, seconds + more)
    assert 0 <= heard_tokens(rule, seconds) - seconds * Decimal("12.5") < 1


def test_what_is_spoken_may_cost_other_than_what_is_heard() -> None:
    """OpenAI hears a token in 100 ms and speaks one in 50."""
    rule = AudioRule(tokens_per_second="10", spoken_per_second="20")
    assert (heard_tokens(rule, 1), spoken_tokens(rule, 1)) == (10, 20)


def test_seconds_and_tokens_are_two_amounts() -> None:
    """A model that is paid for both has a line for each; one part's beginning is counted once a part."""
    speech = [medium("audio", "audio/wav", index=index, seconds=1.7) for index in range(2)]
    found = {
        item.unit: item
        for item in demand(facts("mistral/voxtral-small"), carried(*speech))
        if item.modality == "audio"
    }
    assert found["token"].expected == 2 * (22 + 1)
    assert found["second"].expected == Decimal("3.4")
    assert {item.certainty for item in found.values()} == {"exact"}


def test_unknown_length_is_bounded_by_the_bytes() -> None:
    """Without a length, a megabyte is between 5 s of uncompressed stereo and 17 min of telephone."""
    (found,) = demand(facts("openai/gpt-transcribe"), carried(medium("audio", "audio/mpeg", size=1_000_000)))
    assert (int(found.low), int(found.expected), int(found.high)) == (5, 62, 1000)
    assert found.certainty == "estimated"
