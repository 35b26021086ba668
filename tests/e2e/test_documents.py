"""A PDF as a file or as its text: what a policy allows is what arrives, is quoted and is paid for."""

import base64
import json
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from openai import APIStatusError, AsyncOpenAI

from tests.e2e.conftest import KEYS
from tests.engines import samples
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.raw import fetch
from tests.rig.upstream import Upstream

pytestmark = [pytest.mark.local, samples.needs_read]

LETTER = samples.pdf([samples.LETTER, ["Second page."]])
SCAN = samples.pdf([samples.LETTER, samples.printed(samples.INVOICE)])
AS_TEXT = {"x-weighbridge-policy": "text", "cache-control": "no-store, no-cache"}


@pytest.fixture(scope="module")
def gateway(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a model of documents, one of text alone, and one of Anthropic's."""
    config = {
        "providers": {
            "openai": {"api_key": "env/OPENAI_API_KEY", "base_url": upstream.base_url},
            "anthropic": {"api_key": "env/ANTHROPIC_API_KEY", "base_url": upstream.base_url},
            "rack": {"dialect": "openai", "base_url": upstream.base_url},
        },
        "models": [
            {
                "name": "rack/words",
                "facts": {
                    "input": ["text"],
                    "price": {"input": "0.10", "output": "0.40"},
                    "context_tokens": 8_000,
                },
            },
            {"name": "words", "candidates": ["rack/words"]},
            {"name": "both", "candidates": ["openai/gpt-4o", "rack/words"]},
            {"name": "claude", "candidates": ["anthropic/claude-haiku-4-5"]},
        ],
        "policies": {"text": {"transform": ["pdf_text"]}},
        "accounts": {"store": "memory"},
    }
    folder: Path = tmp_path_factory.mktemp("documents")
    with running_gateway(config, folder, KEYS) as running:
        yield running


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """The official client."""
    async with AsyncOpenAI(base_url=gateway.base_url, api_key="any", max_retries=0) as opened:
        yield opened


def message(document: bytes) -> Any:
    """A question about a PDF."""
    url = f"data:application/pdf;base64,{base64.b64encode(document).decode()}"
    parts = [
        {"type": "file", "file": {"filename": "letter.pdf", "file_data": url}},
        {"type": "text", "text": "Who writes?"},
    ]
    return [{"role": "user", "content": parts}]


async def quoted(gateway: Gateway, model: str, document: bytes) -> Any:
    """The document of /v1/quote."""
    body = json.dumps({"model": model, "messages": message(document)}).encode()
    reply = await fetch(gateway.port, "POST", "/v1/quote", body, headers=tuple(AS_TEXT.items()))
    return reply.json()


@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_of_text_is_sent_the_text(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream, stream: bool
) -> None:
    """The text arrives with document and page named, no file does; header and quote say so; text is paid."""
    candidate = (await quoted(gateway, "words", LETTER))["candidates"][0]
    answer: Any = await client.chat.completions.with_raw_response.create(
        model="words", messages=message(LETTER), stream=stream, extra_headers=AS_TEXT
    )
    if stream:
        assert [chunk async for chunk in answer.parse()]
    call = await upstream.wait(1)
    assert [] == call.media
    assert 'Document 1 of 1, "letter.pdf": the text of its 2 pages.' in call.last_text
    assert f"[Page 1 of 2]\n{chr(10).join(samples.LETTER)}\n\n[Page 2 of 2]\nSecond page." in call.last_text
    assert call.last_text.endswith("Who writes?")
    assert "document:0:pdf_text" == answer.headers["x-weighbridge-prepared"]
    assert answer.headers["x-weighbridge-quoted-usd"] == candidate["cost_usd"]["expected"]
    if not stream:
        cost = Decimal("1e-7") * call.prompt_tokens + Decimal("4e-7") * call.completion_tokens
        assert cost == Decimal(answer.headers["x-weighbridge-cost-usd"])


async def test_the_quote_weighs_file_and_text(gateway: Gateway) -> None:
    """Each candidate tells its ways: what the file costs, what the text costs, or why one does not go."""
    told = await quoted(gateway, "both", LETTER)
    assert "rack/words" == told["chosen"]
    ways = {
        candidate["model"]: [
            ([step["step"] for step in way["preparation"]], way.get("reason", {}).get("code"))
            for way in candidate["variants"]
        ]
        for candidate in told["candidates"]
    }
    assert [([], None), (["pdf_text"], None)] == ways["openai/gpt-4o"]
    assert [([], "modality_unsupported"), (["pdf_text"], None)] == ways["rack/words"]
    gpt = next(one for one in told["candidates"] if one["model"] == "openai/gpt-4o")
    assert Decimal(gpt["saving"]["usd"]) > 0
    assert gpt["tokens"]["in"].keys() == {"text"}


async def test_a_scan_goes_to_a_model_of_documents_as_it_is(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream
) -> None:
    """A page without text is never empty text: the file leaves, and the other candidate says why not."""
    answer = await client.chat.completions.with_raw_response.create(
        model="both", messages=message(SCAN), extra_headers=AS_TEXT
    )
    (medium,) = (await upstream.wait(1)).media
    assert ("application/pdf", len(SCAN)) == (medium.mime, medium.size)
    assert "openai/gpt-4o" == answer.headers["x-weighbridge-model"]
    rejected = (await quoted(gateway, "both", SCAN))["candidates"][1]
    assert ("no_text_layer", 0) == (rejected["reason"]["code"], rejected["reason"]["part"])


async def test_a_scan_that_nobody_takes_is_refused_with_its_page(client: AsyncOpenAI) -> None:
    """The error names the part, the page, and what would work."""
    with pytest.raises(APIStatusError) as caught:
        await client.chat.completions.create(model="words", messages=message(SCAN), extra_headers=AS_TEXT)
    said: Any = caught.value.body
    assert "no_suitable_model" == said["code"]
    assert "page 2 of 2 is drawn and has no text layer" in said["message"]
    assert "a model that takes documents is needed" in said["message"]


async def test_without_the_policy_the_file_stays(client: AsyncOpenAI, upstream: Upstream) -> None:
    """By default nothing changes its modality."""
    await client.chat.completions.create(model="both", messages=message(LETTER))
    (medium,) = (await upstream.wait(1)).media
    assert "application/pdf" == medium.mime


@pytest.mark.parametrize(("citations", "sent"), [(None, 0), ({"enabled": True}, 1)])
async def test_anthropics_own_body(gateway: Gateway, upstream: Upstream, citations: Any, sent: int) -> None:
    """Between equal dialects the block becomes text too, but not one that asks to be cited as a document."""
    source = {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(LETTER).decode()}
    block: Any = {"type": "document", "source": source, "title": "Letter"}
    block |= {} if citations is None else {"citations": citations}
    base = gateway.base_url.removesuffix("/v1")
    async with AsyncAnthropic(base_url=base, api_key="any", max_retries=0) as client:
        turn: Any = {"role": "user", "content": [block, {"type": "text", "text": "Who writes?"}]}
        await client.messages.create(model="claude", max_tokens=50, messages=[turn], extra_headers=AS_TEXT)
    call = await upstream.wait(1)
    assert sent == len(call.media)
    assert ('Document 1 of 1, "Letter"' in call.last_text) is (not sent)
