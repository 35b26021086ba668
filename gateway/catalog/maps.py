"""Other people's price maps in the catalog's words: LiteLLM's and genai-prices', for comparison alone.

A map becomes `{model: {field: value}}`, models as `provider/model`, values as decimal strings. Fields are
the catalog's: `price.input`, `above.272000.price.input`, `tiers.batch.price.input`, `charge.audio.second`.
What a map says that the catalog has no word for is left out.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeAlias

Fields: TypeAlias = dict[str, str]
Said: TypeAlias = dict[str, Fields]

_MILLION: Final = 1_000_000
# LiteLLM's price -> the catalog's, and how many of its units the catalog's price buys.
_LITELLM: Final[Mapping[str, tuple[str, int]]] = {
    "input_cost_per_token": ("input", _MILLION),
    "output_cost_per_token": ("output", _MILLION),
    "cache_read_input_token_cost": ("cached", _MILLION),
    "cache_creation_input_token_cost": ("cache_write", _MILLION),
    "cache_creation_input_token_cost_above_1hr": ("cache_write_long", _MILLION),
    "cache_creation_input_token_cost_above_12hr": ("cache_write_long", _MILLION),
    "input_cost_per_image_token": ("image", _MILLION),
    "input_cost_per_audio_token": ("audio", _MILLION),
    "input_cost_per_video_token": ("video", _MILLION),
    "cache_read_input_audio_token_cost": ("cached_audio", _MILLION),
    "cache_read_input_image_token_cost": ("cached_image", _MILLION),
    "output_cost_per_audio_token": ("output_audio", _MILLION),
    "output_cost_per_image_token": ("output_image", _MILLION),
    "output_cost_per_reasoning_token": ("reasoning", _MILLION),
    "input_cost_per_second": ("charge.audio.second", 1),
    "ocr_cost_per_page": ("charge.document.page", 1),
}
LITELLM_TOKEN_PRICES: Final[Mapping[str, str]] = {
    said: price for said, (price, per) in _LITELLM.items() if per == _MILLION
}
"""LiteLLM's prices of one token -> the catalog's prices of a million."""

_LITELLM_TIERS: Final = {
    "batches": "batch",
    "flex": "flex",
    "priority": "priority",
    "ultrafast": "ultrafast",
}
_LITELLM_KEY: Final = re.compile(
    r"(?P<price>.+?)(?:_above_(?P<above>\d{1,6})k_tokens)?(?:_(?P<tier>batches|flex|priority|ultrafast))?"
)
_GENAI: Final[Mapping[str, str]] = {
    "input_mtok": "input",
    "output_mtok": "output",
    "cache_read_mtok": "cached",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_long",
    "input_audio_mtok": "audio",
    "cache_audio_read_mtok": "cached_audio",
    "output_audio_mtok": "output_audio",
    "output_reasoning_mtok": "reasoning",
}
# How maps call a provider that the catalog calls otherwise.
_PROVIDERS: Final = {"google": "gemini", "x-ai": "xai", "bedrock_converse": "bedrock"}


class MapError(ValueError):
    """A file that is neither of the two maps; its text says what was expected."""


def read_map(document: object, on: date) -> Said:
    """A map as it was parsed from JSON, LiteLLM's (an object) or genai-prices' (a list), on a day."""
    if isinstance(document, dict):
        found = dict(_litellm(document))
    elif isinstance(document, list):
        found = dict(_genai(document, on))
    else:
        found = {}
    if not found:
        raise MapError(
            "no prices were found; LiteLLM's model_prices_and_context_window.json or genai-prices' data.json "
            "is needed"
        )
    return found


def _litellm(document: Mapping[str, Any]) -> Iterator[tuple[str, Fields]]:
    for key, row in document.items():
        if not isinstance(row, dict) or not isinstance(row.get("litellm_provider"), str):
            continue
        provider = _PROVIDERS.get(row["litellm_provider"], row["litellm_provider"])
        # What stands between is another thing to buy: a region, a stream.
        name = key.removeprefix(f"{row['litellm_provider']}/")
        fields: Fields = {}
        for said, amount in row.items():
            field = _litellm_field(said)
            if field is not None and _number(amount):
                fields.setdefault(field[0], _plain(Decimal(str(amount)) * field[1]))
        for limit in ("max_input_tokens", "max_output_tokens"):
            if _number(row.get(limit)):
                fields[_LIMITS[limit]] = str(int(row[limit]))
        if fields:
            yield f"{provider}/{name}", fields


_LIMITS: Final = {"max_input_tokens": "input_tokens", "max_output_tokens": "max_output_tokens"}


def _litellm_field(said: str) -> tuple[str, int] | None:
    match = _LITELLM_KEY.fullmatch(said)
    known = _LITELLM.get(match["price"]) if match else None
    if match is None or known is None:
        return None
    price, per = known
    tier, above = _LITELLM_TIERS.get(match["tier"] or ""), match["above"]
    place = price if price.startswith("charge.") else f"price.{price}"
    if above:
        place = f"above.{int(above) * 1000}.{place}"
    return (f"tiers.{tier}.{place}" if tier else place, per)


def _genai(providers: Iterable[Any], on: date) -> Iterator[tuple[str, Fields]]:
    for provider in providers:
        if not isinstance(provider, dict):
            continue
        owner = _PROVIDERS.get(str(provider.get("id")), str(provider.get("id")))
        for model in provider.get("models") or ():
            prices = _holding(model.get("prices"), on) if isinstance(model, dict) else None
            fields = dict(_genai_fields(prices or {}))
            if fields:
                yield f"{owner}/{model.get('id')}", fields


def _holding(prices: object, on: date) -> Mapping[str, Any] | None:
    """The price that holds on a day: the last of those whose start has come; times of day are not asked."""
    if isinstance(prices, dict):
        return prices
    found = None
    for given in prices if isinstance(prices, list) else ():
        condition = given.get("constraint") or {}
        start = condition.get("start_date")
        timed = bool(condition.keys() - {"start_date", "type"})
        if not timed and (start is None or date.fromisoformat(start) <= on):
            found = given.get("prices")
    return found if isinstance(found, dict) else None


def _genai_fields(prices: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for said, amount in prices.items():
        price = _GENAI.get(said)
        if price is None:
            continue
        base = amount.get("base") if isinstance(amount, dict) else amount
        if _number(base):
            yield f"price.{price}", _plain(Decimal(str(base)))
        for step in amount.get("tiers", ()) if isinstance(amount, dict) else ():
            yield f"above.{step['start']}.price.{price}", _plain(Decimal(str(step["price"])))


def _number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return re.fullmatch(r"\d+(\.\d+)?", value) is not None
    return isinstance(value, (int, float)) and value >= 0


def _plain(amount: Decimal) -> str:
    # A float's tail is no price: nobody charges by less than a millionth of the price itself.
    return format(amount.quantize(Decimal("1e-9")).normalize(), "f")
