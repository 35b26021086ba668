"""The rig itself: a witness that errs is worse than none."""

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator

import pytest

from tests.rig.answers import FILE_TOKENS, IMAGE_TOKENS
from tests.rig.fault_proxy import fault_proxy
from tests.rig.programs import FAULTS, Program, program_of_model
from tests.rig.raw import RawClient, fetch, request_bytes
from tests.rig.upstream import Upstream, scripted_upstream


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """An upstream of the test's own."""
    async with scripted_upstream() as running:
        yield running


def body(text: str = "one two three", model: str = "m", **more: object) -> bytes:
    """An OpenAI or Anthropic request; they agree on this much."""
    return json.dumps({"model": model, "messages": [{"role": "user", "content": text}], **more}).encode()


async def test_usage_is_foretold(upstream: Upstream) -> None:
    """A word is a token, an image a hundred, a file two hundred; media are written down by their digest."""
    data = base64.b64encode(b"pixels").decode()
    parts = [
        {"type": "text", "text": "one two three"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{data}"}},
    ]
    openai = {"model": "m", "messages": [{"role": "user", "content": parts}]}
    source = {"type": "base64", "media_type": "image/png", "data": data}
    anthropic = {
        "model": "m",
        "system": "four five",
        "messages": [{"role": "user", "content": [parts[0], {"type": "image", "source": source}]}],
    }
    plain = (await fetch(upstream.port, "POST", "/v1/chat/completions", json.dumps(openai).encode())).json()
    other = (await fetch(upstream.port, "POST", "/v1/messages", json.dumps(anthropic).encode())).json()
    first, second = await upstream.calls()
    assert plain["usage"]["prompt_tokens"] == first.prompt_tokens == 3 + IMAGE_TOKENS + FILE_TOKENS
    assert other["usage"]["input_tokens"] == second.prompt_tokens == 5 + IMAGE_TOKENS
    assert plain["usage"]["completion_tokens"] == first.completion_tokens == 4  # echo: one two three
    assert {hashlib.sha256(b"pixels").hexdigest()} == {m.sha256 for m in [*first.media, *second.media]}
    assert ("finished", True) == (first.ended, first.claimed)


async def test_programs_come_by_name_queue_and_marker(upstream: Upstream) -> None:
    """The model's name wins over a marker, a marker over the queues, the model's queue over the other."""
    await upstream.arm(Program(status=501))
    await upstream.arm(Program(status=502), model="m")
    await upstream.name("busy", Program(status=503))
    asked = [
        body(model="p/fault-status-500"),
        body("please script:busy now"),
        body(),
        body(model="other"),
        body(),
        body("script:nobody-armed-this"),
        body(model="fault-with-a-typo"),
    ]
    found = [(await fetch(upstream.port, "POST", "/v1/chat/completions", each)).status for each in asked]
    assert found == [500, 503, 502, 501, 200, 418, 418]


async def test_a_held_call_goes_on_when_released(upstream: Upstream) -> None:
    """A stream waits after its second event, is seen to wait, and ends after the release."""
    async with await RawClient.connect(upstream.port) as client:
        asked = body(model="fault-hang-after-2", stream=True)
        await client.send(request_bytes("POST", "/v1/messages", asked))
        assert b"ping" in await client.read_until(b"ping")
        assert (await upstream.wait(1, "arrived")).ended == "open"
        await upstream.release(1)
        assert b"message_stop" in await client.read_until(b"message_stop")
    assert (await upstream.wait(1)).ended == "finished"


async def test_a_client_that_leaves_is_seen_leaving(upstream: Upstream) -> None:
    """A reset while the upstream thinks is written down as the client's."""
    client = await RawClient.connect(upstream.port)
    await client.send(request_bytes("POST", "/v1/chat/completions", body(model="fault-hang")))
    await upstream.wait(1, "arrived")
    await client.reset()
    call = await upstream.wait(1, "left")
    assert ("left", False) == (call.ended, call.claimed)


async def test_the_proxy_cuts_a_reply_after_the_request(upstream: Upstream) -> None:
    """The request goes through and its reply does not; the next one is whole again."""
    async with fault_proxy("127.0.0.1", upstream.port) as proxy:
        proxy.cut_replies = 1
        with pytest.raises(ConnectionError):
            await fetch(proxy.port, "POST", "/v1/chat/completions", body())
        assert (await fetch(proxy.port, "POST", "/v1/chat/completions", body())).status == 200
        proxy.refuse = True
        with pytest.raises((ConnectionError, OSError)):
            await fetch(proxy.port, "POST", "/v1/chat/completions", body())
    assert len(await upstream.calls()) == 2


def test_every_fault_has_a_name_that_works() -> None:
    """Each row of the table is reached by an example, and unknown names are errors."""
    examples = [
        "status-503",
        "reset",
        "eof-at-9",
        "split-at-5",
        "bytes",
        "hang",
        "hang-at-7",
        "hang-after-2",
        "malformed-sse",
        "endless-head",
        "gzip",
        "redirect",
        "length-9",
        "double-length",
        "interim-2",
        "headers-3",
        "huge-error-999",
        "rate-limit-7",
        "no-usage",
        "no-terminal",
        "length-stop",
    ]
    assert all(isinstance(program_of_model(f"x/fault-{name}"), Program) for name in examples)
    assert all(any(re.fullmatch(row, name) for name in examples) for row, _ in FAULTS)
    assert program_of_model("gpt-4o") is None
    with pytest.raises(ValueError, match="no row"):
        program_of_model("fault-unheard-of")
