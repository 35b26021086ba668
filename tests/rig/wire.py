"""The scripted upstream's side of HTTP/1.1: a small parser of its own, so that it is no relative of ours."""

from msgspec import Struct


class Incoming(Struct):
    """A request, whole."""

    method: str
    path: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)


class RequestReader:
    """Bytes in, whole requests out. Raises ValueError for what is not HTTP/1.1 as RFC 9112 has it."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._head: Incoming | None = None
        self._need = 0

    def feed(self, data: bytes) -> list[Incoming]:
        """The requests that `data` completes."""
        self._buffer += data
        done: list[Incoming] = []
        while True:
            if self._head is None:
                end = self._buffer.find(b"\r\n\r\n")
                if end < 0:
                    return done
                self._head = _read_head(bytes(self._buffer[:end]))
                del self._buffer[: end + 4]
                self._need = int(self._head.header("content-length") or 0)
                if self._head.header("transfer-encoding") is not None:
                    raise ValueError("the gateway knows its bodies' lengths and has no reason to chunk")
            if len(self._buffer) < self._need:
                return done
            self._head.body = bytes(self._buffer[: self._need])
            del self._buffer[: self._need]
            done.append(self._head)
            self._head = None


def _read_head(head: bytes) -> Incoming:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, version = first.split(" ")
    if version != "HTTP/1.1":
        raise ValueError("not HTTP/1.1")
    headers = []
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip():
            raise ValueError("a header line without a name")
        headers.append((name.lower(), value.strip(" \t")))
    names = [name for name, _ in headers]
    if names.count("host") != 1 or names.count("content-length") > 1:
        raise ValueError("Host must be there once, Content-Length at most once")
    return Incoming(method, path, headers, b"")


REASONS = {200: "OK", 302: "Found", 404: "Not Found", 429: "Too Many Requests", 500: "Internal Server Error"}


def head(status: int, headers: list[tuple[str, str]]) -> bytes:
    """A status line and headers."""
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}", *(f"{k}: {v}" for k, v in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body; the empty one ends it."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"
