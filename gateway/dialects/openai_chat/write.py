"""Writing a chat completion request: the client's own bytes where we can, a new body where we must."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from gateway import _core
from gateway._core import Media
from gateway.dialects.codec import ParameterRules
from gateway.dialects.frames import encode
from gateway.dialects.openai_chat.obstacles import AUDIO, IMAGES
from gateway.dialects.retold import NO_REPLACEMENTS, Replacements, replaced, retold
from gateway.types.request import (
    MediaPart,
    Message,
    Request,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)

# Where a part of this type holds its medium.
_MEMBERS: Final = {"image_url": "url", "file": "file_data", "input_audio": "data"}
_BOUNDS: Final = ("max_tokens", "max_completion_tokens")


def write_request(
    request: Request,
    model: str,
    media: Mapping[int, Media],
    max_output_tokens: int | None,
    parameters: ParameterRules,
    *,
    parts: Replacements = NO_REPLACEMENTS,
) -> bytes:
    """The body to send. A stream always asks for usage: without it nothing could be settled."""
    bound = request.max_output_tokens if max_output_tokens is None else max_output_tokens
    sent = [media.get(i, held) for i, held in enumerate(request.document.media)]
    if request.dialect != "openai_chat":
        whole = _body(replaced(request, parts), model, sent, bound, parameters)
        return _core.fill(encode(whole), sent)
    edits = _edits(request, model, bound, parameters)
    if not parts:
        return request.document.splice(edits, media)
    edits["messages"] = _core.fill(encode(_retold(request, parts)), sent)
    return request.document.splice(edits)


def _retold(request: Request, parts: Replacements) -> Any:
    """The client's own messages with other parts in the place of those that hold these media."""
    document = request.document

    def anew(value: dict[str, Any]) -> dict[str, Any] | None:
        kind = value.get("type")
        held = value.get(kind) if isinstance(kind, str) else None
        inner = held if isinstance(held, dict) else {_MEMBERS.get(str(kind)): held}
        places = (inner.get(name) for name in _MEMBERS.values())
        found = (document.media_index(place) for place in places if isinstance(place, str))
        part = next((parts[index] for index in found if index is not None and index in parts), None)
        match part:
            case TextPart():
                return {**part.rest, "type": "text", "text": part.text}
            case MediaPart(detail=str(level)):
                url = {name: retold(item, document, anew) for name, item in inner.items()}
                return {**value, "image_url": {**url, "detail": level}}
            case _:
                return None

    return retold(msgspec.json.decode(document.skeleton)["messages"], document, anew)


def _edits(
    request: Request, model: str, bound: int | None, parameters: ParameterRules
) -> dict[str, bytes | None]:
    """Top-level members to set or remove in the client's own body."""
    edits: dict[str, bytes | None] = {"model": encode(model)}
    if request.stream and parameters.stream_options:
        edits["stream_options"] = encode({**request.rest.get("stream_options", {}), "include_usage": True})
    elif request.stream:
        edits["stream_options"] = None
    if bound is not None:
        edits |= dict.fromkeys(_BOUNDS)
        edits[parameters.max_tokens_field] = encode(bound)
    if parameters.tier is not None and parameters.tier != request.tier:
        edits["service_tier"] = encode(parameters.tier)
    if parameters.drop_sampling:
        edits |= {"temperature": None, "top_p": None}
    return edits


def _body(
    request: Request, model: str, sent: list[Media], bound: int | None, parameters: ParameterRules
) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "messages": []}
    for message in request.messages:
        body["messages"] += _messages(message, sent)
    if request.stream:
        body["stream"] = True
        if parameters.stream_options:
            body["stream_options"] = {"include_usage": True}
    if bound is not None:
        body[parameters.max_tokens_field] = bound
    if not parameters.drop_sampling:
        body |= {
            name: value
            for name, value in (("temperature", request.temperature), ("top_p", request.top_p))
            if value is not None
        }
    if parameters.tier is not None:
        body["service_tier"] = parameters.tier
    if request.stop:
        body["stop"] = list(request.stop)
    if request.choices > 1:
        body["n"] = request.choices
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body |= _tool_choice(request.tool_choice)
    body |= _response_format(request)
    return body


def _messages(message: Message, sent: list[Media]) -> list[dict[str, Any]]:
    """The messages one turn of the hub becomes: results of tools first, each a message of its own."""
    if message.role == "assistant":
        return [_assistant(message)]
    results = [part for part in message.parts if isinstance(part, ToolResultPart)]
    written = [_tool_message(result) for result in results]
    parts = [_part(part, sent) for part in message.parts if isinstance(part, (TextPart, MediaPart))]
    moved = [piece for result in results for piece in _moved(result, sent)]
    if moved or parts:
        content: Any = moved + parts
        if len(content) == 1 and content[0]["type"] == "text":
            content = content[0]["text"]
        named = {} if message.name is None else {"name": message.name}
        written.append({"role": message.role, "content": content, **named})
    return written


def _tool_message(result: ToolResultPart) -> dict[str, Any]:
    texts = [part.text for part in result.parts if isinstance(part, TextPart)]
    if result.is_error:
        texts.insert(0, "The tool failed:")
    if any(isinstance(part, MediaPart) for part in result.parts):
        texts.append("(The media of this result are in the next user message.)")
    return {"role": "tool", "tool_call_id": result.call_id, "content": "\n".join(texts)}


def _moved(result: ToolResultPart, sent: list[Media]) -> list[dict[str, Any]]:
    """Media of a tool's result, which a tool message cannot hold, with a word on where they belong."""
    media = [_part(part, sent) for part in result.parts if isinstance(part, MediaPart)]
    if not media:
        return []
    return [{"type": "text", "text": f"Media of the result of tool call {result.call_id}:"}, *media]


def _assistant(message: Message) -> dict[str, Any]:
    texts = [part.text for part in message.parts if isinstance(part, TextPart)]
    calls = [
        {
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": part.arguments or "{}"},
        }
        for part in message.parts
        if isinstance(part, ToolCallPart)
    ]
    content: Any = [{"type": "text", "text": text} for text in texts]
    if len(texts) < 2:  # noqa: PLR2004  # one text is a string, as every server takes it
        content = texts[0] if texts else None if calls else ""
    written: dict[str, Any] = {"role": "assistant", "content": content}
    if calls:
        written["tool_calls"] = calls
    return written


def _part(part: TextPart | MediaPart, sent: list[Media]) -> dict[str, Any]:
    if isinstance(part, TextPart):
        return {"type": "text", "text": part.text}
    mime = sent[part.media].mime
    if mime in IMAGES:
        url = {"url": _core.placeholder(part.media, "data_url")}
        return {
            "type": "image_url",
            "image_url": url if part.detail is None else {**url, "detail": part.detail},
        }
    if mime in AUDIO:
        data = _core.placeholder(part.media, "base64")
        return {"type": "input_audio", "input_audio": {"data": data, "format": AUDIO[mime]}}
    held = {"filename": part.name or "document.pdf", "file_data": _core.placeholder(part.media, "data_url")}
    return {"type": "file", "file": held}


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        function["description"] = tool.description
    if tool.schema is not None:
        function["parameters"] = tool.schema
    if tool.strict is not None:
        function["strict"] = tool.strict
    return {"type": "function", "function": function}


def _tool_choice(choice: ToolChoice | None) -> dict[str, Any]:
    if choice is None:
        return {}
    word: Any = choice.mode
    if choice.mode == "tool":
        word = {"type": "function", "function": {"name": choice.name}}
    written = {"tool_choice": word}
    return written if choice.parallel is None else {**written, "parallel_tool_calls": choice.parallel}


def _response_format(request: Request) -> dict[str, Any]:
    wanted = request.response_schema
    if wanted is None:
        return {}
    if wanted.schema is None:
        return {"response_format": {"type": "json_object"}}
    schema: dict[str, Any] = {"name": wanted.name or "response", "schema": wanted.schema}
    if wanted.strict is not None:
        schema["strict"] = wanted.strict
    return {"response_format": {"type": "json_schema", "json_schema": schema}}
