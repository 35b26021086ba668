"""Writing a chat completion request."""

import json
from typing import Any

import pytest

from gateway import _core
from gateway.dialects import DIALECTS, ParameterRules
from gateway.types.request import MediaPart, TextPart
from tests.dialects.samples import (
    PNG_URL,
    RULES,
    b64,
    data_url,
    gif,
    messages_body,
    pdf,
    png,
    read,
    user,
    write,
)

OPENAI = DIALECTS["openai_chat"]


def test_the_clients_own_bytes_survive() -> None:
    """Between equal dialects only the members that must change do: order, spelling, unknown fields stay."""
    raw = b'{ "x":1.0e2,"messages":[{"content":"h\\u00e9","role":"user","y":[ ]}],"model":"vision" }'
    request = read(raw)
    written = OPENAI.write_request(request, "gpt-4o", {}, None, RULES)
    assert raw.replace(b'"vision"', b'"gpt-4o"') == written


def test_a_stream_always_asks_for_usage() -> None:
    """Usage is asked for whatever the client wanted; its other options stay."""
    body = {
        **user({"type": "text", "text": "x"}),
        "stream": True,
        "stream_options": {"include_usage": False, "a": 1},
    }
    assert write(read(body), "openai_chat")["stream_options"] == {"a": 1, "include_usage": True}


def test_a_provider_without_stream_options_gets_none() -> None:
    """The member is taken out for a provider that would refuse it."""
    body = {**user({"type": "text", "text": "x"}), "stream": True, "stream_options": {"include_usage": True}}
    assert "stream_options" not in write(read(body), "openai_chat", ParameterRules(stream_options=False))
    foreign = read(messages_body({"type": "text", "text": "x"}, stream=True), "anthropic_messages")
    assert "stream_options" not in write(foreign, "openai_chat", ParameterRules(stream_options=False))


def test_the_bound_goes_under_the_name_the_model_knows() -> None:
    """`max_tokens` is renamed, and a bound of ours wins over the client's."""
    rules = ParameterRules(max_tokens_field="max_completion_tokens")
    body = {**user({"type": "text", "text": "x"}), "max_tokens": 50}
    written = write(read(body), "openai_chat", rules)
    assert (written.get("max_tokens"), written["max_completion_tokens"]) == (None, 50)
    written = write(read(body), "openai_chat", rules, max_output_tokens=20)
    assert (written.get("max_tokens"), written["max_completion_tokens"]) == (None, 20)


def test_sampling_is_dropped_for_models_that_refuse_it() -> None:
    """Both between equal dialects and across."""
    rules = ParameterRules(drop_sampling=True)
    own = read({**user({"type": "text", "text": "x"}), "temperature": 0, "top_p": 1})
    foreign = read(messages_body({"type": "text", "text": "x"}, temperature=0, top_p=1), "anthropic_messages")
    for request in (own, foreign):
        written = write(request, "openai_chat", rules)
        assert not {"temperature", "top_p"} & written.keys()


def test_prepared_media_replace_the_clients() -> None:
    """A replacement goes in the form the client used, with its own type."""
    body = user(
        {"type": "image_url", "image_url": {"url": PNG_URL}},
        {"type": "file", "file": {"file_data": b64(pdf(1))}},
    )
    media = {0: _core.Media(png(1)), 1: _core.Media(pdf(2))}
    parts = write(read(body), "openai_chat", media=media)["messages"][0]["content"]
    assert data_url(png(1), "image/png") == parts[0]["image_url"]["url"]
    assert b64(pdf(2)) == parts[1]["file"]["file_data"]


def test_prepared_media_go_across_dialects() -> None:
    """The type written is that of the bytes that are sent."""
    request = read(
        messages_body(
            {
                "type": "image",
                "source": {"type": "base64", "media_type": "image/png", "data": b64(png(64, 64))},
            }
        ),
        "anthropic_messages",
    )
    small = _core.Media(gif())
    (content,) = write(request, "openai_chat", media={0: small})["messages"]
    assert data_url(gif(), "image/gif") == content["content"][0]["image_url"]["url"]


def test_media_of_tool_results_move_and_say_so() -> None:
    """A tool message holds text alone: its pictures follow in the user's turn, named by the call."""
    picture: dict[str, Any] = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": b64(png(2))},
    }
    body = messages_body(
        {"type": "text", "text": "And?"},
        {"type": "tool_result", "tool_use_id": "t1", "content": [picture]},
    )
    messages = write(read(body, "anthropic_messages"), "openai_chat")["messages"]
    assert [message["role"] for message in messages] == ["tool", "user"]
    assert "next user message" in messages[0]["content"]
    assert [part["type"] for part in messages[1]["content"]] == ["text", "image_url", "text"]
    assert "t1" in messages[1]["content"][0]["text"]


def test_no_placeholder_leaves() -> None:
    """What is sent never holds the process's key: placeholders in odd places are media again."""
    tools = [{"name": "f", "input_schema": {"type": "object", "default": {"url": PNG_URL}}}]
    body = messages_body({"type": "text", "text": "x"}, tools=tools)
    for dialect in DIALECTS:
        raw = DIALECTS[dialect].write_request(read(body, "anthropic_messages"), "m", {}, None, RULES)
        assert b"wb:" not in raw
        assert PNG_URL in json.dumps(json.loads(raw))


@pytest.mark.parametrize("detail", [{}, {"detail": "auto"}])
def test_another_level_of_detail_changes_that_part_alone(detail: dict[str, str]) -> None:
    """In the client's own body every other part, member and string stays as it was."""
    marked = {"url": PNG_URL, **detail, "x": 1.5}
    other = {"type": "image_url", "image_url": {"url": PNG_URL, "detail": "high"}}
    body = user({"type": "image_url", "image_url": marked, "y": [None]}, other, {"type": "text", "text": "é"})
    expected = {**user({"type": "image_url", "image_url": {**marked, "detail": "low"}, "y": [None]}, other)}
    expected["messages"][0]["content"].append({"type": "text", "text": "é"})
    written = write(read(body), "openai_chat", parts={0: MediaPart(0, "low")})
    assert expected["messages"] == written["messages"]


def test_an_image_that_is_a_bare_string_gets_its_level() -> None:
    """A URL in the place of the object becomes the object that can hold a level."""
    body = user({"type": "image_url", "image_url": PNG_URL})
    written = write(read(body), "openai_chat", parts={0: MediaPart(0, "low")})
    expected = {"type": "image_url", "image_url": {"url": PNG_URL, "detail": "low"}}
    assert [expected] == written["messages"][0]["content"]


def test_a_level_and_another_picture_leave_together() -> None:
    """The picture that was prepared stands in the part whose level was changed."""
    smaller = _core.Media(png(1, 1))
    body = user({"type": "image_url", "image_url": {"url": PNG_URL}})
    written = write(read(body), "openai_chat", media={0: smaller}, parts={0: MediaPart(0, "low")})
    url = written["messages"][0]["content"][0]["image_url"]
    assert {"url": data_url(smaller.data(), "image/png"), "detail": "low"} == url


def test_a_body_of_another_dialect_gets_the_level_too() -> None:
    """An image of Messages has no detail of its own and gets the one that was chosen."""
    source = {"type": "base64", "media_type": "image/png", "data": b64(png(3, 2))}
    request = read(messages_body({"type": "image", "source": source}), "anthropic_messages")
    written = write(request, "openai_chat", parts={0: MediaPart(0, "low")})
    assert {"url": PNG_URL, "detail": "low"} == written["messages"][0]["content"][0]["image_url"]


def test_a_text_stands_where_the_document_stood() -> None:
    """In a turn and in a tool's message of the client's own body, and in a body of another dialect."""
    held = {"type": "file", "file": {"filename": "a.pdf", "file_data": data_url(pdf(), "application/pdf")}}
    told = {0: TextPart("Page 1"), 1: TextPart("Page 2")}
    tool = {"role": "tool", "tool_call_id": "c", "content": [held]}
    body = {"model": "m", "messages": [*user(held, {"type": "text", "text": "Why?"})["messages"], tool]}
    written = write(read(body), "openai_chat", parts=told)["messages"]
    assert [{"type": "text", "text": "Page 1"}, {"type": "text", "text": "Why?"}] == written[0]["content"]
    assert [{"type": "text", "text": "Page 2"}] == written[1]["content"]
    source = {"type": "base64", "media_type": "application/pdf", "data": b64(pdf())}
    foreign = read(messages_body({"type": "document", "source": source}), "anthropic_messages")
    assert "Page 1" == write(foreign, "openai_chat", parts=told)["messages"][0]["content"]
