"""Questions to key: bodies as clients write them, scanned by the real scanner."""

import base64
import json
import struct
import zlib
from typing import Any

from gateway import _core
from gateway.types.request import Request


def png(width: int, height: int, shade: int = 0) -> bytes:
    """A real grey PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = (b"\x00" + bytes([shade]) * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def data_url(data: bytes, mime: str = "image/png") -> str:
    """As chat clients send an image."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def photo_body(image: bytes, detail: str = "high", question: str = "What is this?") -> dict[str, Any]:
    """A question about one image."""
    return {
        "model": "vision",
        "temperature": 0.5,
        "messages": [
            {"role": "system", "content": "Be brief."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": question},
                    {"type": "image_url", "image_url": {"url": data_url(image), "detail": detail}},
                ],
            },
        ],
    }


def ask(body: dict[str, Any] | str) -> Request:
    """The request of a body; what the key does not read is left out."""
    text = body if isinstance(body, str) else json.dumps(body)
    document = _core.scan(text.encode(), _core.Limits())
    return Request(
        operation="chat",
        dialect="openai_chat",
        model=json.loads(text).get("model", ""),
        messages=(),
        document=document,
    )
