"""`local/smollm2`: the real llama.cpp server with the real weights."""

import json
import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from gateway import _core
from gateway.adapters.http import default_transport
from gateway.engines import llama
from gateway.engines.llama import LlamaEngine, LlamaSettings
from gateway.errors import GatewayError, OwnError
from gateway.ports import Transport
from gateway.types.call import UpstreamCall
from tests.engines import samples

pytestmark = [pytest.mark.local, samples.needs_llama, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[Transport]:
    """The gateway's own HTTP transport."""
    transport = default_transport()
    yield transport
    await transport.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(http: Transport) -> AsyncIterator[LlamaEngine]:
    """One engine for the module."""
    engine = LlamaEngine(http)
    yield engine
    await engine.aclose()


async def _body(engine: LlamaEngine, call: UpstreamCall) -> bytes:
    async with engine.open(call) as reply:
        assert reply.status == 200
        return b"".join([chunk async for chunk in reply.chunks()])


async def test_a_plain_answer_has_text_and_usage(engine: LlamaEngine) -> None:
    """A question is answered by the model, within the limit, with its usage."""
    call = samples.chat("smollm2", "Say hello.", max_tokens=6, temperature=0)
    answer: dict[str, Any] = json.loads(await _body(engine, call))
    assert samples.text_of(answer)
    assert answer["model"] == "smollm2"
    assert 0 < answer["usage"]["completion_tokens"] <= 6
    assert answer["usage"]["prompt_tokens"] > 0


async def test_a_stream_ends_with_usage(engine: LlamaEngine) -> None:
    """A streamed answer has deltas, a usage chunk when asked, and an explicit end."""
    options = {"include_usage": True}
    call = samples.chat(
        "smollm2", "Say hello.", max_tokens=4, temperature=0, stream=True, stream_options=options
    )
    *chunks, usage, done = [data for _, data in _core.SseReader().feed(await _body(engine, call))]
    assert "".join(json.loads(chunk)["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert json.loads(usage)["usage"]["completion_tokens"] > 0
    assert done == b"[DONE]"


async def test_one_call_leaves_nothing_for_the_next(engine: LlamaEngine) -> None:
    """The same prompt twice is never served from a cache: tenants cannot see each other's words."""
    call = samples.chat("smollm2", "Say hello.", max_tokens=1)
    await _body(engine, call)
    usage = json.loads(await _body(engine, call))["usage"]
    assert usage["prompt_tokens_details"]["cached_tokens"] == 0


async def test_the_port_asks_for_the_key(engine: LlamaEngine, http: Transport) -> None:
    """Another user of the machine, without the key, gets nothing from the port."""
    running = await engine._ready()
    call = UpstreamCall("POST", f"{running.url}/v1/chat/completions", (), b"{}")
    async with http.open(call) as reply:
        assert reply.status == 401


async def test_a_dead_process_is_replaced(engine: LlamaEngine) -> None:
    """After a crash the next call starts a new process and is answered."""
    running = await engine._ready()
    os.kill(running.child.pid, signal.SIGKILL)
    await running.child._process.wait()
    assert await _body(engine, samples.chat("smollm2", "Say hello.", max_tokens=1))
    assert running.child.pid != engine.pid


async def _kill_under(engine: LlamaEngine, call: UpstreamCall) -> None:
    async with engine.open(call) as reply:
        async for _ in reply.chunks():
            os.kill((await engine._ready()).child.pid, signal.SIGKILL)


async def test_a_crash_in_a_call_is_ours(engine: LlamaEngine) -> None:
    """When the process dies under a call the error is the engine's, not a provider's."""
    call = samples.chat("smollm2", "Write a long story.", max_tokens=500, stream=True)
    with pytest.raises(GatewayError) as caught:
        await _kill_under(engine, call)
    assert caught.value.code == "engine_failed"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (LlamaSettings(memory=100_000_000), "engine_failed"),
        (LlamaSettings(start_seconds=0.05), "engine_timeout"),
    ],
)
async def test_a_start_that_fails_is_named(http: Transport, settings: LlamaSettings, code: str) -> None:
    """No memory is engine_failed, no time is engine_timeout; no process stays."""
    engine = LlamaEngine(http, settings)
    with pytest.raises(OwnError) as caught:
        await _body(engine, samples.chat("smollm2", "Say hello."))
    assert code == caught.value.code
    assert engine.pid is None


def _kept(body: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = msgspec.json.decode(llama._own_fields(msgspec.json.encode(body)))
    return kept


@pytest.mark.asyncio(loop_scope="module")
async def test_only_openai_fields_go_along() -> None:
    """llama.cpp's own fields are left out, and the model is named as the server knows it."""
    body = {
        "model": "local/smollm2",
        "messages": [],
        "seed": 1,
        "cache_prompt": True,
        "grammar": "x",
        "id_slot": 0,
    }
    assert _kept(body) == {"model": "smollm2", "messages": [], "seed": 1}
