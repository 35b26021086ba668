"""Usage: the rule for broken meters."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dialects.openai_chat.usage import own_usage, read_usage, write_usage
from gateway.types.outcome import Usage
from tests.dialects.samples import LAW


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("many", None),
        ({}, None),
        ({"prompt_tokens": -1, "completion_tokens": True}, None),
        ({"prompt_tokens": 3}, Usage(input=3)),
        ({"prompt_tokens": 3, "completion_tokens": -2}, Usage(input=3)),
        ({"prompt_tokens": 3.0, "completion_tokens": 2.5}, Usage(input=3)),
        ({"prompt_tokens": 1e300, "completion_tokens": 2}, Usage(output=2)),
        (
            {"prompt_tokens": 3, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 9}},
            Usage(input=3, output=2, cached=3),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 6, "cache_write_tokens": 6}},
            Usage(input=9, cached=6, cache_write=3),
        ),
        (
            {
                "completion_tokens": 2,
                "completion_tokens_details": {"reasoning_tokens": 7, "audio_tokens": None},
            },
            Usage(output=2, reasoning=2),
        ),
        ({"prompt_tokens": 3, "prompt_tokens_details": ["x"]}, Usage(input=3)),
        (
            {"prompt_tokens": 3, "prompt_tokens_details": {"image_tokens": 2, "audio_tokens": 1}},
            Usage(input=3, image=2, audio=1),
        ),
        ({"cpu_seconds": 0.5}, Usage(cpu_seconds=0.5)),
        # xAI's ticks are a tenth of a nanodollar.
        ({"prompt_tokens": 3, "cost_in_usd_ticks": 12_345_678}, Usage(input=3, cost=1_234_568)),
        ({"prompt_tokens": 3, "cost_in_usd_ticks": -5}, Usage(input=3)),
        # Mistral names the queue within; a word we do not know says nothing.
        ({"prompt_tokens": 3, "service_tier": "flex"}, Usage(input=3, tier="flex")),
        ({"prompt_tokens": 3, "service_tier": "scale"}, Usage(input=3)),
        ({"prompt_tokens": 3, "service_tier": 7}, Usage(input=3)),
        ({"prompt_tokens": 0, "completion_tokens": 0, "cpu_seconds": -1}, Usage(input=0, output=0)),
    ],
)
def test_a_broken_meter_does_not_break_an_answer(value: Any, expected: Usage | None) -> None:
    """Unsound counts are not reported, parts never exceed their whole."""
    assert expected == read_usage(value)


_ANY = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 99), st.floats(), st.text(max_size=3), st.lists(st.none())
)
_NAMES = st.sampled_from(
    [
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cached_tokens",
        "cache_write_tokens",
        "reasoning_tokens",
    ]
)
_OBJECTS = st.dictionaries(_NAMES, _ANY)


@LAW
@given(_OBJECTS, _OBJECTS, _OBJECTS)
def test_parts_never_exceed_their_whole(total: Any, inputs: Any, outputs: Any) -> None:
    """For any JSON: no exception, no negative number, cached + written <= input, reasoning <= output."""
    usage = read_usage({**total, "prompt_tokens_details": inputs, "completion_tokens_details": outputs})
    if usage is None:
        return
    assert min(usage.cached, usage.cache_write, usage.reasoning) >= 0
    assert usage.input is None or usage.cached + usage.cache_write <= usage.input
    assert usage.output is None or usage.reasoning <= usage.output


@LAW
@given(
    st.integers(0, 1 << 30),
    st.integers(0, 1 << 30),
    st.integers(0, 99),
    st.integers(0, 99),
    st.integers(0, 99),
)
def test_what_is_written_is_read_again(
    fresh: int, visible: int, cached: int, written: int, reasoning: int
) -> None:
    """Written usage tells the same."""
    usage = Usage(
        input=fresh + cached + written,
        output=visible + reasoning,
        cached=cached,
        cache_write=written,
        reasoning=reasoning,
        audio=0,
    )
    assert usage == read_usage(write_usage(usage))


def test_only_a_sound_object_is_written_again() -> None:
    """A provider's own object with a broken total is not repeated to the client."""
    sound = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "x": 4}
    assert sound == own_usage(sound)
    assert own_usage({**sound, "total_tokens": -3}) == {}
