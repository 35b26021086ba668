"""A form as OpenAI's audio endpoints take it, turned into the JSON that the readers take."""

import base64
import io
from typing import Any, Final

import msgspec
import multipart  # type: ignore[import-untyped]

from gateway.errors import GatewayError, failure

MULTIPART: Final = "multipart/form-data"
_MOST_PARTS: Final = 64
_OCTETS: Final = "application/octet-stream"


def as_json(body: bytes, content_type: str) -> bytes:
    """The members of a form as a JSON object: texts as they are, a file as `{filename, file_data}`.

    A name that ends in `[]`, or comes twice, is a list. Raises `form_invalid`.
    """
    _, options = multipart.parse_options_header(content_type)
    boundary = options.get("boundary")
    if not boundary:
        raise _invalid("its content-type names no boundary")
    size = max(len(body), 1)
    try:
        parts = list(
            multipart.MultipartParser(
                io.BytesIO(body),
                boundary,
                len(body),
                strict=True,
                part_limit=_MOST_PARTS,
                spool_limit=size,
                memory_limit=size,
            )
        )
        members: dict[str, Any] = {}
        for part in parts:
            _put(members, part)
        return msgspec.json.encode(members)
    except (multipart.MultipartError, LookupError, ValueError) as error:
        # A charset nobody knows, or text that is none, among them.
        raise _invalid("it is cut short or not built as one") from error


def _put(members: dict[str, Any], part: multipart.MultipartPart) -> None:
    name = part.name.removesuffix("[]")
    value = part.value if part.filename is None else _file(part)
    if part.name.endswith("[]") or name in members:
        held = members.get(name, [])
        members[name] = [*(held if isinstance(held, list) else [held]), value]
    else:
        members[name] = value


def _file(part: multipart.MultipartPart) -> dict[str, str]:
    data = base64.b64encode(part.raw).decode("ascii")
    kind = (part.content_type or _OCTETS).partition(";")[0].strip().lower()
    url = data if kind == _OCTETS else f"data:{kind};base64,{data}"
    return {"filename": part.filename or "", "file_data": url}


def _invalid(why: str) -> GatewayError:
    return failure("form_invalid", f"The body is no form that can be read: {why}; send {MULTIPART}, or JSON.")
