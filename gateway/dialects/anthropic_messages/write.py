"""Writing a Messages request: the client's own bytes where we can, a new body where we must."""

import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from gateway import _core
from gateway._core import Media
from gateway.dialects.anthropic_messages.obstacles import DOCUMENTS
from gateway.dialects.codec import ParameterRules
from gateway.dialects.frames import encode
from gateway.dialects.retold import NO_REPLACEMENTS, Replacements, replaced, retold
from gateway.types.request import (
    MediaPart,
    Part,
    Request,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)

# Sent when neither the client nor the catalog names a bound: Messages demands one.
_MAX_TOKENS: Final = 4_096
_ID: Final = re.compile(r"[^a-zA-Z0-9_-]")
_TIERS: Final = {"default": "standard_only"}
_MODES: Final = {"auto": "auto", "required": "any", "none": "none", "tool": "tool"}


def write_request(
    request: Request,
    model: str,
    media: Mapping[int, Media],
    max_output_tokens: int | None,
    parameters: ParameterRules,
    *,
    parts: Replacements = NO_REPLACEMENTS,
) -> bytes:
    """The body to send. Detail has no word here."""
    bound = request.max_output_tokens if max_output_tokens is None else max_output_tokens
    bound = bound or parameters.default_max_output_tokens or _MAX_TOKENS
    sent = [media.get(i, held) for i, held in enumerate(request.document.media)]
    if request.dialect != "anthropic_messages":
        whole = _body(replaced(request, parts), model, sent, bound, parameters)
        return _core.fill(encode(whole), sent)
    edits: dict[str, bytes | None] = {"model": encode(model), "max_tokens": encode(bound)}
    edits |= {name: encode(value) for name, value in _terms(parameters).items()}
    if parameters.drop_sampling:
        edits |= {"temperature": None, "top_p": None, "top_k": None}
    document = request.document
    if parts or any(medium.mime != document.media[i].mime for i, medium in media.items()):
        # `media_type` stands beside the data here: media that changed their type change `messages` too.
        edits["messages"] = _core.fill(encode(_retold(request, sent, parts)), sent)
        return document.splice(edits)
    return document.splice(edits, media)


def _terms(parameters: ParameterRules) -> dict[str, str]:
    """The queue and the place to ask for."""
    said = {"service_tier": parameters.tier, "inference_geo": parameters.region}
    return {name: _TIERS.get(value, value) for name, value in said.items() if value is not None}


def _retold(request: Request, sent: list[Media], parts: Replacements) -> Any:
    """The client's own messages with types that fit what is sent, and texts where documents stood."""
    document = request.document

    def index_of(source: dict[str, Any]) -> int | None:
        data = source.get("data")
        return document.media_index(data) if isinstance(data, str) else None

    def anew(value: dict[str, Any]) -> dict[str, Any] | None:
        source = value.get("source")
        held = index_of(source) if isinstance(source, dict) else None
        part = None if held is None else parts.get(held)
        if isinstance(part, TextPart):
            return {**part.rest, "type": "text", "text": part.text}
        index = index_of(value)
        if index is None or "media_type" not in value:
            return None
        told = {key: retold(item, document, anew) for key, item in value.items()}
        return {**told, "media_type": sent[index].mime}

    return retold(msgspec.json.decode(document.skeleton)["messages"], document, anew)


def _body(
    request: Request, model: str, sent: list[Media], bound: int, parameters: ParameterRules
) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "max_tokens": bound}
    system = [
        {"type": "text", "text": part.text}
        for message in request.messages
        if message.role == "system"
        for part in message.parts
        if isinstance(part, TextPart) and part.text
    ]
    body |= _terms(parameters)
    if system:
        body["system"] = system
    body["messages"] = _turns(request, sent)
    if request.stream:
        body["stream"] = True
    if not parameters.drop_sampling:
        sampling = {"temperature": request.temperature, "top_p": request.top_p}
        body |= {name: value for name, value in sampling.items() if value is not None}
    if request.stop:
        body["stop_sequences"] = list(request.stop)
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        if request.tool_choice is not None:
            body["tool_choice"] = _tool_choice(request.tool_choice)
    wanted = request.response_schema
    if wanted is not None and wanted.schema is not None:
        body["output_config"] = {"format": {"type": "json_schema", "schema": wanted.schema}}
    return body


def _turns(request: Request, sent: list[Media]) -> list[dict[str, Any]]:
    """Neighbouring turns of one role become one; in a user's turn results of tools come first."""
    turns: list[dict[str, Any]] = []
    for message in request.messages:
        blocks = [block for part in message.parts for block in _blocks(part, sent)]
        if message.role == "system" or not blocks:
            continue
        if turns and turns[-1]["role"] == message.role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": message.role, "content": blocks})
    for turn in turns:
        turn["content"].sort(key=lambda block: block["type"] != "tool_result")
    return turns


def _blocks(part: Part, sent: list[Media]) -> list[dict[str, Any]]:
    """The block a part becomes. Empty text is refused by the API, and thinking that this dialect did not
    sign cannot be given back; both become nothing.
    """
    match part:
        case TextPart(text=text):
            return [{"type": "text", "text": text}] if text else []
        case MediaPart():
            return [_medium(part, sent)]
        case ToolCallPart():
            given = part.arguments.strip() or "{}"
            use = {"type": "tool_use", "id": _identity(part.id), "name": part.name}
            # The text as the model wrote it; `obstacles` has seen that it is an object.
            return [{**use, "input": msgspec.Raw(given.encode())}]
        case ToolResultPart():
            inner = [block for item in part.parts for block in _blocks(item, sent)]
            result = {"type": "tool_result", "tool_use_id": _identity(part.call_id), "content": inner}
            return [{**result, "is_error": True} if part.is_error else result]
        case _:
            return []


def _medium(part: MediaPart, sent: list[Media]) -> dict[str, Any]:
    mime = sent[part.media].mime
    source = {"type": "base64", "media_type": mime, "data": _core.placeholder(part.media, "base64")}
    if mime not in DOCUMENTS:
        return {"type": "image", "source": source}
    titled = {} if part.name is None else {"title": part.name}
    return {"type": "document", "source": source, **titled}


def _identity(identity: str) -> str:
    """An id in the letters Messages allows; equal ids stay equal, unequal ones unequal."""
    if _ID.search(identity) is None:
        return identity
    return f"{_ID.sub('_', identity)}_{_core.digest(identity.encode())[:8]}"


def _tool(tool: Tool) -> dict[str, Any]:
    written: dict[str, Any] = {"name": tool.name}
    if tool.description is not None:
        written["description"] = tool.description
    written["input_schema"] = {"type": "object", "properties": {}} if tool.schema is None else tool.schema
    if tool.strict:
        written["strict"] = True
    return written


def _tool_choice(choice: ToolChoice) -> dict[str, Any]:
    written: dict[str, Any] = {"type": _MODES[choice.mode]}
    if choice.mode == "tool":
        written["name"] = choice.name
    if choice.parallel is not None and choice.mode != "none":
        written["disable_parallel_tool_use"] = not choice.parallel
    return written
