"""Every malformed body, part, file or key: a documented 4xx that names the part and what would work."""

import base64
import json
import struct
import zlib
from typing import Any

import pytest

from gateway.errors import ROWS
from tests.e2e.conftest import KEYS
from tests.e2e.pictures import data_url, page, photo
from tests.rig.gateway import Gateway
from tests.rig.raw import RawClient, fetch, request_bytes
from tests.rig.upstream import Upstream

AUTH = ("authorization", f"Bearer {KEYS['ALICE_KEY']}")
PNG = page(["hello"])


def chat(*content: Any, **members: Any) -> bytes:
    """A body whose one message has this content."""
    body = {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": list(content)}], **members}
    return json.dumps(body).encode()


def image(url: str) -> dict[str, Any]:
    """An image part."""
    return {"type": "image_url", "image_url": {"url": url}}


def bomb(width: int, height: int) -> bytes:
    """A small PNG whose header claims this many one-bit pixels, its data deflated zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" * (1 + width // 8)
    squeezed = zlib.compress(row * height, 9)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", squeezed) + chunk(b"IEND", b"")


TEXT = {"type": "text", "text": "What is this?"}
PDF = data_url(b"%PDF-1.7\n1 0 obj", "image/png")
CASES: dict[str, tuple[bytes, str, int | None]] = {
    "no json": (b"hello", "body_invalid_json", None),
    "empty": (b"", "body_invalid_json", None),
    "an array": (b"[]", "body_not_an_object", None),
    "a key twice": (b'{"model":"a","model":"b","messages":[]}', "body_duplicate_key", None),
    "not a number": (b'{"model":"a","temperature":NaN}', "body_invalid_json", None),
    "bad UTF-8": (b'{"model":"\xff"}', "body_invalid_utf8", None),
    "deep": (b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}", "body_too_deep", None),
    "no model": (b'{"messages":[{"role":"user","content":"x"}]}', "field_missing", None),
    "no messages": (b'{"model":"openai/gpt-4o"}', "field_missing", None),
    "a role nobody has": (
        b'{"model":"openai/gpt-4o","messages":[{"role":"wizard","content":"x"}]}',
        "field_invalid",
        None,
    ),
    "an unknown part": (chat(TEXT, {"type": "hologram"}), "part_unknown", None),
    "n of a billion": (chat(TEXT, n=10**9), "field_invalid", None),
    "no tokens at all": (chat(TEXT, max_tokens=0), "field_invalid", None),
    "an unknown model": (chat(TEXT, model="gpt-99"), "model_not_found", None),
    "broken base64": (chat(TEXT, image("data:image/png;base64,####")), "media_invalid_base64", 0),
    "an address": (chat(image("https://example.com/a.png")), "media_url_unsupported", 0),
    "a truncated PNG": (chat(TEXT, image(data_url(PNG[:20], "image/png"))), "media_corrupt", 0),
    "a PDF called PNG": (chat(TEXT, image(PDF)), "media_type_mismatch", 0),
    "an SVG": (chat(image(data_url(b"<svg></svg>", "image/svg+xml"))), "media_unsupported", 0),
    "a bomb": (chat(TEXT, image(data_url(bomb(30_000, 30_000), "image/png"))), "image_too_large", 0),
    "the second of two": (
        chat(image(data_url(PNG, "image/png")), image(data_url(PNG[:20], "image/png"))),
        "media_corrupt",
        1,
    ),
    "audio for a picture model": (
        chat({"type": "input_audio", "input_audio": {"data": base64.b64encode(
            b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0data\0\0\0\0"
            + b"\0" * 64).decode(), "format": "wav"}}),
        "no_suitable_model",
        0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
async def test_a_bad_body_is_refused_with_its_row_and_its_part(
    gateway: Gateway, upstream: Upstream, name: str
) -> None:
    """OpenAI's error shape with code, part and request id; nothing goes upstream."""
    body, code, part = CASES[name]
    reply = await fetch(gateway.port, "POST", "/v1/chat/completions", body, (AUTH,))
    error = reply.json()["error"]
    assert (code, part) == (error["code"], error["part"])
    assert ROWS[code].status == reply.status
    assert ROWS[code].type == error["type"]
    assert error["request_id"] == reply.header("x-weighbridge-request-id")
    assert len(error["message"]) > 10
    assert await upstream.calls() == []


async def test_a_declared_size_over_the_cap_is_refused_before_a_byte_of_body(gateway: Gateway) -> None:
    """A head that betrays the body is enough."""
    head = request_bytes("POST", "/v1/chat/completions", b"", (AUTH,))
    claim = head.replace(b"content-length: 0", b"content-length: 999999999")
    async with await RawClient.connect(gateway.port) as raw:
        await raw.send(claim)
        reply = await raw.read_reply()
    assert (reply.status, reply.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ((), 401, "api_key_missing"),
        ((("authorization", "Bearer nobody"),), 401, "api_key_invalid"),
        ((AUTH, ("content-encoding", "gzip")), 415, "content_encoding_unsupported"),
        ((AUTH, ("content-type", "text/plain")), 415, "content_type_unsupported"),
        ((AUTH, ("x-weighbridge-policy", "nope")), 400, "policy_unknown"),
        ((AUTH, ("x-weighbridge-hops", "3")), 508, "request_loop"),
    ],
)
async def test_a_bad_head_is_refused(
    gateway: Gateway, headers: tuple[tuple[str, str], ...], status: int, code: str
) -> None:
    """Keys, codings, types, policies and loops are judged from the head."""
    reply = await fetch(gateway.port, "POST", "/v1/chat/completions", chat(TEXT), headers)
    assert (reply.status, reply.json()["error"]["code"]) == (status, code)


async def test_the_wrong_method_and_the_wrong_path_are_json_too(gateway: Gateway) -> None:
    """405 names the method that works, 404 the paths there are."""
    wrong = await fetch(gateway.port, "GET", "/v1/chat/completions", b"", (AUTH,))
    nowhere = await fetch(gateway.port, "POST", "/v1/nothing", b"{}", (AUTH,))
    assert (wrong.status, wrong.header("allow")) == (405, "POST")
    assert (nowhere.status, nowhere.json()["error"]["code"]) == (404, "route_not_found")


async def test_the_quote_endpoint_tells_every_candidate_and_sends_nothing(
    gateway: Gateway, upstream: Upstream
) -> None:
    """For a 4000 x 3000 photo gpt-4o-mini loses against gpt-4o, with figures and a reason."""
    body = chat(TEXT, image(data_url(photo(4000, 3000), "image/jpeg")), model="vision")
    reply = await fetch(gateway.port, "POST", "/v1/quote", body, (AUTH,))
    document = reply.json()
    verdicts = {row["model"]: row["verdict"] for row in document["candidates"]}
    chosen = document["candidates"][0]
    assert document["chosen"] == "openai/gpt-4o"
    assert verdicts == {"openai/gpt-4o": "chosen", "openai/gpt-4o-mini": "dearer"}
    assert chosen["tokens"]["in"]["image"] == 765
    assert chosen["preparation"] == [
        {"part": 0, "step": "downscale", "from": [4000, 3000], "to": [1024, 768]}
    ]
    assert await upstream.calls() == []
