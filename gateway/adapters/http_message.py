"""HTTP/1.1 as text: where a call goes, how its head is written, how long the answer's body is. No IO.

A URL is parsed once, here, and what was parsed is what is connected to and what is sent: a parser of
stricter taste than the standard library's (no user names, fragments, backslashes, spaces, controls).
"""

import re
from collections.abc import Iterable
from functools import lru_cache, partial

from msgspec import Struct

from gateway.errors import failure
from gateway.types.call import UpstreamCall
from gateway.types.principal import Secret

HEAD_BYTES = 65_536
"""Cap of an answer's head, interim (1xx) heads included."""
HEADERS = 100
INTERIM = 16
_LAST_PORT = 65_535
_MOST_DIGITS = 18
METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})

_URL = re.compile(
    r"(https?)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(/[!-\"$-\[\]-~]*)?", re.ASCII
)
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+", re.ASCII)
_VALUE = re.compile("[\t\x20-\x7e\x80-\xff]*")
_OURS = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)


class Target(Struct, frozen=True):
    """Where a URL leads. `host` has no brackets; `authority` is the Host header; `path` the target."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What connections are pooled by."""
        return (self.scheme, self.host, self.port)


@lru_cache(1024)
def target_of(url: str) -> Target:
    """Parse an absolute http or https URL. Raises `internal_error`: URLs come from the configuration."""
    match = _URL.fullmatch(url)
    if match is None:
        raise failure("internal_error", "a provider's base_url is not a plain http or https URL")
    scheme, host, port, path = match.groups()
    default = 443 if scheme == "https" else 80
    number = int(port) if port else default
    if not 0 < number <= _LAST_PORT:
        raise failure("internal_error", "a provider's base_url names a port outside 1..65535")
    authority = host if number == default else f"{host}:{number}"
    return Target(scheme, host.strip("[]").lower(), number, authority.lower(), path or "/")


def wire_headers(call: UpstreamCall) -> list[tuple[str, str]]:
    """The call's headers with secrets revealed, plus those every call has. Keep it in no attribute.

    Raises `header_invalid` for a name that is not a lower-case token, a value with controls (CR, LF,
    NUL), or a name that belongs to the connection and is written by the transport alone.
    """
    headers = [("accept-encoding", "identity")]
    named_agent = False
    for ordinal, (name, value) in enumerate(call.headers):
        text = value.reveal() if isinstance(value, Secret) else value
        if _NAME.fullmatch(name) is None or name in _OURS:
            raise failure("header_invalid", f"the name of upstream header {ordinal} may not be sent")
        if _VALUE.fullmatch(text) is None:
            raise failure(
                "header_invalid", f"the value of upstream header {ordinal} holds control characters"
            )
        named_agent = named_agent or name == "user-agent"
        headers.append((name, text))
    if not named_agent:
        headers.append(("user-agent", "weighbridge"))
    if call.body or call.method in {"POST", "PUT"}:
        headers.append(("content-length", str(len(call.body))))
    return headers


def write_head(call: UpstreamCall, target: Target) -> bytes:
    """The request line and headers, ready for the socket."""
    if call.method not in METHODS:
        raise failure("internal_error", "upstreams are asked by GET, POST, PUT or DELETE")
    lines = [f"{call.method} {target.path} HTTP/1.1\r\nhost: {target.authority}\r\n"]
    lines += [f"{name}: {value}\r\n" for name, value in wire_headers(call)]
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


class Framing(Struct, frozen=True):
    """How an answer's body ends: after `length` bytes, by chunks, or (neither) when the peer closes."""

    length: int | None
    chunked: bool = False


def framing_of(status: int, headers: Iterable[tuple[bytes, bytes]]) -> Framing:
    """Read the framing from an answer's headers (lower-case names).

    Raises `upstream_invalid_answer` for two lengths, a length beside chunks, another transfer coding, or
    any content coding: identity was asked for, and we decode nothing.
    """
    # The status is known all the same: a provider does not bill an error, however ill it is framed.
    invalid = partial(failure, "upstream_invalid_answer", refused=not 200 <= status < 300)  # noqa: PLR2004
    length: bytes | None = None
    chunked = False
    for name, value in headers:
        if name == b"content-length":
            if length is not None or not value.isdigit() or len(value) > _MOST_DIGITS:
                raise invalid("the answer's Content-Length is doubled or no number")
            length = value
        elif name == b"transfer-encoding":
            if chunked or value.lower() != b"chunked":
                raise invalid("the answer's Transfer-Encoding is not plain chunked")
            chunked = True
        elif name == b"content-encoding" and value.lower() not in {b"", b"identity"}:
            raise invalid("the answer is compressed although identity was asked for")
    if chunked and length is not None:
        raise invalid("the answer has both a Content-Length and chunks")
    if status in {204, 304}:
        return Framing(0)
    return Framing(None if length is None else int(length), chunked)
