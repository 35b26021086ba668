"""From events to content blocks: the one place that decides where a block begins and ends.

A block is text, thinking or one tool call. It begins when an event of another kind, or of another call,
comes; Anthropic's own streams never interleave blocks, and clients rely on that.
"""

from typing import Any, Final

import msgspec
from msgspec import Struct

from gateway.dialects.anthropic_messages.usage import write_usage
from gateway.dialects.codec import WriteContext
from gateway.types.event import (
    Event,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)

DIALECT: Final = "anthropic_messages"
_STOP: Final = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
    "error": "end_turn",
}


class Open(Struct, frozen=True):
    """A block begins: its number and its empty form."""

    index: int
    block: dict[str, Any]


class Delta(Struct, frozen=True):
    """Something is added to a block."""

    index: int
    delta: dict[str, Any]


class Close(Struct, frozen=True):
    """A block ends."""

    index: int


Move = Open | Delta | Close


class Blocks:
    """Turns events of the first choice into moves on blocks, and keeps what the head and tail need."""

    def __init__(self, context: WriteContext) -> None:
        self.own = False
        self.id = f"msg_{context.request_id}"
        self.model = context.model_asked
        self.rest: dict[str, Any] = {}
        self.usage: dict[str, Any] | None = None
        self._finished: Finished | None = None
        self._refused = False
        # What the open block is: "text", "thinking", the number of a call; None if none is open.
        self._open: str | int | None = None
        self._next = 0
        self._calls: dict[int, int] = {}

    def head(self, usage: dict[str, Any]) -> dict[str, Any]:
        """The message as it stands before its content."""
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
            **self.rest,
        }

    def tail(self) -> dict[str, Any]:
        """Why it ended. A refusal in words ends with the reason `refusal`, whatever the provider calls it."""
        matched = None
        if self._finished is None:
            reason = "end_turn"
        elif self.own:
            reason = self._finished.native
            matched = self._finished.rest.get("answer", {}).get("stop_sequence")
        else:
            reason = "refusal" if self._refused else _STOP[self._finished.reason]
        return {"stop_reason": reason, "stop_sequence": matched}

    def take(self, event: Event) -> list[Move]:
        """The moves of one event. Messages has one choice; others are passed over, none can be asked."""
        match event:
            case Started():
                self._start(event)
            case UsageReported():
                self.usage = dict(event.rest) if self.own and event.rest else write_usage(event.usage)
            case Finished(choice=0):
                self._finished = event
                return self.close()
            case TextDelta(choice=0):
                return self._text(event)
            case RefusalDelta(choice=0):
                self._refused = True
                return self._add("text", {"type": "text", "text": ""}, _text_delta(event.text))
            case ReasoningDelta(choice=0):
                return self._thinking(event)
            case ToolCallDelta(choice=0):
                return self._call(event)
            case _:
                pass
        return []

    def close(self) -> list[Move]:
        """End the open block, if any."""
        if self._open is None:
            return []
        self._open = None
        return [Close(self._next - 1)]

    def _start(self, event: Started) -> None:
        self.own = event.dialect == DIALECT
        if self.own:
            self.id = event.id or self.id
            self.rest = dict(event.rest.get("answer", {}))
        self.model = event.model or self.model

    def _text(self, event: TextDelta) -> list[Move]:
        empty = {"type": "text", "text": ""}
        moves = self._add("text", empty, _text_delta(event.text)) if event.text else []
        if not self.own:
            return moves
        for citation in event.rest.get("message", {}).get("citations") or []:
            moves += self._add("text", empty, {"type": "citations_delta", "citation": citation})
        if "block" in event.rest:
            moves += [*self.close(), Open(self._next, event.rest["block"]), Close(self._next)]
            self._next += 1
        return moves

    def _thinking(self, event: ReasoningDelta) -> list[Move]:
        empty = {"type": "thinking", "thinking": "", "signature": ""}
        moves: list[Move] = []
        if event.text:
            moves += self._add("thinking", empty, {"type": "thinking_delta", "thinking": event.text})
        if event.signature is not None and self.own:
            signed = {"type": "signature_delta", "signature": event.signature}
            # A signature closes its block: thinking that follows is another block.
            moves += [*self._add("thinking", empty, signed), *self.close()]
        return moves

    def _call(self, event: ToolCallDelta) -> list[Move]:
        moves: list[Move] = []
        if event.index not in self._calls:
            block = {"type": "tool_use", "id": event.id or "", "name": event.name or "", "input": {}}
            moves += [*self.close(), Open(self._next, block)]
            self._calls[event.index] = self._next
            self._open = event.index
            self._next += 1
        if event.arguments:
            delta = {"type": "input_json_delta", "partial_json": event.arguments}
            # Late arguments of a closed block keep their number: clients gather by it.
            moves.append(Delta(self._calls[event.index], delta))
        return moves

    def _add(self, kind: str, empty: dict[str, Any], delta: dict[str, Any]) -> list[Move]:
        moves: list[Move] = []
        if self._open != kind:
            moves += [*self.close(), Open(self._next, empty)]
            self._open = kind
            self._next += 1
        return [*moves, Delta(self._next - 1, delta)]


def _text_delta(text: str) -> dict[str, Any]:
    return {"type": "text_delta", "text": text}


def gather(events: list[Event], context: WriteContext) -> dict[str, Any]:
    """The plain body as a value."""
    blocks = Blocks(context)
    content: list[dict[str, Any]] = []
    inputs: dict[int, str] = {}
    moves = [move for event in events for move in blocks.take(event)]
    for move in moves:
        if isinstance(move, Open):
            content.append(dict(move.block))
        elif isinstance(move, Delta):
            _apply(move, content[move.index], inputs)
    for index, text in inputs.items():
        content[index]["input"] = _input(text)
    body = blocks.head(blocks.usage or {"input_tokens": 0, "output_tokens": 0})
    return {**body, "content": content, **blocks.tail()}


def _apply(move: Delta, block: dict[str, Any], inputs: dict[int, str]) -> None:
    match move.delta:
        case {"type": "text_delta", "text": text}:
            block["text"] += text
        case {"type": "thinking_delta", "thinking": thinking}:
            block["thinking"] += thinking
        case {"type": "signature_delta", "signature": signature}:
            block["signature"] += signature
        case {"type": "citations_delta", "citation": citation}:
            block["citations"] = [*block.get("citations", []), citation]
        case {"type": "input_json_delta", "partial_json": piece}:
            inputs[move.index] = inputs.get(move.index, "") + piece


def _input(text: str) -> Any:
    """A tool's input must be an object here; what a model wrote badly is kept under one name."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return {"arguments": text}
    return msgspec.Raw(text.strip().encode()) if isinstance(value, dict) else {"arguments": value}
