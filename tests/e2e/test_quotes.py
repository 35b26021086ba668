"""`/v1/quote` over HTTP: bodies of every endpoint, as their clients write them."""

import io
import json
import wave
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import KEYS
from tests.e2e.pictures import data_url, photo
from tests.rig.gateway import Gateway
from tests.rig.raw import fetch
from tests.rig.upstream import Upstream

USER = [{"role": "user", "content": "Hi"}]
AUTH = (("authorization", f"Bearer {KEYS['ALICE_KEY']}"),)


async def quoted(gateway: Gateway, body: bytes, *headers: tuple[str, str]) -> tuple[int, Any]:
    """Status and document."""
    reply = await fetch(gateway.port, "POST", "/v1/quote", body, (*AUTH, *headers))
    return reply.status, json.loads(reply.body)


def silence(seconds: int) -> bytes:
    """A WAV file."""
    held = io.BytesIO()
    with wave.open(held, "wb") as written:
        written.setparams((1, 2, 8000, 0, "NONE", ""))
        written.writeframes(bytes(2 * 8000 * seconds))
    return held.getvalue()


async def test_a_transcription_as_its_endpoint_takes_it(gateway: Gateway, upstream: Upstream) -> None:
    """The form that goes to /v1/audio/transcriptions: weighed at every service, and nothing is sent."""
    request = httpx.Request(
        "POST", "http://x/", data={"model": "auto"}, files={"file": ("a.wav", silence(60), "audio/wav")}
    )
    status, told = await quoted(gateway, request.read(), ("content-type", request.headers["content-type"]))
    assert (200, "transcription", False) == (status, told["operation"], told["served"])
    costs = {item["model"]: item["cost_usd"]["expected"] for item in told["candidates"]}
    assert "0.006" == costs["openai/whisper-1"]
    assert [] == await upstream.calls()


@pytest.mark.parametrize(
    "body",
    [
        {"model": "openai/gpt-4o", "input": "Hi"},
        {
            "model": "openai/gpt-4o",
            "max_tokens": 9,
            "system": "x",
            "messages": [{"role": "user", "content": "Hi"}],
        },
        {"model": "auto", "input": ["a", "b"]},
    ],
)
async def test_bodies_of_other_endpoints(gateway: Gateway, body: dict[str, Any]) -> None:
    """Responses, Messages and embeddings are weighed too."""
    status, told = await quoted(gateway, json.dumps(body).encode())
    assert 200 == status
    assert told["chosen"] is not None


async def test_a_shape_nobody_knows_is_refused(gateway: Gateway) -> None:
    """400, with the shapes that there are."""
    status, told = await quoted(gateway, b'{"model":"m","prompt":"x"}')
    assert (400, "field_invalid") == (status, told["error"]["code"])
    assert "file (transcription)" in told["error"]["message"]


async def test_a_form_is_taken_for_a_quote_alone(gateway: Gateway) -> None:
    """What is served takes JSON; a broken form is refused as one."""
    kind = ("content-type", "multipart/form-data; boundary=x")
    reply = await fetch(gateway.port, "POST", "/v1/chat/completions", b"--x--", (*AUTH, kind))
    assert 415 == reply.status
    status, told = await quoted(gateway, b"--x\r\nnothing", kind)
    assert (400, "form_invalid") == (status, told["error"]["code"])


async def test_a_broken_picture_is_one_finding(gateway: Gateway) -> None:
    """Its place and its error; the other picture is weighed."""
    urls = [data_url(photo(640, 480)[:200], "image/jpeg"), data_url(photo(640, 480), "image/jpeg")]
    content = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    body = {"model": "auto", "messages": [{"role": "user", "content": content}]}
    status, told = await quoted(gateway, json.dumps(body).encode())
    assert (200, None, "media_corrupt", 640) == (
        status,
        told["chosen"],
        told["parts"][0]["error"]["code"],
        told["parts"][1]["width"],
    )
