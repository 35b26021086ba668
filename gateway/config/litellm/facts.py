"""What a row says of its model, and what the catalog says, as facts in the catalog's words."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct

from gateway.catalog import Catalog, ModelFacts
from gateway.catalog.facts import CONFIRMED, Rate
from gateway.catalog.maps import LITELLM_TOKEN_PRICES
from gateway.catalog.schema import ModelRecord, Price, rates
from gateway.config import families
from gateway.config.litellm.tree import Section

_MILLION: Final = 1_000_000
_ABOVE: Final = re.compile("(.+)_above_([0-9]{1,6})k_tokens")
_FEATURES: Final = {
    "supports_function_calling": "tools",
    "supports_response_schema": "schema",
    "supports_native_streaming": "streaming",
    "supports_system_messages": "system",
}
_ALL: Final = ("tools", "schema", "streaming", "system", "choices")
_FREE: Final = {"input": "0", "output": "0"}
# Keys of a price that are no price of a token.
_NO_TOKENS: Final = {"cpu_hour", "gpu_second_usd", "tokens_per_second"}
# Keys of a record that are not the model's, but the record's.
_HEAD: Final = {"name", "upstream_model", "valid_from", "valid_to"}
_TOKENS: Final = "a number of tokens"


class Told(Struct, frozen=True):
    """Facts to lay over the catalog, empty where it knows all. `assumed`: what nobody said, as words."""

    facts: dict[str, Any]
    assumed: tuple[str, ...] = ()
    priced: bool = True


class Asked(Struct, frozen=True):
    """A model. `names`: what the catalog may know it as, the best first. `provider`: the one it gets.

    `own`: a call costs no dollars unless the row says so.
    """

    names: tuple[str, ...]
    provider: str
    own: bool


def told(asked: Asked, catalog: Catalog, params: Section, info: Section) -> Told:
    """The facts of a row's model: the catalog's where it knows it, with what the row says over them."""
    known = next((found for name in asked.names if (found := catalog.get(name)) is not None), None)
    price, above = _price(params, info, known)
    given: dict[str, Any] = {} if price is None else {"price": price} | ({"above": above} if above else {})
    given |= _limits(info)
    if known is None:
        return _unknown(asked, given, info)
    _agree(info, known)
    # Under another provider's name the catalog knows nothing of it.
    copied = {} if asked.names[0] == known.name and asked.provider == known.provider else record(known)
    if price is not None:
        copied.pop("above", None)
    return Told(copied | given, priced=price is not None or known.priced)


def _unknown(asked: Asked, given: dict[str, Any], info: Section) -> Told:
    assumed: list[str] = []
    vision = info.flag("supports_vision")
    facts: dict[str, Any] = {"input": ["text"], "features": _features(info)}
    if vision or (vision is None and families.image_rule(asked.names[0])):
        facts |= families.sight(asked.names[0])
    elif vision is None:
        assumed.append("it is taken for a text model (`model_info: {supports_vision: true}` says otherwise)")
    if "price" not in given and asked.own:
        facts["price"] = dict(_FREE)
        assumed.append("calls count as free (input_cost_per_token, output_cost_per_token say otherwise)")
    elif "price" not in given:
        assumed.append("no price is known (input_cost_per_token and output_cost_per_token say one)")
    return Told(facts | given, tuple(assumed), priced="price" in given or asked.own)


def _features(info: Section) -> list[str]:
    """Everything, less what the row denies: LiteLLM would send it too."""
    denied = {feature for key, feature in _FEATURES.items() if info.flag(key) is False}
    return [feature for feature in _ALL if feature not in denied]


def _agree(info: Section, known: ModelFacts) -> None:
    """Where the catalog knows the model, what the row says of its abilities is at most a repetition."""
    seen = {
        "supports_vision": "image" in known.modalities_in,
        "supports_pdf_input": "document" in known.modalities_in,
        **{key: feature in known.features for key, feature in _FEATURES.items()},
    }
    for key, fact in seen.items():
        if info.flag(key) not in {None, fact}:
            info.ignore(key, f"the catalog says that {known.name} {'does' if fact else 'does not'}")


def _limits(info: Section) -> dict[str, Any]:
    """How much goes in and comes out. LiteLLM's older `max_tokens` is what comes out."""
    most = {
        "input_tokens": info.number("max_input_tokens", _TOKENS),
        "max_output_tokens": info.number("max_output_tokens", _TOKENS),
    }
    legacy = info.number("max_tokens", _TOKENS)
    most["max_output_tokens"] = most["max_output_tokens"] or legacy
    return {key: int(value) for key, value in most.items() if value}


def _price(
    params: Section, info: Section, known: ModelFacts | None
) -> tuple[dict[str, str] | None, list[dict[str, Any]]]:
    """The row's own price and what it rises to in long prompts; None when it names none, or half of one."""
    price = _amounts(params, info, LITELLM_TOKEN_PRICES)
    steps: dict[int, dict[str, str]] = {}
    for key in [*params, *info]:
        match = _ABOVE.fullmatch(key)
        if match and match[1] in LITELLM_TOKEN_PRICES:
            steps.setdefault(int(match[2]) * 1000, {}).update(
                _amounts(params, info, {key: LITELLM_TOKEN_PRICES[match[1]]})
            )
    if not price:
        return None, []
    if known is not None:
        price = _base(known.rates, ("input", "output")) | price
    lacking = {"input", "output"} - price.keys()
    if lacking:
        for section in (params, info):
            for key in set(section) & LITELLM_TOKEN_PRICES.keys():
                section.ignore(key, f"`{min(lacking)}_cost_per_token` is missing beside it")
        return None, []
    return price, [{"tokens": tokens, "price": step} for tokens, step in sorted(steps.items())]


def _amounts(params: Section, info: Section, names: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, ours in names.items():
        # `litellm_params` win; both are read, so that neither is told to mean nothing.
        for section in (info, params):
            amount = section.number(key, "an amount of dollars for one token")
            if amount is not None:
                found[ours] = _million(amount)
    return found


def _million(amount: Decimal) -> str:
    return format((amount * _MILLION).normalize(), "f")


def _words() -> dict[tuple[str, str, str], str]:
    """What the catalog calls the price of each rate of a token."""
    tokens = {field.name for field in msgspec.structs.fields(Price)} - _NO_TOKENS
    named: dict[tuple[str, str, str], str] = {}
    for name in sorted(tokens):
        (rate,) = rates(msgspec.convert({name: "0"}, Price))
        named[rate.modality, rate.direction, rate.kind] = name
    return named


_NAMED: Final = _words()


def _base(known: Iterable[Rate], keys: Iterable[str] | None = None, above: int = 0) -> dict[str, str]:
    named = {
        _NAMED[rate.modality, rate.direction, rate.kind]: rate.rate_usd
        for rate in known
        if rate.above == above and rate.unit == "token"
    }
    return named if keys is None else {key: named[key] for key in keys if key in named}


def _charge(rate: Rate) -> dict[str, Any]:
    """A rate of what is no token, as the catalog writes it."""
    told = {
        "modality": rate.modality,
        "direction": rate.direction,
        "unit": rate.unit,
        "usd": rate.rate_usd,
        "per": rate.per,
        "least": rate.least,
        "step": rate.step,
    }
    return told if rate.option is None else told | {"option": rate.option}


def record(known: ModelFacts) -> dict[str, Any]:
    """The facts of a model as an operator would write them, to say them of the same model elsewhere."""
    plain: dict[str, Any] = msgspec.to_builtins(known)
    keys = {field.encode_name for field in msgspec.structs.fields(ModelRecord)} - _HEAD
    facts = {key: value for key, value in plain.items() if key in keys and value is not None}
    facts["input"] = sorted(known.modalities_in)
    facts["output"] = sorted(known.modalities_out)
    facts |= msgspec.to_builtins(known.selling)
    facts["charges"] = [_charge(rate) for rate in known.rates if rate.unit != "token"]
    facts["image_confirmed"] = known.image_confirmed and known.confidence in CONFIRMED
    facts["source"] = f"{known.name}: {known.source}"
    if known.rates:
        facts["price"] = _base(known.rates)
        cliffs = sorted({rate.above for rate in known.rates} - {0})
        facts["above"] = [{"tokens": cliff, "price": _base(known.rates, above=cliff)} for cliff in cliffs]
    return facts
