"""What a row says of its model, as facts of the catalog."""

from typing import Any

import msgspec
import pytest

from gateway.catalog import Catalog
from gateway.config.litellm.facts import record
from gateway.providers import PROVIDERS
from tests.config.conftest import Loader
from tests.config.litellm.writing import document, row, told


@pytest.mark.parametrize("name", [name for name, row in PROVIDERS.items() if not row.embedded])
def test_a_model_is_the_same_under_another_provider(name: str, catalog: Catalog) -> None:
    """All that routing and billing know of a shipped model holds for it behind a second key."""
    mine = [found for model in catalog.names() if (found := catalog.get(model)) and found.provider == name]
    assert mine
    for known in mine:
        twin = f"{name}-2/{known.name.partition('/')[2]}"
        other = catalog.merged({twin: record(known)}).get(twin)
        assert other is not None
        same = {"name", "provider", "upstream_model", "source", "valid_from", "valid_to"}
        differing = {
            field.name
            for field in msgspec.structs.fields(known)
            if getattr(known, field.name) != getattr(other, field.name)
        }
        # The certainty of an image rule may be told with less confidence, never with more.
        assert differing <= same | {"image_confirmed"}, known.name
        assert other.image_confirmed <= known.image_confirmed


def test_an_unknown_model_is_told_what_is_taken_for_granted(settle: Loader) -> None:
    """Without a price, calls to one's own server count as free, others as unpriced; both are told."""
    priced = {"supports_vision": False, "input_cost_per_token": 0, "output_cost_per_token": 0}
    settings = settle(
        document(
            row("own", "ollama/mystery", api_base="http://gpu-1:11434"),
            row("plain", "openai/mystery", api_base="http://gpu-2:8000/v1"),
            row("hosted", "openai/mystery"),
            row("said", "openai/other", priced),
            row("seen", "ollama/llava:7b", api_base="http://gpu-1:11434"),
        )
    )
    free = {"input": "0", "output": "0"}
    assert free == settings.facts["gpu-1/mystery"]["price"] == settings.facts["gpu-2/mystery"]["price"]
    assert "price" not in settings.facts["openai/mystery"]
    assert "llava-1.5" == settings.facts["gpu-1/llava:7b"]["image_rule"]
    said = told(settings)
    assert [0, 1, 2, 4] == [int(words[len("model_list[")]) for words in said]
    assert ["free" in words for words in said] == [True, True, False, True]
    assert "no price is known" in said[2]


@pytest.mark.parametrize(
    ("params", "price"),
    [
        (
            {"input_cost_per_token": 2.5e-6, "output_cost_per_token": "0.00001"},
            {"input": "2.5", "output": "10"},
        ),
        ({"input_cost_per_token": 1e-6}, {"input": "1", "output": "10"}),
        (
            {"input_cost_per_token": 1e-6, "cache_read_input_token_cost": 1e-7},
            {"input": "1", "output": "10", "cached": "0.1"},
        ),
        ({"input_cost_per_token": 0, "output_cost_per_token": 0}, {"input": "0", "output": "0"}),
        (
            {"input_cost_per_token": 1e-6, "cache_creation_input_token_cost_above_12hr": 2e-6},
            {"input": "1", "output": "10", "cache_write_long": "2"},
        ),
    ],
)
def test_prices(settle: Loader, params: dict[str, Any], price: dict[str, str]) -> None:
    """Dollars of a token become dollars of a million; what a row does not say of a known model stays."""
    assert price == settle(document(row("a", "openai/gpt-4o", **params))).facts["openai/gpt-4o"]["price"]
    assert price == settle(document(row("a", "openai/gpt-4o", params))).facts["openai/gpt-4o"]["price"]


def test_a_price_that_rises_with_the_prompt(settle: Loader) -> None:
    """LiteLLM's thresholds are the catalog's."""
    info = {
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 2e-6,
        "input_cost_per_token_above_200k_tokens": 3e-6,
        "output_cost_per_token_above_200k_tokens": 4e-6,
    }
    laid = settle(document(row("a", "openai/mystery", info))).facts["openai/mystery"]
    assert [{"tokens": 200_000, "price": {"input": "3", "output": "4"}}] == laid["above"]


def test_half_a_price_is_none(settle: Loader) -> None:
    """A model of which one side's price is unknown is unpriced, and told so."""
    settings = settle(document(row("a", "openai/mystery", output_cost_per_token=1e-6)))
    assert "price" not in settings.facts["openai/mystery"]
    assert any("`input_cost_per_token` is missing beside it" in words for words in told(settings))
