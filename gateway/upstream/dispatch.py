"""Dispatch: one call to one upstream, its answer as events.

A plain answer is read whole; a stream is handed on as it comes, one hand-over per read. Nothing is
retried here: `routing.failover` decides that from the outcome.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway import _core
from gateway.dialects import Dialect
from gateway.errors import GatewayError, failure
from gateway.ports import Transport, UpstreamReply
from gateway.types.call import UpstreamCall
from gateway.types.event import Event
from gateway.upstream.progress import Progress

# An error body is read for its code only; more than this of it is never held.
ERROR_BODY_BYTES = 65_536

Frames = list[tuple[str | None, bytes]]
Relay = Callable[[Frames, list[Event]], Awaitable[None]]


async def dispatch_whole(
    call: UpstreamCall, dialect: Dialect, transport: Transport, progress: Progress
) -> tuple[bytes, list[Event]]:
    """Send and read a plain answer: its bytes, and what they say."""
    async with _sent(transport, call, progress) as reply:
        await _accept(reply, dialect, progress)
        body = await _read(reply, call.max_answer_bytes)
    events = dialect.reader().whole(body)
    progress.note(events)
    _raise_failed(progress)
    progress.started = True
    return body, events


async def dispatch_stream(
    call: UpstreamCall, dialect: Dialect, transport: Transport, progress: Progress, relay: Relay
) -> None:
    """Send and relay a stream until its explicit end; EOF without one raises `upstream_incomplete`."""
    reader = dialect.reader()
    sse = _core.SseReader()
    async with _sent(transport, call, progress) as reply:
        await _accept(reply, dialect, progress)
        async for chunk in reply.chunks():
            try:
                frames = sse.feed(chunk)
            except _core.Refusal as refusal:
                raise failure(refusal.code, refusal.message) from None
            events = [event for name, data in frames for event in reader.frame(name, data)]
            progress.note(events)
            _raise_failed(progress)
            if frames:
                progress.started = True
                await relay(frames, events)
            if progress.ended:
                break
    if not progress.ended:
        raise failure("upstream_incomplete", "The provider's stream stopped without its closing event.")


@asynccontextmanager
async def _sent(transport: Transport, call: UpstreamCall, progress: Progress) -> AsyncIterator[UpstreamReply]:
    """Open the call. From here on it may have been worked on, unless the fault says that nothing left."""
    progress.sent = True
    try:
        async with transport.open(call) as reply:
            yield reply
    except GatewayError as error:
        progress.sent = not error.unsent
        progress.refused = progress.refused or error.refused
        raise


async def _accept(reply: UpstreamReply, dialect: Dialect, progress: Progress) -> None:
    if 200 <= reply.status < 300:  # noqa: PLR2004
        return
    # An error status is not billed, whatever becomes of its body.
    progress.refused = True
    try:
        body = await _read(reply, ERROR_BODY_BYTES, cut=True)
    except GatewayError:
        body = b""
    raise upstream_fault(reply.status, dialect.read_fault(reply.status, body), reply.headers)


async def _read(reply: UpstreamReply, cap: int, *, cut: bool = False) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for chunk in reply.chunks():
        size += len(chunk)
        pieces.append(chunk)
        if size > cap:
            if cut:
                break
            raise failure("upstream_invalid_answer", f"The provider's answer is larger than {cap} bytes.")
    return b"".join(pieces)


def _raise_failed(progress: Progress) -> None:
    if progress.error is not None:
        raise failure(progress.error, MESSAGES.get(progress.error, MESSAGES["upstream_error"]))


# What a caller is told; the provider's own words stay inside.
MESSAGES = {
    "upstream_refused_credentials": "The provider refused the gateway's credentials; check its api_key.",
    "upstream_rate_limited": "The provider limits the rate of this deployment; try again later.",
    "upstream_quota_exhausted": "The provider says the account behind this deployment has no quota left.",
    "upstream_overloaded": "The provider is overloaded; try again later.",
    "upstream_model_missing": "The provider does not know this model, or this account may not use it.",
    "upstream_rejected_request": "The provider rejected this request as invalid; another model may take it.",
    "upstream_timeout": "The provider did not answer in time.",
    "upstream_error": "The provider failed while answering.",
    "upstream_invalid_answer": "The provider's answer could not be read.",
}


def upstream_fault(status: int, code: str, headers: tuple[tuple[str, str], ...]) -> GatewayError:
    """The error for an upstream's status and the code its dialect read from the body."""
    message = MESSAGES.get(code, MESSAGES["upstream_error"])
    return failure(
        code,
        f"{message} (HTTP {status})",
        retry_after=_retry_after(headers),
    )


def _retry_after(headers: tuple[tuple[str, str], ...]) -> float | None:
    """Seconds, when the provider named a sane number of them; dates and nonsense are ignored."""
    for name, value in headers:
        if name == "retry-after" and value.isascii() and value.isdigit() and len(value) <= 5:  # noqa: PLR2004
            return float(value)
    return None
