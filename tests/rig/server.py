"""The sockets of the scripted upstream. It does to an answer what the call's program says, byte by byte."""

import asyncio
import contextlib
import gzip
import hashlib
import itertools
import json
import socket
import struct

from msgspec import Struct

from tests.rig import answers, wire
from tests.rig import counting as counters
from tests.rig.book import Book, Call
from tests.rig.programs import Program, marker_of, program_of_model

DIALECTS: dict[str, answers.Dialect] = {"/chat/completions": "openai", "/messages": "anthropic"}


class CutHere(Exception):  # noqa: N818 - an order, no error
    """The program ends the connection here."""


class Piece(Struct, frozen=True):
    """Bytes written in one go. `event`: ordinal of the stream event it carries, else None."""

    data: bytes
    event: int | None = None


class Connection(asyncio.Protocol):
    """One client connection: requests one after the other, each answered by a task."""

    def __init__(self, book: Book) -> None:
        self.book = book
        book.connections += 1
        book.open_connections += 1
        self.number = book.connections
        self.reader = wire.RequestReader()
        self.waiting: asyncio.Queue[wire.Incoming] = asyncio.Queue()
        self.call: Call | None = None
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=0, low=0)
        self.worker = asyncio.get_running_loop().create_task(self._work())

    def data_received(self, data: bytes) -> None:
        try:
            for incoming in self.reader.feed(data):
                self.waiting.put_nowait(incoming)
        except ValueError:
            self.transport.abort()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def connection_lost(self, _: Exception | None) -> None:
        self.book.open_connections -= 1
        self.writable.set()
        self.worker.cancel()
        if self.call is not None:
            self.book.end(self.call, "left")
        self._told = asyncio.get_running_loop().create_task(self.book.tell())

    async def send(self, data: bytes) -> None:
        """Write, and wait until the kernel has it all."""
        self.transport.write(data)
        await asyncio.sleep(0)  # an endless answer must not keep the loop from hearing that the client left
        await self.writable.wait()
        if self.call is not None:
            self.call.sent += len(data)

    async def _work(self) -> None:
        while True:
            incoming = await self.waiting.get()
            if incoming.path.startswith("/_"):
                await self._control(incoming)
            elif not await self._answer(incoming):
                return

    # --- calls

    async def _answer(self, incoming: wire.Incoming) -> bool:
        """Answer one call; False when the connection is not to be used again."""
        call = self.call = self.book.enter(_call_of(self.number, incoming))
        await self.book.tell()
        program = self._program(call)
        call.status = program.status
        try:
            await self._perform(call, program, incoming.body)
        except CutHere:
            self.book.end(call, "cut")
            self._cut(program)
            return False
        finally:
            await self.book.tell()
        self.call = None
        if program.close_after or not program.keep_alive or program.framing == "close":
            self.transport.close()
            return False
        return True

    def _program(self, call: Call) -> Program:
        try:
            ordered = program_of_model(call.model)
            return ordered or self.book.program(call.model, marker_of(call.last_text))
        except (ValueError, KeyError):
            return Program(status=418, body="the rig: no such program; see tests/rig/programs.py")

    async def _perform(self, call: Call, program: Program, body: bytes) -> None:
        if program.hold_head:
            await self.book.held(call)
        await asyncio.sleep(program.delay_head)
        if program.raw is not None:
            await self._write(call, program, b"", [Piece(program.raw)])
        else:
            for _ in range(program.interim):
                await self.send(wire.head(103, [("link", "</x>")]))
            dialect = next((d for end, d in DIALECTS.items() if call.path.endswith(end)), None)
            counting = next((c for end, c in counters.COUNTERS.items() if call.path.endswith(end)), None)
            if counting is not None:
                said = counters.answer(counting, body, program)
            elif dialect is None:
                listed = call.path.endswith("/models")
                said = answers.Answer([answers.models() if listed else b"{}"], "application/json")
                call.status = 200 if listed else 404
            else:
                said = answers.answer(dialect, answers.look(body), program, call.id)
            call.prompt_tokens, call.completion_tokens = said.prompt_tokens, said.completion_tokens
            await self._write(call, program, *_frame(call, program, said))
        call.claimed = call.prompt_tokens + call.completion_tokens > 0
        self.book.end(call, "finished")

    async def _write(self, call: Call, program: Program, head: bytes, pieces: list[Piece]) -> None:
        if program.endless == "head":
            await self.send(head[:-2])
            while True:
                await self.send(b"x-more: and more\r\n" * 64)
        start = 0 if program.in_head else len(head)
        marks = {start + at for at in (program.cut_at, program.hold_at, program.split_at) if at is not None}
        offset = 0
        for piece in [Piece(head), *pieces]:
            if piece.event is not None:
                if piece.event == program.hold_after_events:
                    await self.book.held(call)
                await asyncio.sleep(program.delay_event)
            for part in _parts(piece.data, offset, marks, bytewise=program.bytewise):
                await self._act(call, program, offset - start)
                await self.send(part)
                offset += len(part)
                if len(marks) > 0 or program.bytewise:
                    await asyncio.sleep(0.0005)  # lets the other side read before the next piece
            call.events += piece.event is not None
        await self._act(call, program, offset - start)
        while program.endless == "body":
            await self.send(wire.chunk(pieces[0].data * 64))

    async def _act(self, call: Call, program: Program, offset: int) -> None:
        if program.cut_at == offset:
            raise CutHere
        if program.hold_at == offset:
            await self.book.held(call)

    def _cut(self, program: Program) -> None:
        if program.cut == "eof":
            self.transport.close()
            return
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    # --- control

    async def _control(self, incoming: wire.Incoming) -> None:
        order = json.loads(incoming.body or b"{}")
        found: object = {}
        match incoming.path:
            case "/_script":
                self.book.arm(order["programs"], order.get("model"), order.get("name"))
            case "/_calls":
                found = self.book.calls
            case "/_wait":
                found = await self.book.wait(order["call"], order["state"], order["timeout"])
            case "/_wait_open":
                found = await self.book.wait_open(order["most"] + 1, order["timeout"])
            case "/_release":
                self.book.release(order.get("call"))
            case "/_reset":
                self.book.reset()
            case "/_connections":
                # The one that asks is not counted.
                found = {"accepted": self.book.connections - 1, "open": self.book.open_connections - 1}
        body = answers.as_json(found)
        await self.send(wire.head(200, [("content-length", str(len(body)))]) + body)


def _call_of(connection: int, incoming: wire.Incoming) -> Call:
    seen = answers.look(incoming.body)
    return Call(
        id=0,
        connection=connection,
        method=incoming.method,
        path=incoming.path,
        headers=incoming.headers,
        model=seen.model,
        stream=seen.stream,
        last_text=seen.last_text,
        terms=seen.terms,
        body_sha256=hashlib.sha256(incoming.body).hexdigest(),
        body_length=len(incoming.body),
        media=seen.media,
    )


def _frame(call: Call, program: Program, said: answers.Answer) -> tuple[bytes, list[Piece]]:
    """Head and body pieces as the program wants them framed."""
    streamed = said.content_type == "text/event-stream"
    framing = program.framing or ("chunked" if streamed or program.endless == "body" else "length")
    pieces = said.pieces
    headers = [("content-type", said.content_type), ("x-request-id", f"up-{call.id}")]
    headers = [pair for pair in headers if pair[0] not in {name for name, _ in program.headers}]
    headers += program.headers
    headers += [(f"x-extra-{index}", "x") for index in range(program.extra_headers)]
    if program.gzip:
        pieces = [gzip.compress(b"".join(pieces))]
        headers.append(("content-encoding", "gzip"))
    if not program.keep_alive:
        headers.append(("connection", "close"))
    if framing == "length":
        length = program.content_length
        headers.append(("content-length", str(sum(map(len, pieces)) if length is None else length)))
    if framing != "chunked":
        return wire.head(call.status, headers), [
            Piece(p, n if streamed else None) for n, p in enumerate(pieces)
        ]
    headers.append(("transfer-encoding", "chunked"))
    framed = [Piece(wire.chunk(p), n if streamed else None) for n, p in enumerate(pieces) if p]
    last = [] if program.endless == "body" else [Piece(wire.chunk(b""))]
    return wire.head(call.status, headers), framed + last


def _parts(data: bytes, offset: int, marks: set[int], *, bytewise: bool) -> list[bytes]:
    """`data`, which begins at `offset`, divided at the marks, or into single bytes."""
    if bytewise:
        return [data[i : i + 1] for i in range(len(data))]
    cuts = sorted({0, len(data), *(m - offset for m in marks if 0 < m - offset < len(data))})
    return [data[a:b] for a, b in itertools.pairwise(cuts)]


async def serve(port: int) -> None:
    """Listen on the loopback until cancelled; print the ready line."""
    book = Book()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(book), "127.0.0.1", port, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)  # noqa: T201
    with contextlib.suppress(asyncio.CancelledError):
        await server.serve_forever()
