"""Terms of sale, from the request and the configuration to the wire, the quote and the settled dollar."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from openai import AsyncOpenAI, UnprocessableEntityError

from tests.e2e.books import ledger, nano, totals
from tests.e2e.conftest import KEYS
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.programs import Program
from tests.rig.raw import fetch
from tests.rig.upstream import Call, Upstream

ASK: Any = [{"role": "user", "content": "How many bridges has Venice?"}]
# Nanodollars of a token (in, out) as listed.
GPT = (2_500, 15_000)


@pytest.fixture(scope="module")
def gateway(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """OpenAI anywhere, and in the region us; Anthropic in the region us."""
    entry = {"base_url": upstream.base_url}
    config = {
        "providers": {
            "openai": {"api_key": "env/OPENAI_API_KEY", **entry},
            "anthropic": {"api_key": "env/ANTHROPIC_API_KEY", "region": "us", **entry},
        },
        "policies": {"patient": {"tier": "flex"}},
        "accounts": {"store": "sqlite:ledger.db"},
    }
    folder: Path = tmp_path_factory.mktemp("terms")
    with running_gateway(config, folder, KEYS) as running:
        yield running


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """The official client."""
    async with AsyncOpenAI(
        base_url=gateway.base_url,
        api_key="any",
        max_retries=0,
        default_headers={"cache-control": "no-store"},
    ) as opened:
        yield opened


def price(call: Call, rates: tuple[int, int], times: float = 1) -> int:
    """Nanodollars of what the upstream claims, at so many times the list price."""
    return round(rates[0] * times) * call.prompt_tokens + round(rates[1] * times) * call.completion_tokens


async def cost(answer: Any, gateway: Gateway) -> int:
    """Nanodollars, as the answer and the ledger both say."""
    if "x-weighbridge-cost-usd" in answer.headers:
        told = nano(answer.headers["x-weighbridge-cost-usd"])
    else:
        chunks = [chunk async for chunk in answer.parse()]
        told = nano(chunks[-1].usage.model_extra["weighbridge"]["cost_usd"])
    operation = answer.headers["x-weighbridge-request-id"]
    assert told == sum(amount for *_, amount in ledger(gateway, operation))
    return told


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("asked", "policy", "sent", "answered", "times"),
    [
        # Nobody named a queue: the account's own setting may be dearer than any quote, so the usual is named.
        (None, None, "default", None, 1),
        ("default", None, "default", None, 1),
        ("auto", None, "default", "default", 1),
        ("flex", None, "flex", "flex", 0.5),
        # An answer that does not say is settled as asked.
        ("flex", None, "flex", None, 0.5),
        ("priority", None, "priority", "priority", 2),
        # Served on the usual queue after all: nothing more is owed.
        ("priority", None, "priority", "default", 1),
        # Served on another than was asked for: what the answer names is settled.
        ("auto", None, "default", "priority", 2),
        (None, "patient", "flex", "flex", 0.5),
        ("auto", "patient", "flex", "flex", 0.5),
        ("default", "patient", "default", "default", 1),
    ],
)
async def test_a_tier_is_asked_for_and_settled(
    client: AsyncOpenAI,
    gateway: Gateway,
    upstream: Upstream,
    asked: Any,
    policy: str | None,
    sent: str | None,
    answered: str | None,
    times: float,
    stream: bool,
) -> None:
    """The request's wish, else the policy's, arrives; the answer's tier is what is settled."""
    await upstream.arm(Program(tier=answered))
    answer = await client.chat.completions.with_raw_response.create(
        model="openai/gpt-5.4",
        messages=ASK,
        stream=stream,
        extra_headers={"x-weighbridge-policy": policy} if policy else {},
        extra_body=({"service_tier": asked} if asked else {})
        | ({"stream_options": {"include_usage": True}} if stream else {}),
    )
    told = await cost(answer, gateway)
    call = await upstream.wait(1)
    assert sent == call.terms.get("service_tier")
    assert price(call, GPT, times) == told


async def test_what_is_not_sold_is_refused(client: AsyncOpenAI, upstream: Upstream) -> None:
    """Flex of a model without flex, and across dialects: a reason, and nothing is sent at another price."""
    for model in ("openai/gpt-4o", "anthropic/claude-opus-5-5"):
        with pytest.raises(UnprocessableEntityError) as refused:
            await client.chat.completions.create(model=model, messages=ASK, service_tier="flex")
        body: Any = refused.value.body
        assert [(model, "tier_not_sold")] == [
            (told["model"], told["code"]) for told in body["details"]["rejections"]
        ]
    assert [] == await upstream.calls()


async def test_default_crosses_the_dialects(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream
) -> None:
    """OpenAI's `default` is Anthropic's `standard_only`, and the other way round."""
    await client.chat.completions.create(
        model="anthropic/claude-opus-5-5", messages=ASK, service_tier="default"
    )
    assert "standard_only" == (await upstream.wait(1)).terms["service_tier"]
    body = {"model": "openai/gpt-5.4", "max_tokens": 64, "messages": ASK, "service_tier": "standard_only"}
    await fetch(gateway.port, "POST", "/v1/messages", json.dumps(body).encode())
    assert "default" == (await upstream.wait(2)).terms["service_tier"]


async def test_a_region_is_asked_for_quoted_and_settled(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream
) -> None:
    """The uplift of a region stands in the quote and in the ledger, and the provider is told the region."""
    body = {"model": "anthropic/claude-opus-5-5", "messages": ASK, "max_tokens": 50}
    told = (await fetch(gateway.port, "POST", "/v1/quote", json.dumps(body).encode())).json()
    (candidate,) = told["candidates"]
    assert {"region": "us"} == candidate["terms"]
    assert {"4.4", "22"} == {item["rate_usd"] for item in candidate["line_items"]}
    answer = await client.chat.completions.with_raw_response.create(**body)
    paid = await cost(answer, gateway)
    call = await upstream.wait(1)
    assert "us" == call.terms["inference_geo"]
    assert price(call, (4_400, 22_000)) == paid


async def test_a_model_not_sold_in_the_region_is_refused(client: AsyncOpenAI, upstream: Upstream) -> None:
    """Haiku 4.5 is not known to be kept in a region: nobody knows what it would cost there."""
    with pytest.raises(UnprocessableEntityError, match="not known to be sold in the region us"):
        await client.chat.completions.create(model="anthropic/claude-haiku-4-5", messages=ASK)
    assert [] == await upstream.calls()


async def test_a_tier_of_no_known_price_is_counted(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream
) -> None:
    """An answer from a queue whose price nobody knows is settled as asked and counted as unpriced."""
    name = "weighbridge_unpriced_requests_total"
    before = (await totals(gateway, name, model="openai/gpt-5.4-nano"))[""]
    await upstream.arm(Program(tier="priority"))
    answer = await client.chat.completions.with_raw_response.create(model="openai/gpt-5.4-nano", messages=ASK)
    paid = await cost(answer, gateway)
    assert price(await upstream.wait(1), (200, 1_250)) == paid
    assert before + 1_000_000_000 == (await totals(gateway, name, model="openai/gpt-5.4-nano"))[""]
