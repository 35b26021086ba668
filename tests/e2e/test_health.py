"""What keeps failing is skipped for a while, told, and tried again: with a real upstream that fails."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import KEYS
from tests.e2e.test_reload import edit
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.programs import Program
from tests.rig.raw import RawReply, fetch
from tests.rig.upstream import Upstream

MINI, HAIKU = "openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"


def config(upstream: Upstream) -> dict[str, Any]:
    """Two providers behind one name, the first the cheaper."""
    return {
        "providers": {
            "openai": {"api_key": "env/OPENAI_API_KEY", "base_url": upstream.base_url},
            "anthropic": {"api_key": "env/ANTHROPIC_API_KEY", "base_url": upstream.base_url},
        },
        "models": [{"name": "spare", "candidates": [MINI, HAIKU]}],
        "cache": {"store": "off"},
    }


@pytest.fixture
def gateway(upstream: Upstream, tmp_path: Path) -> Iterator[Gateway]:
    """A gateway in which nothing has failed yet."""
    with running_gateway(config(upstream), tmp_path, KEYS) as running:
        yield running


async def ask(gateway: Gateway, model: str = "spare", path: str = "/v1/chat/completions") -> RawReply:
    """One question."""
    body = {"model": model, "messages": [{"role": "user", "content": "How many bridges has Venice?"}]}
    return await fetch(gateway.port, "POST", path, json.dumps(body).encode())


async def opened(gateway: Gateway) -> dict[str, float]:
    """The breakers that `/metrics` shows, by reason, of the cheaper model."""
    text = (await fetch(gateway.port, "GET", "/metrics")).body.decode()
    found = re.findall(r'weighbridge_breaker_open\{model="(.*?)",.*reason="(.*?)"\} (\S+)', text)
    return {reason: float(value) for model, reason, value in found if model == MINI}


def served(reply: RawReply) -> tuple[str | None, str | None]:
    """Who answered, at which attempt."""
    return reply.header("x-weighbridge-model"), reply.header("x-weighbridge-attempts")


async def test_a_provider_that_asks_for_a_pause_gets_it(gateway: Gateway, upstream: Upstream) -> None:
    """After one refusal with Retry-After nobody is sent there, whatever the configuration becomes."""
    await upstream.arm(Program(status=429, headers=[("retry-after", "600")]), model="gpt-4o-mini")
    assert (HAIKU, "2") == served(await ask(gateway))
    assert (HAIKU, "1") == served(await ask(gateway))
    assert {"upstream_rate_limited": 1.0} == await opened(gateway)
    told = (await ask(gateway, path="/v1/quote")).json()
    (rejected,) = [one for one in told["candidates"] if one["verdict"] == "rejected"]
    assert (MINI, "unhealthy") == (rejected["model"], rejected["reason"]["code"])
    assert re.fullmatch(rf"{MINI} limits its rate: it is tried again in \d+ s", rejected["reason"]["message"])
    assert rejected["cost_usd"]["expected"] < told["candidates"][0]["cost_usd"]["expected"]
    edit(gateway, config(upstream), limits={"media": 8})
    assert (HAIKU, "1") == served(await ask(gateway))
    # Who names it alone has no other choice: it is tried, answers, and is well again.
    assert (MINI, "1") == served(await ask(gateway, MINI))
    assert {"upstream_rate_limited": 0.0} == await opened(gateway)
    assert (MINI, "1") == served(await ask(gateway))


async def test_five_failures_in_a_row_are_enough(gateway: Gateway, upstream: Upstream) -> None:
    """Each costs the client an attempt; the sixth is spared it. A body that is refused never counts."""
    for _ in range(6):
        await upstream.arm(Program(status=400), model="gpt-4o-mini")
        assert (await ask(gateway)).status == 400
    for _ in range(5):
        await upstream.arm(Program(status=500), model="gpt-4o-mini")
        assert (HAIKU, "2") == served(await ask(gateway))
    assert (HAIKU, "1") == served(await ask(gateway))
    assert {"upstream_error": 1.0} == await opened(gateway)


async def test_when_all_rest_the_least_bad_is_tried(gateway: Gateway, upstream: Upstream) -> None:
    """Both asked for a pause: the one that is over first is tried, and may answer."""
    await upstream.arm(Program(status=503, headers=[("retry-after", "600")]), model="gpt-4o-mini")
    await upstream.arm(Program(status=529, headers=[("retry-after", "60")]), model="claude-haiku-4-5")
    assert (await ask(gateway)).status == 503
    told = (await ask(gateway, path="/v1/quote")).json()
    assert [(HAIKU, "chosen", "unhealthy"), (MINI, "dearer", "unhealthy")] == [
        (one["model"], one["verdict"], one["reason"]["code"]) for one in told["candidates"]
    ]
    assert (HAIKU, "1") == served(await ask(gateway))
