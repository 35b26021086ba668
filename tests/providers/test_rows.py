"""The providers' table."""

import pytest

from gateway.catalog import ModelFacts
from gateway.dialects import DIALECTS, ParameterRules
from gateway.providers import PROVIDERS, Provider, parameter_rules
from tests.catalog.samples import CATALOG, facts


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS.keys())
def test_row_is_whole(provider: Provider) -> None:
    """Each row speaks a shipped dialect, is reached by TLS or in this process, and knows where its key is."""
    assert provider.dialect in DIALECTS
    assert provider.embedded or provider.base_url.startswith("https://")
    assert provider.embedded == (not provider.api_key_env) == (provider.auth == "none")
    assert all(name == name.lower() for name, _ in provider.headers)


def test_every_provider_has_models() -> None:
    """No row stands without a model. Models of other providers wait for an operator's own row."""
    assert set(PROVIDERS) <= {facts(name).provider for name in CATALOG.names() if facts(name).api == "chat"}


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("openai", "https://api.openai.com/v1/chat/completions"),
        ("gemini", "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"),
        ("local", "local://read/chat/completions"),
    ],
)
def test_url(provider: str, expected: str) -> None:
    """The dialect's path is appended; an embedded engine's model is its host."""
    assert expected == PROVIDERS[provider].url("read", "/chat/completions")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai/gpt-4o", ParameterRules("max_tokens", 16_384)),
        ("openai/gpt-5.4", ParameterRules("max_completion_tokens", 128_000, drop_sampling=True)),
        ("mistral/mistral-large-4", ParameterRules("max_tokens", 32_768, stream_options=False)),
    ],
)
def test_parameter_rules(name: str, expected: ParameterRules) -> None:
    """The provider's rules and the model's facts make one set."""
    known: ModelFacts = facts(name)
    assert expected == parameter_rules(PROVIDERS[known.provider], known)


def test_parameter_rules_of_an_unknown_model() -> None:
    """Without facts the provider's own rules hold."""
    assert ParameterRules() == parameter_rules(PROVIDERS["openai"], None)
