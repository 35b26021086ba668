"""Reading a Messages answer, whole or streamed, into events.

Content blocks of a plain answer hold what the start and the deltas of a stream hold together. Blocks we do
not know are kept as they are in `rest` under "block". Tool calls are numbered apart from other blocks, as
the hub wants it.
"""

from typing import Any, Final

from gateway.dialects.anthropic_messages.usage import read_usage
from gateway.dialects.faults import read_failure
from gateway.dialects.frames import count, decode_object, encode, invalid_answer, member, members, string
from gateway.types.event import (
    Ended,
    Event,
    Failed,
    Finished,
    FinishReason,
    ReasoningDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)

FINISH: Final[dict[str, FinishReason]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    # The provider stopped a long turn of its own; resuming is the client's choice.
    "pause_turn": "length",
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}

_TOP: Final = frozenset(
    {"id", "type", "role", "model", "content", "usage", "stop_reason", "stop_sequence", "error"}
)


class AnswerReader:
    """Reads one answer."""

    def __init__(self) -> None:
        self._closed = False
        self._usage: dict[str, Any] = {}
        # Number of a block -> number of its tool call; calls whose arguments have begun.
        self._calls: dict[int, int] = {}
        self._argued: set[int] = set()

    def whole(self, body: bytes) -> list[Event]:
        """A plain answer; it ends by itself."""
        answer = decode_object(body)
        if answer.get("type") == "error" or answer.get("error") is not None:
            return [Failed(read_failure(answer))]
        if not isinstance(answer.get("content"), list):
            raise invalid_answer("a list of content blocks")
        events: list[Event] = [_started(answer)]
        for index, block in enumerate(members(answer, "content")):
            self._start(index, block, events)
            self._stop(index, events)
        self._report(member(answer, "usage"), events)
        _finish(answer, events)
        if not isinstance(events[-1], Finished):
            raise invalid_answer("a stop reason")
        return [*events, Ended()]

    def frame(self, event: str | None, data: bytes) -> list[Event]:
        """One named event; those we do not know are passed over, as Anthropic asks of clients."""
        if self._closed:
            return []
        value = decode_object(data)
        events: list[Event] = []
        match value.get("type", event):
            case "message_start":
                message = member(value, "message")
                events.append(_started(message))
                # Output counted so far says nothing of what follows: if the stream is cut, billing predicts.
                usage = member(message, "usage")
                self._report({key: value for key, value in usage.items() if key != "output_tokens"}, events)
            case "content_block_start":
                self._start(_index(value), member(value, "content_block"), events)
            case "content_block_delta":
                self._delta(_index(value), member(value, "delta"), events)
            case "content_block_stop":
                self._stop(_index(value), events)
            case "message_delta":
                self._report(member(value, "usage"), events)
                _finish(member(value, "delta"), events)
            case "message_stop":
                self._closed = True
                events.append(Ended())
            case "error":
                self._closed = True
                events.append(Failed(read_failure(value)))
            case _:
                pass
        return events

    def _start(self, index: int, block: dict[str, Any], events: list[Event]) -> None:
        match block.get("type"):
            case "text":
                self._text(block, events)
            case "thinking":
                if thinking := string(block, "thinking"):
                    events.append(ReasoningDelta(thinking))
                if signature := string(block, "signature"):
                    events.append(ReasoningDelta("", signature=signature))
            case "tool_use":
                call = len(self._calls)
                self._calls[index] = call
                given = member(block, "input")
                arguments = encode(given).decode() if given else ""
                if arguments:
                    self._argued.add(index)
                events.append(ToolCallDelta(call, arguments, string(block, "id"), string(block, "name")))
            case _:
                events.append(TextDelta("", rest={"block": block}))

    def _text(self, block: dict[str, Any], events: list[Event]) -> None:
        text, citations = string(block, "text"), block.get("citations")
        rest = {"message": {"citations": citations}} if citations else {}
        if text or rest:
            events.append(TextDelta(text, rest=rest))

    def _delta(self, index: int, delta: dict[str, Any], events: list[Event]) -> None:
        match delta.get("type"):
            case "text_delta":
                events.append(TextDelta(string(delta, "text")))
            case "thinking_delta":
                events.append(ReasoningDelta(string(delta, "thinking")))
            case "signature_delta":
                events.append(ReasoningDelta("", signature=string(delta, "signature")))
            case "input_json_delta":
                if index not in self._calls:
                    raise invalid_answer("the start of a tool call")
                piece = string(delta, "partial_json")
                if piece:
                    self._argued.add(index)
                    events.append(ToolCallDelta(self._calls[index], piece))
            case "citations_delta":
                citation = delta.get("citation")
                events.append(TextDelta("", rest={"message": {"citations": [citation]}}))
            case _:
                pass

    def _stop(self, index: int, events: list[Event]) -> None:
        """A tool called without arguments sends none; their JSON is still an object."""
        if index in self._calls and index not in self._argued:
            self._argued.add(index)
            events.append(ToolCallDelta(self._calls[index], "{}"))

    def _report(self, usage: dict[str, Any], events: list[Event]) -> None:
        """Counts are cumulative: a later one replaces an earlier one; null says nothing new."""
        self._usage |= {key: value for key, value in usage.items() if value is not None}
        read = read_usage(self._usage) if usage else None
        if read is not None:
            sound = read.input is not None and read.output is not None
            events.append(UsageReported(read, dict(self._usage) if sound else {}))


def _started(message: dict[str, Any]) -> Started:
    fresh = {key: value for key, value in message.items() if key not in _TOP and value is not None}
    rest = {"answer": fresh} if fresh else {}
    return Started(string(message, "id"), string(message, "model"), 0, rest, dialect="anthropic_messages")


def _finish(holder: dict[str, Any], events: list[Event]) -> None:
    native = string(holder, "stop_reason")
    if native:
        matched = string(holder, "stop_sequence")
        rest = {"answer": {"stop_sequence": matched}} if matched else {}
        events.append(Finished(FINISH.get(native, "stop"), native, rest=rest))


def _index(value: dict[str, Any]) -> int:
    index = count(value.get("index"))
    if index is None:
        raise invalid_answer("the number of a content block")
    return index
