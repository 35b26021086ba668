"""Driving readers and writers over a transcript as the path does, at any chunking."""

from collections.abc import Iterable

from gateway import _core
from gateway.dialects import DIALECTS, WriteContext
from gateway.errors import failure
from gateway.types.event import Ended, Event, Failed
from tests.dialects.samples import BILL

Frames = list[tuple[str | None, bytes]]


def read_stream(dialect: str, chunks: Iterable[bytes]) -> list[tuple[Frames, list[Event]]]:
    """One pair a read: its frames and their events."""
    sse, reader = _core.SseReader(), DIALECTS[dialect].reader()
    reads = []
    for chunk in chunks:
        frames = sse.feed(chunk)
        reads.append((frames, [event for name, data in frames for event in reader.frame(name, data)]))
    return reads


def events_of(dialect: str, body: bytes, *, stream: bool) -> list[Event]:
    """Every event of a transcript."""
    if not stream:
        return DIALECTS[dialect].reader().whole(body)
    return [event for _, events in read_stream(dialect, [body]) for event in events]


def write_stream(dialect: str, reads: list[tuple[Frames, list[Event]]], context: WriteContext) -> bytes:
    """What a client of `dialect` gets; a stream that failed or was cut ends with an error event."""
    writer = DIALECTS[dialect].writer(context)
    written = b""
    ended = False
    for frames, events in reads:
        failed = next((event for event in events if isinstance(event, Failed)), None)
        if failed is not None:
            return written + writer.error(failure(failed.code, "The provider failed."), context.request_id)
        written += writer.frame(frames, events)
        ended = ended or any(isinstance(event, Ended) for event in events)
    if ended:
        return written + writer.finish(BILL)
    return written + writer.error(failure("upstream_incomplete", "The stream was cut."), context.request_id)


def replay(dialect: str, events: list[Event], context: WriteContext) -> bytes:
    """A stored answer as a stream."""
    return write_stream(dialect, [([], events)], context)


def one_by_one(body: bytes) -> list[bytes]:
    """A transcript with one frame a read."""
    return [part + b"\n\n" for part in body.split(b"\n\n") if part]
