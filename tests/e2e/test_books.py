"""The three books of one gateway, however an exchange ends: the answers, the ledger, the metrics."""

import json
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.books import ledger, nano, spend, totals
from tests.e2e.conftest import KEYS
from tests.e2e.test_money import price, prompt_tokens
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.programs import Program
from tests.rig.raw import RawClient, RawReply, fetch, request_bytes
from tests.rig.upstream import Upstream

AUTH = (("authorization", f"Bearer {KEYS['ALICE_KEY']}"),)
MODEL = "openai/gpt-4o"
# Each of these words is one token of o200k_base, so the upstream's events are tokens.
WORDS = "one two three four five"


def serving(upstream: Upstream, folder: Path, drain: str) -> AbstractContextManager[Gateway]:
    """A gateway whose books hold this test alone; it cuts off what still runs this long after SIGTERM."""
    config = {
        "providers": {
            name: {"api_key": f"env/{name.upper()}_API_KEY", "base_url": upstream.base_url}
            for name in ("openai", "anthropic")
        },
        "models": [
            {"name": "spare", "candidates": ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"]},
        ],
        "keys": [{"name": "alice", "key": "env/ALICE_KEY", "tenant": "alice"}],
        "accounts": {"store": "sqlite:ledger.db"},
        "server": {"drain": drain},
    }
    return running_gateway(config, folder, KEYS)


@pytest.fixture
def own(upstream: Upstream, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway with a second to drain."""
    with serving(upstream, tmp_path, "1s") as running:
        yield running


def question(text: str, **members: Any) -> bytes:
    """A body that asks this."""
    return json.dumps({"model": MODEL, "messages": [{"role": "user", "content": text}], **members}).encode()


async def ask(gateway: Gateway, text: str, **members: Any) -> RawReply:
    """One answer, whole."""
    return await fetch(gateway.port, "POST", "/v1/chat/completions", question(text, **members), AUTH)


def told(reply: RawReply) -> int:
    """Nanodollars an answer says it cost: in its head, or, of a stream, in its last words."""
    head = reply.header("x-weighbridge-cost-usd")
    if head is not None:
        return nano(head)
    events = [line[6:] for line in reply.body.decode().splitlines() if line.startswith("data: {")]
    last = json.loads(events[-1])
    return nano((last.get("error") or last["usage"])["weighbridge"]["cost_usd"])


STREAM: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
CASES: list[tuple[str, Program, dict[str, Any]]] = [
    ("plain", Program(), {}),
    ("stream", Program(), STREAM),
    ("refused", Program(status=500), {}),
    ("failed over", Program(status=503), {"model": "spare"}),
    ("silent", Program(cut_at=0, in_head=True), {}),
    ("cut stream", Program(text=WORDS, terminal=False), STREAM),
    ("no usage", Program(text=WORDS, claim_usage=False), STREAM),
    ("other dialect", Program(), {"model": "anthropic/claude-haiku-4-5", **STREAM}),
]


async def test_answers_ledger_and_metrics_hold_the_same_sum(own: Gateway, upstream: Upstream) -> None:
    """However answers end, what they say they cost adds up to the ledger and to the metrics."""
    answers = 0
    for name, program, members in CASES:
        await upstream.arm(program)
        answers += told(await ask(own, f"How much is {name}?", **members))
    again = await ask(own, "How much is plain?")
    assert again.header("x-weighbridge-cache") == "hit"
    answers += told(again)
    lines = ledger(own)
    written: dict[str, int] = {}
    for modality, _, amount in lines:
        written[modality] = written.get(modality, 0) + amount
    assert {"finished", "failed"} == {end for _, end, _ in lines}
    assert answers == sum(written.values()) == await spend(own)
    assert written == dict(await totals(own, "weighbridge_spend_usd_total", by="modality"))


@pytest.mark.parametrize("cut", ["reset", "eof", "unfinished"])
async def test_a_stream_that_fails_in_its_middle_costs_what_was_said(
    own: Gateway, upstream: Upstream, cut: str
) -> None:
    """The input and the words the upstream wrote; the error that ends the stream says so."""
    whole = await ask(own, "Count", **STREAM)
    begun = len(ledger(own))
    # Far enough for some words and not for the end.
    program: dict[str, Any] = {"terminal": False} if cut == "unfinished" else {"cut": cut, "cut_at": 900}
    assert len(whole.body) > 900
    await upstream.arm(Program(text=WORDS, **program))
    reply = await ask(own, "Count again", **STREAM)
    call = await upstream.wait(2)
    assert not call.claimed
    words = call.events - 1  # the first event holds the role
    assert 0 < words <= 5
    expected = price(MODEL, prompt_tokens("Count again"), words)
    lines = ledger(own)[begun:]
    assert b'"code":"upstream_' in reply.body
    assert {"failed"} == {end for _, end, _ in lines}
    assert expected == sum(amount for *_, amount in lines) == told(reply)


async def test_a_stream_cut_off_by_the_end_of_the_process_is_settled(
    own: Gateway, upstream: Upstream
) -> None:
    """After SIGTERM and the drain time: the client is told, and the ledger holds input and words written."""
    await upstream.arm(Program(text=WORDS, hold_after_events=4))
    async with await RawClient.connect(own.port) as raw:
        await raw.send(request_bytes("POST", "/v1/chat/completions", question("Count", stream=True), AUTH))
        await raw.read_until(b"three")
        own.child.process.send_signal(signal.SIGTERM)
        rest = await raw.read_to_end()
    call = await upstream.wait(1, "left")
    assert own.child.stop() == -signal.SIGTERM
    expected = price(MODEL, prompt_tokens("Count"), call.events - 1)
    assert b'"code":"draining"' in rest
    assert [expected] == [sum(amount for *_, amount in ledger(own))]
    assert {"cancelled"} == {end for _, end, _ in ledger(own)}
    assert "Traceback" not in own.child.output()


async def test_a_plain_request_cut_off_by_the_end_of_the_process_is_settled(
    own: Gateway, upstream: Upstream
) -> None:
    """Its client gets a 503 with what the call cost, and the ledger has the same."""
    await upstream.arm(Program(hold_head=True))
    async with await RawClient.connect(own.port) as raw:
        await raw.send(request_bytes("POST", "/v1/chat/completions", question("Count"), AUTH))
        await upstream.wait(1, "arrived")
        own.child.process.send_signal(signal.SIGTERM)
        reply = await raw.read_reply()
    assert own.child.stop() == -signal.SIGTERM
    assert (503, "draining") == (reply.status, reply.json()["error"]["code"])
    assert [("text", "cancelled", price(MODEL, prompt_tokens("Count"), 0))] == ledger(own)
    assert told(reply) == price(MODEL, prompt_tokens("Count"), 0)


async def test_a_second_signal_cuts_off_at_once(upstream: Upstream, tmp_path: Path) -> None:
    """The first one says what is waited for; the second does not wait, and loses no money."""
    await upstream.arm(Program(text=WORDS, hold_after_events=4))
    with serving(upstream, tmp_path, "10m") as own:
        async with await RawClient.connect(own.port) as raw:
            body = question("Count", stream=True)
            await raw.send(request_bytes("POST", "/v1/chat/completions", body, AUTH))
            await raw.read_until(b"three")
            own.child.process.send_signal(signal.SIGINT)
            own.child.wait_line("Finishing 1 request")
            own.child.process.send_signal(signal.SIGINT)
            rest = await raw.read_to_end()
        assert own.child.process.wait(20) is not None
        assert b'"code":"draining"' in rest
        assert {"cancelled"} == {end for _, end, _ in ledger(own)}
        assert "Traceback" not in own.child.output()


async def test_a_busy_ledger_at_the_end_gets_its_lines(own: Gateway, upstream: Upstream) -> None:
    """Settling that is cut off by the server's end is finished before the process is gone."""
    await upstream.arm(Program(hold_head=True))
    lock = sqlite3.connect(own.folder / "ledger.db", isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    try:
        async with await RawClient.connect(own.port) as raw:
            await raw.send(request_bytes("POST", "/v1/chat/completions", question("Count"), AUTH))
            await upstream.wait(1, "arrived")
            own.child.process.send_signal(signal.SIGTERM)
            own.child.wait_line("Finishing 1 request")
            await upstream.release()
            reply = await raw.read_reply()
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    assert own.child.stop() == -signal.SIGTERM
    assert told(reply) == sum(amount for *_, amount in ledger(own))
