"""Messages and their parts. A part is a row here, or it is refused: nothing passes unseen."""

from collections.abc import Callable
from typing import Final

from gateway.dialects.fields import Fields, invalid, missing, unsupported
from gateway.errors import GatewayError, failure
from gateway.types.request import (
    MediaPart,
    Message,
    Part,
    ReasoningPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

DETAILS: Final = ("auto", "low", "high", "original")
_ROLES: Final[dict[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "user",
}
_TAKES: Final[dict[str, frozenset[str]]] = {
    "system": frozenset({"text"}),
    "developer": frozenset({"text"}),
    "user": frozenset({"text", "image_url", "input_audio", "file", "video_url", "audio_url"}),
    "assistant": frozenset({"text", "refusal"}),
    # The schema knows text alone here; what a tool saw is kept, and targets that take it may have it.
    "tool": frozenset({"text", "image_url", "file"}),
}


def read_message(fields: Fields) -> Message:
    """One turn of the hub; a tool's message becomes a user turn that holds its result."""
    word = fields.name("role")
    if word == "function":
        raise unsupported(fields.place("role"), "function is out of use; send role tool with tool_call_id")
    if word not in _ROLES:
        raise invalid(fields.place("role"), f"must be one of {', '.join(_ROLES)}")
    parts = _content(fields, word)
    if word == "assistant":
        parts = _assistant(fields, parts)
    elif parts is None:
        raise missing(fields.place("content"))
    elif word == "tool":
        parts = (_tool_result(fields, parts),)
    name = fields.string("name")
    rest = fields.rest() | ({"role": word} if word == "developer" else {})
    return Message(role=_ROLES[word], parts=parts, name=name, rest=rest)


def _content(fields: Fields, role: str) -> tuple[Part, ...] | None:
    value = fields.take("content")
    if value is None:
        return None
    if isinstance(value, str):
        return (TextPart(fields.text(value, "content")),)
    if not isinstance(value, list):
        raise invalid(fields.place("content"), "must be a string or a list of parts")
    if not value:
        raise invalid(fields.place("content"), "must hold at least one part")
    return tuple(_part(part, role) for part in fields.array(value, "content"))


def _part(fields: Fields, role: str) -> Part:
    kind = fields.name("type")
    read = _PARTS.get(kind)
    if read is None:
        raise failure(
            "part_unknown",
            f"{fields.place('type')} is no part we know; known are {', '.join(_PARTS)}.",
            param=fields.place("type"),
        )
    if kind not in _TAKES[role]:
        allowed = ", ".join(name for name in _PARTS if name in _TAKES[role])
        raise invalid(fields.place("type"), f"must be one of {allowed} in a message of role {role}")
    return read(fields)


def _assistant(fields: Fields, content: tuple[Part, ...] | None) -> tuple[Part, ...]:
    parts: list[Part] = []
    reasoning = fields.string("reasoning_content")
    if reasoning:
        parts.append(ReasoningPart(reasoning, None, "openai_chat"))
    parts += content or ()
    refusal = fields.string("refusal")
    if refusal:
        parts.append(TextPart(refusal, {"type": "refusal"}))
    calls = fields.take("tool_calls")
    if calls is not None:
        parts += [_tool_call(call) for call in fields.array(calls, "tool_calls")]
    # An answer that was audio is named by its id alone; it stays in the message's rest.
    if content is None and not parts and not isinstance(fields.rest().get("audio"), dict):
        raise missing(fields.place("content"))
    return tuple(parts)


def _tool_call(fields: Fields) -> ToolCallPart:
    identity = fields.name("id")
    if (fields.string("type") or "function") != "function":
        raise unsupported(fields.place("type"), "must be function; other tools are not carried")
    function = fields.nested(fields.need("function"), "function")
    return ToolCallPart(id=identity, name=function.name("name"), arguments=function.string("arguments") or "")


def _tool_result(fields: Fields, parts: tuple[Part, ...]) -> ToolResultPart:
    held = tuple(part for part in parts if isinstance(part, (TextPart, MediaPart)))
    return ToolResultPart(call_id=fields.name("tool_call_id"), parts=held)


def _text(fields: Fields) -> TextPart:
    return TextPart(fields.text(fields.need("text"), "text"), fields.rest())


def _refusal(fields: Fields) -> TextPart:
    return TextPart(fields.text(fields.need("refusal"), "refusal"), {"type": "refusal"})


def _by_url(member: str, kind: str) -> Callable[[Fields], MediaPart]:
    """A part whose member is `{"url": ...}`, or the URL itself as many clients send it."""

    def read(fields: Fields) -> MediaPart:
        value = fields.need(member)
        if isinstance(value, str):
            return MediaPart(read_url(fields, value, member, kind), rest=fields.rest())
        inner = fields.nested(value, member)
        media = read_url(inner, inner.need("url"), "url", kind)
        return MediaPart(media, inner.choice("detail", DETAILS), rest=fields.rest())

    return read


def read_url(fields: Fields, value: object, key: str, kind: str) -> int:
    """The medium in a place for a data URL; tells what would work for anything else."""
    if not isinstance(value, str):
        raise invalid(fields.place(key), "must be a string")
    index = fields.body.medium(value)
    if index is not None:
        return index
    place = fields.place(key)
    if value[:8].lower().startswith(("http:", "https:", "gs:", "s3:", "ftp:", "file:")):
        code, why = "media_url_unsupported", "is an address; the gateway fetches nothing. Send the bytes as"
    else:
        code, why = "media_invalid_data_url", "must be"
    message = f"{place} {why} a data URL with base64, data:<type>;base64,<data>."
    raise _media(fields, code, message, kind, place)


def _audio(fields: Fields) -> MediaPart:
    inner = fields.nested(fields.need("input_audio"), "input_audio")
    media = read_base64(inner, "data", "audio")
    return MediaPart(media, rest=fields.rest() | {"format": inner.name("format")})


def _file(fields: Fields) -> MediaPart:
    inner = fields.nested(fields.need("file"), "file")
    if inner.take("file_id") is not None:
        place = inner.place("file_id")
        message = f"{place} names a file kept by a provider; send its bytes as file_data."
        raise _media(fields, "media_file_id_unsupported", message, "document", place)
    media = read_base64(inner, "file_data", "document")
    return MediaPart(media, name=inner.string("filename"), rest=fields.rest())


def read_base64(fields: Fields, key: str, kind: str) -> int:
    """The medium in a place for base64, alone or in a data URL."""
    value = fields.need(key)
    if not isinstance(value, str):
        raise invalid(fields.place(key), "must be a string")
    index = fields.body.medium(value)
    if index is None:
        if value[:8].lower().startswith(("http:", "https:", "data:")):
            return read_url(fields, value, key, kind)
        place = fields.place(key)
        message = f"{place} is no base64 of a medium; send the whole file as base64 or as a data URL."
        raise _media(fields, "media_invalid_base64", message, kind, place)
    return index


def _media(fields: Fields, code: str, message: str, kind: str, place: str) -> GatewayError:
    return failure(code, message, part=fields.body.next_medium, kind=kind, param=place)


_PARTS: Final[dict[str, Callable[[Fields], Part]]] = {
    "text": _text,
    "image_url": _by_url("image_url", "image"),
    "input_audio": _audio,
    "file": _file,
    "refusal": _refusal,
    "video_url": _by_url("video_url", "video"),
    "audio_url": _by_url("audio_url", "audio"),
}
