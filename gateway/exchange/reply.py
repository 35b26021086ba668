"""Write: back into the client's dialect, head before body, the tail of a stream after settling."""

import anyio

from gateway.billing import AnswerFacts, headers, settle_hit
from gateway.caching import StoredAnswer
from gateway.dialects import DIALECTS, Bill, WriteContext, Writer
from gateway.errors import GatewayError, failure
from gateway.exchange.recorder import Recorder
from gateway.exchange.visit import Visit
from gateway.ports import Clock
from gateway.types.arrival import Client
from gateway.types.event import Event
from gateway.types.plan import Deployment
from gateway.types.request import Request

Frames = list[tuple[str | None, bytes]]

# How long a client may take over the last words of a process that ends.
FAREWELL_SECONDS = 1.0
_STREAM_HEADERS = (
    ("content-type", "text/event-stream; charset=utf-8"),
    ("cache-control", "no-cache"),
    # Proxies that buffer would hold the stream back.
    ("x-accel-buffering", "no"),
)


class Reply:
    """The answer of one exchange on its way out; at most one is sent."""

    def __init__(self, client: Client, dialect: str, visit: Visit, clock: Clock) -> None:
        self._client = client
        self._dialect = DIALECTS[dialect]
        self._visit = visit
        self._clock = clock
        self._writer: Writer | None = None
        self._streaming = False

    def open(self, request: Request, upstream_dialect: str | None) -> None:
        """Take a fresh writer for an attempt (None: a stored answer); nothing was sent before it."""
        self._writer = self._dialect.writer(
            WriteContext(
                request_id=self._visit.id,
                model_asked=request.model,
                relay=upstream_dialect == request.dialect,
                include_usage=request.include_usage,
                created=self._clock.unix(),
            )
        )

    async def relay(self, frames: Frames, events: list[Event], facts: AnswerFacts) -> None:
        """Hand on what one read of the upstream brought; the head leaves with the first of it."""
        chunk = self._writing().frame(frames, events)
        if not self._client.started:
            self._streaming = True
            self._visit.first_token = self._clock.monotonic() - self._visit.at
            await self._client.start(200, (*_STREAM_HEADERS, *headers(facts)))
        if chunk:
            await self._client.send(chunk, more=True)

    async def finish(self, bill: Bill) -> None:
        """The tail of a stream: usage with the account, and the mark that nothing follows."""
        await self._client.send(self._writing().finish(bill), more=False)

    async def whole(self, events: list[Event], raw: bytes | None, facts: AnswerFacts) -> None:
        """A plain answer with its account in the headers."""
        await self._body(200, self._writing().whole(events, raw), headers(facts))

    async def replay(self, request: Request, stored: StoredAnswer, recorder: Recorder) -> None:
        """A stored answer, plain or as a stream, as this client asked; it costs nothing."""
        visit = self._visit
        settlement = settle_hit(stored.items)
        visit.deployment = Deployment(stored.model, stored.provider, stored.model)
        visit.end, visit.cost, visit.saved, visit.quoted = "finished", 0, settlement.saved, stored.quoted
        recorder.settled(visit, visit.deployment, settlement)
        facts = AnswerFacts(
            request_id=visit.id,
            model=stored.model,
            cost=0,
            quoted=stored.quoted,
            saved=settlement.saved,
            cache=visit.cache,
            overhead_ms=(self._clock.monotonic() - visit.at) * 1000,
        )
        self.open(request, None)
        events = list(stored.events)
        if not request.stream:
            await self.whole(events, None, facts)
            return
        await self.relay([], events, facts)
        await self.finish(Bill(0, stored.quoted, settlement.saved, stored.model, visit.cache))

    async def error(self, error: GatewayError) -> None:
        """A failure: as a body while the head is still here, else as the stream's last event."""
        visit = self._visit
        visit.error = error.code
        if visit.end == "finished":
            visit.end = "failed"
        if self._client.gone:
            return
        if self._streaming:
            await self._client.send(self._writing().error(error, visit.id, visit.cost), more=False)
            return
        if self._client.started:
            # The head of a plain answer promised a length that nothing can keep now: the server closes.
            return
        facts = AnswerFacts(
            request_id=visit.id,
            model=visit.deployment.name if visit.deployment else None,
            cost=visit.cost,
            quoted=visit.quoted,
            saved=visit.saved,
            cache=visit.cache,
            attempts=visit.attempts,
        )
        head = headers(facts)
        if error.retry_after is not None:
            head.append(("retry-after", str(int(error.retry_after))))
        await self._body(error.row.status, self._dialect.write_error(error, visit.id), head)

    async def cut_short(self) -> None:
        """The process ends before the answer has: a client that is still there is told, and what it cost."""
        if self._client.gone or self._client.ended:
            return
        with anyio.move_on_after(FAREWELL_SECONDS, shield=True):
            await self.error(failure("draining", "The gateway is shutting down; ask again, or another one."))

    async def _body(self, status: int, body: bytes, head: list[tuple[str, str]]) -> None:
        own = (("content-type", "application/json"), ("content-length", str(len(body))))
        await self._client.start(status, (*own, *head))
        await self._client.send(body, more=False)

    def _writing(self) -> Writer:
        if self._writer is None:
            raise RuntimeError("an answer is written before its attempt was opened")
        return self._writer
