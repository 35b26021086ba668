"""Reading a chat completion, whole or streamed, into events.

A `message` and a `delta` hold the same members, so one function reads both. Known members become events;
all others are kept by place in `rest` (see `types.event`). `reasoning_content` and `reasoning`, as vLLM,
DeepSeek and OpenRouter spell it, both become `ReasoningDelta` and are written as `reasoning_content`.
"""

from typing import Any, Final

from gateway.dialects.faults import read_failure
from gateway.dialects.frames import decode_object, encode, invalid_answer, member, members, string
from gateway.dialects.openai_chat.usage import own_usage, read_usage
from gateway.errors import failure
from gateway.types.event import (
    Ended,
    Event,
    Failed,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)

FINISH: Final[dict[str, FinishReason]] = {
    "stop": "stop",
    "eos": "stop",
    "COMPLETE": "stop",
    "length": "length",
    "model_length": "length",
    "max_tokens": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "tool": "tool_calls",
    "content_filter": "content_filter",
    "SAFETY": "content_filter",
    "error": "error",
    "insufficient_system_resource": "error",
    "malformed_model_output": "error",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
}

# `obfuscation` is padding against traffic analysis, new for every chunk.
_TOP: Final = frozenset({"id", "object", "created", "model", "choices", "usage", "error", "obfuscation"})
_CHOICE: Final = frozenset({"index", "delta", "message", "finish_reason"})
_MESSAGE: Final = frozenset({"role", "content", "refusal", "tool_calls", "reasoning_content", "reasoning"})
_CALL: Final = frozenset({"index", "id", "type", "function"})
_MOST_CHOICES: Final = 128


class AnswerReader:
    """Reads one answer."""

    def __init__(self) -> None:
        self._started = False
        self._closed = False
        self._answer: dict[str, Any] = {}
        # (choice, the upstream's index) -> (our index, id): some upstreams number every call 0.
        self._slots: dict[tuple[int, int], tuple[int, str]] = {}
        self._calls: dict[int, int] = {}

    def whole(self, body: bytes) -> list[Event]:
        """A plain answer; it ends by itself."""
        answer = decode_object(body)
        events = self._events(answer, "message")
        if not self._closed:
            if not members(answer, "choices"):
                raise invalid_answer("a choice")
            self._closed = True
            events.append(Ended())
        return events

    def frame(self, event: str | None, data: bytes) -> list[Event]:  # noqa: ARG002  # chunks are unnamed
        """One chunk, or the closing `[DONE]`."""
        if self._closed:
            return []
        if data.strip() == b"[DONE]":
            self._closed = True
            return [Ended()]
        return self._events(decode_object(data), "delta")

    def _events(self, chunk: dict[str, Any], holder: str) -> list[Event]:
        if chunk.get("error") is not None:
            self._closed = True
            return [Failed(read_failure(chunk))]
        choices = members(chunk, "choices")
        events: list[Event] = []
        self._head(chunk, events)
        for choice in choices:
            self._choice(choice, holder, events)
        usage = read_usage(chunk.get("usage"), self._answer.get("service_tier"))
        if usage is not None:
            events.append(UsageReported(usage, own_usage(chunk["usage"])))
        return events

    def _head(self, chunk: dict[str, Any], events: list[Event]) -> None:
        fresh = {
            key: value
            for key, value in chunk.items()
            if key not in _TOP and value is not None and self._answer.get(key) != value
        }
        self._answer |= fresh
        if not self._started and not chunk.get("id") and not chunk.get("choices"):
            # Azure opens with a nameless chunk of filter results; they go with the first real one.
            return
        if not self._started:
            fresh = self._answer
        rest = {"answer": dict(fresh)} if fresh else {}
        if not self._started:
            self._started = True
            created = chunk.get("created")
            seconds = created if isinstance(created, int) and created >= 0 else 0
            events.append(
                Started(string(chunk, "id"), string(chunk, "model"), seconds, rest, dialect="openai_chat")
            )
        elif rest:
            events.append(TextDelta("", rest=rest))

    def _choice(self, choice: dict[str, Any], holder: str, events: list[Event]) -> None:
        index = _index(choice, 0)
        if index >= _MOST_CHOICES:
            raise invalid_answer("a choice number that is believable")
        message = member(choice, holder)
        first = len(events)
        self._message(message, index, events)
        rest = _rest(choice, message)
        if rest:
            _attach(rest, index, first, events)
        native = string(choice, "finish_reason")
        if native:
            self._finish(native, index, events)

    def _message(self, message: dict[str, Any], index: int, events: list[Event]) -> None:
        reasoning = message.get("reasoning_content") or message.get("reasoning")
        if isinstance(reasoning, str) and reasoning:
            events.append(ReasoningDelta(reasoning, index))
        content = message.get("content")
        if isinstance(content, list):
            _parts(content, index, events)
        elif text := string(message, "content"):
            events.append(TextDelta(text, index))
        refusal = string(message, "refusal")
        if refusal:
            events.append(RefusalDelta(refusal, index))
        for position, call in enumerate(members(message, "tool_calls")):
            events.append(self._call(call, position, index))

    def _call(self, call: dict[str, Any], position: int, choice: int) -> ToolCallDelta:
        function = member(call, "function")
        arguments = function.get("arguments")
        if isinstance(arguments, dict):
            arguments = encode(arguments).decode()
        if arguments is not None and not isinstance(arguments, str):
            raise invalid_answer("a string")
        rest = {key: value for key, value in call.items() if key not in _CALL and value is not None}
        place = (choice, _index(call, position))
        identity = string(call, "id")
        slot = self._slots.get(place)
        if slot is not None and identity in ("", slot[1]):
            return ToolCallDelta(slot[0], arguments or "", choice=choice, rest=rest)
        opened = self._calls.get(choice, 0)
        self._calls[choice] = opened + 1
        self._slots[place] = (opened, identity)
        # Some upstreams give no id at all; a client needs one to answer the call.
        identity = identity or f"call_{choice}_{opened}"
        return ToolCallDelta(opened, arguments or "", identity, string(function, "name"), choice, rest)

    def _finish(self, native: str, index: int, events: list[Event]) -> None:
        reason = FINISH.get(native, "stop")
        if reason == "stop" and self._calls.get(index):
            # Gemini and older Ollama say stop after a call.
            reason = "tool_calls"
        events.append(Finished(reason, native, index))
        if reason == "error":
            self._closed = True
            busy = native == "insufficient_system_resource"
            events.append(Failed("upstream_overloaded" if busy else "upstream_error"))


def _parts(content: list[Any], index: int, events: list[Event]) -> None:
    """Content as a list of parts, as Mistral writes it when a model thinks."""
    for part in content:
        if not isinstance(part, dict):
            raise invalid_answer("a list of parts")
        if part.get("type") == "text":
            events.append(TextDelta(string(part, "text"), index))
        elif part.get("type") == "thinking" and isinstance(part.get("thinking"), list):
            pieces = [piece for piece in part["thinking"] if isinstance(piece, dict)]
            events.append(ReasoningDelta("".join(string(piece, "text") for piece in pieces), index))
        else:
            raise failure("upstream_invalid_answer", "The provider's answer holds a part we do not know.")


def _attach(rest: dict[str, Any], index: int, first: int, events: list[Event]) -> None:
    """Give the fields to the text they came with, else to a text that is empty."""
    for i in range(first, len(events)):
        event = events[i]
        if isinstance(event, TextDelta):
            events[i] = TextDelta(event.text, index, rest)
            return
    events.append(TextDelta("", index, rest))


def _index(value: dict[str, Any], default: int) -> int:
    index = value.get("index")
    if index is None:
        return default
    if isinstance(index, bool) or not isinstance(index, int) or index < 0:
        raise invalid_answer("an index")
    return index


def _rest(choice: dict[str, Any], message: dict[str, Any]) -> dict[str, Any]:
    """Fields of a choice and its message that no event tells. Nulls say nothing."""
    kept = {
        "choice": {k: v for k, v in choice.items() if k not in _CHOICE and v is not None},
        "message": {k: v for k, v in message.items() if k not in _MESSAGE and v is not None},
    }
    return {place: fields for place, fields in kept.items() if fields}
