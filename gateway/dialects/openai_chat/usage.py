"""Usage of a chat completion, both ways.

A broken meter does not break an answer. A count that is no non-negative integer is taken as not reported;
a part that exceeds its whole is cut down to it; usage without any sound total is not reported at all, and
billing predicts.
"""

from typing import Any

from gateway.dialects.frames import count
from gateway.dialects.served import served_tier
from gateway.types.money import reported_nanodollars
from gateway.types.outcome import Usage


def read_usage(value: object, tier: object = None) -> Usage | None:
    """The hub's usage. Cached, written and media tokens are inside prompt_tokens, reasoning is inside
    completion_tokens. `cpu_seconds` is the extension of our embedded engines. `tier`: the queue, as the
    answer names it beside its usage; Mistral names it within. xAI tells what it bills.
    """
    if not isinstance(value, dict):
        return None
    prompt, completion = count(value.get("prompt_tokens")), count(value.get("completion_tokens"))
    cpu = _seconds(value.get("cpu_seconds"))
    if prompt is None and completion is None and cpu is None:
        return None
    inputs = _details(value, "prompt_tokens_details", prompt)
    outputs = _details(value, "completion_tokens_details", completion)
    # DeepSeek tells its cache beside the totals.
    cached = inputs.get("cached_tokens") or _within(value.get("prompt_cache_hit_tokens"), prompt) or 0
    written = inputs.get("cache_write_tokens", 0)
    # The realtime API tells which modality its cache held, others which time a write stays.
    told = value.get("prompt_tokens_details")
    parts = _details(told, "cached_tokens_details", cached)
    kept = _details(told, "cache_write_tokens_details", written)
    ticks = count(value.get("cost_in_usd_ticks"))
    return Usage(
        input=prompt,
        output=completion,
        cached=cached,
        cache_write=written if prompt is None else min(written, prompt - cached),
        reasoning=outputs.get("reasoning_tokens", 0),
        image=inputs.get("image_tokens"),
        audio=inputs.get("audio_tokens"),
        video=inputs.get("video_tokens"),
        output_audio=outputs.get("audio_tokens", 0),
        cpu_seconds=cpu,
        cached_image=parts.get("image_tokens", 0),
        cached_audio=parts.get("audio_tokens", 0),
        cache_write_long=kept.get("ttl_12h_tokens", 0),
        tier=served_tier(tier, value.get("service_tier")),
        cost=None if ticks is None else reported_nanodollars(ticks),
    )


def own_usage(value: dict[str, Any]) -> dict[str, Any]:
    """The provider's own object, to be written again if its totals are sound; else nothing."""
    totals = ("prompt_tokens", "completion_tokens", "total_tokens")
    return value if all(count(value.get(name)) is not None for name in totals) else {}


def write_usage(usage: Usage) -> dict[str, Any]:
    """OpenAI's object; unknown totals are written as 0, since the shape has no place for not knowing."""
    prompt, completion = usage.input or 0, usage.output or 0
    inputs = {"cached_tokens": usage.cached, "audio_tokens": usage.audio or 0}
    if usage.image is not None:
        inputs["image_tokens"] = usage.image
    if usage.cache_write:
        inputs["cache_write_tokens"] = usage.cache_write
    written: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": inputs,
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": usage.output_audio,
        },
    }
    if usage.cpu_seconds is not None:
        written["cpu_seconds"] = usage.cpu_seconds
    return written


def _details(value: object, key: str, whole: int | None) -> dict[str, int]:
    """The sound counts among the details of a total, none above it."""
    held = value.get(key) if isinstance(value, dict) else None
    if not isinstance(held, dict):
        return {}
    counts = {name: _within(number, whole) for name, number in held.items()}
    return {name: number for name, number in counts.items() if number is not None}


def _within(value: object, whole: int | None) -> int | None:
    number = count(value)
    return number if number is None or whole is None else min(number, whole)


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value <= 1e9 else None  # noqa: PLR2004  # thirty years
