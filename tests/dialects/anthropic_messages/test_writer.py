"""Writing Messages to a client."""

import json

import pytest

from gateway.dialects import DIALECTS, Bill
from gateway.dialects.anthropic_messages.writer import AnswerWriter
from gateway.errors import ROWS, failure
from gateway.types.event import Ended, Event, Finished, Started, TextDelta, ToolCallDelta, UsageReported
from gateway.types.outcome import Usage
from tests.dialects.samples import BILL, context
from tests.dialects.witness import check_stream, datas

EVENTS: list[Event] = [Started("x", "upstream", 5), TextDelta("Hi"), Finished("stop", "stop"), Ended()]


def test_a_relayed_plain_answer_is_the_upstreams_own_bytes() -> None:
    """Nothing is rebuilt when both sides speak the same."""
    raw = b'{ "id": "x" , "unknown": 1.0 }'
    assert raw == AnswerWriter(context(relay=True)).whole(EVENTS, raw)
    assert raw != AnswerWriter(context(relay=False)).whole(EVENTS, raw)


def test_the_bill_stands_in_the_tail_of_a_relayed_stream() -> None:
    """`message_delta` is held back with everything unknown in it, and told with the account."""
    delta = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "new": 1},
        "usage": {"output_tokens": 3},
    }
    frames: list[tuple[str | None, bytes]] = [
        ("ping", b'{"type": "ping"}'),
        ("message_delta", json.dumps(delta).encode()),
        (None, b'{"type":"message_stop"}'),
    ]
    writer = AnswerWriter(context(relay=True))
    assert (
        writer.frame(frames, [UsageReported(Usage(input=1, output=3))])
        == b'event: ping\ndata: {"type": "ping"}\n\n'
    )
    (_, tail), (_, stop) = datas(writer.finish(BILL))
    assert tail["delta"] == {"stop_reason": "end_turn", "new": 1}
    assert (tail["usage"]["weighbridge"]["cost_usd"], tail["usage"]["output_tokens"]) == ("0.0019125", 3)
    assert stop == {"type": "message_stop"}


def test_predicted_usage_stands_in_for_usage_nobody_reported() -> None:
    """The tail tells what was settled."""
    writer = AnswerWriter(context())
    writer.frame([], EVENTS)
    (*_, (_, delta), _) = datas(writer.finish(Bill(1, 1, 0, "m", "miss", Usage(input=7, output=2))))
    assert (delta["usage"]["input_tokens"], delta["usage"]["output_tokens"]) == (7, 2)


def test_an_empty_answer_is_a_message_too() -> None:
    """Even an answer without a single event has a head and a tail."""
    stream = AnswerWriter(context()).finish(None)
    check_stream("anthropic_messages", stream)
    assert [name for name, _ in datas(stream)] == ["message_start", "message_delta", "message_stop"]


def test_late_arguments_keep_their_number() -> None:
    """Deltas of a call that was left reach the block they belong to."""
    events: list[Event] = [
        Started("x", "m", 1),
        ToolCallDelta(0, '{"a":', "c0", "f"),
        ToolCallDelta(1, "{}", "c1", "f"),
        ToolCallDelta(0, "1}"),
        Finished("tool_calls", "tool_calls"),
    ]
    body = json.loads(AnswerWriter(context()).whole(events, None))
    assert [block["input"] for block in body["content"]] == [{"a": 1}, {}]


@pytest.mark.parametrize(
    ("arguments", "given"),
    [("", {}), ("{", {"arguments": "{"}), ("[1]", {"arguments": [1]}), ('{"a":1}', {"a": 1})],
)
def test_arguments_a_model_wrote_badly_are_not_lost(arguments: str, given: object) -> None:
    """An input must be an object here; what is none is kept under one name."""
    events: list[Event] = [
        Started("x", "m", 1),
        ToolCallDelta(0, arguments, "c", "f"),
        Finished("stop", "stop"),
    ]
    body = json.loads(AnswerWriter(context()).whole(events, None))
    assert given == body["content"][0]["input"]


@pytest.mark.parametrize("code", ROWS)
@pytest.mark.parametrize("name", DIALECTS)
def test_every_row_of_errors_can_be_written(name: str, code: str) -> None:
    """Code, message, part, kind and request id stand in every body; no details, no member."""
    error = failure(code, "What was wrong.", part=1, kind="image", param="messages[0]")
    body = json.loads(DIALECTS[name].write_error(error, "r1"))
    inner = body["error"]
    assert (code, "What was wrong.", 1, "image", "messages[0]") == tuple(
        inner[key] for key in ("code", "message", "part", "kind", "param")
    )
    assert "r1" in (body.get("request_id"), inner.get("request_id"))
    assert "details" not in inner
    assert json.loads(DIALECTS[name].write_error(failure(code, "m", details={"a": 1}), "r"))["error"][
        "details"
    ] == {"a": 1}


def test_an_upstreams_words_about_an_error_stay_inside() -> None:
    """An event that tells an error is not relayed; our own ends the stream, without `message_stop`."""
    writer = AnswerWriter(context(relay=True))
    data = b'{"type":"error","error":{"type":"api_error","message":"secret words"}}'
    assert b"" == writer.frame([("error", data), (None, data)], [])
    ((name, value),) = datas(writer.error(failure("upstream_overloaded", "The provider is busy."), "r1"))
    assert ("error", "overloaded_error", "upstream_overloaded", "r1") == (
        name,
        value["error"]["type"],
        value["error"]["code"],
        value["request_id"],
    )
