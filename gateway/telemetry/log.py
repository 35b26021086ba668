"""Logs: one record, one line of JSON in ASCII, so that no control byte, escape sequence or bidirectional
mark of a client reaches a terminal. Fields are cut to 1 KiB. Exceptions are told by type and place: their
text may hold what a client or a provider sent, and a secret with it.
"""

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, Final, TextIO

ROOT: Final = "weighbridge"
MAX_FIELD_BYTES: Final = 1024
_REQUESTS: Final = logging.getLogger("weighbridge.requests")
_OUR_FIELDS: Final = "weighbridge_fields"
# Made once: `json.dumps` makes a new encoder for every line.
_encode: Final = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class JsonLines(logging.Formatter):
    """A record as one line: `at`, `level`, `logger`, `message`, then the record's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": cut(record.getMessage()),
        }
        for name, value in getattr(record, _OUR_FIELDS, {}).items():
            line.setdefault(cut(str(name)), plain(value))
        if record.exc_info is not None and record.exc_info[1] is not None:
            line["exception"] = where(record.exc_info[1])
        return _encode(line)


def set_up(stream: TextIO | None = None, level: str = "INFO") -> logging.Handler:
    """Send the gateway's records to `stream` (default: standard error) as JSON lines, once."""
    root = logging.getLogger(ROOT)
    for old in list(root.handlers):
        root.removeHandler(old)
    handler = logging.StreamHandler(stream if stream is not None else sys.stderr)
    handler.setFormatter(JsonLines())
    root.addHandler(handler)
    root.setLevel(level)
    root.propagate = False
    return handler


def log_request(fields: Mapping[str, Any]) -> None:
    """The line of one request, once it is over."""
    _REQUESTS.info("request", extra={_OUR_FIELDS: fields})


def plain(value: Any) -> Any:
    """A value that JSON can hold, at most 1 KiB: numbers and truth as they are, the rest as cut text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        # JSON has no NaN and no infinity.
        return value if value - value == 0 else str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        # Bytes are bodies or media; their length is all a log needs.
        return f"{len(value)} bytes"
    return cut(str(value))


def cut(text: str) -> str:
    """At most 1 KiB of UTF-8, marked where it was cut. Lone surrogates become `?`."""
    if len(text) <= MAX_FIELD_BYTES and text.isascii():
        return text
    raw = text[: MAX_FIELD_BYTES + 1].encode("utf-8", "replace")
    if len(raw) <= MAX_FIELD_BYTES:
        return raw.decode()
    return raw[: MAX_FIELD_BYTES - 3].decode("utf-8", "ignore") + "..."


def where(error: BaseException) -> str:
    """Type and innermost places of an exception and its causes, without its text."""
    parts: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(parts) < 4:  # noqa: PLR2004
        frames = traceback.extract_tb(seen.__traceback__)[-3:]
        places = " < ".join(f"{PurePath(f.filename).name}:{f.lineno}" for f in reversed(frames))
        parts.append(f"{type(seen).__name__} at {places}" if places else type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    return cut("; from ".join(parts))
