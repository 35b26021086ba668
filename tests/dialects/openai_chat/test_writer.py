"""Writing chat completions to a client."""

import json

from gateway.dialects import Bill
from gateway.dialects.openai_chat.writer import AnswerWriter
from gateway.errors import failure
from gateway.types.event import Ended, Event, Finished, Started, TextDelta, UsageReported
from gateway.types.outcome import Usage
from tests.dialects.samples import BILL, context
from tests.dialects.witness import datas

EVENTS: list[Event] = [
    Started("x", "upstream", 5),
    TextDelta("Hi"),
    Finished("stop", "stop"),
    UsageReported(Usage(input=3, output=1)),
    Ended(),
]


def test_a_relayed_plain_answer_is_the_upstreams_own_bytes() -> None:
    """Nothing is rebuilt when both sides speak the same."""
    raw = b'{ "id": "x" , "unknown": 1.0 }'
    assert raw == AnswerWriter(context(relay=True)).whole(EVENTS, raw)
    assert raw != AnswerWriter(context(relay=False)).whole(EVENTS, raw)


def test_a_relayed_frame_is_the_upstreams_own_bytes() -> None:
    """Frames pass untouched, data of several lines and all."""
    frames: list[tuple[str | None, bytes]] = [(None, b'{"choices":[], "odd" : 1e0}'), ("x", b"{\n}")]
    expected = b'data: {"choices":[], "odd" : 1e0}\n\nevent: x\ndata: {\ndata: }\n\n'
    assert expected == AnswerWriter(context(relay=True)).frame(frames, [])


def test_usage_goes_only_to_clients_that_asked() -> None:
    """The chunk is held back, then written with the bill or not at all."""
    for include_usage in (True, False):
        writer = AnswerWriter(context(include_usage=include_usage))
        assert b'"usage"' not in writer.frame([], EVENTS)
        tail = writer.finish(BILL)
        assert include_usage == (b'"usage"' in tail)
        assert tail.endswith(b"data: [DONE]\n\n")


def test_the_bill_is_in_dollars() -> None:
    """The extension holds decimal strings, from nanodollars."""
    writer = AnswerWriter(context())
    writer.frame([], EVENTS)
    ((_, chunk),) = datas(writer.finish(BILL))
    assert chunk["usage"]["weighbridge"] == {
        "cost_usd": "0.0019125",
        "quoted_usd": "0.002",
        "saved_usd": "0.0000875",
        "model": "openai/gpt-4o",
        "cache": "miss",
    }
    assert chunk["choices"] == []


def test_predicted_usage_stands_in_for_usage_nobody_reported() -> None:
    """A client that asked gets what was settled; without any count it gets no chunk, not zeros."""
    writer = AnswerWriter(context())
    writer.frame([], EVENTS[:3])
    bill = Bill(1, 1, 0, "m", "miss", Usage(input=7, output=2))
    ((_, chunk),) = datas(writer.finish(bill))
    assert (chunk["usage"]["prompt_tokens"], chunk["usage"]["completion_tokens"]) == (7, 2)
    assert AnswerWriter(context()).finish(None) == b"data: [DONE]\n\n"


def test_a_relayed_usage_is_taken_out_of_a_chunk_with_content() -> None:
    """A client that did not ask for usage does not get it on the last content chunk either."""
    data = json.dumps(
        {"choices": [{"index": 0, "delta": {"content": "x"}}], "usage": {"prompt_tokens": 1}}
    ).encode()
    written = AnswerWriter(context(relay=True, include_usage=False)).frame([(None, data)], [])
    assert b"usage" not in written
    assert b'"content":"x"' in written


def test_text_that_looks_like_usage_passes_untouched() -> None:
    """Quotes inside a string are escaped, so words cannot be taken for members."""
    delta = {"content": '{"usage": {"error": 1}} "usage":{'}
    data = json.dumps({"choices": [{"index": 0, "delta": delta}], "usage": None}).encode()
    assert b"data: " + data + b"\n\n" == AnswerWriter(context(relay=True)).frame([(None, data)], [])


def test_an_upstreams_words_about_an_error_stay_inside() -> None:
    """A frame that tells an error is not relayed; our own event ends the stream, without `[DONE]`."""
    writer = AnswerWriter(context(relay=True))
    assert writer.frame([(None, b'{"error":{"message":"secret words"}}')], []) == b""
    written = writer.error(failure("upstream_error", "The provider failed.", part=2, kind="image"), "r1")
    assert datas(written)[0][1]["error"] == {
        "message": "The provider failed.",
        "type": "api_error",
        "param": None,
        "code": "upstream_error",
        "part": 2,
        "kind": "image",
        "request_id": "r1",
    }
    assert b"[DONE]" not in written


def test_fields_of_another_dialect_are_not_written() -> None:
    """What is kept for one dialect means nothing in another."""
    events: list[Event] = [
        Started("msg", "m", 0, {"answer": {"container": 1}}, dialect="anthropic_messages"),
        TextDelta("x", rest={"message": {"citations": []}, "block": {"type": "y"}}),
        Finished("stop", "end_turn"),
    ]
    body = json.loads(AnswerWriter(context()).whole(events, None))
    assert {"id", "object", "created", "model", "choices"} == body.keys()
    assert {"role", "content", "refusal"} == body["choices"][0]["message"].keys()
    assert (body["id"], body["created"]) == ("chatcmpl-req_golden", 1_700_000_000)
