"""Reading Messages answers that are not as agreed, and usage that grows."""

import json
from typing import Any

import pytest

from gateway.dialects.anthropic_messages.reader import FINISH, AnswerReader
from gateway.errors import UpstreamError
from gateway.types.event import Ended, Event, Failed, Finished, TextDelta, UsageReported
from gateway.types.outcome import Usage


def feed(*values: dict[str, Any]) -> list[Event]:
    """The events of a stream of named events."""
    reader = AnswerReader()
    return [e for v in values for e in reader.frame(v["type"], json.dumps(v).encode())]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"type":"message_start","message":[]}',
        b'{"type":"message_start","message":{"id":1}}',
        b'{"type":"content_block_start","content_block":{"type":"text"}}',
        b'{"type":"content_block_start","index":-1,"content_block":{"type":"text"}}',
        b'{"type":"content_block_start","index":0,"content_block":{"type":"text","text":1}}',
        b'{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"x"}}',
        b'{"type":"message_delta","delta":{"stop_reason":1}}',
    ],
)
def test_a_malformed_event_is_the_upstreams_fault(data: bytes) -> None:
    """Whatever is wrong raises `upstream_invalid_answer`, and nothing else."""
    with pytest.raises(UpstreamError) as caught:
        AnswerReader().frame(None, data)
    assert caught.value.code == "upstream_invalid_answer"


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"content":"x"}', b'{"content":[]}', b'{"content":[1],"stop_reason":"end_turn"}']
)
def test_a_plain_answer_must_be_whole(body: bytes) -> None:
    """Content blocks and a reason are what an answer is."""
    with pytest.raises(UpstreamError) as caught:
        AnswerReader().whole(body)
    assert caught.value.code == "upstream_invalid_answer"


def test_usage_is_cumulative() -> None:
    """A later count replaces an earlier one, null says nothing new, and input is the sum of three."""
    usage = {
        "input_tokens": 5,
        "cache_read_input_tokens": 10,
        "cache_creation_input_tokens": 20,
        "output_tokens": 1,
    }
    events = feed(
        {"type": "message_start", "message": {"id": "m", "usage": usage}},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 7, "input_tokens": None}},
        {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 9, "input_tokens": 6}},
    )
    assert [
        Usage(input=35, output=None, cached=10, cache_write=20),
        Usage(input=35, output=7, cached=10, cache_write=20),
        Usage(input=36, output=9, cached=10, cache_write=20),
    ] == [event.usage for event in events if isinstance(event, UsageReported)]


@pytest.mark.parametrize("usage", [{}, {"input_tokens": -1, "output_tokens": True}, {"output_tokens": "9"}])
def test_a_broken_meter_reports_nothing(usage: dict[str, Any]) -> None:
    """Counts that cannot be are not reported."""
    assert feed({"type": "message_delta", "delta": {}, "usage": usage}) == []


def test_unknown_events_are_passed_over() -> None:
    """Anthropic adds events; clients must not stumble."""
    assert feed({"type": "ping"}, {"type": "tomorrow", "x": 1}) == []
    assert feed({"type": "content_block_delta", "index": 0, "delta": {"type": "tomorrow_delta"}}) == []


def test_an_unknown_block_is_kept() -> None:
    """It travels under "block" for the same dialect."""
    block = {"type": "tomorrow", "x": 1}
    assert [TextDelta("", rest={"block": block})] == feed(
        {"type": "content_block_start", "index": 0, "content_block": block}
    )


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("overloaded_error", "upstream_overloaded"),
        ("rate_limit_error", "upstream_rate_limited"),
        ("api_error", "upstream_error"),
        ("invalid_request_error", "upstream_rejected_request"),
        ("tomorrow_error", "upstream_error"),
    ],
)
def test_an_error_inside_a_stream_is_a_row(kind: str, code: str) -> None:
    """The type decides; nothing is read after it."""
    error = {"type": "error", "error": {"type": kind, "message": "overloaded_error"}}
    assert [Failed(code)] == feed(error, {"type": "message_stop"})
    assert [Failed(code)] == AnswerReader().whole(json.dumps(error).encode())


@pytest.mark.parametrize("native", [*FINISH, "tomorrow"])
def test_every_reason_has_its_meaning(native: str) -> None:
    """The table holds; a new word is a stop."""
    events = feed({"type": "message_delta", "delta": {"stop_reason": native}}, {"type": "message_stop"})
    assert [Finished(FINISH.get(native, "stop"), native), Ended()] == events


@pytest.mark.parametrize(
    ("said", "tier", "region"),
    [
        ({"service_tier": "standard", "inference_geo": "global"}, "default", None),
        ({"service_tier": "priority", "inference_geo": "us"}, "priority", "us"),
        ({"inference_geo": "not_available"}, None, None),
        ({"service_tier": 1, "inference_geo": None}, None, None),
    ],
)
def test_usage_names_where_it_was_served(said: dict[str, Any], tier: Any, region: str | None) -> None:
    """The queue and the region that the bill will be made for, in our words."""
    body = {
        "content": [],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "output_tokens": 1, **said},
    }
    (usage,) = [
        e.usage for e in AnswerReader().whole(json.dumps(body).encode()) if isinstance(e, UsageReported)
    ]
    assert Usage(input=5, output=1, tier=tier, region=region) == usage
