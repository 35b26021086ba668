"""What Messages cannot say."""

import struct
from typing import Any

import pytest

from gateway.dialects import DIALECTS
from gateway.dialects.anthropic_messages.obstacles import DROPPED
from tests.dialects.samples import b64, read, user, wav

MESSAGES = DIALECTS["anthropic_messages"]
TEXT = {"type": "text", "text": "Hi"}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"n": 2}, "n must be 1"),
        ({"temperature": 1.01}, "temperature"),
        ({"response_format": {"type": "json_object"}}, "json_schema would work"),
        ({"logprobs": True}, "logprobs"),
        ({"presence_penalty": -1}, "presence_penalty"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"reasoning_effort": "high"}, "reasoning_effort"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"messages": [{"role": "system", "content": "x"}]}, "turn of the user"),
        (
            {"messages": [{"role": "assistant", "audio": {"id": "a"}}, {"role": "user", "content": "x"}]},
            "audio",
        ),
    ],
)
def test_a_parameter_without_counterpart_is_an_obstacle(fields: dict[str, Any], word: str) -> None:
    """One obstacle each, which says what it is."""
    (obstacle,) = MESSAGES.obstacles(read({**user(TEXT), **fields}))
    assert obstacle.code == "parameter_unsupported"
    assert word in obstacle.message
    assert (obstacle.part, obstacle.kind) == (None, None)


@pytest.mark.parametrize("arguments", ["[1]", "{", '"x"', "7"])
def test_arguments_that_are_no_object_are_an_obstacle(arguments: str) -> None:
    """They cannot be said, and are not mended in silence."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    request = read({"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]})
    (obstacle,) = MESSAGES.obstacles(request)
    assert "JSON object" in obstacle.message


@pytest.mark.parametrize(
    "fields",
    [{"logprobs": False}, {"presence_penalty": 0.0}, {"logit_bias": {}}, {"modalities": ["text"]}, {"n": 1}],
)
def test_a_value_that_asks_for_nothing_is_none(fields: dict[str, Any]) -> None:
    """Clients send defaults."""
    assert MESSAGES.obstacles(read({**user(TEXT), **fields})) == ()


def test_hints_are_dropped_and_listed() -> None:
    """Every hint of the table is no obstacle, is not sent, and is told."""
    request = read({**user(TEXT), **{key: {"a": "b"} for key in DROPPED}, "stream_options": {"x": 1}})
    assert MESSAGES.obstacles(request) == ()
    assert set(DROPPED) == set(MESSAGES.dropped(request))


def test_audio_is_an_obstacle_with_ordinal_and_kind() -> None:
    """The part in the way is named."""
    audio = {"type": "input_audio", "input_audio": {"data": b64(wav()), "format": "wav"}}
    (obstacle,) = MESSAGES.obstacles(read(user(TEXT, audio)))
    assert (obstacle.code, obstacle.part, obstacle.kind) == ("part_unsupported", 0, "audio")


def test_a_picture_that_is_converted_is_none() -> None:
    """Preparation makes PNG of a BMP before this dialect writes it."""
    head = b"BM" + bytes(12) + struct.pack("<IiiHHI", 40, 2, 2, 1, 24, 0) + bytes(36)
    url = {"type": "image_url", "image_url": {"url": f"data:image/bmp;base64,{b64(head)}"}}
    assert MESSAGES.obstacles(read(user(TEXT, url))) == ()


def test_its_own_requests_have_no_obstacles() -> None:
    """The upstream judges what it alone understands."""
    body = {"model": "m", "max_tokens": 1, "messages": [{"role": "user", "content": "x"}], "new": 1}
    assert MESSAGES.obstacles(read(body, "anthropic_messages")) == ()
