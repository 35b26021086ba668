"""Reading chat completions that are not as agreed."""

import json
from typing import Any

import pytest

from gateway.dialects.openai_chat.reader import FINISH, AnswerReader
from gateway.errors import UpstreamError
from gateway.types.event import Ended, Failed, Finished, TextDelta, ToolCallDelta, UsageReported


def chunk(delta: Any, finish: str | None = None, **fields: Any) -> bytes:
    """One chunk of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return json.dumps({"id": "c", "model": "m", "created": 1, "choices": [choice], **fields}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html>",
        b'{"choices":{}}',
        b'{"choices":[1]}',
        b'{"choices":[{"index":-1,"delta":{}}]}',
        b'{"choices":[{"index":"0","delta":{}}]}',
        b'{"choices":[{"index":100000,"delta":{}}]}',
        b'{"choices":[{"delta":[]}]}',
        b'{"choices":[{"delta":{"content":5}}]}',
        b'{"choices":[{"delta":{"tool_calls":{}}}]}',
        b'{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":7}}]}}]}',
        b'{"choices":[{"delta":{"content":[{"type":"hologram"}]}}]}',
        b'{"id":7,"choices":[{"delta":{}}]}',
        b'{"choices":[{"delta":{}}],"model":NaN}',
        b"\xff\xfe",
    ],
)
def test_a_malformed_chunk_is_the_upstreams_fault(data: bytes) -> None:
    """Whatever is wrong raises `upstream_invalid_answer`, and nothing else."""
    with pytest.raises(UpstreamError) as caught:
        AnswerReader().frame(None, data)
    assert caught.value.code == "upstream_invalid_answer"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"choices":[]}', b'{"choices":null}', b'"x"'])
def test_a_plain_answer_must_hold_a_choice(body: bytes) -> None:
    """An answer without a choice is none."""
    with pytest.raises(UpstreamError) as caught:
        AnswerReader().whole(body)
    assert caught.value.code == "upstream_invalid_answer"


def test_nothing_follows_the_end() -> None:
    """Frames after `[DONE]` are not read, not even broken ones."""
    reader = AnswerReader()
    assert [Ended()] == reader.frame(None, b"[DONE]")
    assert reader.frame(None, b"{") == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": "rate_limit_exceeded"}, "upstream_rate_limited"),
        ({"code": None, "type": "insufficient_quota"}, "upstream_quota_exhausted"),
        ({"code": 529}, "upstream_overloaded"),
        ({"code": "429"}, "upstream_rate_limited"),
        ({"type": "server_error"}, "upstream_error"),
        ({"message": "rate_limit_exceeded"}, "upstream_error"),
        ("text alone", "upstream_error"),
    ],
)
def test_an_error_inside_a_stream_is_a_row(error: Any, code: str) -> None:
    """Codes decide; words of the message never do."""
    assert [Failed(code)] == AnswerReader().frame(None, json.dumps({"error": error}).encode())


@pytest.mark.parametrize("native", FINISH)
def test_every_reason_has_its_meaning(native: str) -> None:
    """The table holds; reasons that are errors fail the answer too."""
    events = AnswerReader().frame(None, chunk({}, native))
    assert Finished(FINISH[native], native) in events
    assert (FINISH[native] == "error") == any(isinstance(event, Failed) for event in events)


def test_an_unknown_reason_is_a_stop_with_its_own_word() -> None:
    """New words do not break clients."""
    assert Finished("stop", "because") == AnswerReader().frame(None, chunk({}, "because"))[-1]


def test_a_call_numbered_again_with_another_id_is_another_call() -> None:
    """Some upstreams number every call 0, some repeat the id in every delta."""
    reader = AnswerReader()
    calls = []
    for identity, piece in (("a", "1"), ("a", "2"), ("b", "3"), (None, "4")):
        call = {"index": 0, "id": identity, "function": {"name": "f", "arguments": piece}}
        calls += [
            e for e in reader.frame(None, chunk({"tool_calls": [call]})) if isinstance(e, ToolCallDelta)
        ]
    assert [(call.index, call.id, call.arguments) for call in calls] == [
        (0, "a", "1"),
        (0, None, "2"),
        (1, "b", "3"),
        (1, None, "4"),
    ]


def test_arguments_as_an_object_become_text() -> None:
    """Ollama's own form is understood, and a call without id gets one."""
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    event = AnswerReader().frame(None, chunk({"tool_calls": [call]}))[-1]
    assert ToolCallDelta(0, '{"a":1}', "call_0_0", "f") == event


def test_top_level_fields_are_kept_once() -> None:
    """What every chunk repeats is kept when it first comes, and again when it changes."""
    reader = AnswerReader()
    reader.frame(None, chunk({"content": "a"}, system_fingerprint="f1"))
    assert [TextDelta("b")] == reader.frame(None, chunk({"content": "b"}, system_fingerprint="f1"))
    changed = reader.frame(None, chunk({"content": "c"}, system_fingerprint="f2"))
    assert TextDelta("", rest={"answer": {"system_fingerprint": "f2"}}) == changed[0]


def test_padding_is_not_kept() -> None:
    """`obfuscation` is new for every chunk and means nothing."""
    reader = AnswerReader()
    reader.frame(None, chunk({"role": "assistant"}))
    assert [TextDelta("a")] == reader.frame(None, chunk({"content": "a"}, obfuscation="xxxx"))


def test_usage_comes_with_the_last_content_too() -> None:
    """DeepSeek reports on the chunk that finishes."""
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
    events = AnswerReader().frame(None, chunk({"content": "x"}, "stop", usage=usage))
    assert [TextDelta, Finished, UsageReported] == [type(event) for event in events[1:]]
