"""The schema of the catalog's records, read strictly: every mistake at once, each with its place.

A TOML file holds `[defaults]` (keys that its models share), `[[image_rule]]` and `[[model]]` records.
Prices are decimal strings, dollars per million tokens; quoted, so that no float ever stands for money.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from gateway.catalog.audio import AudioRule
from gateway.catalog.documents import PageBilling, PageTokens
from gateway.catalog.facts import Api, Chat, Confidence, MaxTokensField, MediaLimit, Rate, ToolsPrompt, Work
from gateway.catalog.images import RULES, ImageRule
from gateway.catalog.video import VideoRule
from gateway.types.money import Direction, Freshness, Modality, Tier, Unit
from gateway.types.weight import Encoding, Feature, Script

Amount = Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$")]
Positive = Annotated[int, Meta(gt=0)]
Name = Annotated[str, Meta(pattern=r"^[^/\s]+/\S+$")]
Text = Annotated[str, Meta(min_length=1)]

_HOUR = 3600
_MILLION = 1_000_000


class Price(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Dollars per million tokens, of what is no token, or of the machine that makes them.

    `image`, `audio`, `video`, `document`: input tokens that cost other than text. `cache_write_long`: of a
    cache that is kept for hours. `audio_minute`, `audio_hour`, `video_second`, `thousand_pages`: media that
    are billed by their length. `cpu_hour`: dollars of one vCPU hour, for engines whose media are priced by
    CPU seconds. `gpu_second_usd` with `tokens_per_second` prices a private server: each token costs its
    share of the second.
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
    audio_minute: Amount | None = None
    audio_hour: Amount | None = None
    video_second: Amount | None = None
    thousand_pages: Amount | None = None
    cpu_hour: Amount | None = None
    gpu_second_usd: Amount | None = None
    tokens_per_second: Positive | None = None


class Above(Struct, frozen=True, forbid_unknown_fields=True):
    """Prices that hold for the whole request once its prompt has more tokens than `tokens`."""

    tokens: Positive
    price: Price


class ModelRecord(Struct, frozen=True, kw_only=True):
    """A `[[model]]`. `input`: modalities. `image_rule`: the name of a rule, or a rule in place.

    `tiers`: prices of the service tiers that are not the standard one.

    `tokenizer`: the family whose scripts have factors of their own, `token_factor` being all others'.
    """

    name: Name
    input: tuple[Modality, ...]
    source: Text
    valid_from: date
    confidence: Confidence
    api: Api = "chat"
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
    pages: PageBilling = PageBilling()
    audio_rule: AudioRule | None = None
    video_rule: VideoRule | None = None
    work: Work | None = None
    limits: dict[Modality, MediaLimit] = {}
    request_bytes: Positive | None = None
    price: Price | None = None
    above: tuple[Above, ...] = ()
    tiers: dict[Tier, Price] = {}
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
    fields = _fields(kind)
    if raw.keys() <= fields.keys():
        # At once, as nearly all records go; what is wrong is looked for key by key.
        with suppress(msgspec.ValidationError):
            return msgspec.convert(raw, kind)
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
_LENGTH_PRICES: dict[str, tuple[Modality, Unit, int]] = {
    "audio_minute": ("audio", "second", 60),
    "audio_hour": ("audio", "second", _HOUR),
    "video_second": ("video", "second", 1),
    "thousand_pages": ("document", "page", 1_000),
}
_WORKED: tuple[Modality, ...] = ("image", "document")


@lru_cache(maxsize=4096)
def rates(price: Price, above: int = 0, tier: Tier = "standard") -> tuple[Rate, ...]:
    """The price as one rate for each modality, direction and kind."""
    found = []
    for key, (modality, direction, kind) in _TOKEN_PRICES.items():
        amount = getattr(price, key)
        if amount is not None:
            found.append(Rate(modality, direction, amount, kind=kind, above=above, tier=tier))
    for key, (modality, unit, per) in _LENGTH_PRICES.items():
        amount = getattr(price, key)
        if amount is not None:
            found.append(Rate(modality, "in", amount, unit=unit, per=per, above=above, tier=tier))
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
    """What a price calls the amount of a rate; None for the rate of a machine."""
    return _KEYS.get((rate.modality, rate.direction, rate.kind, rate.unit, rate.per))


_KEYS: Mapping[tuple[Modality, Direction, Freshness, Unit, int], str] = {
    **{(*place, "token", _MILLION): key for key, place in _TOKEN_PRICES.items()},
    **{(kind, "in", "fresh", unit, per): key for key, (kind, unit, per) in _LENGTH_PRICES.items()},
}


def sense(record: ModelRecord, place: str) -> list[str]:
    """What is wrong with a record whose every key is well-formed."""
    found = []
    price = record.price
    if record.valid_to is not None and record.valid_to <= record.valid_from:
        found.append(f"{place}: `valid_to` must be later than `valid_from`")
    if record.api == "chat" and "text" not in record.input:
        found.append(f"{place}: `input` must name text, as every chat has it")
    found += [f"{place}: {what}" for what in _unruled(record)]
    if "standard" in record.tiers:
        found.append(f"{place}: `tiers`: the standard tier's price is `price`")
    if record.above and price is None:
        found.append(f"{place}: `above` needs a `price` to rise from")
    if price is not None and (price.gpu_second_usd is None) != (price.tokens_per_second is None):
        found.append(f"{place}: `price`: `gpu_second_usd` and `tokens_per_second` belong together")
    talks = price is not None and price.gpu_second_usd is None and "text" in record.input
    if price is not None and talks and (price.input is None or price.output is None):
        found.append(f"{place}: `price` needs both `input` and `output`")
    return found


def _unruled(record: ModelRecord) -> Iterator[str]:
    """Modalities that are taken and of which nobody knows what they come to."""
    price = record.price
    if "image" in record.input and record.image_rule is None and record.work is None:
        yield "`image_rule` is missing: what does an image cost?"
    by_page = price is not None and price.thousand_pages is not None
    if "document" in record.input and record.page_tokens is None and record.work is None and not by_page:
        yield "`page_tokens` is missing: what does a page cost?"
    by_second = price is not None and (price.audio_minute or price.audio_hour) is not None
    hears = record.audio_rule is not None and record.audio_rule.tokens_per_second is not None
    if "audio" in record.input and not hears and not by_second:
        yield "`audio_rule` is missing: what does a second cost?"
    if "video" in record.input and record.video_rule is None:
        yield "`video_rule` is missing: what does a second cost?"
