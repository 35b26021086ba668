"""LiteLLM's files as ours. Goldens: `tests/golden/configs/litellm/*.yaml` with what is told of them."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st

from gateway.catalog import Catalog
from gateway.config import ConfigError, load
from gateway.config.litellm.servers import KINDS
from gateway.config.settings import CacheSettings
from gateway.providers import PROVIDERS
from gateway.types.principal import Secret
from tests.config.conftest import ENVIRONMENT, MARK, Loader
from tests.config.litellm.writing import candidates, document, row, told
from tests.config.test_load import mutate, outcome

GOLDEN = Path(__file__).parent.parent / "golden" / "configs" / "litellm"
FILES = sorted(GOLDEN.glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_loads_as_it_is(path: Path, catalog: Catalog) -> None:
    """It loads, with one warning for each key that has no meaning here, in its line; no secret shows."""
    settings = load(path, environment=ENVIRONMENT, catalog=catalog)
    said = "".join(f"{warning}\n" for warning in settings.warnings).replace(str(path), path.name)
    assert path.with_suffix(".txt").read_text() == said
    assert MARK not in said + repr(settings)


def test_the_fleet(catalog: Catalog) -> None:
    """Rows of a name are its candidates; keys, addresses, prices, waits and the cache reach their places."""
    settings = load(GOLDEN / "fleet.yaml", environment=ENVIRONMENT, catalog=catalog)
    assert ["openai/gpt-4o", "openai-2/gpt-4o"] == candidates(settings, "gpt-4o")
    assert candidates(settings, "gpt-4o") == candidates(settings, "gpt-4")
    assert ["anthropic/claude-haiku-5-5"] == candidates(settings, "claude")
    assert "embedding" not in settings.groups
    first, second = settings.providers["openai"], settings.providers["openai-2"]
    assert Secret(ENVIRONMENT["OPENAI_API_KEY"]) == first.api_key
    assert Secret(ENVIRONMENT["OTHER_KEY"]) == second.api_key
    assert first.row.base_url == second.row.base_url
    assert (600.0, 300.0) == (first.deadlines.total, second.deadlines.total)
    vllm = settings.providers["vllm"]
    assert (vllm.row.base_url, vllm.api_key) == ("http://vllm:8000/v1", None)
    qwen = settings.facts["vllm/Qwen/Qwen2.5-VL-7B-Instruct"]
    assert {"input": "0.2", "output": "0.8"} == qwen["price"]
    assert (["text", "image"], "qwen2-vl") == (qwen["input"], qwen["image_rule"])
    assert (32768, 8192) == (qwen["input_tokens"], qwen["max_output_tokens"])
    assert settings.providers["ollama"].row.base_url == "http://localhost:11434/v1"
    assert settings.groups["llama"].policy.unpriced
    assert not settings.groups["gpt-4o"].policy.unpriced
    assert settings.policies["default"].max_attempts == 4
    assert Secret(f"redis://:{MARK}@cache.internal:6379/0") == settings.cache.url
    assert ("redis://cache.internal:6379/0", 600) == (settings.cache.address, settings.cache.ttl)
    (key,) = settings.keys
    assert (Secret(ENVIRONMENT["TEAM_KEY"]), "master") == (key.secret, key.principal.key)
    assert settings.anonymous is None


def test_ours_beside(catalog: Catalog) -> None:
    """Sections of ours in the same file hold, and LiteLLM's rows come behind them."""
    settings = load(GOLDEN / "ours_beside.yaml", environment=ENVIRONMENT, catalog=catalog)
    assert ["openai/gpt-4o-mini", "mistral/mistral-small-2603"] == candidates(settings, "cheap")
    assert settings.groups["vision"].policy.name == "careful"
    assert settings.providers["openai"].deadlines.total == 90
    assert settings.keys[0].principal.budget == 5 * 10**9
    assert settings.accounts.path == str(GOLDEN / "weighbridge.db")
    assert settings.cache == CacheSettings()


def test_a_second_key_speaks_like_the_first(settle: Loader) -> None:
    """Headers and ways of a provider hold for its second key."""
    settings = settle(
        document(
            row("a", "anthropic/claude-haiku-5-5"),
            row("b", "anthropic/claude-haiku-5-5", api_key="os.environ/OTHER_KEY"),
        )
    )
    second = settings.providers["anthropic-2"]
    assert PROVIDERS["anthropic"].headers == second.row.headers
    assert second.row.dialect == "anthropic_messages"
    assert ["anthropic-2/claude-haiku-5-5"] == candidates(settings, "b")
    assert [] == told(settings)


def test_the_usual_key_is_not_shown_elsewhere(settle: Loader) -> None:
    """A server with an address of its own gets the key its row names, never the provider's usual one."""
    settings = settle(
        document(
            row("a", "openai/gpt-4o", api_base="https://proxy.example.com/v1"),
            row(
                "b",
                "openai/gpt-4o",
                api_base="https://proxy.example.com:8443/v1",
                api_key="os.environ/TEAM_KEY",
            ),
            row("c", "anthropic/claude-haiku-5-5", api_base="https://claude.example.com"),
        )
    )
    servers = {name: item for name, item in settings.providers.items() if name.endswith(("com", "8443"))}
    assert {
        "proxy-example-com": ("https://proxy.example.com/v1", None),
        "proxy-example-com-8443": ("https://proxy.example.com:8443/v1", Secret(ENVIRONMENT["TEAM_KEY"])),
        "claude-example-com": ("https://claude.example.com/v1", None),
    } == {name: (item.row.base_url, item.api_key) for name, item in servers.items()}
    assert settings.groups["c"].candidates[0].upstream_model == "claude-haiku-5-5"


def test_secrets_in_the_file(settle: Loader) -> None:
    """They work as with LiteLLM, each with a warning that says where secrets belong, and show nowhere."""
    settings = settle(
        document(
            row("a", "openai/gpt-4o", api_key=f"sk-{MARK}"),
            row(
                "b",
                "hosted_vllm/m",
                api_base="http://h/v1",
                extra_headers={"x-token": f"t-{MARK}", "x-team": "a"},
            ),
            general_settings={"master_key": f"sk-master-{MARK}"},
            environment_variables={"MISTRAL_API_KEY": f"m-{MARK}"},
        ),
        {},
    )
    assert Secret(f"sk-{MARK}") == settings.providers["openai"].api_key
    assert (("x-team", "a"), ("x-token", Secret(f"t-{MARK}"))) == settings.providers["h"].headers
    assert Secret(f"sk-master-{MARK}") == settings.keys[0].secret
    assert [
        "model_list[0].litellm_params.api_key",
        "model_list[1].litellm_params.extra_headers.x-token",
        "general_settings.master_key",
        "environment_variables.MISTRAL_API_KEY",
    ] == [warning.path for warning in settings.warnings if "a secret stands in the file" in warning.message]
    assert MARK not in repr(settings)


def test_the_file_sets_variables(settle: Loader) -> None:
    """`environment_variables` count as set, over the environment's own."""
    text = document(
        row("a", "openai/gpt-4o", api_key="os.environ/MINE"),
        environment_variables={"MINE": f"sk-file-{MARK}"},
    )
    assert Secret(f"sk-file-{MARK}") == settle(text, {"MINE": "sk-outside"}).providers["openai"].api_key


def test_a_variable_that_is_not_set(settle: Loader) -> None:
    """It stops the server with its place in the file; a quote goes on without that provider."""
    text = document(
        row("a", "openai/gpt-4o", api_key="os.environ/NONE"),
        row("b", "openai/x", api_base="os.environ/NOWHERE"),
        row("c", "groq/llama-3"),
        general_settings={"master_key": "os.environ/NOBODY"},
    )
    with pytest.raises(ConfigError) as caught:
        settle(text, {})
    places = [
        "model_list[0].litellm_params.api_key",
        "model_list[1].litellm_params.api_base",
        "model_list[2].litellm_params.api_key",
        "general_settings.master_key",
    ]
    assert places == [mistake.path for mistake in caught.value.mistakes]
    settings = settle(text, {}, need_secrets=False)
    assert set(places) <= {warning.path for warning in settings.warnings}
    assert settings.anonymous is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (row("a", "bedrock/anthropic.claude-v2"), "bedrock is not spoken here"),
        (row("a", "gemini-2.5-flash"), "vertex_ai is not spoken here"),
        (row("a", "sk-proj-9fJq8ZxkV3mT7bLw2NcRy5Hd/x"), "its provider is not spoken here"),
        (row("a", "openai/whisper-1"), "only chat is served"),
        (row("a", "openai/gpt-4o", {"mode": "embedding"}), "only chat is served"),
        (row("a", "hosted_vllm/m"), "it needs an `api_base`"),
        (row("a", "gemini/gemini-2.5-flash", api_base="http://h"), "its usual address alone"),
        (row("a", "openai/gpt-4o", litellm_credential_name="c"), "a credential's name is not followed"),
        (row("*", "groq/*"), "a `*` stands for a shipped provider's models"),
        (row("team/*", "openai/*"), "a `*` stands for a shipped provider's models"),
        (row("with a blank", "openai/gpt-4o"), "model_name may hold"),
        (row("a", "openai/with a blank"), "its name may hold"),
    ],
)
def test_a_row_that_is_left_out(settle: Loader, given: dict[str, Any], why: str) -> None:
    """What cannot be served here is named with its reason, and the rest is served; alone it is a mistake."""
    settings = settle(document(given, row("good", "openai/gpt-4o")))
    (warning,) = settings.warnings
    assert warning.path == "model_list[0].litellm_params.model"
    assert why in warning.message
    assert ["openai/gpt-4o"] == candidates(settings, "good")
    with pytest.raises(ConfigError, match="no row that can be served"):
        settle(document(given))


def test_a_key_that_means_nothing_is_told_once(settle: Loader) -> None:
    """However many rows hold it: at its first place, with how many more there are."""
    rows = [row(f"m{index}", "openai/gpt-4o", {"id": str(index)}, rpm=index) for index in range(4)]
    said = told(settle(document(*rows)))
    assert [
        "model_list[0].litellm_params.rpm: has no meaning here (nor in 3 more places): rate limits",
        "model_list[0].model_info.id: has no meaning here (nor in 3 more places)",
    ] == [words.split(" are not")[0] for words in said]


def test_two_rows_that_are_one(settle: Loader) -> None:
    """The same model with the same key twice is one candidate, and other facts of it are refused aloud."""
    priced: dict[str, Any] = {"input_cost_per_token": 1, "output_cost_per_token": 1}
    settings = settle(document(row("a", "openai/gpt-4o"), row("a", "gpt-4o"), row("b", "gpt-4o", **priced)))
    assert ["openai/gpt-4o"] == candidates(settings, "a")
    same, other = told(settings)
    assert same.startswith("model_list[1].litellm_params: is the same as another row")
    assert other.startswith("model_list[2].litellm_params: says other facts")
    assert {} == settings.facts


def test_a_name_that_is_also_a_deployment(settle: Loader) -> None:
    """A `model_name` may be what the provider's model is called here, with other candidates beside it."""
    settings = settle(
        document(
            row("groq/llama-3", "groq/llama-3", api_key="os.environ/TEAM_KEY"),
            row("groq/llama-3", "groq/llama-3", api_key="os.environ/OTHER_KEY"),
        )
    )
    assert ["groq/llama-3", "groq-2/llama-3"] == candidates(settings, "groq/llama-3")


@pytest.mark.parametrize(
    ("name", "model"), [("*", "*"), ("openai/*", "openai/*"), ("*", "openai/*"), ("gpt-*", "openai/gpt-*")]
)
def test_wildcards(settle: Loader, name: str, model: str) -> None:
    """A `*` opens a shipped provider: all its models answer to their own names."""
    settings = settle(document(row(name, model)))
    assert "openai/gpt-4o" in settings.groups
    assert settings.providers["openai"].credentials == "present"


def test_yaml_as_litellm_reads_it(settle: Loader) -> None:
    """Merge keys and YAML 1.1's booleans, which its parser knows, mean the same here."""
    settings = settle(
        "model_list:\n"
        "  - model_name: a\n"
        "    litellm_params: &first {model: openai/gpt-4o, api_key: os.environ/TEAM_KEY}\n"
        "  - model_name: b\n"
        "    litellm_params: {<<: *first, model: openai/gpt-4o-mini}\n"
        "litellm_settings: {cache: yes}\n",
        {"TEAM_KEY": f"sk-{MARK}"},
    )
    assert Secret(f"sk-{MARK}") == settings.providers["openai"].api_key
    assert ["openai/gpt-4o-mini"] == candidates(settings, "b")
    assert settings.cache.store == "memory"


def test_every_prefix_has_a_dialect_of_ours() -> None:
    """A prefix that is read is a shipped provider, or a server that an OpenAI client can reach."""
    for prefix, kind in KINDS.items():
        assert (kind.row in PROVIDERS) if kind.row else not kind.ending or kind.ending == "/v1", prefix


FLEET: Any = yaml.safe_load((GOLDEN / "fleet.yaml").read_text())


@tuned(max_examples=80, deadline=None)
@given(st.data())
def test_no_file_breaks_the_import(settle: Loader, draw: st.DataObject) -> None:
    """Whatever stands in a file: settings, or mistakes that have a place and words, and never a secret."""
    settings, mistakes = outcome(settle, yaml.safe_dump(mutate(FLEET, draw)))
    assert (settings is None) == bool(mistakes)
    assert all(mistake.message for mistake in mistakes)
    assert MARK not in repr(settings) + repr(mistakes)


@tuned(max_examples=60, deadline=None)
@given(st.data())
def test_a_secret_in_any_place(settle: Loader, draw: st.DataObject) -> None:
    """A credential pasted anywhere never comes back in a message, nor in what settings show."""
    pasted = "sk-proj-9fJq8ZxkV3mT7bLw2NcRy5Hd"

    def paste(value: object) -> object:
        if isinstance(value, dict) and value:
            key = draw.draw(st.sampled_from(sorted(value)))
            if draw.draw(st.integers(0, 5)) == 0:
                return {**value, pasted: value[key]}
            return {**value, key: paste(value[key])}
        if isinstance(value, list) and value:
            index = draw.draw(st.integers(0, len(value) - 1))
            return [*value[:index], paste(value[index]), *value[index + 1 :]]
        return pasted

    settings, mistakes = outcome(settle, yaml.safe_dump(paste(FLEET)))
    warnings = settings.warnings if settings else ()
    assert pasted not in "\n".join(map(str, (*mistakes, *warnings)))
