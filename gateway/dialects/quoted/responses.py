"""`/v1/responses`, as the chat that it comes to.

What lies at the provider and not in the body (an earlier response, a conversation, a stored prompt, a file)
cannot be weighed, and neither can tools that the provider runs by itself: each is refused by name.
"""

from collections.abc import Callable
from typing import Any, Final

from gateway._core import Document
from gateway.dialects.fields import Body, Fields, invalid, missing, unsupported
from gateway.dialects.openai_chat.content import DETAILS, read_base64, read_url
from gateway.dialects.openai_chat.request import TIERS
from gateway.types.request import (
    MediaPart,
    Message,
    Part,
    Request,
    ResponseSchema,
    Role,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)

_MOST_TOKENS: Final = 1 << 31
_ELSEWHERE: Final = ("previous_response_id", "conversation", "prompt")
_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
}


def read_response(document: Document) -> Request:
    """The hub's request; a body that is wrong raises `ClientError` with the place as `param`."""
    top = Body(document).members()
    for key in _ELSEWHERE:
        if top.take(key) is not None:
            raise unsupported(key, "names what only the provider has; send the whole conversation as input")
    instructions = top.string("instructions")
    messages = [Message("system", (TextPart(instructions),))] if instructions else []
    messages += _input(top)
    if not messages:
        raise missing("input")
    tools = _tools(top)
    return Request(
        operation="chat",
        dialect="openai_chat",
        model=top.name("model"),
        messages=tuple(messages),
        document=document,
        stream=top.boolean("stream") or False,
        max_output_tokens=top.integer("max_output_tokens", 1, _MOST_TOKENS),
        temperature=top.number("temperature", 0, 2),
        top_p=top.number("top_p", 0, 1),
        tools=tools,
        tool_choice=_tool_choice(top, tools),
        response_schema=_schema(top),
        tier=top.tier(TIERS),
        rest=_reasoning(top),
    )


def _input(top: Fields) -> list[Message]:
    value = top.take("input")
    if value is None:
        return []
    if isinstance(value, str):
        return [Message("user", (TextPart(value),))]
    return [_item(item) for item in top.array(value, "input")]


def _item(fields: Fields) -> Message:
    kind = fields.string("type") or "message"
    if kind == "message":
        role = fields.choice("role", tuple(_ROLES))
        if role is None:
            raise missing(fields.place("role"))
        return Message(_ROLES[role], _content(fields))
    if kind == "function_call":
        call = ToolCallPart(fields.name("call_id"), fields.name("name"), fields.string("arguments") or "")
        return Message("assistant", (call,))
    if kind == "function_call_output":
        return Message("user", (ToolResultPart(fields.name("call_id"), _output(fields)),))
    if kind == "reasoning":
        summary = fields.take("summary") or []
        texts = [part.string("text") or "" for part in fields.array(summary, "summary")]
        return Message("assistant", tuple(TextPart(text) for text in texts if text))
    known = "message, function_call, function_call_output, reasoning"
    raise unsupported(fields.place("type"), f"is no item that can be weighed; known are {known}")


def _output(fields: Fields) -> tuple[TextPart | MediaPart, ...]:
    value = fields.need("output")
    if isinstance(value, str):
        return (TextPart(value),)
    parts = (_part(part) for part in fields.array(value, "output"))
    return tuple(part for part in parts if isinstance(part, (TextPart, MediaPart)))


def _content(fields: Fields) -> tuple[Part, ...]:
    value = fields.need("content")
    if isinstance(value, str):
        return (TextPart(value),)
    parts = tuple(_part(part) for part in fields.array(value, "content"))
    if not parts:
        raise invalid(fields.place("content"), "must hold at least one part")
    return parts


def _part(fields: Fields) -> Part:
    kind = fields.name("type")
    read = _PARTS.get(kind)
    if read is None:
        known = ", ".join(_PARTS)
        raise unsupported(fields.place("type"), f"is no part that can be weighed; known are {known}")
    return read(fields)


def _text(fields: Fields) -> TextPart:
    return TextPart(fields.text(fields.need("text"), "text"))


def _refusal(fields: Fields) -> TextPart:
    return TextPart(fields.text(fields.need("refusal"), "refusal"))


def _image(fields: Fields) -> MediaPart:
    _no_id(fields)
    media = read_url(fields, fields.need("image_url"), "image_url", "image")
    return MediaPart(media, fields.choice("detail", DETAILS))


def _file(fields: Fields) -> MediaPart:
    _no_id(fields)
    return MediaPart(read_base64(fields, "file_data", "document"), name=fields.string("filename"))


def _audio(fields: Fields) -> MediaPart:
    inner = fields.nested(fields.need("input_audio"), "input_audio")
    return MediaPart(read_base64(inner, "data", "audio"))


def _no_id(fields: Fields) -> None:
    for key in ("file_id", "file_url"):
        if fields.take(key) is not None:
            raise unsupported(fields.place(key), "names what is not in the body; send its bytes as base64")


_PARTS: Final[dict[str, Callable[[Fields], Part]]] = {
    "input_text": _text,
    "output_text": _text,
    "text": _text,
    "refusal": _refusal,
    "input_image": _image,
    "input_file": _file,
    "input_audio": _audio,
}


def _tools(top: Fields) -> tuple[Tool, ...]:
    value = top.take("tools")
    entries = [] if value is None else top.array(value, "tools")
    return tuple(_tool(entry) for entry in entries)


def _tool(fields: Fields) -> Tool:
    if fields.name("type") != "function":
        raise unsupported(fields.place("type"), "must be function: what the provider runs has no price here")
    return Tool(
        name=fields.name("name"),
        description=fields.string("description"),
        schema=fields.schema("parameters"),
        strict=fields.boolean("strict"),
    )


def _tool_choice(top: Fields, tools: tuple[Tool, ...]) -> ToolChoice | None:
    value = top.take("tool_choice")
    if value is None or not tools:
        return None
    match value:
        case "auto" | "none" | "required":
            return ToolChoice(value)
        case {"type": "function", "name": str(name)}:
            return ToolChoice("tool", name)
    raise unsupported("tool_choice", "must be none, auto, required or a named function")


def _schema(top: Fields) -> ResponseSchema | None:
    text = top.child("text")
    wanted = None if text is None else text.child("format")
    if wanted is None:
        return None
    kind = wanted.choice("type", ("text", "json_object", "json_schema"))
    if kind == "json_schema":
        return ResponseSchema(wanted.name("name"), wanted.schema("schema") or {}, wanted.boolean("strict"))
    return ResponseSchema("", None) if kind == "json_object" else None


def _reasoning(top: Fields) -> dict[str, Any]:
    """The effort, in the word of chats, and a tier of no known price; nothing else that is left has one."""
    reasoning = top.child("reasoning")
    effort = None if reasoning is None else reasoning.string("effort")
    said = {"reasoning_effort": effort, "service_tier": top.take("service_tier")}
    return {name: value for name, value in said.items() if value is not None}
