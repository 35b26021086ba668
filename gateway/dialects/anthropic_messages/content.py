"""Messages and their content blocks. A block is a row here, or it is refused: nothing passes unseen."""

from collections.abc import Callable, Sequence
from typing import Final

from gateway.dialects.fields import Fields, invalid
from gateway.dialects.frames import encode
from gateway.errors import GatewayError, failure
from gateway.types.request import (
    MediaPart,
    Message,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)

_DIALECT: Final = "anthropic_messages"


def read_system(top: Fields) -> tuple[Part, ...]:
    """The system prompt's text parts; empty if there is none."""
    value = top.take("system")
    if value is None or value == "":
        return ()
    return _content(top, value, "system", _TEXT)


def read_message(fields: Fields) -> Message:
    """One turn."""
    role = fields.name("role")
    content = fields.need("content")
    match role:
        case "user":
            return Message("user", _content(fields, content, "content", _USER), rest=fields.rest())
        case "assistant":
            return Message("assistant", _content(fields, content, "content", _ASSISTANT), rest=fields.rest())
        case _:
            raise invalid(fields.place("role"), "must be user or assistant")


def _content(fields: Fields, value: object, key: str, known: "_Blocks") -> tuple[Part, ...]:
    if isinstance(value, str):
        return (TextPart(fields.text(value, key)),)
    if not isinstance(value, list):
        raise invalid(fields.place(key), "must be a string or a list of content blocks")
    return tuple(part for block in fields.array(value, key) for part in _block(block, known))


def _block(fields: Fields, known: "_Blocks") -> Sequence[Part]:
    kind = fields.name("type")
    if kind in known:
        return known[kind](fields)
    allowed = ", ".join(known)
    place = fields.place("type")
    code = "field_invalid" if kind in _USER or kind in _ASSISTANT else "part_unknown"
    raise failure(code, f"{place} must be one of {allowed} here.", param=place)


def _text(fields: Fields) -> Sequence[Part]:
    return (TextPart(fields.text(fields.need("text"), "text"), fields.rest()),)


def _image(fields: Fields) -> Sequence[Part]:
    source = fields.nested(fields.need("source"), "source")
    return (MediaPart(_base64(source, "image"), rest=fields.rest()),)


def _document(fields: Fields) -> Sequence[Part]:
    """A PDF is a medium; a document of text is text, one of blocks is its blocks."""
    source = fields.nested(fields.need("source"), "source")
    kind = source.name("type")
    name = fields.string("title")
    if kind == "text":
        return (TextPart(_plain(source), fields.rest()),)
    if kind == "content":
        return _content(source, source.need("content"), "content", _INNER)
    return (MediaPart(_base64(source, "document", kind), name=name, rest=fields.rest()),)


def _plain(source: Fields) -> str:
    """Text that may look like base64 to the scanner."""
    value = source.body.restored(source.need("data"))
    if not isinstance(value, str):
        raise invalid(source.place("data"), "must be a string")
    return value


def _base64(source: Fields, kind: str, word: str | None = None) -> int:
    word = source.name("type") if word is None else word
    place = source.place("type")
    if word == "url":
        message = f"{place} is url, and the gateway fetches nothing; send the bytes as a base64 source."
        raise _media(source, "media_url_unsupported", message, kind)
    if word == "file":
        message = f"{place} names a file kept by a provider; send its bytes as a base64 source."
        raise _media(source, "media_file_id_unsupported", message, kind)
    if word != "base64":
        raise invalid(place, "must be base64")
    declared = source.name("media_type")
    value = source.need("data")
    if not isinstance(value, str):
        raise invalid(source.place("data"), "must be a string")
    index = source.body.medium(value)
    if index is None:
        message = f"{source.place('data')} is no base64 of a medium; send the whole file as base64."
        raise _media(source, "media_invalid_base64", message, kind)
    found = source.body.document.media[index].mime
    if declared != found:
        # The provider would refuse it, after the upload.
        message = f"{source.place('media_type')} does not fit the data, which are {found}."
        raise _media(source, "media_type_mismatch", message, kind)
    return index


def _media(source: Fields, code: str, message: str, kind: str) -> GatewayError:
    return failure(code, message, part=source.body.next_medium, kind=kind, param=source.at)


def _tool_use(fields: Fields) -> Sequence[Part]:
    given = fields.schema("input")
    return (ToolCallPart(fields.name("id"), fields.name("name"), encode(given or {}).decode()),)


def _tool_result(fields: Fields) -> Sequence[Part]:
    identity = fields.name("tool_use_id")
    value = fields.take("content")
    parts = () if value is None else _content(fields, value, "content", _INNER)
    held = tuple(part for part in parts if isinstance(part, (TextPart, MediaPart)))
    return (ToolResultPart(identity, held, fields.boolean("is_error") or False),)


def _thinking(fields: Fields) -> Sequence[Part]:
    thinking = fields.text(fields.need("thinking"), "thinking")
    return (ReasoningPart(thinking, fields.string("signature"), _DIALECT),)


def _redacted(fields: Fields) -> Sequence[Part]:
    """Thinking that only its provider can read; it travels in the spliced body or not at all."""
    fields.need("data")
    return (ReasoningPart("", None, _DIALECT),)


_Blocks = dict[str, Callable[[Fields], Sequence[Part]]]
_TEXT: Final[_Blocks] = {"text": _text}
_INNER: Final[_Blocks] = {"text": _text, "image": _image, "document": _document}
_USER: Final[_Blocks] = {**_INNER, "tool_result": _tool_result}
_ASSISTANT: Final[_Blocks] = {
    "text": _text,
    "tool_use": _tool_use,
    "thinking": _thinking,
    "redacted_thinking": _redacted,
}
