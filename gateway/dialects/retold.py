"""A client's own messages told again: the same but for the parts that something else stands in for."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from msgspec import structs

from gateway import _core
from gateway._core import Document
from gateway.types.request import MediaPart, Message, Part, Request, TextPart, ToolResultPart

# What stands in the place of the part that holds a medium, by its ordinal.
Replacements: TypeAlias = Mapping[int, TextPart | MediaPart]
NO_REPLACEMENTS: Final[Replacements] = {}


def replaced(request: Request, parts: Replacements) -> Request:
    """The request with these parts in the place of those that hold the media; those in results too."""
    if not parts:
        return request
    return structs.replace(request, messages=tuple(_message(message, parts) for message in request.messages))


def _message(message: Message, parts: Replacements) -> Message:
    return structs.replace(message, parts=tuple(_part(part, parts) for part in message.parts))


def _part(part: Part, parts: Replacements) -> Part:
    match part:
        case MediaPart():
            return parts.get(part.media, part)
        case ToolResultPart():
            inner = (
                parts.get(item.media, item) if isinstance(item, MediaPart) else item for item in part.parts
            )
            return structs.replace(part, parts=tuple(inner))
        case _:
            return part


def retold(value: Any, document: Document, anew: Callable[[dict[str, Any]], dict[str, Any] | None]) -> Any:
    """A value of the skeleton as a template for `_core.fill`.

    `anew`: an object as it shall be, with placeholders of its own; None: as it is.
    """
    match value:
        case list():
            return [retold(item, document, anew) for item in value]
        case dict():
            other = anew(value)
            if other is not None:
                return other
            return {key: retold(item, document, anew) for key, item in value.items()}
        case str():
            return placeholder(value, document)
        case _:
            return value


def placeholder(value: str, document: Document) -> str:
    """A string of the skeleton; where a medium stood, the placeholder that `fill` knows, in the same form."""
    index = document.media_index(value)
    if index is None:
        return value
    return _core.placeholder(index, "base64" if document.media[index].declared is None else "data_url")
