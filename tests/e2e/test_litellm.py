"""A LiteLLM `config.yaml` served as it is: the official client, a scripted upstream, the upstream's books."""

from collections.abc import Iterator

import pytest
from openai import AsyncOpenAI, AuthenticationError

from tests.e2e.books import nano, spend
from tests.rig.gateway import Gateway, running_gateway
from tests.rig.programs import Program
from tests.rig.upstream import Upstream

MASTER = "sk-litellm-master-0001"
KEYS = {"FIRST_KEY": "provider-key-first-0002", "SECOND_KEY": "provider-key-second-0003"}


@pytest.fixture(scope="module")
def moved(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that serves a LiteLLM file: two keys for one server, a cloud that is not spoken here."""
    base = upstream.base_url
    config = {
        "model_list": [
            {
                "model_name": "gpt-4o",
                "litellm_params": {
                    "model": "openai/gpt-4o",
                    "api_base": base,
                    "api_key": f"os.environ/{key}",
                },
            }
            for key in KEYS
        ]
        + [{"model_name": "gpt-4o", "litellm_params": {"model": "bedrock/anthropic.claude-v2", "rpm": 5}}],
        "router_settings": {"routing_strategy": "simple-shuffle", "model_group_alias": {"gpt-4": "gpt-4o"}},
        "litellm_settings": {"num_retries": 2},
        "general_settings": {"master_key": MASTER},
    }
    with running_gateway(config, tmp_path_factory.mktemp("moved"), KEYS) as running:
        yield running


async def test_it_serves_what_it_can(moved: Gateway, upstream: Upstream) -> None:
    """The alias answers at the list price, with the row's own key, and falls back on the second key."""
    before = await spend(moved)
    await upstream.arm(Program(status=500))
    async with AsyncOpenAI(base_url=moved.base_url, api_key=MASTER, max_retries=0) as client:
        answer = await client.chat.completions.with_raw_response.create(
            model="gpt-4", messages=[{"role": "user", "content": "How many bridges has Venice?"}]
        )
    calls = [await upstream.wait(number) for number in (1, 2)]
    assert {f"Bearer {key}" for key in KEYS.values()} == {call.header("authorization") for call in calls}
    assert {"gpt-4o"} == {call.model for call in calls}
    cost = nano(answer.headers["x-litellm-response-cost"])
    assert calls[1].prompt_tokens * 2_500 + calls[1].completion_tokens * 10_000 == cost
    assert cost == await spend(moved) - before


async def test_the_master_key_is_asked_for(moved: Gateway) -> None:
    """Without the file's master key nobody gets in."""
    async with AsyncOpenAI(base_url=moved.base_url, api_key="sk-other", max_retries=0) as client:
        with pytest.raises(AuthenticationError):
            await client.models.list()
