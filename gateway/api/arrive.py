"""Arrive: one HTTP request read under its caps while its bytes come in, before anything looks at it.

Refused here: a body over its cap (by its declared length before a byte is read, else as it grows), a
body that does not come in time, content codings, and content types that cannot be JSON.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from msgspec import Struct

from gateway.admission import Keys
from gateway.api.forms import MULTIPART
from gateway.errors import failure
from gateway.types.arrival import Arrival
from gateway.types.principal import Principal

Receive = Callable[[], Awaitable[dict[str, Any]]]
Scope = dict[str, Any]

# A client that keeps its word sends its body within this, plus its size at the slowest pace we take.
GRACE_SECONDS = 10.0
SLOWEST_BYTES_PER_SECOND = 16_384


class ArrivalLimits(Struct, frozen=True):
    """`body_bytes`: cap of one body. `body_seconds`: the longest any body may take to come."""

    body_bytes: int = 52_428_800
    body_seconds: float = 60.0


class Gone(Exception):  # noqa: N818 - not a failure: the caller left
    """The client closed before its body was whole."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Header fields by lower-case name; of a repeated field the first value holds."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    return found


def known(headers: Mapping[str, str], keys: Keys) -> Principal:
    """Who asks, from the head alone. Raises `api_key_missing`, `api_key_invalid`."""
    return keys.identify(headers.get("authorization"), headers.get("x-api-key"))


async def arrive(
    scope: Scope,
    receive: Receive,
    dialect: str,
    limits: ArrivalLimits,
    *,
    keys: Keys,
    at: float,
    forms: bool = False,
) -> Arrival:
    """Read one request; a stranger's body is not even read. `forms`: a form is taken too, and left as it is.

    Raises a `ClientError`, or `Gone` when the client left first.
    """
    headers = headers_of(scope)
    principal = known(headers, keys)
    _check_head(headers, limits, forms=forms)
    length = int(headers.get("content-length", 0))
    patience = min(limits.body_seconds, GRACE_SECONDS + length / SLOWEST_BYTES_PER_SECOND)
    try:
        # Not anyio's: this one costs a request 10 us and not 23.
        async with asyncio.timeout(patience):
            body = await _read(receive, limits.body_bytes)
    except TimeoutError:
        raise failure(
            "body_timeout", f"The body did not arrive within {patience:.0f} s; send it faster or in one go."
        ) from None
    return Arrival(dialect=dialect, headers=headers, body=body, at=at, principal=principal)


def _check_head(headers: dict[str, str], limits: ArrivalLimits, *, forms: bool) -> None:
    coding = headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise failure(
            "content_encoding_unsupported",
            "A compressed body is not taken; send it without content-encoding.",
        )
    kind = headers.get("content-type", "application/json").split(";")[0].strip().lower()
    taken = ("", "application/json", "text/json", *((MULTIPART,) if forms else ()))
    if kind not in taken and not kind.endswith("+json"):
        raise failure("content_type_unsupported", "The body must be JSON: content-type: application/json.")
    length = headers.get("content-length")
    if length is None:
        return
    if not (length.isascii() and length.isdigit()):
        raise failure("header_invalid", "content-length must be a number of bytes.")
    if int(length) > limits.body_bytes:
        raise _too_large(limits.body_bytes)


async def _read(receive: Receive, cap: int) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        piece = message.get("body", b"")
        size += len(piece)
        if size > cap:
            raise _too_large(cap)
        pieces.append(piece)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _too_large(cap: int) -> Exception:
    return failure(
        "body_too_large",
        f"The body is larger than {cap} bytes; send fewer or smaller media.",
        details={"limit_bytes": cap},
    )
