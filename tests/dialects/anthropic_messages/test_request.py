"""Reading a Messages request: mistakes are refused with code and place."""

from typing import Any

import pytest

from gateway.errors import ClientError
from gateway.types.request import ReasoningPart, TextPart, ToolCallPart, ToolChoice, ToolResultPart
from tests.dialects.samples import b64, messages_body, png, read

TEXT = {"type": "text", "text": "Hi"}
TOOL = {"name": "now", "input_schema": {"type": "object"}}
PLACE = "messages[0].content[0]"


def source(**fields: Any) -> dict[str, Any]:
    """A body with one image."""
    return messages_body({"type": "image", "source": fields})


def assistant(*blocks: Any) -> dict[str, Any]:
    """A body with one assistant turn."""
    return {"model": "m", "max_tokens": 9, "messages": [{"role": "assistant", "content": list(blocks)}]}


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "no max_tokens",
        {"model": "m", "messages": [{"role": "user", "content": "x"}]},
        "field_missing",
        "max_tokens",
    ),
    ("max_tokens zero", messages_body(TEXT, max_tokens=0), "field_invalid", "max_tokens"),
    ("no messages", messages_body(messages=[]), "field_invalid", "messages"),
    (
        "role system",
        messages_body(messages=[{"role": "system", "content": "x"}]),
        "field_invalid",
        "messages[0].role",
    ),
    ("no content", messages_body(messages=[{"role": "user"}]), "field_missing", "messages[0].content"),
    ("unknown block", messages_body({"type": "hologram"}), "part_unknown", f"{PLACE}.type"),
    ("tool_use from the user", messages_body({"type": "tool_use"}), "field_invalid", f"{PLACE}.type"),
    ("image in system", messages_body(TEXT, system=[{"type": "image"}]), "field_invalid", "system[0].type"),
    ("no source", messages_body({"type": "image"}), "field_missing", f"{PLACE}.source"),
    ("url source", source(type="url", url="https://example.org"), "media_url_unsupported", f"{PLACE}.source"),
    ("file source", source(type="file", file_id="f"), "media_file_id_unsupported", f"{PLACE}.source"),
    ("unknown source", source(type="magic"), "field_invalid", f"{PLACE}.source.type"),
    ("no media_type", source(type="base64", data=b64(png(2))), "field_missing", f"{PLACE}.source.media_type"),
    ("no data", source(type="base64", media_type="image/png"), "field_missing", f"{PLACE}.source.data"),
    (
        "data too short",
        source(type="base64", media_type="image/png", data="AAAA"),
        "media_invalid_base64",
        f"{PLACE}.source",
    ),
    (
        "another type",
        source(type="base64", media_type="image/jpeg", data=b64(png(2))),
        "media_type_mismatch",
        f"{PLACE}.source",
    ),
    ("result without id", messages_body({"type": "tool_result"}), "field_missing", f"{PLACE}.tool_use_id"),
    ("call without id", assistant({"type": "tool_use", "input": {}}), "field_missing", f"{PLACE}.id"),
    ("input a list", assistant({"type": "tool_use", "input": []}), "field_invalid", f"{PLACE}.input"),
    ("temperature", messages_body(TEXT, temperature=1.1), "field_invalid", "temperature"),
    ("stops a string", messages_body(TEXT, stop_sequences="x"), "field_invalid", "stop_sequences"),
    (
        "provider's tool",
        messages_body(TEXT, tools=[{"type": "web_search_20260209"}]),
        "field_unsupported",
        "tools[0].type",
    ),
    (
        "tool without schema",
        messages_body(TEXT, tools=[{"name": "f"}]),
        "field_missing",
        "tools[0].input_schema",
    ),
    (
        "unknown choice",
        messages_body(TEXT, tools=[TOOL], tool_choice={"type": "x"}),
        "field_invalid",
        "tool_choice.type",
    ),
    ("any without tools", messages_body(TEXT, tool_choice={"type": "any"}), "field_missing", "tools"),
    (
        "format",
        messages_body(TEXT, output_config={"format": {"type": "xml"}}),
        "field_invalid",
        "output_config.format.type",
    ),
]


@pytest.mark.parametrize(("body", "code", "param"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_mistake_is_refused_with_its_place(body: dict[str, Any], code: str, param: str) -> None:
    """Every mistake raises a client error with a stable code and the place of the value."""
    with pytest.raises(ClientError) as caught:
        read(body, "anthropic_messages")
    assert (code, param) == (caught.value.code, caught.value.param)
    assert "example.org" not in caught.value.message


def test_thinking_is_kept_for_the_dialect_that_signed_it() -> None:
    """Thinking and redacted thinking become reasoning parts; the opaque data are no medium of a part."""
    request = read(
        assistant(
            {"type": "thinking", "thinking": "Hm", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": b64(b"opaque" * 20)},
            TEXT,
        ),
        "anthropic_messages",
    )
    dialect = "anthropic_messages"
    expected = (ReasoningPart("Hm", "c2ln", dialect), ReasoningPart("", None, dialect), TextPart("Hi"))
    assert expected == request.messages[0].parts


def test_a_medium_in_a_tools_input_is_text_again() -> None:
    """What a tool was given as base64 is data of the call: arguments hold it in full."""
    data = b64(png(9))
    request = read(
        assistant({"type": "tool_use", "id": "t", "name": "f", "input": {"data": data}}), "anthropic_messages"
    )
    assert (ToolCallPart("t", "f", f'{{"data":"{data}"}}'),) == request.messages[0].parts


def test_a_tool_result_may_be_text_blocks_or_nothing() -> None:
    """All three forms of a result are understood, and its failure is kept."""
    request = read(
        messages_body(
            {"type": "tool_result", "tool_use_id": "a", "content": "x"},
            {"type": "tool_result", "tool_use_id": "b", "content": [TEXT], "is_error": True},
            {"type": "tool_result", "tool_use_id": "c"},
        ),
        "anthropic_messages",
    )
    assert (
        ToolResultPart("a", (TextPart("x"),)),
        ToolResultPart("b", (TextPart("Hi"),), is_error=True),
        ToolResultPart("c", ()),
    ) == request.messages[0].parts


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "auto"}, ToolChoice("auto")),
        ({"type": "any", "disable_parallel_tool_use": True}, ToolChoice("required", parallel=False)),
        ({"type": "tool", "name": "now"}, ToolChoice("tool", "now")),
        ({"type": "none"}, ToolChoice("none")),
    ],
)
def test_tool_choices(given: dict[str, Any], expected: ToolChoice) -> None:
    """Every way to choose tools has its value in the hub."""
    request = read(messages_body(TEXT, tools=[TOOL], tool_choice=given), "anthropic_messages")
    assert expected == request.tool_choice


def test_what_we_do_not_use_stays_in_the_rest() -> None:
    """Other members of output_config are kept apart from the format."""
    body = messages_body(
        TEXT,
        top_k=5,
        output_config={"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}},
    )
    request = read(body, "anthropic_messages")
    assert request.rest == {"top_k": 5, "output_config": {"effort": "low"}}
    assert request.response_schema is not None
    assert request.response_schema.schema == {"type": "object"}
