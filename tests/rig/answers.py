"""What the scripted upstream says: the shapes of two providers, and the usage it claims.

The usage is plain to foretell, so that tests can compute it by hand: a word of the request's texts is a
token, an image is 100, any other file is 200, a word of the answer is a token.
"""

import base64
import binascii
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any, Literal

from msgspec import Struct, structs, to_builtins
from PIL import Image

from tests.rig.programs import Program, ToolCall

Dialect = Literal["openai", "anthropic"]

IMAGE_TOKENS = 100
FILE_TOKENS = 200
CREATED = 1_760_000_000
LEAK_CANARY = "upstream-words-that-must-not-leak"
"""Stands in every error body; a client of the gateway must never see it."""

_ANTHROPIC_FINISH = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_ANTHROPIC_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_OPENAI_ERRORS = {401: "invalid_api_key", 404: "model_not_found", 429: "rate_limit_exceeded"}


class Media(Struct, frozen=True):
    """A medium found in a request: its decoded bytes' SHA-256 and length, and the MIME type declared.

    `width`, `height`: of a picture that Pillow knows. `detail`: asked for beside it.
    """

    sha256: str
    size: int
    mime: str
    width: int | None = None
    height: int | None = None
    detail: str | None = None


class Seen(Struct, frozen=True):
    """What a request body held, as an independent reader sees it."""

    model: str = ""
    stream: bool = False
    include_usage: bool = False
    words: int = 0
    last_text: str = ""
    media: list[Media] = []
    terms: dict[str, str] = {}


class Answer(Struct, frozen=True):
    """The body in pieces (one piece an event of a stream) and what it claims."""

    pieces: list[bytes]
    content_type: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


def _medium(mime: str, encoded: str) -> Media:
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        data = encoded.encode()
        mime = "invalid base64"
    width, height = _size(data)
    return Media(hashlib.sha256(data).hexdigest(), len(data), mime, width, height)


def _size(data: bytes) -> tuple[int, int] | tuple[None, None]:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return picture.size
    except (OSError, ValueError):
        return None, None


def _walk(value: Any) -> Iterator[str | Media]:
    """Texts and media of one message's content, in order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, dict):
        kind = value.get("type")
        if kind == "base64":
            yield _medium(str(value.get("media_type", "")), str(value.get("data", "")))
        elif kind == "input_audio":
            audio = value["input_audio"]
            yield _medium(f"audio/{audio.get('format')}", audio.get("data", ""))
        elif kind == "image_url" and isinstance(value.get("image_url"), dict):
            detail = value["image_url"].get("detail")
            for item in _walk_member(value["image_url"].get("url")):
                yield structs.replace(item, detail=detail) if isinstance(item, Media) else item
        else:
            for key in ("text", "content", "image_url", "url", "file", "file_data", "source"):
                yield from _walk_member(value.get(key))


def _walk_member(value: Any) -> Iterator[str | Media]:
    if isinstance(value, str) and value.startswith("data:"):
        head, _, encoded = value.partition(",")
        yield _medium(head.removeprefix("data:").partition(";")[0], encoded)
    else:
        yield from _walk(value)


def look(body: bytes) -> Seen:
    """Read a request body of either dialect; anything unreadable is an empty `Seen`."""
    try:
        document = json.loads(body)
    except ValueError:
        return Seen()
    if not isinstance(document, dict):
        return Seen()
    texts: list[str] = []
    media: list[Media] = []
    last_text = ""
    for message in [{"content": document.get("system")}, *document.get("messages", [])]:
        found = list(_walk(message.get("content")))
        media += [item for item in found if isinstance(item, Media)]
        texts += [item for item in found if isinstance(item, str)]
        if message.get("role") == "user":
            last_text = " ".join(item for item in found if isinstance(item, str))
    options = document.get("stream_options") or {}
    return Seen(
        model=str(document.get("model", "")),
        stream=bool(document.get("stream", False)),
        include_usage=bool(options.get("include_usage", False)),
        words=sum(len(text.split()) for text in texts),
        last_text=last_text,
        media=media,
        terms={name: str(document[name]) for name in ("service_tier", "inference_geo") if name in document},
    )


def answer(dialect: Dialect, seen: Seen, program: Program, call: int) -> Answer:
    """The whole answer to a call, before any fault is done to it."""
    if program.body is not None:
        kind = "text/event-stream" if seen.stream else "application/json"
        return Answer([program.body.encode()], kind)
    if program.status >= 300:
        return Answer([_error(dialect, program)], "application/json")
    media = sum(IMAGE_TOKENS if item.mime.startswith("image/") else FILE_TOKENS for item in seen.media)
    text = program.text if program.text is not None else f"echo: {seen.last_text[:200]}"
    said = _Said(
        id=program.id or f"{call}",
        model=seen.model,
        text=text,
        tools=program.tool_calls,
        finish=program.finish or ("tool_calls" if program.tool_calls else "stop"),
        prompt=seen.words + media,
        completion=len(text.split()) + sum(len(t.arguments.split()) for t in program.tool_calls),
    )
    if dialect == "openai":
        pieces = _openai_stream(said, seen, program) if seen.stream else [_openai_plain(said, program)]
        claimed = program.claim_usage and (seen.include_usage or not seen.stream)
    else:
        pieces = _anthropic_stream(said, program) if seen.stream else [_anthropic_plain(said, program)]
        claimed = program.claim_usage
    # A stream without its end never says what it used.
    claimed = claimed and (program.terminal or not seen.stream)
    return Answer(
        pieces,
        "text/event-stream" if seen.stream else "application/json",
        *((_claimed(said, program)) if claimed else (0, 0)),
    )


class _Said(Struct, frozen=True):
    id: str
    model: str
    text: str
    tools: list[ToolCall]
    finish: str
    prompt: int
    completion: int


def _claimed(said: _Said, program: Program) -> tuple[int, int]:
    over = program.usage or {}
    prompt = over.get("prompt_tokens", over.get("input_tokens", said.prompt))
    return int(prompt), int(over.get("completion_tokens", over.get("output_tokens", said.completion)))


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _error(dialect: Dialect, program: Program) -> bytes:
    pad = " " * max(0, (program.body_bytes or 0) - 200)
    message = f"{LEAK_CANARY}: refused with {program.status}{pad}"
    if dialect == "anthropic":
        kind = _ANTHROPIC_ERRORS.get(program.status, "api_error")
        return _json({"type": "error", "error": {"type": kind, "message": message}})
    code = _OPENAI_ERRORS.get(program.status)
    return _json(
        {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}
    )


def _words(text: str) -> list[str]:
    parts = text.split(" ")
    return [part if index == 0 else f" {part}" for index, part in enumerate(parts)] if text else []


# --- OpenAI


def _openai_usage(said: _Said, program: Program) -> dict[str, Any]:
    usage = {
        "prompt_tokens": said.prompt,
        "completion_tokens": said.completion,
        "total_tokens": said.prompt + said.completion,
    }
    return usage | (program.usage or {})


def _openai_tools(said: _Said) -> list[dict[str, Any]]:
    return [
        {"id": tool.id, "type": "function", "function": {"name": tool.name, "arguments": tool.arguments}}
        for tool in said.tools
    ]


def _openai_plain(said: _Said, program: Program) -> bytes:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.tools:
        message["tool_calls"] = _openai_tools(said)
    document: dict[str, Any] = {
        "id": f"chatcmpl-{said.id}",
        "object": "chat.completion",
        "created": CREATED,
        "model": said.model,
        "choices": [{"index": 0, "message": message, "finish_reason": said.finish}],
    }
    if program.tier is not None:
        document["service_tier"] = program.tier
    if program.claim_usage:
        document["usage"] = _openai_usage(said, program)
    return _json(document).ljust(program.body_bytes or 0)


def _openai_stream(said: _Said, seen: Seen, program: Program) -> list[bytes]:
    def chunk(choices: list[dict[str, Any]], **more: Any) -> bytes:
        head = {"id": f"chatcmpl-{said.id}", "object": "chat.completion.chunk", "created": CREATED}
        head |= {} if program.tier is None else {"service_tier": program.tier}
        return b"data: " + _json({**head, "model": said.model, "choices": choices, **more}) + b"\n\n"

    def delta(value: dict[str, Any], finish: str | None = None) -> bytes:
        return chunk([{"index": 0, "delta": value, "finish_reason": finish}])

    pieces = [delta({"role": "assistant", "content": ""})]
    pieces += [delta({"content": word}) for word in _words(said.text)]
    for index, tool in enumerate(_openai_tools(said)):
        arguments = tool["function"]["arguments"]
        half = len(arguments) // 2
        opened = {**tool, "index": index, "function": {"name": tool["function"]["name"], "arguments": ""}}
        pieces.append(delta({"tool_calls": [opened]}))
        pieces += [
            delta({"tool_calls": [{"index": index, "function": {"arguments": part}}]})
            for part in (arguments[:half], arguments[half:])
        ]
    if not program.terminal:
        return pieces
    pieces.append(delta({}, said.finish))
    if seen.include_usage and program.claim_usage:
        pieces.append(chunk([], usage=_openai_usage(said, program)))
    return [*pieces, b"data: [DONE]\n\n"]


# --- Anthropic


def _anthropic_blocks(said: _Said) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": said.text}] if said.text else []
    return blocks + [
        {"type": "tool_use", "id": tool.id, "name": tool.name, "input": json.loads(tool.arguments)}
        for tool in said.tools
    ]


def _anthropic_message(said: _Said, content: list[dict[str, Any]], stop: str | None) -> dict[str, Any]:
    return {
        "id": f"msg_{said.id}",
        "type": "message",
        "role": "assistant",
        "model": said.model,
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
    }


def _anthropic_plain(said: _Said, program: Program) -> bytes:
    stop = _ANTHROPIC_FINISH.get(said.finish, said.finish)
    document = _anthropic_message(said, _anthropic_blocks(said), stop)
    if program.claim_usage:
        usage = {"input_tokens": said.prompt, "output_tokens": said.completion}
        document["usage"] = usage | (program.usage or {})
    return _json(document).ljust(program.body_bytes or 0)


def _anthropic_stream(said: _Said, program: Program) -> list[bytes]:
    def event(name: str, **value: Any) -> bytes:
        return f"event: {name}\ndata: ".encode() + _json({"type": name, **value}) + b"\n\n"

    over = program.usage or {}
    started = _anthropic_message(said, [], None)
    if program.claim_usage:
        inputs = {key: value for key, value in over.items() if key != "output_tokens"}
        started["usage"] = {"input_tokens": said.prompt, "output_tokens": 1} | inputs
    pieces = [event("message_start", message=started), event("ping")]
    for index, block in enumerate(_anthropic_blocks(said)):
        if block["type"] == "text":
            opened: dict[str, Any] = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": word} for word in _words(said.text)]
        else:
            opened = {**block, "input": {}}
            text = json.dumps(block["input"])
            half = len(text) // 2
            deltas = [
                {"type": "input_json_delta", "partial_json": part} for part in (text[:half], text[half:])
            ]
        pieces.append(event("content_block_start", index=index, content_block=opened))
        pieces += [event("content_block_delta", index=index, delta=item) for item in deltas]
        pieces.append(event("content_block_stop", index=index))
    if not program.terminal:
        return pieces
    stop = {"stop_reason": _ANTHROPIC_FINISH.get(said.finish, said.finish), "stop_sequence": None}
    usage = {"usage": {"output_tokens": over.get("output_tokens", said.completion)}}
    pieces.append(event("message_delta", delta=stop, **(usage if program.claim_usage else {})))
    return [*pieces, event("message_stop")]


def models() -> bytes:
    """The answer of `GET /v1/models`."""
    rows = [{"id": name, "object": "model", "created": CREATED, "owned_by": "rig"} for name in ("scripted",)]
    return _json({"object": "list", "data": rows})


def as_json(value: Any) -> bytes:
    """A rig value as JSON."""
    return _json(to_builtins(value))
