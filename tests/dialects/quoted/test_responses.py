"""A Responses body comes to the chat that says the same."""

from typing import Any

import pytest

from gateway.errors import GatewayError
from gateway.media.weigh import weigh
from tests.dialects.quoted.test_shape import read
from tests.e2e.pictures import data_url, photo

ENCODINGS: Any = frozenset({"o200k_base"})
PICTURE = data_url(photo(640, 480), "image/jpeg")
TOOL = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}

PAIRS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"input": "Hi there"}, {"messages": [{"role": "user", "content": "Hi there"}]}),
    (
        {"instructions": "Be brief.", "input": [{"role": "user", "content": "Hi"}], "max_output_tokens": 9},
        {
            "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
            "max_tokens": 9,
        },
    ),
    (
        {
            "input": [
                {
                    "type": "message",
                    "role": "user",
                    "content": [
                        {"type": "input_text", "text": "What is this?"},
                        {"type": "input_image", "image_url": PICTURE, "detail": "low"},
                    ],
                }
            ]
        },
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image_url", "image_url": {"url": PICTURE, "detail": "low"}},
                    ],
                }
            ]
        },
    ),
    (
        {
            "input": [
                {"role": "user", "content": "Look"},
                {"type": "function_call", "call_id": "c", "name": "look", "arguments": "{}"},
                {"type": "function_call_output", "call_id": "c", "output": "a bridge"},
            ],
            "tools": [{"type": "function", **TOOL}],
        },
        {
            "messages": [
                {"role": "user", "content": "Look"},
                {
                    "role": "assistant",
                    "tool_calls": [
                        {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
                    ],
                },
                {"role": "tool", "tool_call_id": "c", "content": "a bridge"},
            ],
            "tools": [{"type": "function", "function": TOOL}],
        },
    ),
    (
        {
            "input": "Name one",
            "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}},
            "service_tier": "flex",
        },
        {
            "messages": [{"role": "user", "content": "Name one"}],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "n", "schema": {"type": "object"}},
            },
            "service_tier": "flex",
        },
    ),
]


@pytest.mark.parametrize(("response", "chat"), PAIRS)
def test_it_weighs_what_the_chat_weighs(response: dict[str, Any], chat: dict[str, Any]) -> None:
    """Requirements and tier are those of the chat completion with the same content."""
    one, other = read({"model": "m", **response}), read({"model": "m", **chat})
    facts = [[(m.modality, m.width, m.detail) for m in weigh(r, ENCODINGS).media] for r in (one, other)]
    assert facts[0] == facts[1]
    assert weigh(one, ENCODINGS).text == weigh(other, ENCODINGS).text
    assert weigh(one, ENCODINGS).features == weigh(other, ENCODINGS).features
    assert (one.max_output_tokens, one.tier) == (other.max_output_tokens, other.tier)


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"input": "x", "previous_response_id": "r"}, "previous_response_id"),
        ({"input": "x", "conversation": "c"}, "conversation"),
        ({"prompt": {"id": "p"}, "instructions": "x"}, "prompt"),
        ({"input": "x", "tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"input": [{"type": "computer_call"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_file", "file_id": "f"}]}]}, None),
        ({"input": [{"role": "user", "content": []}]}, "input[0].content"),
        ({"input": [{"role": "nobody", "content": "x"}]}, "input[0].role"),
        ({"input": [{"content": "x"}]}, "input[0].role"),
        ({"input": []}, "input"),
    ],
)
def test_what_cannot_be_weighed_is_refused_by_name(body: dict[str, Any], place: str | None) -> None:
    """What lies at the provider, what it runs by itself, and what is simply wrong: each with its place."""
    name = "responses" if "input" not in body or body["input"] == [] else None
    with pytest.raises(GatewayError) as refusal:
        read({"model": "m", **body}, name)
    assert place in {None, refusal.value.param}


def test_the_effort_crosses() -> None:
    """Reasoning effort is asked for by its name in chats, so that targets without it say so."""
    assert {"reasoning_effort": "low"} == read(
        {"model": "m", "input": "x", "reasoning": {"effort": "low"}}
    ).rest


def test_a_tier_without_a_price_crosses() -> None:
    """What nobody knows a price of stays in the rest, where routing finds it in the way."""
    assert {"service_tier": "scale"} == read({"model": "m", "input": "x", "service_tier": "scale"}).rest
