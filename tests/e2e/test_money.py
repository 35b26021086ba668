"""What is settled is what was spent: the upstream's own books are the witness."""

from decimal import Decimal
from typing import Any

import pytest
from openai import AsyncOpenAI

from tests.e2e.books import ledger, nano, spend, totals
from tests.native.vocabulary import tiktoken_encodings
from tests.rig.gateway import Gateway
from tests.rig.programs import Program
from tests.rig.raw import RawClient, request_bytes
from tests.rig.upstream import Upstream

ASK: Any = [{"role": "user", "content": "How many bridges has Venice?"}]
# Dollars for a million tokens (in, out), as the providers list them.
RATES = {"openai/gpt-4o": ("2.50", "10"), "anthropic/claude-haiku-4-5": ("1", "5")}


def price(model: str, prompt: int, completion: int) -> int:
    """Nanodollars, from the list price alone."""
    into, out = (Decimal(rate) * 1000 for rate in RATES[model])
    return int(into * prompt) + int(out * completion)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("model", RATES)
async def test_a_finished_answer_costs_what_the_upstream_counted(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream, model: str, stream: bool
) -> None:
    """Ledger, metrics and answer agree with the upstream's count, to the nanodollar."""
    before = await spend(gateway)
    answer: Any = await client.chat.completions.with_raw_response.create(
        model=model,
        messages=ASK,
        stream=stream,
        extra_body={"stream_options": {"include_usage": True}} if stream else {},
    )
    told = answer.headers.get("x-weighbridge-cost-usd")
    if stream:
        chunks = [chunk async for chunk in answer.parse()]
        told = chunks[-1].usage.model_extra["weighbridge"]["cost_usd"]
    call = await upstream.wait(1)
    expected = price(model, call.prompt_tokens, call.completion_tokens)
    operation = answer.headers["x-weighbridge-request-id"]
    assert expected == nano(told)
    assert expected == sum(amount for *_, amount in ledger(gateway, operation))
    assert expected == await spend(gateway) - before


@pytest.mark.parametrize("stream", [False, True])
async def test_the_sum_that_a_provider_names_is_what_is_settled(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream, stream: bool
) -> None:
    """A provider may tell what it bills, as xAI does in ticks of 1e-10 dollars: the ledger holds that."""
    before = await spend(gateway)
    await upstream.arm(Program(usage={"cost_in_usd_ticks": 52_000_000}))
    answer: Any = await client.chat.completions.with_raw_response.create(
        model="openai/gpt-4o",
        messages=ASK,
        stream=stream,
        extra_body={"stream_options": {"include_usage": True}} if stream else {},
    )
    if stream:
        assert [chunk async for chunk in answer.parse()]
    call = await upstream.wait(1)
    lines = ledger(gateway, answer.headers["x-weighbridge-request-id"])
    tokens = price("openai/gpt-4o", call.prompt_tokens, call.completion_tokens)
    assert 5_200_000 == sum(amount for *_, amount in lines) == await spend(gateway) - before
    assert [("request", "finished", 5_200_000 - tokens)] == [line for line in lines if line[0] == "request"]


async def test_a_refused_call_costs_nothing(
    client: AsyncOpenAI, gateway: Gateway, upstream: Upstream
) -> None:
    """An answer with an error status is not billed by the provider, nor by us."""
    before = await spend(gateway)
    await upstream.arm(Program(status=500))
    answer = await client.chat.completions.with_raw_response.create(model="spare", messages=ASK)
    call = await upstream.wait(2)
    cheap = "anthropic/claude-haiku-4-5"
    served = answer.headers["x-weighbridge-model"]
    assert served in {cheap, "openai/gpt-4o-mini"}
    assert nano(answer.headers["x-weighbridge-cost-usd"]) == await spend(gateway) - before
    assert call.claimed


def prompt_tokens(text: str) -> int:
    """A lone user message as OpenAI documents its count, from tiktoken's own tables."""
    encoding = tiktoken_encodings()["o200k_base"]
    return 3 + len(encoding.encode("user")) + len(encoding.encode(text)) + 3


@pytest.mark.parametrize("leave", ["close", "reset"])
async def test_a_client_that_hangs_up_pays_for_what_it_caused(
    gateway: Gateway, upstream: Upstream, leave: str
) -> None:
    """Mid-stream: the input and the words that came. The upstream's connection is closed at once."""
    before = len(ledger(gateway))
    await upstream.arm(Program(text="one two three four five", hold_after_events=4))
    body = b'{"model":"openai/gpt-4o","stream":true,"messages":[{"role":"user","content":"Count"}]}'
    head = (("authorization", "Bearer client-key-of-alice-0001"), ("cache-control", "no-store"))
    async with await RawClient.connect(gateway.port) as raw:
        await raw.send(request_bytes("POST", "/v1/chat/completions", body, head))
        await raw.read_until(b"two")
        await (raw.reset() if leave == "reset" else raw.stream.aclose())
    call = await upstream.wait(1, "left")
    assert not call.claimed
    gateway.child.wait_line('"end":"disconnected"')
    lines = ledger(gateway)[before:]
    assert {"disconnected"} == {end for _, end, _ in lines}
    assert lines[0][2] == price("openai/gpt-4o", prompt_tokens("Count"), 0)
    assert sum(amount for *_, amount in lines) > lines[0][2]


async def test_a_client_that_leaves_a_plain_request_stops_the_upstream(
    gateway: Gateway, upstream: Upstream
) -> None:
    """A caller that waits for a plain answer and leaves is noticed; its input is settled once."""
    before = len(ledger(gateway))
    await upstream.arm(Program(hold_head=True))
    body = b'{"model":"openai/gpt-4o","messages":[{"role":"user","content":"Count"}]}'
    head = (("authorization", "Bearer client-key-of-alice-0001"), ("cache-control", "no-store"))
    async with await RawClient.connect(gateway.port) as raw:
        await raw.send(request_bytes("POST", "/v1/chat/completions", body, head))
        await upstream.wait(1, "arrived")
    await upstream.wait(1, "left")
    gateway.child.wait_line('"end":"disconnected"')
    lines = ledger(gateway)[before:]
    expected = [("text", "disconnected", price("openai/gpt-4o", prompt_tokens("Count"), 0))]
    assert expected == lines


async def test_the_three_books_agree(gateway: Gateway) -> None:
    """After all of the above: spend over modalities = ledger = the sum of its parts, to the nanodollar."""
    by_modality = await totals(gateway, "weighbridge_spend_usd_total", by="modality")
    written: dict[str, int] = {}
    for modality, _, amount in ledger(gateway):
        written[modality] = written.get(modality, 0) + amount
    assert written == dict(by_modality)
