"""Server-sent events and JSON of answers, the same for every dialect."""

from typing import Any

import msgspec

from gateway.dialects.codec import Frame
from gateway.errors import failure

_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """JSON text."""
    return _encoder.encode(value)


def decode_object(data: bytes) -> dict[str, Any]:
    """An upstream's JSON object; anything else raises `upstream_invalid_answer`."""
    try:
        value = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise failure("upstream_invalid_answer", "The provider's answer is not valid JSON.") from None
    if not isinstance(value, dict):
        raise invalid_answer("an object")
    return value


def invalid_answer(wanted: str) -> Exception:
    """The exception for an answer that is JSON but lacks what the dialect promises."""
    return failure("upstream_invalid_answer", f"The provider's answer lacks {wanted} where one must be.")


def member(value: dict[str, Any], key: str) -> dict[str, Any]:
    """A member that is an object; an empty one if absent or null."""
    found = value.get(key)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise invalid_answer("an object")
    return found


def members(value: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A member that is a list of objects; empty if absent or null."""
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise invalid_answer("a list of objects")
    return found


def string(value: dict[str, Any], key: str) -> str:
    """A member that is a string; empty if absent or null."""
    found = value.get(key)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise invalid_answer("a string")
    return found


def count(value: object) -> int | None:
    """A number of tokens, or None for what cannot be one: negative, fractional, absurd, no number."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1 << 40:
        return None
    return value


def sse(data: bytes, event: str | None = None) -> bytes:
    """One event as bytes. Data with line feeds becomes several data lines."""
    head = b"" if event is None else b"event: " + event.encode() + b"\n"
    body = b"data: " + (data if b"\n" not in data else data.replace(b"\n", b"\ndata: "))
    return head + body + b"\n\n"


def sse_json(value: object, event: str | None = None) -> bytes:
    """One event whose data is JSON."""
    return sse(_encoder.encode(value), event)


def relay(frame: Frame) -> bytes:
    """An upstream's event as it came."""
    return sse(frame[1], frame[0])


def merge(into: dict[str, Any], fields: dict[str, Any]) -> None:
    """Add streamed fields of a message or a choice to those gathered: texts and lists go on, objects
    are merged, all else is replaced.
    """
    for key, value in fields.items():
        held = into.get(key)
        match held, value:
            case dict(), dict():
                merge(held, value)
            case str(), str():
                into[key] = held + value
            case list(), list():
                into[key] = held + value
            case _, None if held is not None:
                pass
            case _, dict():
                # A copy: what is gathered grows, what was given is frozen.
                into[key] = dict(value)
            case _:
                into[key] = value
