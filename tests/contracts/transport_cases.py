"""What a transport's contract is made of: calls, faults and the rows they must become."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import Struct, structs

from gateway.adapters.http import WireTransport
from gateway.adapters.http_httpx2 import Httpx2Transport
from gateway.ports import Transport
from gateway.types.call import Deadlines, UpstreamCall
from gateway.types.principal import Secret
from tests.rig.upstream import Upstream

CANARY = "sk-canary-4f1d9e-never-shown"
QUICK = Deadlines(connect=0.5, first_byte=0.1, idle=0.1, total=10.0)
LATE = Deadlines(connect=5.0, first_byte=30.0, idle=30.0, total=0.2)

TLS = Path(__file__).parents[1] / "rig" / "tls"
TRANSPORTS: dict[str, type[WireTransport | Httpx2Transport]] = {
    "wire": WireTransport,
    "httpx2": Httpx2Transport,
}


class Fault(Struct, frozen=True):
    """A program of the upstream (its model name), and the codes that may come of it.

    `lax`: what the httpx2 filling says where its h11 cannot tell; "" when it lets the answer pass.
    """

    program: str
    code: str
    lax: str | None = None
    stream: bool = False
    deadlines: Deadlines = Deadlines()
    max_answer_bytes: int = 67_108_864

    def expected(self, transport: str) -> str:
        """The code this filling must raise."""
        return self.lax if self.lax is not None and transport == "httpx2" else self.code


_PLAIN = [
    Fault("fault-reset", "upstream_reset"),
    Fault("fault-eof", "upstream_reset"),
    Fault("fault-reset-at-0", "upstream_reset"),
    Fault("fault-reset-at-100", "upstream_reset"),
    Fault("fault-eof-at-0", "upstream_incomplete"),
    Fault("fault-eof-at-100", "upstream_incomplete"),
    Fault("fault-length-9999", "upstream_timeout", deadlines=QUICK),
    Fault("fault-hang", "upstream_timeout", deadlines=QUICK),
    Fault("fault-hang-at-100", "upstream_timeout", deadlines=QUICK),
    Fault("fault-hang", "upstream_timeout", deadlines=LATE),
    Fault("fault-hang-at-100", "upstream_timeout", deadlines=LATE),
    Fault("fault-endless-head", "upstream_invalid_answer"),
    Fault("fault-endless-body", "upstream_invalid_answer", max_answer_bytes=100_000),
    Fault("fault-huge-error-200000", "upstream_invalid_answer", max_answer_bytes=100_000),
    Fault("fault-gzip", "upstream_invalid_answer"),
    Fault("fault-malformed-head", "upstream_invalid_answer"),
    Fault("fault-malformed-header", "upstream_invalid_answer"),
    Fault("fault-malformed-chunk", "upstream_invalid_answer", lax="upstream_incomplete"),
    Fault("fault-double-length", "upstream_invalid_answer"),
    Fault("fault-headers-101", "upstream_invalid_answer"),
    Fault("fault-interim-200", "upstream_invalid_answer", lax=""),
]
FAULTS = [
    *_PLAIN,
    *(structs.replace(fault, stream=True) for fault in _PLAIN if "length" not in fault.program),
]


def body_of(model: str, *, stream: bool = False, text: str = "what do you weigh?") -> bytes:
    """A chat completion's body."""
    document = {"model": model, "messages": [{"role": "user", "content": text}], "stream": stream}
    return json.dumps(document).encode()


def call_to(
    upstream: Upstream,
    model: str = "scripted",
    *,
    stream: bool = False,
    text: str = "what do you weigh?",
    deadlines: Deadlines = Deadlines(),  # noqa: B008 - frozen
    max_answer_bytes: int = 67_108_864,
) -> UpstreamCall:
    """A call of the upstream as dispatch makes them."""
    return UpstreamCall(
        method="POST",
        url=f"{upstream.base_url}/chat/completions",
        headers=(("content-type", "application/json"), ("authorization", Secret(f"Bearer {CANARY}"))),
        body=body_of(model, stream=stream, text=text),
        deadlines=deadlines,
        max_answer_bytes=max_answer_bytes,
    )


def list_models(upstream: Upstream) -> UpstreamCall:
    """A call that may be asked twice."""
    return UpstreamCall(method="GET", url=f"{upstream.base_url}/models", headers=(), body=b"")


async def fetch(transport: Transport, call: UpstreamCall) -> tuple[int, bytes]:
    """Status and whole body."""
    async with transport.open(call) as reply:
        return reply.status, b"".join([chunk async for chunk in reply.chunks()])


def said(body: bytes) -> str:
    """The text of a plain OpenAI answer."""
    text: str = json.loads(body)["choices"][0]["message"]["content"]
    return text


@asynccontextmanager
async def tls_server() -> AsyncIterator[int]:
    """The port of a TLS server on the loopback that calls itself localhost and answers `{}`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "localhost.pem")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n{}"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, OSError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]
