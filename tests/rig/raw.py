"""A client that sends exactly the bytes it is told to, as slowly or as brokenly as it is told to."""

import json
import socket
import struct
from typing import Any, Self

import anyio
from anyio.abc import SocketAttribute, SocketStream
from msgspec import Struct


class RawReply(Struct, frozen=True):
    """A reply read to the end of its framing. `whole`: the framing was satisfied, not cut by the peer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool

    def header(self, name: str) -> str | None:
        """The first value of a header, by its lower-case name."""
        return next((value for key, value in self.headers if key == name), None)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


def request_bytes(
    method: str, path: str, body: bytes = b"", headers: tuple[tuple[str, str], ...] = (), host: str = "rig"
) -> bytes:
    """An honest HTTP/1.1 request; tests cut and bend it."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", *(f"{k}: {v}" for k, v in headers)]
    if body or method == "POST":
        lines.append(f"content-length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


class RawClient:
    """One TCP connection. Use as `async with await RawClient.connect(port) as client`."""

    def __init__(self, stream: SocketStream) -> None:
        self.stream = stream
        self._held = b""

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1") -> Self:
        """Open a connection."""
        return cls(await anyio.connect_tcp(host, port))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        with anyio.CancelScope(shield=True):
            await self.stream.aclose()

    async def send(self, data: bytes) -> None:
        """Send these bytes."""
        await self.stream.send(data)

    async def send_slowly(self, data: bytes, size: int, pause: float) -> None:
        """Send in pieces of `size` bytes, `pause` seconds between them."""
        for start in range(0, len(data), size):
            await self.stream.send(data[start : start + size])
            await anyio.sleep(pause)

    async def half_close(self) -> None:
        """Say that nothing more will be sent; reading goes on."""
        await self.stream.send_eof()

    async def reset(self) -> None:
        """Leave with a TCP reset."""
        sock = self.stream.extra(SocketAttribute.raw_socket)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await self.stream.aclose()

    async def read_some(self) -> bytes:
        """What has come, b"" at the peer's end (a reset counts as one)."""
        if self._held:
            held, self._held = self._held, b""
            return held
        try:
            return await self.stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return b""

    async def read_until(self, mark: bytes) -> bytes:
        """Everything up to and with `mark`, or up to the end."""
        got = b""
        while mark not in got:
            more = await self.read_some()
            if not more:
                return got
            got += more
        end = got.index(mark) + len(mark)
        got, self._held = got[:end], got[end:]
        return got

    async def read_to_end(self) -> bytes:
        """Everything until the peer closes."""
        got = b""
        while more := await self.read_some():
            got += more
        return got

    async def read_reply(self) -> RawReply:
        """One reply by its framing (1xx answers are passed over). Raises ConnectionError when none came."""
        head = await self.read_until(b"\r\n\r\n")
        if not head.endswith(b"\r\n\r\n"):
            raise ConnectionError(f"the peer left after {len(head)} bytes of the head")
        first, *lines = head[:-4].decode("latin-1").split("\r\n")
        status = int(first.split(" ")[1])
        pairs = [line.partition(":")[::2] for line in lines]
        headers = [(name.lower(), value.strip()) for name, value in pairs]
        if 100 <= status < 200:
            return await self.read_reply()
        fields = dict(headers)
        if "transfer-encoding" in fields:
            body, whole = await self._read_chunks()
        elif "content-length" in fields:
            body, whole = await self._read_exactly(int(fields["content-length"]))
        else:
            body, whole = await self.read_to_end(), True
        return RawReply(status, headers, body, whole)

    async def _read_exactly(self, size: int) -> tuple[bytes, bool]:
        got = bytearray()
        while len(got) < size:
            more = await self.read_some()
            if not more:
                return bytes(got), False
            got += more
        self._held = bytes(got[size:]) + self._held
        return bytes(got[:size]), True

    async def _read_chunks(self) -> tuple[bytes, bool]:
        body = b""
        while True:
            line = await self.read_until(b"\r\n")
            if not line.endswith(b"\r\n"):
                return body, False
            size = int(line[:-2].partition(b";")[0], 16)
            data, whole = await self._read_exactly(size + 2)
            body += data[:size]
            if not whole or size == 0:
                return body, whole


async def fetch(
    port: int, method: str, path: str, body: bytes = b"", headers: tuple[tuple[str, str], ...] = ()
) -> RawReply:
    """One request on a connection of its own."""
    async with await RawClient.connect(port) as client:
        await client.send(request_bytes(method, path, body, headers))
        return await client.read_reply()
