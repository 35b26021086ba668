"""Where a row's key goes: to the address it was written for, and nowhere else."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.catalog import Catalog
from gateway.config import ConfigError, Settings, load
from gateway.types.principal import Secret

ELSEWHERE = "https://other.example/v1"


def loaded(folder: Path, catalog: Catalog, params: str, env: Mapping[str, str], more: str = "") -> Settings:
    """A file with one row."""
    path = folder / "config.yaml"
    path.write_text(f"{more}model_list:\n- {{model_name: a, litellm_params: {{{params}}}}}\n")
    return load(path, environment=env, catalog=catalog)


def keys(settings: Settings) -> dict[str, str]:
    """Addresses and the keys that are sent there."""
    return {p.row.base_url: p.api_key.reveal() for p in settings.providers.values() if p.api_key is not None}


@pytest.mark.parametrize(
    ("params", "env"),
    [
        (f"model: hosted_vllm/a, api_base: {ELSEWHERE}, api_key: fake-key", {"HOSTED_VLLM_API_KEY": "real"}),
        (f"model: groq/a, api_base: {ELSEWHERE}", {"GROQ_API_KEY": "real"}),
        (f"model: openai/a, api_base: {ELSEWHERE}", {"OPENAI_API_KEY": "real"}),
    ],
)
def test_a_usual_key_goes_to_the_usual_address_alone(
    tmp_path: Path, catalog: Catalog, params: str, env: dict[str, str]
) -> None:
    """A row with an address of its own gets the key it names, or none."""
    assert ELSEWHERE not in keys(loaded(tmp_path, catalog, params, env))


@pytest.mark.parametrize(
    ("model", "variable"),
    [("openai/gpt-4o", "OPENAI_BASE_URL"), ("openai/gpt-4o", "OPENAI_API_BASE"), ("groq/a", "GROQ_API_BASE")],
)
def test_an_address_in_the_environment_is_where_the_key_goes(
    tmp_path: Path, catalog: Catalog, model: str, variable: str
) -> None:
    """A provider that the environment moved takes prompts and keys along."""
    env = {"PROXY_KEY": "proxy", variable: ELSEWHERE}
    settings = loaded(tmp_path, catalog, f"model: {model}, api_key: os.environ/PROXY_KEY", env)
    assert {ELSEWHERE: "proxy"} == keys(settings)


def test_an_environment_that_moves_a_provider_moves_its_usual_key(tmp_path: Path, catalog: Catalog) -> None:
    """Address and key of the same environment belong together."""
    env = {"OPENAI_API_KEY": "real", "OPENAI_BASE_URL": ELSEWHERE}
    settings = loaded(tmp_path, catalog, "model: openai/gpt-4o", env)
    (candidate,) = settings.groups["a"].candidates
    provider = settings.providers[candidate.provider]
    assert (ELSEWHERE, Secret("real")) == (provider.row.base_url, provider.api_key)


def test_an_address_for_every_row_is_a_mistake(tmp_path: Path, catalog: Catalog) -> None:
    """It cannot be passed over: the keys would go to other hosts than before."""
    more = f"litellm_settings: {{api_base: '{ELSEWHERE}'}}\n"
    with pytest.raises(ConfigError, match=r"litellm_settings\.api_base"):
        loaded(tmp_path, catalog, "model: openai/gpt-4o, api_key: os.environ/K", {"K": "k"}, more)
