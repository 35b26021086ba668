"""The fastest honest upstream that plain Python makes: `python -m tests.benchmarks.responder`.

It reads whole requests and answers each with the same 1 KB chat completion, or, when the body asks for a
stream, with 100 events. No accounts, no faults: for those there is `tests.rig.upstream`. It manages some
tens of thousands of answers a second on one core, so a client near that is measured against this wall.
"""

# ruff: noqa: T201 - what it prints is what it is for

import asyncio
import contextlib
import json

import uvloop

_TEXT = "A weighbridge weighs what passes over it, before and after, and so knows what was carried. " * 8
_PLAIN = json.dumps(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "bench",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": _TEXT}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 200, "completion_tokens": 120, "total_tokens": 320},
    }
).encode()


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    document = {"id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1_760_000_000}
    data = b"data: " + json.dumps({**document, "model": "bench", "choices": [choice]}).encode() + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(data), data)


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
PLAIN = _HEAD % len(_PLAIN) + _PLAIN
STREAM = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    + b"".join(_event({"content": f" word{n}"}) for n in range(99))
    + _event({}, "stop")
    + b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n"
)


class Responder(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._need = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        held = self._held
        held += data
        while len(held) >= self._need and (end := held.find(b"\r\n\r\n")) >= 0:
            head = bytes(held[:end]).lower()
            at = head.find(b"content-length: ")
            whole = end + 4 + (int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0)
            if len(held) < whole:
                self._need = whole
                return
            streamed = held.find(b'"stream": true', max(end, whole - 100), whole) >= 0
            del held[:whole]
            self._need = 0
            self._transport.write(STREAM if streamed else PLAIN)  # type: ignore[attr-defined]


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(Responder, "127.0.0.1", 0, backlog=1024)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        uvloop.run(_serve())
