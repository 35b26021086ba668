"""Writing a Messages request."""

import json
from typing import Any

import pytest

from gateway import _core
from gateway.dialects import DIALECTS, ParameterRules
from gateway.types.request import TextPart
from tests.dialects.samples import RULES, b64, data_url, gif, messages_body, pdf, png, read, user, write

MESSAGES = DIALECTS["anthropic_messages"]
TEXT = {"type": "text", "text": "Hi"}


def image(data: bytes, mime: str = "image/png") -> dict[str, Any]:
    """An image block."""
    return {"type": "image", "source": {"type": "base64", "media_type": mime, "data": b64(data)}}


def test_the_clients_own_bytes_survive() -> None:
    """Between equal dialects only the members that must change do."""
    raw = (
        b'{ "messages":[{"content":"h\\u00e9","role":"user","y":[ ]}],"max_tokens":9,"x":1.0e2,"model":"a" }'
    )
    written = MESSAGES.write_request(read(raw, "anthropic_messages"), "claude", {}, None, RULES)
    assert raw.replace(b'"a"', b'"claude"') == written


@pytest.mark.parametrize(
    ("asked", "bound", "default", "sent"),
    [(None, None, None, 4096), (None, None, 8192, 8192), (50, None, 8192, 50), (50, 20, 8192, 20)],
)
def test_the_bound_is_always_sent(
    asked: int | None, bound: int | None, default: int | None, sent: int
) -> None:
    """Ours wins over the client's, the client's over the model's own."""
    body = user(TEXT) | ({} if asked is None else {"max_tokens": asked})
    rules = ParameterRules(default_max_output_tokens=default)
    assert sent == write(read(body), "anthropic_messages", rules, max_output_tokens=bound)["max_tokens"]


def test_sampling_is_dropped_for_models_that_refuse_it() -> None:
    """Both between equal dialects and across, top_k too."""
    rules = ParameterRules(drop_sampling=True)
    own = read(messages_body(TEXT, temperature=0.1, top_p=0.5, top_k=4), "anthropic_messages")
    foreign = read({**user(TEXT), "temperature": 0, "top_p": 1})
    for request in (own, foreign):
        written = write(request, "anthropic_messages", rules)
        assert not {"temperature", "top_p", "top_k"} & written.keys()


def test_a_prepared_medium_of_the_same_type_is_spliced() -> None:
    """The bytes are exchanged and nothing else."""
    request = read(messages_body(image(png(2)), TEXT), "anthropic_messages")
    written = write(request, "anthropic_messages", media={0: _core.Media(png(1, 8))})
    assert image(png(1, 8)) == written["messages"][0]["content"][0]


def test_a_prepared_medium_of_another_type_changes_its_media_type() -> None:
    """The type beside the data is that of the data; media that were not prepared and unknown fields stay."""
    first = {**image(png(2)), "cache_control": {"type": "ephemeral"}}
    request = read(messages_body(first, image(png(3)), {**TEXT, "x": 1.5}, y=[1]), "anthropic_messages")
    written = write(request, "anthropic_messages", media={0: _core.Media(gif())})
    expected = {**image(gif(), "image/gif"), "cache_control": {"type": "ephemeral"}}
    assert [expected, image(png(3)), {**TEXT, "x": 1.5}] == written["messages"][0]["content"]
    assert written["y"] == [1]


def test_results_of_tools_come_first_in_a_users_turn() -> None:
    """Neighbouring turns of one role become one, and Messages wants results before words."""
    messages = [
        {"role": "assistant", "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f"}}]},
        {"role": "user", "content": "first words"},
        {"role": "tool", "tool_call_id": "c", "content": "result"},
    ]
    (_, turn) = write(read({"model": "m", "messages": messages}), "anthropic_messages")["messages"]
    assert [block["type"] for block in turn["content"]] == ["tool_result", "text"]


def test_ids_stay_distinct_in_the_letters_allowed() -> None:
    """A call and its result keep one id, two calls keep two."""
    calls = [{"id": i, "type": "function", "function": {"name": "f"}} for i in ("a.b", "a:b", "a_b")]
    messages = [
        {"role": "assistant", "tool_calls": calls},
        *({"role": "tool", "tool_call_id": call["id"], "content": "r"} for call in calls),
    ]
    uses, results = write(read({"model": "m", "messages": messages}), "anthropic_messages")["messages"]
    ids = [block["id"] for block in uses["content"]]
    assert ids == [block["tool_use_id"] for block in results["content"]]
    assert len(set(ids)) == 3
    assert all(identity.replace("_", "").replace("-", "").isalnum() for identity in ids)


def test_arguments_keep_the_models_spelling() -> None:
    """A number too large for a float goes through as it was written."""
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "f", "arguments": '{"n": 123456789012345678901234567890.10}'},
    }
    request = read({"model": "m", "messages": [{"role": "assistant", "tool_calls": [call]}]})
    raw = MESSAGES.write_request(request, "m", {}, None, RULES)
    assert b'"input":{"n": 123456789012345678901234567890.10}' in raw
    json.loads(raw)


def test_a_text_stands_where_the_document_stood() -> None:
    """With its mark for the cache, in the client's own body; without, in a body of another dialect."""
    source = {"type": "base64", "media_type": "application/pdf", "data": b64(pdf())}
    marked = {"type": "document", "source": source, "title": "a", "cache_control": {"type": "ephemeral"}}
    request = read(messages_body(marked, {"type": "text", "text": "Why?"}), "anthropic_messages")
    told = {0: TextPart("Page 1", {"cache_control": {"type": "ephemeral"}})}
    written = write(request, "anthropic_messages", parts=told)["messages"][0]["content"]
    first = {"type": "text", "text": "Page 1", "cache_control": {"type": "ephemeral"}}
    assert [first, {"type": "text", "text": "Why?"}] == written
    held = {"type": "file", "file": {"file_data": data_url(pdf(), "application/pdf")}}
    foreign = write(read(user(held)), "anthropic_messages", parts={0: TextPart("Page 1")})
    assert [{"type": "text", "text": "Page 1"}] == foreign["messages"][0]["content"]
