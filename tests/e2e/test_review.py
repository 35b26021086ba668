"""What a hostile reader found once and must not find again."""

import json
import sqlite3
from typing import Any

import anyio
import pytest

from tests.e2e.books import ledger, nano, spend
from tests.e2e.conftest import KEYS
from tests.rig.gateway import Gateway
from tests.rig.programs import Program
from tests.rig.raw import RawClient, RawReply, fetch, request_bytes
from tests.rig.upstream import Upstream

AUTH = ("authorization", f"Bearer {KEYS['ALICE_KEY']}")
FRESH = ("cache-control", "no-store")


async def ask(gateway: Gateway, path: str = "/v1/chat/completions", **members: Any) -> RawReply:
    """A short question with these members."""
    body = {"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Count"}], **members}
    return await fetch(gateway.port, "POST", path, json.dumps(body).encode(), (AUTH, FRESH))


@pytest.mark.parametrize("status", [302, 408, 429, 500, 504])
async def test_an_error_status_is_never_charged(gateway: Gateway, upstream: Upstream, status: int) -> None:
    """Providers do not bill an answer that is an error, whatever its row says of trying again."""
    before = len(ledger(gateway))
    await upstream.arm(Program(status=status))
    reply = await ask(gateway)
    assert reply.status >= 400
    assert reply.header("x-weighbridge-cost-usd") == "0"
    assert ledger(gateway)[before:] == []


async def test_an_error_inside_a_plain_200_goes_to_the_next_candidate(
    gateway: Gateway, upstream: Upstream
) -> None:
    """A body that is an error is an error before anything was sent to the client."""
    failed = Program(body=json.dumps({"error": {"message": "no", "type": "server_error"}}))
    await upstream.arm(failed, Program(text="spare"))
    reply = await ask(gateway, model="spare")
    assert reply.json()["choices"][0]["message"]["content"] == "spare"
    assert reply.header("x-weighbridge-attempts") == "2"


async def test_a_failed_answer_that_was_bought_says_its_cost(gateway: Gateway, upstream: Upstream) -> None:
    """A request that went out and got no answer is charged, and the error's head says so."""
    before = await spend(gateway)
    await upstream.arm(Program(cut_at=0, in_head=True))
    reply = await ask(gateway)
    cost = reply.header("x-weighbridge-cost-usd")
    assert (reply.status, reply.json()["error"]["code"]) == (502, "upstream_reset")
    assert cost is not None
    assert 0 < nano(cost) == await spend(gateway) - before


@pytest.mark.parametrize(
    "member",
    [
        {"service_tier": "scale"},
        {"web_search_options": {}, "prediction": {"type": "content", "content": "x"}},
        {"functions": [{"name": "f", "description": "x" * 1000}]},
        {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
    ],
    ids=lambda member: next(reversed(member)),
)
async def test_a_field_that_costs_and_is_not_weighed_is_refused(
    gateway: Gateway, upstream: Upstream, member: dict[str, Any]
) -> None:
    """Nothing that changes the price passes the scale unseen."""
    reply = await ask(gateway, **member)
    error = reply.json()["error"]
    assert (reply.status, error["code"]) == (422, "no_suitable_model")
    assert next(reversed(member)) in error["message"]
    assert await upstream.calls() == []


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/quote"])
async def test_a_stranger_is_refused_before_its_body(gateway: Gateway, path: str) -> None:
    """The head betrays a missing key; fifty megabytes of body are not waited for."""
    head = request_bytes("POST", path).replace(b"content-length: 0", b"content-length: 50000000")
    async with await RawClient.connect(gateway.port) as raw:
        await raw.send(head)
        reply = await raw.read_reply()
    assert (reply.status, reply.header("connection")) == (401, "close")


async def test_a_ledger_that_is_away_does_not_keep_the_answer(gateway: Gateway, upstream: Upstream) -> None:
    """The answer is bought either way: the client gets it, and the ledger its lines when it is back."""
    await upstream.arm(Program(text="bought"))
    lock = sqlite3.connect(gateway.folder / "ledger.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        reply = await ask(gateway)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    operation = reply.header("x-weighbridge-request-id")
    cost = reply.header("x-weighbridge-cost-usd")
    assert reply.json()["choices"][0]["message"]["content"] == "bought"
    assert operation is not None
    assert cost is not None
    with anyio.fail_after(15):
        while not ledger(gateway, operation):
            await spend(gateway)  # the gateway writes beside its other work: ask it until it has
    assert nano(cost) == sum(amount for *_, amount in ledger(gateway, operation))


async def test_an_answer_that_cannot_be_stored_is_still_an_answer(
    gateway: Gateway, upstream: Upstream
) -> None:
    """A field that no store can hold costs the cache entry and not the connection."""
    answer = {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "x_big": 2**70,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    }
    await upstream.arm(Program(body=json.dumps(answer)))
    body = json.dumps({"model": "openai/gpt-4o", "messages": [{"role": "user", "content": "Big"}]}).encode()
    async with await RawClient.connect(gateway.port) as raw:
        for _ in range(2):
            await raw.send(request_bytes("POST", "/v1/chat/completions", body, (AUTH,)))
            assert (await raw.read_reply()).status == 200
