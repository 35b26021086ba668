"""What the scripted upstream can be told to do with one call.

A program comes to a call by the first of these that fits:

1. the model's name, `fault-...` (the table `FAULTS` below; a provider prefix up to `/` is ignored);
2. a marker `script:NAME` in the last user text, NAME armed by `Upstream.name(NAME, program)`;
3. the queue of this model, then the queue of all models, armed by `Upstream.arm(...)`: one call, one program;
4. the default: a complete, honest answer.

Offsets (`cut_at`, `hold_at`, `split_at`) count bytes of the body as it is on the wire, chunk framing
included; `in_head=True` makes them count from the first byte of the status line instead.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct


class ToolCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool the answer calls; `arguments` is JSON text."""

    name: str
    arguments: str = "{}"
    id: str = "call_1"


class Program(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One call's orders. The default is an honest answer that echoes the last user text."""

    # What is said.
    status: int = 200
    id: str | None = None  # None: the call's number
    text: str | None = None
    tool_calls: list[ToolCall] = []
    finish: str | None = None
    usage: dict[str, Any] | None = None  # merged over what would be claimed
    tier: str | None = None  # the service_tier that the answer names
    claim_usage: bool = True
    count_times: float = 1.0  # what a free counter says, times its own formula
    terminal: bool = True  # False: a stream without its finish, usage and [DONE] / message_stop
    body: str | None = None  # instead of the answer
    body_bytes: int | None = (
        None  # pad the body with spaces (in a JSON error: inside the message) to this size
    )
    raw: bytes | None = None  # instead of head and body; base64 in JSON
    # How it is framed.
    headers: list[tuple[str, str]] = []
    framing: Literal["length", "chunked", "close"] | None = None  # None: chunked for streams, else length
    content_length: int | None = None  # a lie
    gzip: bool = False
    interim: int = 0  # 1xx answers first
    extra_headers: int = 0
    keep_alive: bool = True
    close_after: bool = False  # close after a whole answer without announcing it
    # When, and in which pieces.
    hold_head: bool = False  # nothing is said until released
    hold_at: int | None = None  # silence at this offset until released
    hold_after_events: int | None = None  # silence after so many events of a stream, until released
    delay_head: float = 0.0  # seconds
    delay_event: float = 0.0
    split_at: int | None = None
    bytewise: bool = False
    # How it ends early.
    cut_at: int | None = None
    cut: Literal["reset", "eof"] = "reset"
    in_head: bool = False
    endless: Literal["head", "body"] | None = None


def _cut(kind: Literal["reset", "eof"], at: str | None) -> Program:
    if at is None:
        return Program(cut=kind, cut_at=0, in_head=True)
    return Program(cut=kind, cut_at=int(at))


def _malformed(kind: str) -> Program:
    return {
        "json": Program(body='{"id": "x", "choices": [{"ind'),
        "sse": Program(
            body='data: {"choices": [}\n\ndata: [DONE]\n\n', headers=[("content-type", "text/event-stream")]
        ),
        "head": Program(raw=b"HTTP/1.1 two hundred\r\n\r\n"),
        "header": Program(raw=b"HTTP/1.1 200 OK\r\nno colon here\r\ncontent-length: 2\r\n\r\n{}"),
        "chunk": Program(raw=b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"),
    }[kind]


_LOOK_ELSEWHERE = [("location", "http://127.0.0.1:9/elsewhere")]

FAULTS: list[tuple[str, Callable[[re.Match[str]], Program]]] = [
    (r"status-(\d{3})", lambda m: Program(status=int(m[1]))),
    (r"(reset|eof)(?:-at-(\d+))?", lambda m: _cut("reset" if m[1] == "reset" else "eof", m[2])),
    (r"split-at-(\d+)", lambda m: Program(split_at=int(m[1]))),
    (r"bytes", lambda _: Program(bytewise=True)),
    (r"hang", lambda _: Program(hold_head=True)),
    (r"hang-at-(\d+)", lambda m: Program(hold_at=int(m[1]))),
    (r"hang-after-(\d+)", lambda m: Program(hold_after_events=int(m[1]))),
    (r"malformed-(json|sse|head|header|chunk)", lambda m: _malformed(m[1])),
    (r"endless-(head|body)", lambda m: Program(endless="head" if m[1] == "head" else "body")),
    (r"gzip", lambda _: Program(gzip=True)),
    (r"redirect", lambda _: Program(status=302, headers=_LOOK_ELSEWHERE)),
    (r"length-(\d+)", lambda m: Program(framing="length", content_length=int(m[1]))),
    (r"double-length", lambda _: Program(headers=[("content-length", "3")])),
    (r"interim-(\d+)", lambda m: Program(interim=int(m[1]))),
    (r"headers-(\d+)", lambda m: Program(extra_headers=int(m[1]))),
    (r"huge-error-(\d+)", lambda m: Program(status=500, body_bytes=int(m[1]))),
    (r"rate-limit-(\d+)", lambda m: Program(status=429, headers=[("retry-after", m[1])])),
    (r"no-usage", lambda _: Program(claim_usage=False)),
    (r"no-terminal", lambda _: Program(terminal=False)),
    (r"length-stop", lambda _: Program(finish="length")),
]

_MARKER = re.compile(r"script:([A-Za-z0-9_.-]+)")


def program_of_model(model: str) -> Program | None:
    """The program a model name orders (`fault-status-503`), None for an ordinary name.

    Raises ValueError for a `fault-` name that no row knows: a test with a typo must not pass.
    """
    name = model.rpartition("/")[2]
    if not name.startswith("fault-"):
        return None
    for pattern, make in FAULTS:
        if match := re.fullmatch(pattern, name.removeprefix("fault-")):
            return make(match)
    raise ValueError(f"no row of FAULTS fits the model name {name!r}")


def marker_of(text: str) -> str | None:
    """NAME of `script:NAME` in a text."""
    match = _MARKER.search(text)
    return match[1] if match else None
