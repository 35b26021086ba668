"""The schema of the catalog's records, read strictly: every mistake at once, each with its place.

A TOML file holds `[defaults]` (keys that its models share), `[[image_rule]]`, `[[audio_rule]]`,
`[[video_rule]]`, `[[tokenizer]]` and `[[model]]` records. Prices are decimal strings, dollars per million
tokens; quoted, so that no float ever stands for money. What is sold by other units has `charges`.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.catalog import audio, images, video
from gateway.catalog.documents import PageRule, PageTokens
from gateway.catalog.facts import (
    Caching,
    Chat,
    Confidence,
    MaxTokensField,
    MediaLimit,
    OffPeak,
    Quality,
    Rate,
    Selling,
    Service,
    ToolsPrompt,
    Work,
)
from gateway.types.money import Direction, Freshness, Modality, Unit
from gateway.types.terms import Tier
from gateway.types.weight import Encoding, Feature, Script

Amount = Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$")]
Positive = Annotated[int, Meta(gt=0)]
Name = Annotated[str, Meta(pattern=r"^[^/\s]+/\S+$")]
Text = Annotated[str, Meta(min_length=1)]

_HOUR = 3600
_MILLION = 1_000_000


class Price(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Dollars per million tokens, or the cost of the machine that makes them.

    `cached`, `cache_write`: tokens read from the provider's prompt cache, and kept there; `_long` for the
    longer of two times. `image`, `audio`, `video`, `document`: input tokens that cost other than text, and
    `cached_image`, `output_image` and so on. `cpu_hour`: dollars of one
    vCPU hour, for engines whose media are priced by CPU seconds. `gpu_second_usd` with
    `tokens_per_second` prices a private server: each token costs its share of the second.
    """

    input: Amount | None = None
    output: Amount | None = None
    cached: Amount | None = None
    cache_write: Amount | None = None
    cache_write_long: Amount | None = None
    reasoning: Amount | None = None
    image: Amount | None = None
    audio: Amount | None = None
    video: Amount | None = None
    document: Amount | None = None
    cached_image: Amount | None = None
    cached_audio: Amount | None = None
    output_image: Amount | None = None
    output_audio: Amount | None = None
    cpu_hour: Amount | None = None
    gpu_second_usd: Amount | None = None
    tokens_per_second: Positive | None = None


class Above(Struct, frozen=True, forbid_unknown_fields=True):
    """Prices that hold for the whole request once its prompt has more tokens than `tokens`."""

    tokens: Positive
    price: Price


class Charge(Struct, frozen=True, forbid_unknown_fields=True):
    """Dollars that buy `per` units of what is no token: an hour of audio, a thousand pages.

    A request is charged `least` units at least, and whole `step`s only. `option`: what must be asked for
    beside, to be charged this on top.
    """

    modality: Modality
    unit: Unit
    usd: Amount
    per: Positive = 1
    direction: Direction = "in"
    least: Amount = "0"
    step: Amount = "0"
    option: Text | None = None


class ModelRecord(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A `[[model]]`. `input`, `output`: modalities. `image_rule`, `audio_rule`, `video_rule`: the name of a
    rule, or a rule in place. `tiers`, `regions`: multiples of the price by service tier, and by region.

    `tokenizer`: the family whose scripts have factors of their own, `token_factor` being all others'.
    `checked`: the day of the source, the last on which the price is known to have held.
    """

    name: Name
    input: tuple[Modality, ...]
    source: Text
    valid_from: date
    confidence: Confidence
    output: tuple[Modality, ...] = ("text",)
    operations: tuple[Service, ...] = ("chat",)
    upstream_model: Text | None = None
    features: tuple[Feature, ...] = ("streaming", "system")
    encoding: Encoding = "o200k_base"
    token_factor: Amount = "1"  # noqa: S105 - a number of tokens, no secret
    token_error: Amount = "0"  # noqa: S105
    tokenizer: Text | None = None
    tools_exact: bool = False
    chat: Chat = Chat()
    tools_prompt: ToolsPrompt | None = None
    context_tokens: Positive | None = None
    input_tokens: Positive | None = None
    max_output_tokens: Positive | None = None
    image_rule: str | dict[str, Any] | None = None
    image_confirmed: bool = True
    page_tokens: PageTokens | None = None
    page_rule: PageRule | None = None
    audio_rule: str | dict[str, Any] | None = None
    video_rule: str | dict[str, Any] | None = None
    work: Work | None = None
    limits: dict[Modality, MediaLimit] = {}
    request_bytes: Positive | None = None
    price: Price | None = None
    above: tuple[Above, ...] = ()
    charges: tuple[Charge, ...] = ()
    tiers: dict[Tier, Amount] = {}
    regions: dict[Text, Amount] = {}
    off_peak: OffPeak | None = None
    caching: Caching | None = None
    quality: Quality | None = None
    max_tokens_field: MaxTokensField = "max_tokens"
    drop_sampling: bool = False
    needs_media: bool = False
    standby: Text | None = None
    valid_to: date | None = None
    checked: date | None = None


class ScriptRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens for one of the encoding's, and how far off that may be, as a share."""

    factor: Amount
    error: Amount


class TokenizerRecord(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A `[[tokenizer]]`: a family without a public tokenizer, against the encoding its models name."""

    name: Text
    script: dict[Script, ScriptRecord]
    source: Text
    valid_from: date
    confidence: Confidence
    valid_to: date | None = None


class RuleRecord(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The head of a rule; its other keys are those of the rule that `kind` names."""

    name: Text
    kind: Text
    source: Text
    valid_from: date
    confidence: Confidence
    valid_to: date | None = None


T = TypeVar("T", bound=Struct)


def decode(kind: type[T], raw: Mapping[str, Any], place: str, mistakes: list[str]) -> T | None:
    """`raw` as a record; None with the mistakes noted, one for each key that is wrong."""
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError:
        return _key_by_key(kind, raw, place, mistakes)


def _key_by_key(kind: type[T], raw: Mapping[str, Any], place: str, mistakes: list[str]) -> T | None:
    """As `decode`, for a record that did not go at once."""
    fields = _fields(kind)
    before = len(mistakes)
    values: dict[str, Any] = {}
    mistakes += [f"{place}: unknown key `{key}`" for key in raw if key not in fields]
    for key, field in fields.items():
        if key not in raw:
            if field.required:
                mistakes.append(f"{place}: `{key}` is missing")
            continue
        try:
            values[field.name] = msgspec.convert(raw[key], field.type)
        except msgspec.ValidationError as error:
            mistakes.append(f"{place}: `{key}`: {_plain(str(error))}")
    if len(mistakes) > before:
        return None
    return kind(**values)


@cache
def _fields(kind: type[Struct]) -> Mapping[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _plain(message: str) -> str:
    """Words of msgspec for a person: a regex that failed is a decimal, or a name, that was not given."""
    if "matching regex" in message and ":" in message.partition("regex")[2].partition(" - ")[0]:
        return 'a time of day in quotes is needed, like "16:30"' + _at(message)
    if "matching regex" in message and r"\d" in message:
        return 'a decimal number in quotes is needed, like "2.50"' + _at(message)
    if "matching regex" in message:
        return "`provider/model` is needed"
    return message


def _at(message: str) -> str:
    place = message.partition(" - at ")[2]
    return f" (at {place})" if place else ""


# Sections of rules -> the kinds of each.
RULE_KINDS: Mapping[str, Mapping[str, type[Any]]] = {
    "image_rule": images.RULES,
    "audio_rule": audio.RULES,
    "video_rule": video.RULES,
}


def decode_rule(section: str, raw: Mapping[str, Any], place: str, mistakes: list[str]) -> Any:
    """A rule: `kind` names it, the other keys are its parameters; None with the mistakes noted."""
    kinds = RULE_KINDS[section]
    kind = str(raw.get("kind"))
    if kind not in kinds:
        mistakes.append(f"{place}: `kind` must be one of {', '.join(sorted(kinds))}")
        return None
    parameters = {key: value for key, value in raw.items() if key != "kind"}
    return decode(kinds[kind], parameters, place, mistakes)


_TOKEN_PRICES: dict[str, tuple[Modality, Direction, Freshness]] = {
    "input": ("text", "in", "fresh"),
    "output": ("text", "out", "fresh"),
    "cached": ("text", "in", "cached"),
    "cache_write": ("text", "in", "cache_write"),
    "cache_write_long": ("text", "in", "cache_write_long"),
    "reasoning": ("text", "out", "reasoning"),
    "image": ("image", "in", "fresh"),
    "audio": ("audio", "in", "fresh"),
    "video": ("video", "in", "fresh"),
    "document": ("document", "in", "fresh"),
    "cached_image": ("image", "in", "cached"),
    "cached_audio": ("audio", "in", "cached"),
    "output_image": ("image", "out", "fresh"),
    "output_audio": ("audio", "out", "fresh"),
}
_WORKED: tuple[Modality, ...] = ("image", "document")


@lru_cache(maxsize=4096)
def rates(price: Price, above: int = 0) -> tuple[Rate, ...]:
    """The price as one rate for each modality, direction and kind."""
    found = []
    for key, (modality, direction, kind) in _TOKEN_PRICES.items():
        amount = getattr(price, key)
        if amount is not None:
            found.append(Rate(modality, direction, amount, kind=kind, above=above))
    if price.cpu_hour is not None:
        found += [
            Rate(modality, "in", price.cpu_hour, unit="cpu_second", per=_HOUR, above=above)
            for modality in _WORKED
        ]
    if price.gpu_second_usd is not None and price.tokens_per_second is not None:
        share = Decimal(price.gpu_second_usd) * _MILLION / price.tokens_per_second
        amount = format(share.quantize(Decimal("0.000001")), "f")
        found += [Rate("text", "in", amount, above=above), Rate("text", "out", amount, above=above)]
    return tuple(found)


def price_key(rate: Rate) -> str | None:
    """What a price calls the amount of a token's rate; None for another rate."""
    return _KEYS.get((rate.modality, rate.direction, rate.kind)) if rate.unit == "token" else None


_KEYS: Mapping[tuple[Modality, Direction, Freshness], str] = {
    place: key for key, place in _TOKEN_PRICES.items()
}


def all_rates(record: ModelRecord) -> tuple[Rate, ...]:
    """Every rate of a record: tokens, tokens of long prompts, and what is sold by other units."""
    found = rates(record.price) if record.price else ()
    found += tuple(rate for step in record.above for rate in rates(step.price, step.tokens))
    return found + tuple(
        Rate(
            charge.modality,
            charge.direction,
            charge.usd,
            unit=charge.unit,
            per=charge.per,
            least=charge.least,
            step=charge.step,
            option=charge.option,
        )
        for charge in record.charges
    )


def selling(record: ModelRecord) -> Selling:
    """At which other rates a model is sold."""
    return Selling(record.tiers, record.regions, record.off_peak, record.caching)


# What a medium costs must be said in one of these ways.
_COUNTED: Mapping[Modality, tuple[str, str]] = {
    "image": ("image_rule", "an image"),
    "document": ("page_tokens", "a page"),
    "audio": ("audio_rule", "a second"),
    "video": ("video_rule", "a second"),
}
# Text is counted by what every record says.
_NEEDS_NONE = ("encoding", "a token")


def sense(record: ModelRecord, place: str) -> list[str]:
    """What is wrong with a record whose every key is well-formed."""
    found = []
    if record.valid_to is not None and record.valid_to <= record.valid_from:
        found.append(f"{place}: `valid_to` must be later than `valid_from`")
    if "text" not in record.input and "chat" in record.operations:
        found.append(f"{place}: `input` must name text")
    for modality in record.input:
        key, unit = _COUNTED.get(modality, _NEEDS_NONE)
        if getattr(record, key) is None and not _charged(record, modality):
            found.append(f"{place}: `{key}` is missing: what does {unit} cost?")
    return found + _sense_of_price(record, place)


def _charged(record: ModelRecord, modality: Modality) -> bool:
    """Whether a medium without a rule has a charge of its own, or work that is priced."""
    charged = any(item.modality == modality and item.direction == "in" for item in record.charges)
    return charged or (record.work is not None and modality in _WORKED)


def _sense_of_price(record: ModelRecord, place: str) -> list[str]:
    found = []
    price = record.price
    if record.above and price is None:
        found.append(f"{place}: `above` needs a `price` to rise from")
    if len(record.above) > 1 and any(a.tokens >= b.tokens for a, b in pairwise(record.above)):
        found.append(f"{place}: `above`: each step must be of more tokens than the one before")
    sold = {(charge.modality, charge.direction, charge.unit, charge.option) for charge in record.charges}
    if len(sold) != len(record.charges):
        found.append(f"{place}: `charges`: one modality and unit has two prices")
    if price is None:
        return found
    if (price.gpu_second_usd is None) != (price.tokens_per_second is None):
        found.append(f"{place}: `price`: `gpu_second_usd` and `tokens_per_second` belong together")
    whole = price.input is not None and price.output is not None
    if "chat" in record.operations and price.gpu_second_usd is None and not whole:
        found.append(f"{place}: `price` needs both `input` and `output`")
    return found
