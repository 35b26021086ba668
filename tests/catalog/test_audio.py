"""Tokens of audio: what the vectors do not say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.audio import PerSecond, audio_tokens

SECONDS = st.decimals(min_value=0, max_value=40_000, places=3)


@pytest.mark.parametrize(
    ("rule", "seconds", "expected"),
    [
        (PerSecond("32"), 60, (1920, 1920, 1920)),
        # A page of the provider's that says more bounds it.
        (PerSecond("25", most="32"), 60, (1500, 1500, 1920)),
        # Begun tokens are whole, and a marker comes first; a server may fill up 30 seconds.
        (PerSecond("12.5", begin=1, padded=30), 1.7, (23, 23, 376)),
        (PerSecond("12.5", begin=1, padded=30), 30.1, (378, 378, 751)),
        (PerSecond("10", special=2), 2, (20, 20, 22)),
        # What a quotient of samples leaves behind the sixth place is no second begun.
        (PerSecond("25"), 10.000000000000002, (250, 250, 250)),
    ],
)
def test_seconds_become_tokens(rule: PerSecond, seconds: float, expected: tuple[int, int, int]) -> None:
    """Tokens, the least and the most of them."""
    counted = audio_tokens(rule, seconds)
    assert expected == (counted.tokens, counted.low, counted.high)
    assert ("exact" if expected[0] == expected[2] else "bounded") == counted.certainty


@given(first=SECONDS, second=SECONDS)
def test_a_longer_recording_never_costs_less(first: Decimal, second: Decimal) -> None:
    """Tokens and their bound are monotone in the seconds."""
    rule = PerSecond("12.5", most="25", begin=1, padded=30)
    shorter, longer = (audio_tokens(rule, seconds) for seconds in sorted((first, second)))
    assert shorter.tokens <= longer.tokens
    assert shorter.high <= longer.high
