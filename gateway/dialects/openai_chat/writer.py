"""Writing a chat completion to a client.

Relaying, the upstream's chunks pass as they came, so that nothing unknown is lost; only usage is taken
out and held, since it goes last and only to a client that asked. Otherwise chunks are built from events.
"""

import re
from typing import Any, Final

from gateway.dialects.codec import Bill, Frame, WriteContext
from gateway.dialects.frames import decode_object, encode, relay, sse, sse_json
from gateway.dialects.openai_chat.answer import Head, finish_fields, gather
from gateway.dialects.openai_chat.errors import error_object
from gateway.dialects.openai_chat.usage import write_usage
from gateway.errors import GatewayError
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

_CHUNK: Final = "chat.completion.chunk"
_DONE: Final = b"[DONE]"
# A chunk worth parsing. Inside a JSON string the quotes would be escaped, so text cannot look like this.
_HELD: Final = re.compile(rb'"(?:usage|error)"\s*:\s*(?!null)')


class AnswerWriter:
    """Writes one answer."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context
        self._head = Head(context)
        self._opened: set[int] = set()
        self._usage: dict[str, Any] | None = None

    def whole(self, events: list[Event], raw: bytes | None) -> bytes:
        """A plain answer."""
        if raw is not None and self._context.relay:
            return raw
        return encode(gather(events, self._context))

    def frame(self, frames: list[Frame], events: list[Event]) -> bytes:
        """What one read gave, without usage and `[DONE]`."""
        if not (frames and self._context.relay):
            return b"".join(self._write(event) for event in events)
        for event in events:
            if isinstance(event, Started):
                self._head.start(event)
            elif isinstance(event, UsageReported):
                self._usage = self._head.usage(event)
        return b"".join(self._relay(frame) for frame in frames)

    def finish(self, bill: Bill | None) -> bytes:
        """The usage, if the client asked for it, and `[DONE]`."""
        return self._usage_chunk(bill) + sse(_DONE)

    def error(self, error: GatewayError, request_id: str, cost: int | None = None) -> bytes:
        """The error, and no `[DONE]`: the answer is not whole."""
        return sse_json(error_object(error, request_id, cost))

    def _relay(self, frame: Frame) -> bytes:
        data = frame[1]
        if data.strip() == _DONE:
            return b""
        if _HELD.search(data) is None:
            return relay(frame)
        chunk = decode_object(data)
        if chunk.get("error") is not None:
            # The provider's words stay inside; `error` tells the client.
            return b""
        if chunk.get("usage") is None:
            return relay(frame)
        if not chunk.get("choices"):
            return b""
        # DeepSeek and others put usage on the last chunk with content.
        del chunk["usage"]
        return sse_json(chunk, frame[0])

    def _write(self, event: Event) -> bytes:
        delta: dict[str, Any] = {}
        fields: dict[str, Any] = {}
        match event:
            case Started():
                self._head.start(event)
            case UsageReported():
                self._usage = self._head.usage(event)
            case TextDelta():
                delta, fields = self._text(event)
            case RefusalDelta():
                delta = {"refusal": event.text}
            case ReasoningDelta() if event.text:
                # A signature closes thinking for the dialect that signed it; it means nothing here.
                delta = {"reasoning_content": event.text}
            case ToolCallDelta():
                delta = {"tool_calls": [self._call(event)]}
            case Finished():
                fields = finish_fields(event)
            case _:
                pass
        return self._delta(getattr(event, "choice", 0), delta, fields) if delta or fields else b""

    def _text(self, event: TextDelta) -> tuple[dict[str, Any], dict[str, Any]]:
        self._head.keep(event.rest)
        delta: dict[str, Any] = {"content": event.text} if event.text else {}
        fields: dict[str, Any] = {}
        if self._head.own:
            delta |= event.rest.get("message", {})
            fields = event.rest.get("choice", {})
        return delta, fields

    def _call(self, event: ToolCallDelta) -> dict[str, Any]:
        function = {"arguments": event.arguments}
        call: dict[str, Any] = {"index": event.index, "function": function}
        if event.id is not None:
            call = {"index": event.index, "id": event.id, "type": "function", "function": function}
            call["function"] = {"name": event.name or "", **function}
        return call | (event.rest if self._head.own else {})

    def _delta(self, choice: int, delta: dict[str, Any], fields: dict[str, Any]) -> bytes:
        opening = b""
        if choice not in self._opened:
            self._opened.add(choice)
            opening = self._delta(choice, {"role": "assistant", "content": "", "refusal": None}, {})
        body = {"index": choice, "delta": delta, "logprobs": None, "finish_reason": None, **fields}
        return opening + sse_json(self._head.object(_CHUNK, [body]))

    def _usage_chunk(self, bill: Bill | None) -> bytes:
        if not self._context.include_usage:
            return b""
        usage = self._usage
        if usage is None and bill is not None and bill.usage is not None:
            usage = write_usage(bill.usage)
        if usage is None:
            return b""
        if bill is not None:
            usage = {**usage, **bill.extension}
        return sse_json({**self._head.object(_CHUNK, []), "usage": usage})
