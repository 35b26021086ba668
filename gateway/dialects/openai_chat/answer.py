"""Events gathered into the plain body of a chat completion."""

from typing import Any

from gateway.dialects.codec import WriteContext
from gateway.dialects.frames import merge
from gateway.dialects.openai_chat.usage import write_usage
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


class Head:
    """What every chunk and the body repeat: id, model, time, and the fields kept from the upstream."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context
        self.own = False
        self.id = f"chatcmpl-{context.request_id}"
        self.model = context.model_asked
        self.created = context.created
        self.rest: dict[str, Any] = {}

    def start(self, event: Started) -> None:
        """Take what the upstream said of itself. Ids of other dialects mean nothing in this one."""
        self.own = event.dialect == "openai_chat"
        if self.own and event.id:
            self.id = event.id
        self.model = event.model or self.model
        self.created = event.created or self.created
        self.keep(event.rest)

    def keep(self, rest: dict[str, Any]) -> None:
        """Top-level fields of the upstream, if it speaks this dialect."""
        if self.own:
            self.rest |= rest.get("answer", {})

    def object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """A chunk or a body."""
        return {
            "id": self.id,
            "object": kind,
            "created": self.created,
            "model": self.model,
            "choices": choices,
            **self.rest,
        }

    def usage(self, event: UsageReported) -> dict[str, Any]:
        """The usage object: the upstream's own if it speaks this dialect."""
        return dict(event.rest) if self.own and event.rest else write_usage(event.usage)


class _Choice:
    """One choice while it is gathered."""

    def __init__(self, index: int) -> None:
        self.texts: list[str] = []
        self.refusals: list[str] = []
        self.reasonings: list[str] = []
        self.calls: dict[int, dict[str, Any]] = {}
        self.message: dict[str, Any] = {}
        self.fields: dict[str, Any] = {}
        self.index = index
        self.finish: Finished | None = None

    def call(self, event: ToolCallDelta, *, own: bool) -> None:
        held = self.calls.setdefault(
            event.index, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}}
        )
        held["id"] = event.id or held["id"]
        held["function"]["name"] = event.name or held["function"]["name"]
        held["function"]["arguments"] += event.arguments
        if own:
            merge(held, event.rest)

    def object(self) -> dict[str, Any]:
        message: dict[str, Any] = {
            "role": "assistant",
            "content": "".join(self.texts) if self.texts or not (self.calls or self.refusals) else None,
            "refusal": "".join(self.refusals) if self.refusals else None,
            **self.message,
        }
        if self.reasonings:
            message["reasoning_content"] = "".join(self.reasonings)
        if self.calls:
            message["tool_calls"] = [self.calls[i] for i in sorted(self.calls)]
            for call in message["tool_calls"]:
                call["function"]["arguments"] = call["function"]["arguments"] or "{}"
        choice = {"index": self.index, "message": message, "logprobs": None, **self.fields}
        return {**choice, **finish_fields(self.finish)}


def finish_fields(event: Finished | None) -> dict[str, Any]:
    """The reason, and the provider's own word for it where that is another."""
    if event is None:
        return {"finish_reason": "stop"}
    reason = "stop" if event.reason == "error" else event.reason
    fields = {"finish_reason": reason}
    return fields if event.native == reason else {**fields, "native_finish_reason": event.native}


def gather(events: list[Event], context: WriteContext) -> dict[str, Any]:
    """The plain body as a value."""
    head = Head(context)
    choices: dict[int, _Choice] = {}
    usage: dict[str, Any] | None = None
    for event in events:
        if isinstance(event, Started):
            head.start(event)
        elif isinstance(event, UsageReported):
            usage = head.usage(event)
        elif isinstance(event, (TextDelta, RefusalDelta, ReasoningDelta, ToolCallDelta, Finished)):
            if event.choice not in choices:
                choices[event.choice] = _Choice(event.choice)
            _gather(event, choices[event.choice], head)
    body = head.object("chat.completion", [choices[i].object() for i in sorted(choices)])
    if usage is not None:
        body["usage"] = usage
    return body


def _gather(
    event: TextDelta | RefusalDelta | ReasoningDelta | ToolCallDelta | Finished, choice: _Choice, head: Head
) -> None:
    match event:
        case TextDelta():
            if event.text:
                choice.texts.append(event.text)
            head.keep(event.rest)
            if head.own:
                merge(choice.message, event.rest.get("message", {}))
                merge(choice.fields, event.rest.get("choice", {}))
        case RefusalDelta():
            choice.refusals.append(event.text)
        case ReasoningDelta():
            if event.text:
                choice.reasonings.append(event.text)
        case ToolCallDelta():
            choice.call(event, own=head.own)
        case Finished():
            choice.finish = event
