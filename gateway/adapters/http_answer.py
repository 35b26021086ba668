"""One answer, read from bytes in any chunking: no IO, so it is tested at every split of every answer.

    reader = AnswerReader(max_bytes)
    reader.feed(data)      # any number of times; raises `upstream_invalid_answer`
    reader.end()           # the peer closed; raises `upstream_incomplete` unless that was the framing

`status` is 0 until the final head is there (1xx are passed over); then `take()` gives what has come of
the body, and `complete` says that its framing is satisfied. Everything an upstream can make us hold is
bounded: the head (64 KiB, 100 headers, 16 interim heads), the body, and the framing round the body.
"""

import httptools

from gateway.adapters.http_message import HEAD_BYTES, HEADERS, INTERIM, Framing, framing_of
from gateway.errors import GatewayError, failure

_FIRST = 100
_FINAL = 200
_OVERHEAD = 2 * HEAD_BYTES
_OVERHEAD_PER_BYTE = 16


def _invalid(message: str) -> GatewayError:
    return failure("upstream_invalid_answer", message)


class AnswerReader:
    """The state of one answer. The `on_...` methods are httptools' callbacks."""

    __slots__ = (
        "_body_bytes",
        "_fault",
        "_framing",
        "_head_bytes",
        "_interim",
        "_max_bytes",
        "_parser",
        "_pieces",
        "_wire_bytes",
        "buffered",
        "complete",
        "headers",
        "keep_alive",
        "status",
        "surplus",
    )

    def __init__(self, max_bytes: int) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._max_bytes = max_bytes
        self._framing: Framing | None = None
        self._fault: GatewayError | None = None
        self._interim = 0
        self._head_bytes = 0
        self._wire_bytes = 0
        self._body_bytes = 0
        self._pieces: list[bytes] = []
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.buffered = 0
        self.complete = False
        self.keep_alive = False
        self.surplus = False

    @property
    def begun(self) -> bool:
        """Whether any byte has come."""
        return self._wire_bytes > 0

    def take(self) -> bytes:
        """What has come of the body since the last call, b"" for nothing."""
        pieces, self._pieces, self.buffered = self._pieces, [], 0
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def feed(self, data: bytes) -> None:
        """Take bytes from the wire."""
        if self.complete:
            self.surplus = True
            return
        self._wire_bytes += len(data)
        if self.status == 0:
            room = HEAD_BYTES - self._head_bytes
            self._head_bytes += len(data)
            if len(data) > room:
                self._parse(data[:room])
                if self.status == 0:
                    raise _invalid("the answer's head is larger than 64 KiB")
                data = data[room:]
        self._parse(data)
        if self._wire_bytes - self._body_bytes > _OVERHEAD + _OVERHEAD_PER_BYTE * self._body_bytes:
            raise _invalid("the answer is nearly all framing")

    def end(self) -> None:
        """The peer closed its side."""
        if self.complete:
            return
        if self.status == 0:
            if not self.begun:
                raise failure("upstream_reset", "the upstream closed the connection without an answer")
            raise failure("upstream_incomplete", "the upstream closed inside the head of its answer")
        if self._framing is None or self._framing.chunked or self._framing.length is not None:
            raise failure("upstream_incomplete", "the upstream closed before the end of its answer")
        self.complete = True

    def _parse(self, data: bytes) -> None:
        if not data:
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            if self.complete:
                self.surplus = True
                return
            # The parser's own words may quote the upstream, so they go no further.
            raise (self._fault or _invalid("the answer is not well-formed HTTP/1.1")) from None

    def _refuse(self, fault: GatewayError) -> None:
        self._fault = fault
        raise fault

    # --- httptools' callbacks

    def on_message_begin(self) -> None:
        if self.complete:
            self.surplus = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.complete:
            return
        if len(self.headers) >= HEADERS:
            self._refuse(_invalid("the answer has more than 100 headers"))
        if self._framing is None:  # else a trailer: counted, and dropped
            self.headers.append((name.lower(), value))
        else:
            self.headers.append((b"", b""))

    def on_headers_complete(self) -> None:
        if self.complete:
            return
        status = self._parser.get_status_code()
        if status < _FINAL:
            self._interim += 1
            if status < _FIRST or self._interim > INTERIM:
                self._refuse(_invalid("the answer begins with too many interim heads"))
            return
        try:
            self._framing = framing_of(status, self.headers)
        except GatewayError as fault:
            self._refuse(fault)
        else:
            self.status = status
            if (self._framing.length or 0) > self._max_bytes:
                self._refuse(_invalid("the answer is larger than the cap"))

    def on_body(self, data: bytes) -> None:
        if self.complete:
            return
        self._body_bytes += len(data)
        if self._body_bytes > self._max_bytes:
            self._refuse(_invalid("the answer is larger than the cap"))
        self._pieces.append(data)
        self.buffered += len(data)

    def on_message_complete(self) -> None:
        if self.complete:
            return
        if self._framing is None:  # an interim head, over
            self.headers.clear()
            return
        self.complete = True
        self.keep_alive = self._parser.should_keep_alive()
