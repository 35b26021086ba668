"""Other people's price maps."""

from datetime import date
from typing import Any

import pytest

from gateway.catalog.maps import MapError, read_map

DAY = date(2026, 11, 27)


def test_litellm() -> None:
    """Suffixes for cliffs and tiers become places; a million tokens, a second and a page are priced."""
    found = read_map(
        {
            "sample_spec": {"input_cost_per_token": 0},
            "gpt-6-astra": {
                "litellm_provider": "openai",
                "input_cost_per_token": 1e-05,
                "input_cost_per_token_above_272k_tokens": 2e-05,
                "input_cost_per_token_batches": 5e-06,
                "input_cost_per_token_above_272k_tokens_batches": 1e-05,
                "cache_creation_input_token_cost_above_12hr": 2.5e-05,
                "max_input_tokens": 922000,
                "supports_vision": True,
            },
            "groq/whisper-large-v3": {"litellm_provider": "groq", "input_cost_per_second": 3.083e-05},
            "mistral/mistral-ocr-4": {"litellm_provider": "mistral", "ocr_cost_per_page": 0.004},
        },
        DAY,
    )
    assert found == {
        "openai/gpt-6-astra": {
            "price.input": "10",
            "above.272000.price.input": "20",
            "tiers.batch.price.input": "5",
            "tiers.batch.above.272000.price.input": "10",
            "price.cache_write_long": "25",
            "input_tokens": "922000",
        },
        "groq/whisper-large-v3": {"charge.audio.second": "0.00003083"},
        "mistral/mistral-ocr-4": {"charge.document.page": "0.004"},
    }


def test_genai_prices() -> None:
    """Of dated prices the last that holds counts, those of an hour of day do not; tiers are cliffs."""
    dated = [
        {"prices": {"input_mtok": 0.75}},
        {
            "constraint": {"start_date": "2026-11-01"},
            "prices": {"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}},
        },
        {"constraint": {"start_date": "2027-01-01"}, "prices": {"input_mtok": 9}},
        {"constraint": {"start_time": "16:30:00Z", "end_time": "00:30:00Z"}, "prices": {"input_mtok": 0.1}},
    ]
    document = [
        {"id": "google", "models": [{"id": "gemini-x", "prices": dated}, {"id": "free", "prices": {}}]}
    ]
    assert read_map(document, DAY) == {
        "gemini/gemini-x": {"price.input": "1.25", "above.200000.price.input": "2.5"}
    }


@pytest.mark.parametrize("document", [{}, [], "prices", None, {"a": 1}, [1], {"a": {"litellm_provider": 3}}])
def test_what_is_no_map(document: Any) -> None:
    """Anything else is refused with what was expected."""
    with pytest.raises(MapError, match=r"LiteLLM's .* genai-prices"):
        read_map(document, DAY)


def test_another_thing_to_buy_is_another_model() -> None:
    """LiteLLM's keys for a region or a stream of the same model are not that model."""
    row = {"litellm_provider": "deepgram", "input_cost_per_second": 1e-4}
    found = read_map(
        {"deepgram/nova-3": row, "deepgram/streaming/nova-3": row | {"input_cost_per_second": 2e-4}}, DAY
    )
    assert "0.0001" == found["deepgram/nova-3"]["charge.audio.second"]
    assert "deepgram/streaming/nova-3" in found
    bedrock = {"litellm_provider": "bedrock_converse", "input_cost_per_token": 6e-8}
    assert {"bedrock/amazon.nova-lite-v1:0"} == set(read_map({"amazon.nova-lite-v1:0": bedrock}, DAY))
