"""Small media of every kind, and requests read from JSON."""

import base64
import json
import struct
import zlib
from typing import Any, Final

from hypothesis import HealthCheck, settings

from gateway import _core
from gateway.dialects import DIALECTS, Bill, ParameterRules, WriteContext
from gateway.types.request import Request


def png(width: int, height: int = 1) -> bytes:
    """A grey PNG; another size is another medium."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + b"\x7f" * width for _ in range(height)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    )


def gif() -> bytes:
    """A GIF of one pixel, long enough to be lifted bare."""
    comment = b"!\xfe\x20" + b"x" * 32 + b"\0"
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + comment + frame + b";"


def pdf(seed: int = 0) -> bytes:
    """The head and foot of a PDF."""
    return b"%PDF-1.4\n% weighbridge sample " + str(seed).encode() + b" padding to be lifted\n%%EOF\n"


def wav(seed: int = 0) -> bytes:
    """A WAV of a few samples."""
    data = struct.pack("<h", seed % 30_000) * 16
    head = struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + len(data))
        + b"WAVEfmt "
        + head
        + b"data"
        + struct.pack("<I", len(data))
        + data
    )


def mp4(seed: int = 0) -> bytes:
    """The first box of an MP4."""
    return b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + struct.pack(">I", seed) * 12


def b64(data: bytes) -> str:
    """Base64."""
    return base64.b64encode(data).decode()


def data_url(data: bytes, mime: str) -> str:
    """A data URL."""
    return f"data:{mime};base64,{b64(data)}"


# The machine is shared: how long an example takes says nothing.
LAW: Final = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PNG_URL: Final = data_url(png(3, 2), "image/png")
RULES: Final = ParameterRules()
BILL: Final = Bill(1_912_500, 2_000_000, 87_500, "openai/gpt-4o", "miss")


def read(body: Any, dialect: str = "openai_chat") -> Request:
    """The request of a body, through the real scanner."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return DIALECTS[dialect].read_request(_core.scan(raw, _core.Limits()))


def write(request: Request, dialect: str, rules: ParameterRules = RULES, **changes: Any) -> dict[str, Any]:
    """The body written for an upstream, decoded."""
    settings: dict[str, Any] = {"model": "upstream-model", "media": {}, "max_output_tokens": None, **changes}
    raw = DIALECTS[dialect].write_request(request, parameters=rules, **settings)
    value: dict[str, Any] = json.loads(raw)
    return value


def context(*, relay: bool = False, include_usage: bool = True) -> WriteContext:
    """A writer's context with fixed facts."""
    return WriteContext("req_golden", "vision", relay, include_usage, 1_700_000_000)


def user(*parts: Any) -> dict[str, Any]:
    """A chat completion with one user message."""
    return {"model": "vision", "messages": [{"role": "user", "content": list(parts)}]}


def messages_body(*blocks: Any, **fields: Any) -> dict[str, Any]:
    """A Messages request with one user message."""
    return {
        "model": "vision",
        "max_tokens": 64,
        "messages": [{"role": "user", "content": list(blocks)}],
        **fields,
    }
