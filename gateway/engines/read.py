"""`local/read`: the text of a request's images and PDFs, as the assistant's answer.

It takes the body of a chat completion and answers what it reads in the media, in their order; words of
the conversation are not obeyed. Pages of a stream leave as they are read.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import anyio.to_thread
import msgspec
from msgspec import Struct

from gateway import _core
from gateway.engines import answer, wire
from gateway.engines.pool import ReadSettings, Session, WorkerPool
from gateway.errors import GatewayError, failure
from gateway.types.call import UpstreamCall

# Kinds and types that the reader takes; the type is by magic bytes.
_IMAGES = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
_DOCUMENTS = frozenset({"application/pdf"})
_TAKES = "local/read takes JPEG, PNG, WebP and GIF images and PDF documents."

_ask = msgspec.json.Decoder(answer.Ask)

# Words for what a worker found; `{}` is the figure it counted.
_FINDINGS: dict[wire.Reason, tuple[str, str]] = {
    "corrupt": ("media_corrupt", "This {kind} is damaged or cut short and cannot be opened; send it whole."),
    "encrypted": ("media_corrupt", "This {kind} is encrypted; send it without a password."),
    "unsupported": ("media_unsupported", _TAKES),
    "too_many_pages": (
        "media_too_large",
        "This {kind} has {figure} pages; local/read takes at most {pages}. Send it in parts.",
    ),
    "too_large": ("media_too_large", "This {kind} is too large to be read here; send a smaller one."),
}


class Question(Struct, frozen=True):
    """A body, understood: what is asked, the media, and the job encoded for a worker."""

    ask: answer.Ask
    media: tuple[wire.Medium, ...]
    job: bytes


class EngineReply:
    """An answer made here. Fills `ports.UpstreamReply`."""

    def __init__(self, content_type: str, chunks: Callable[[], AsyncIterator[bytes]]) -> None:
        self._content_type = content_type
        self._chunks = chunks

    @property
    def status(self) -> int:
        """Always 200: what cannot be answered is raised."""
        return 200

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Lower-case names."""
        return (("content-type", self._content_type),)

    def chunks(self) -> AsyncIterator[bytes]:
        """The bytes; may be read once."""
        return self._chunks()


class ReadEngine:
    """Owner of the worker pool. Fills `ports.Transport` for `local/read`."""

    def __init__(self, settings: ReadSettings | None = None) -> None:
        self._settings = settings or ReadSettings()
        self._pool = WorkerPool(self._settings)

    @asynccontextmanager
    async def open(self, call: UpstreamCall) -> AsyncIterator[EngineReply]:
        """Read. A stream's head comes with the first page, a plain answer's when all is read.

        Raises ClientError for a medium that cannot be read (before the first byte), OwnError for a
        fault of the engine; inside a stream they are raised from `chunks`.
        """
        question = await anyio.to_thread.run_sync(_understand, call.body, int(self._settings.job_seconds))
        seconds = min(self._settings.job_seconds, call.deadlines.total)
        async with self._pool.session(question.job, seconds) as session:
            answering = _Answering(question, session, self._settings.pages)
            if question.ask.stream:
                await answering.first()
                yield EngineReply("text/event-stream; charset=utf-8", answering.stream)
            else:
                body = await answering.whole()
                yield EngineReply("application/json", lambda: _once(body))

    async def aclose(self) -> None:
        """End the workers."""
        await self._pool.aclose()


class _Answering:
    """One answer under way."""

    def __init__(self, question: Question, session: Session, pages: int) -> None:
        self._question = question
        self._session = session
        self._pages = pages
        self._composer = answer.Composer(question.media, question.ask.limit)
        self._envelope = answer.Envelope.new(question.ask.model)
        self._cpu_seconds = 0.0
        self._ahead: str | None = None

    async def first(self) -> None:
        """Wait for the first piece, so that a medium that cannot be read is known before the head."""
        self._ahead = await self._piece()

    async def whole(self) -> bytes:
        """The plain answer."""
        pieces = []
        while (piece := await self._piece()) is not None:
            pieces.append(piece)
        return self._envelope.whole("".join(pieces), self._finish_reason, self._usage)

    async def stream(self) -> AsyncIterator[bytes]:
        """The streamed answer, one chunk a page."""
        yield self._envelope.delta({"role": "assistant", "content": ""})
        piece = self._ahead
        while piece is not None:
            if piece:
                yield self._envelope.delta({"content": piece})
            piece = await self._piece()
        yield self._envelope.delta({}, self._finish_reason)
        if self._question.ask.include_usage:
            yield self._envelope.usage(self._usage)
        yield answer.DONE

    async def _piece(self) -> str | None:
        """The next text (it may be empty), or None when nothing follows."""
        if self._session.finished or self._composer.full:
            return None
        frame = await self._session.receive()
        if isinstance(frame, wire.Refused):
            raise self._refusal(frame)
        self._cpu_seconds = frame.cpu_seconds
        return self._composer.add(frame) if isinstance(frame, wire.Page) else self._composer.finish()

    def _refusal(self, finding: wire.Refused) -> GatewayError:
        kind = next((medium.kind for medium in self._question.media if medium.index == finding.index), None)
        code, words = _FINDINGS[finding.reason]
        message = words.format(kind=kind, figure=finding.figure, pages=self._pages)
        return failure(code, message, part=finding.index, kind=kind)

    @property
    def _finish_reason(self) -> str:
        return "length" if self._composer.full else "stop"

    @property
    def _usage(self) -> dict[str, int | float]:
        return answer.usage(self._composer.tokens, self._cpu_seconds)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _understand(body: bytes, cpu_seconds: int) -> Question:
    """Decode a body and its media. Runs in a thread: it copies megabytes."""
    try:
        document = _core.scan(body, _core.Limits())
        ask = _ask.decode(document.skeleton)
    except _core.Refusal as refusal:
        raise failure(refusal.code, refusal.message, part=refusal.part) from refusal
    except msgspec.ValidationError as error:
        raise failure("field_invalid", "A field has a type that chat completions do not have.") from error
    media = tuple(_medium(index, medium) for index, medium in enumerate(document.media))
    if not media:
        raise failure("field_missing", f"There is nothing to read. {_TAKES}", param="messages")
    return Question(ask, media, wire.encode(wire.Job(media, max(1, cpu_seconds))))


def _medium(index: int, medium: _core.Media) -> wire.Medium:
    takes = {"image": _IMAGES, "document": _DOCUMENTS}.get(medium.kind, frozenset())
    if medium.mime not in takes:
        raise failure("media_unsupported", _TAKES, part=index, kind=medium.kind)
    return wire.Medium(index, medium.kind, medium.mime, medium.data())
