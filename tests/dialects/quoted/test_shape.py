"""Bodies that are told apart by their shape."""

import json
from typing import Any

import pytest

from gateway import _core
from gateway.dialects.quoted import READERS, read_quoted, shape
from gateway.errors import GatewayError

USER: list[Any] = [{"role": "user", "content": "hi"}]
RECORDING = {
    "file_data": "data:audio/wav;base64,UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA="
}


def read(body: dict[str, Any], name: str | None = None) -> Any:
    """The hub's request."""
    return read_quoted(_core.scan(json.dumps(body).encode(), _core.Limits()), name)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"messages": USER}, "chat"),
        ({"messages": USER, "max_tokens": 5}, "chat"),
        ({"messages": [{"role": "system", "content": "be brief"}, *USER]}, "chat"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "chat"),
        ({"messages": USER, "system": "be brief"}, "messages"),
        ({"messages": USER, "tools": [{"name": "f", "input_schema": {}}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, "messages"),
        ({"messages": USER, "tools": [{"type": "function", "function": {}}]}, "chat"),
        ({"input": "hi"}, "responses"),
        ({"input": [{"role": "user", "content": "hi"}]}, "responses"),
        ({"instructions": "say hi"}, "responses"),
        ({"input": "hi", "voice": "alloy"}, "speech"),
        ({"input": ["a", "b"]}, "embedding"),
        ({"input": "a", "dimensions": 256}, "embedding"),
        ({"file": RECORDING}, "transcription"),
        # Others than Anthropic have these words in a chat.
        ({"messages": USER, "thinking": {"type": "enabled"}}, "chat"),
        ({"messages": USER, "top_k": 40}, "chat"),
        # Whatever is wrong with a member, the shape is told.
        ({"messages": [{"role": "user", "content": [{"type": []}]}]}, "chat"),
        ({"messages": None}, "chat"),
        ({"messages": 5, "tools": 7}, "chat"),
    ],
)
def test_the_shape_tells_the_body(body: dict[str, Any], name: str) -> None:
    """Each body by what only it has."""
    assert name == shape({"model": "m", **body})


@pytest.mark.parametrize("body", [{}, {"model": "m"}, {"prompt": "an old completion"}])
def test_what_has_no_known_shape_is_refused(body: dict[str, Any]) -> None:
    """The refusal names the shapes that there are."""
    with pytest.raises(GatewayError, match=r"messages .* input .* file"):
        shape(body)


def test_a_sender_may_say_which_body_it_is() -> None:
    """A text alone is a response; named an embedding it is one. An unknown name is refused with the known."""
    body = {"model": "m", "input": "a text"}
    assert ("chat", "embedding") == (read(body).operation, read(body, "embedding").operation)
    with pytest.raises(GatewayError, match="chat, messages, responses"):
        read(body, "completion")


def test_every_reader_is_reached_by_a_shape() -> None:
    """No reader stands in the table that no body leads to."""
    bodies: list[dict[str, Any]] = [
        {"messages": USER},
        {"messages": USER, "system": "x"},
        {"input": "hi"},
        {"input": "hi", "voice": "a"},
        {"input": ["hi"]},
        {"file": {}},
    ]
    assert set(READERS) == {shape(body) for body in bodies}
