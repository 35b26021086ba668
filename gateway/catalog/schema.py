"""The schema of the catalog's records, read strictly: every mistake at once, each with its place.

A TOML file holds `[defaults]` (keys that its models share), `[[image_rule]]` and `[[model]]` records.
Prices are decimal strings, dollars per million tokens; quoted, so that no float ever stands for money.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.catalog.facts import Chat, Confidence, MaxTokensField, MediaLimit, Range, Rate, ToolsPrompt, Work
from gateway.catalog.images import RULES, ImageRule
from gateway.types.money import Direction, Freshness, Modality
from gateway.types.weight import Encoding, Feature, Script

Amount = Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$")]
Positive = Annotated[int, Meta(gt=0)]
Name = Annotated[str, Meta(pattern=r"^[^/\s]+/\S+$")]
Text = Annotated[str, Meta(min_length=1)]

_HOUR = 3600
_MILLION = 1_000_000


class Price(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Dollars per million tokens, or the cost of the machine that makes them.

    `image`, `audio`, `document`: input tokens that cost other than text. `cpu_hour`: dollars of one
    vCPU hour, for engines whose media are priced by CPU seconds. `gpu_second_usd` with
    `tokens_per_second` prices a private server: each token costs its share of the second.
    """

    input: Amount | None = None
    output: Amount | None = None
    cached: Amount | None = None
    cache_write: Amount | None = None
    reasoning: Amount | None = None
    image: Amount | None = None
    audio: Amount | None = None
    document: Amount | None = None
    cached_audio: Amount | None = None
    output_audio: Amount | None = None
    cpu_hour: Amount | None = None
    gpu_second_usd: Amount | None = None
    tokens_per_second: Positive | None = None


class Above(Struct, frozen=True, forbid_unknown_fields=True):
    """Prices that hold for the whole request once its prompt has more tokens than `tokens`."""

    tokens: Positive
    price: Price


class ModelRecord(Struct, frozen=True, kw_only=True):
    """A `[[model]]`. `input`: modalities. `image_rule`: the name of a rule, or a rule in place.

    `tokenizer`: the family whose scripts have factors of their own, `token_factor` being all others'.
    """

    name: Name
    input: tuple[Modality, ...]
    source: Text
    valid_from: date
    confidence: Confidence
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
    page_tokens: Range | None = None
    audio_tokens_per_second: Positive | None = None
    work: Work | None = None
    limits: dict[Modality, MediaLimit] = {}
    request_bytes: Positive | None = None
    price: Price | None = None
    above: tuple[Above, ...] = ()
    max_tokens_field: MaxTokensField = "max_tokens"
    drop_sampling: bool = False
    needs_media: bool = False
    standby: Text | None = None
    valid_to: date | None = None


class ScriptRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens for one of the encoding's, and how far off that may be, as a share."""

    factor: Amount
    error: Amount


class TokenizerRecord(Struct, frozen=True, kw_only=True):
    """A `[[tokenizer]]`: a family without a public tokenizer, against the encoding its models name."""

    name: Text
    script: dict[Script, ScriptRecord]
    source: Text
    valid_from: date
    confidence: Confidence
    valid_to: date | None = None


class RuleRecord(Struct, frozen=True, kw_only=True):
    """The head of an `[[image_rule]]`; its other keys are those of the rule that `kind` names."""

    name: Text
    kind: Text
    source: Text
    valid_from: date
    confidence: Confidence
    valid_to: date | None = None


T = TypeVar("T", bound=Struct)


def decode(kind: type[T], raw: Mapping[str, Any], place: str, mistakes: list[str]) -> T | None:
    """`raw` as a record; None with the mistakes noted, one for each key that is wrong."""
    before = len(mistakes)
    values: dict[str, Any] = {}
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
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


def _plain(message: str) -> str:
    """Words of msgspec for a person: a regex that failed is a decimal, or a name, that was not given."""
    if "matching regex" in message and r"\d" in message:
        return 'a decimal number in quotes is needed, like "2.50"' + _at(message)
    if "matching regex" in message:
        return "`provider/model` is needed"
    return message


def _at(message: str) -> str:
    place = message.partition(" - at ")[2]
    return f" (at {place})" if place else ""


def decode_rule(raw: Mapping[str, Any], place: str, mistakes: list[str]) -> ImageRule | None:
    """An image rule: `kind` names it, the other keys are its parameters."""
    kind = raw.get("kind")
    if kind not in RULES:
        mistakes.append(f"{place}: `kind` must be one of {', '.join(sorted(RULES))}")
        return None
    parameters = {key: value for key, value in raw.items() if key != "kind"}
    return decode(RULES[kind], parameters, place, mistakes)


_TOKEN_PRICES: dict[str, tuple[Modality, Direction, Freshness]] = {
    "input": ("text", "in", "fresh"),
    "output": ("text", "out", "fresh"),
    "cached": ("text", "in", "cached"),
    "cache_write": ("text", "in", "cache_write"),
    "reasoning": ("text", "out", "reasoning"),
    "image": ("image", "in", "fresh"),
    "audio": ("audio", "in", "fresh"),
    "document": ("document", "in", "fresh"),
    "cached_audio": ("audio", "in", "cached"),
    "output_audio": ("audio", "out", "fresh"),
}
_WORKED: tuple[Modality, ...] = ("image", "document")


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


def sense(record: ModelRecord, place: str) -> list[str]:
    """What is wrong with a record whose every key is well-formed."""
    found = []
    price = record.price
    if record.valid_to is not None and record.valid_to <= record.valid_from:
        found.append(f"{place}: `valid_to` must be later than `valid_from`")
    if "text" not in record.input:
        found.append(f"{place}: `input` must name text")
    if "image" in record.input and record.image_rule is None and record.work is None:
        found.append(f"{place}: `image_rule` is missing: what does an image cost?")
    if "document" in record.input and record.page_tokens is None and record.work is None:
        found.append(f"{place}: `page_tokens` is missing: what does a page cost?")
    if "audio" in record.input and record.audio_tokens_per_second is None:
        found.append(f"{place}: `audio_tokens_per_second` is missing: what does a second cost?")
    if record.above and price is None:
        found.append(f"{place}: `above` needs a `price` to rise from")
    if price is not None and (price.gpu_second_usd is None) != (price.tokens_per_second is None):
        found.append(f"{place}: `price`: `gpu_second_usd` and `tokens_per_second` belong together")
    if price is not None and price.gpu_second_usd is None and (price.input is None or price.output is None):
        found.append(f"{place}: `price` needs both `input` and `output`")
    return found
