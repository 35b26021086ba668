"""A gateway between the official client and a scripted upstream, each in a process of its own."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from openai import AsyncOpenAI

from tests.rig.gateway import Gateway, running_gateway
from tests.rig.upstream import Upstream, upstream_process

KEYS = {
    "ALICE_KEY": "client-key-of-alice-0001",
    "BOB_KEY": "client-key-of-bob-0002",
    "OPENAI_API_KEY": "provider-key-openai-0003",
    "ANTHROPIC_API_KEY": "provider-key-anthropic-0004",
}


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """A provider under our control."""
    with upstream_process() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose OpenAI and Anthropic are the scripted upstream, with a ledger and two tenants."""
    folder: Path = tmp_path_factory.mktemp("gateway")
    config = {
        "providers": {
            "openai": {"api_key": "env/OPENAI_API_KEY", "base_url": upstream.base_url},
            "anthropic": {"api_key": "env/ANTHROPIC_API_KEY", "base_url": upstream.base_url},
        },
        "models": [
            {"name": "vision", "candidates": ["openai/gpt-4o", "openai/gpt-4o-mini"]},
            {"name": "spare", "candidates": ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"]},
        ],
        "keys": [
            {"name": "alice", "key": "env/ALICE_KEY", "tenant": "alice"},
            {"name": "bob", "key": "env/BOB_KEY", "tenant": "bob"},
        ],
        "accounts": {"store": "sqlite:ledger.db"},
    }
    with running_gateway(config, folder, KEYS) as running:
        yield running


@pytest.fixture(autouse=True)
async def forget(upstream: Upstream) -> None:
    """Calls and programs of an earlier test are gone."""
    await upstream.reset()


@pytest.fixture
async def client(gateway: Gateway) -> AsyncIterator[AsyncOpenAI]:
    """The official client, as alice; it retries nothing, so that one call is one call."""
    async with AsyncOpenAI(
        base_url=gateway.base_url,
        api_key=KEYS["ALICE_KEY"],
        max_retries=0,
        default_headers={"cache-control": "no-store"},
    ) as opened:
        yield opened
