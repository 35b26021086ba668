"""The providers' table."""

from typing import Any

import pytest

from gateway.catalog import ModelFacts
from gateway.dialects import DIALECTS, ParameterRules
from gateway.providers import PROVIDERS, Provider, not_carried, parameter_rules
from gateway.types.terms import Terms
from tests.catalog.samples import CATALOG, facts
from tests.dialects.samples import PNG_URL, data_url, pdf, read


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS.keys())
def test_row_is_whole(provider: Provider) -> None:
    """Each row speaks a shipped dialect, is reached by TLS or in this process, and knows where its key is."""
    assert provider.dialect in DIALECTS
    assert provider.embedded or provider.base_url.startswith("https://")
    assert provider.embedded == (not provider.api_key_env) == (provider.auth == "none")
    assert all(name == name.lower() for name, _ in provider.headers)


# Providers whose facts are known and whom an operator has to configure.
FACTS_ALONE = {
    "assemblyai",
    "aws",
    "azure",
    "bedrock",
    "cohere",
    "dashscope",
    "deepgram",
    "deepseek",
    "groq",
} | {"reducto"}


def test_every_shipped_model_has_its_provider() -> None:
    """Each row has models in the catalog; models without a row are of providers named here."""
    assert {facts(name).provider for name in CATALOG.names()} - FACTS_ALONE == set(PROVIDERS)


@pytest.mark.parametrize(
    ("provider", "part", "expected"),
    [
        (
            "gemini",
            {"type": "file", "file": {"file_data": data_url(pdf(), "application/pdf")}},
            ["Part 0 (document) cannot be sent: the endpoint of gemini takes audio and image and text."],
        ),
        ("gemini", {"type": "image_url", "image_url": {"url": PNG_URL}}, []),
        ("openai", {"type": "file", "file": {"file_data": data_url(pdf(), "application/pdf")}}, []),
    ],
)
def test_an_endpoint_may_take_less_than_its_models(
    provider: str, part: dict[str, Any], expected: list[str]
) -> None:
    """Gemini's models read documents, its OpenAI-compatible endpoint does not carry them."""
    request = read({"model": "m", "messages": [{"role": "user", "content": [part]}]})
    assert expected == [obstacle.message for obstacle in not_carried(PROVIDERS[provider], request)]


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


EVERY = frozenset({"default", "flex", "priority"})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai/gpt-4o", ParameterRules("max_tokens", 16_384, tiers=EVERY, tier="default")),
        (
            "openai/gpt-5.4",
            ParameterRules("max_completion_tokens", 128_000, drop_sampling=True, tiers=EVERY, tier="default"),
        ),
        ("mistral/mistral-large-4", ParameterRules("max_tokens", 32_768, stream_options=False)),
    ],
)
def test_parameter_rules(name: str, expected: ParameterRules) -> None:
    """The provider's rules and the model's facts make one set."""
    known: ModelFacts = facts(name)
    assert expected == parameter_rules(PROVIDERS[known.provider], known)


def test_parameter_rules_of_an_unknown_model() -> None:
    """Without facts the provider's own rules hold."""
    assert ParameterRules(tiers=EVERY) == parameter_rules(PROVIDERS["openai"], None)


@pytest.mark.parametrize(
    ("provider", "terms", "expected"),
    [
        ("openai", Terms(tier="flex", region="eu"), ("flex", None)),
        ("openai", Terms(tier="default"), ("default", None)),
        # Its models are kept in a region by a word in the body, OpenAI's by their address.
        ("anthropic", Terms(tier="default", region="us"), ("default", "us")),
        ("gemini", Terms(tier="default"), (None, None)),
    ],
)
def test_only_what_an_endpoint_knows_is_asked_of_it(
    provider: str, terms: Terms, expected: tuple[str | None, str | None]
) -> None:
    """A queue is named where the endpoint has queues, a region where it is told so in the body."""
    rules = parameter_rules(PROVIDERS[provider], None, terms)
    assert expected == (rules.tier, rules.region)
