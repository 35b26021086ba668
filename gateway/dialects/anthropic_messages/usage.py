"""Usage of Messages, both ways. The rule for broken meters is that of `openai_chat.usage`."""

from typing import Any, Final

from gateway.dialects.frames import count
from gateway.dialects.served import served_tier
from gateway.types.outcome import Usage

# Words of `inference_geo` for no region: the work may be done anywhere, or the model is older than the word.
_ANYWHERE: Final = frozenset({"", "global", "not_available"})


def read_usage(value: dict[str, Any]) -> Usage | None:
    """The hub's usage: all input is the SUM of fresh, written and read tokens here."""
    fresh, output = count(value.get("input_tokens")), count(value.get("output_tokens"))
    if fresh is None and output is None:
        return None
    cached = count(value.get("cache_read_input_tokens")) or 0
    written = count(value.get("cache_creation_input_tokens")) or 0
    kept = value.get("cache_creation")
    long = count(kept.get("ephemeral_1h_input_tokens")) if isinstance(kept, dict) else None
    details = value.get("output_tokens_details")
    thinking = count(details.get("thinking_tokens")) if isinstance(details, dict) else None
    place = value.get("inference_geo")
    return Usage(
        input=None if fresh is None else fresh + cached + written,
        output=output,
        cached=cached,
        cache_write=written,
        reasoning=min(thinking or 0, output) if output is not None else thinking or 0,
        cpu_seconds=None,
        cache_write_long=min(long or 0, written),
        tier=served_tier(value.get("service_tier")),
        region=place if isinstance(place, str) and place not in _ANYWHERE else None,
    )


def write_usage(usage: Usage) -> dict[str, Any]:
    """Anthropic's object; unknown totals are written as 0, since the shape has no place for not knowing."""
    return {
        "input_tokens": max((usage.input or 0) - usage.cached - usage.cache_write, 0),
        "cache_creation_input_tokens": usage.cache_write,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": usage.output or 0,
    }
