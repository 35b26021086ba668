"""Which engine answers a `local:` URL."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec.structs import replace

from gateway.adapters.http import default_transport
from gateway.engines.transport import EngineTransport
from gateway.errors import GatewayError
from gateway.types.call import UpstreamCall
from tests.engines import samples


@pytest_asyncio.fixture
async def transport() -> AsyncIterator[EngineTransport]:
    """The engines, none of them started."""
    http = default_transport()
    engines = EngineTransport(http)
    yield engines
    await engines.aclose()
    await http.aclose()


async def _answer(transport: EngineTransport, call: UpstreamCall) -> bytes:
    async with transport.open(call) as reply:
        return b"".join([chunk async for chunk in reply.chunks()])


@pytest.mark.local
@samples.needs_read
@pytest.mark.parametrize("url", ["local://read/chat/completions", "local:/chat/completions"])
async def test_the_engine_is_named_by_url_or_body(transport: EngineTransport, url: str) -> None:
    """The URL's host names the engine; without one the body's model does."""
    call = replace(samples.chat("read", [samples.file_part(samples.pdf([["hello"]]))]), url=url)
    assert samples.text_of(json.loads(await _answer(transport, call))) == "hello"


@pytest.mark.parametrize("url", ["local://gpt/chat/completions", "local:/chat/completions"])
async def test_an_unknown_engine_is_refused(transport: EngineTransport, url: str) -> None:
    """A name that is no engine is a missing model."""
    with pytest.raises(GatewayError) as caught:
        await _answer(transport, replace(samples.chat("gpt", "x"), url=url))
    assert caught.value.code == "upstream_model_missing"


@pytest.mark.parametrize("engine", ["read", "smollm2"])
async def test_a_missing_extra_is_named(transport: EngineTransport, engine: str) -> None:
    """Where packages are missing the error names them and the extra that brings them."""
    transport._missing[engine] = ("some-package",)
    with pytest.raises(GatewayError) as caught:
        await _answer(transport, samples.chat(engine, "x"))
    assert caught.value.code == "engine_missing"
    assert "some-package" in caught.value.message
    assert "weighbridge[local]" in caught.value.message
