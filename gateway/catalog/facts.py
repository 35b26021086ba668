"""What is known of one model on one day, as routing and billing use it."""

from bisect import bisect_left
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway import _core
from gateway.catalog.audio import AudioRule, Decimals
from gateway.catalog.documents import PageRule, PageTokens
from gateway.catalog.images import ImageRule
from gateway.catalog.video import VideoRule
from gateway.types.money import Direction, Freshness, Modality, Unit
from gateway.types.terms import Tier
from gateway.types.weight import Encoding, Feature, Kept, Script

Confidence: TypeAlias = Literal[
    "documented", "sdk", "measured", "inferred", "price_map", "uncertain", "operator"
]
# Counts under a rule of these confidences are what the provider will count, or what the operator says.
CONFIRMED: frozenset[Confidence] = frozenset({"documented", "sdk", "measured", "operator"})

MaxTokensField: TypeAlias = Literal["max_tokens", "max_completion_tokens"]
# What a model can be asked for. Only those that chat are candidates of a chat.
Service: TypeAlias = Literal[
    "chat", "realtime", "transcription", "live_transcription", "speech", "images", "embedding", "ocr"
]


class Rate(Struct, frozen=True):
    """Dollars that buy `per` units. `above`: holds for prompts of more tokens than this.

    A context threshold is a cliff: the whole request takes the rate of the highest threshold passed.
    `least` units are charged at least, and only whole `step`s. `option`: charged when that is asked for.
    """

    modality: Modality
    direction: Direction
    rate_usd: str
    unit: Unit = "token"
    per: int = 1_000_000
    kind: Freshness = "fresh"
    above: int = 0
    least: str = "0"
    step: str = "0"
    option: str | None = None


# Hex digits that tell rules of one model apart.
_MARK = 12


class Chat(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens that a chat adds round its text: per message, per name, once for the reply."""

    message: int = 3
    name: int = 1
    reply: int = 3


class ToolsPrompt(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens of the system prompt that a provider adds when tools are present, by tool choice."""

    auto: int
    forced: int


class Work(Struct, frozen=True, forbid_unknown_fields=True):
    """CPU seconds that an embedded engine needs, as decimal strings. Priced per `cpu_second`.

    `image`: one image. `text_page`, `scan_page`: a PDF page with and without a text layer. `spread`:
    how many times dearer than expected one can turn out.
    """

    image: str
    text_page: str
    scan_page: str
    spread: int = 4


class MediaLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """What a model takes of one modality; None: no limit known.

    `count` media in a request; `bytes` of one medium as decoded; `side` in pixels, and `many_side` once
    more than `many` images are sent; `pages` of a document; `seconds` of one recording. `formats`: MIME
    types, empty: any. `animated`: several frames are taken (the model may look at the first alone).
    """

    count: int | None = None
    bytes: int | None = None
    side: int | None = None
    many: int | None = None
    many_side: int | None = None
    pages: int | None = None
    seconds: int | None = None
    formats: tuple[str, ...] = ()
    animated: bool = False


class ScriptFactor(Struct, frozen=True):
    """What a family makes of one token of a script, give or take the share `error`."""

    factor: Decimal
    error: Decimal


class Window(Struct, frozen=True, forbid_unknown_fields=True):
    """Hours of a day, UTC, from `start` up to `end` ("24:00": midnight). `days`: Monday is 0."""

    start: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    end: Annotated[str, Meta(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
    days: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)


class OffPeak(Struct, frozen=True, forbid_unknown_fields=True):
    """Hours at which every rate is `times` the usual one."""

    times: Decimals
    windows: tuple[Window, ...]


class Caching(Struct, frozen=True, forbid_unknown_fields=True):
    """The provider's prompt cache. Seconds that what is written stays, by the short and the long price.

    `least_tokens`: the shortest prefix that it keeps. `unasked`: prompts are written without a word.
    """

    seconds: int | None = None
    long_seconds: int | None = None
    least_tokens: int | None = None
    unasked: bool = False


class Selling(Struct, frozen=True):
    """How else a model is sold than at once, anywhere and at any hour: each times the usual rates.

    `tiers`: multiples by service tier. Price pages state them of input and output; they are taken to hold
    of every rate. `regions`: the uplift where processing is kept in a region.
    """

    tiers: Mapping[Tier, str] = {}
    regions: Mapping[str, str] = {}
    off_peak: OffPeak | None = None
    caching: Caching | None = None


Share: TypeAlias = Annotated[str, Meta(pattern=r"^(0(\.\d+)?|1(\.0+)?)$")]


class Quality(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How good a model's answers are, from 0 to 1: about a modality, and overall where none is named.

    What the figures measure is for `source` to say; they are compared with a policy's floor and nothing else,
    so all models of one group need theirs from the same measurement.
    """

    source: Annotated[str, Meta(min_length=1)]
    overall: Share | None = None
    text: Share | None = None
    image: Share | None = None
    audio: Share | None = None
    video: Share | None = None
    document: Share | None = None

    def of(self, modality: Modality) -> Decimal | None:
        """The figure for questions about such a medium; None when nobody knows."""
        own: str | None = getattr(self, modality, None)
        told = own or self.overall
        return None if told is None else Decimal(told)


class Swing(Struct, frozen=True):
    """What the rates may turn out to be when the bill is made: `low` and `high` times what they are now."""

    low: Decimal = Decimal(1)
    high: Decimal = Decimal(1)


STEADY = Swing()


class ModelFacts(Struct, frozen=True, dict=True):
    """One model. `name` is `provider/model`; `upstream_model` what the provider calls it.

    `context_tokens` bounds prompt and answer together, `input_tokens` the prompt alone; None: unknown.
    `token_factor` times the tokens of `encoding` predicts the model's own count, give or take the share
    `token_error`; zero means exact. `scripts`: the same for scripts that its `tokenizer` treats otherwise.
    `tools_exact`: the tool rendering is this family's own.
    `image_confirmed`: the image rule is confirmed for this model. `rates` empty: the model is unpriced.
    `operations`: what it can be asked for; `page_rule`: what a page is to a service that bills pages.
    `selling`: at which other rates it is sold; `swing`: how far the rates here may still move.
    `quality`: how good its answers are, None when nobody measured it. `checked`: the last day on which
    its price is known to have held, None when nobody wrote it down.
    `needs_media`: it answers about media alone, a plain question means nothing to it.
    `standby`: why `auto` takes it only when nothing else can carry a request.
    """

    name: str
    provider: str
    upstream_model: str
    modalities_in: frozenset[Modality]
    features: frozenset[Feature]
    encoding: Encoding
    token_factor: Decimal
    token_error: Decimal
    tools_exact: bool
    chat: Chat
    tools_prompt: ToolsPrompt | None
    context_tokens: int | None
    input_tokens: int | None
    max_output_tokens: int | None
    image_rule: ImageRule | None
    image_confirmed: bool
    page_tokens: PageTokens | None
    audio_rule: AudioRule | None
    video_rule: VideoRule | None
    work: Work | None
    limits: Mapping[Modality, MediaLimit]
    request_bytes: int | None
    rates: tuple[Rate, ...]
    max_tokens_field: MaxTokensField
    drop_sampling: bool
    needs_media: bool
    standby: str | None
    valid_from: date
    valid_to: date | None
    source: str
    confidence: Confidence
    tokenizer: str | None = None
    scripts: Mapping[Script, ScriptFactor] = {}
    modalities_out: frozenset[Modality] = frozenset({"text"})
    operations: frozenset[Service] = frozenset({"chat"})
    page_rule: PageRule | None = None
    selling: Selling = Selling()
    swing: Swing = STEADY
    quality: Quality | None = None
    checked: date | None = None

    @property
    def priced(self) -> bool:
        """Whether any price is known."""
        return bool(self.rates)

    @cached_property
    def tariff(self) -> "Tariff":
        """The rates, to look up."""
        return Tariff(self.rates)

    @cached_property
    def dearest_write(self) -> Mapping[Kept | None, Freshness]:
        """As what a prompt is charged that was not there before, by what the client asked to be kept."""
        caching = self.selling.caching or Caching()
        unasked: Freshness = "cache_write" if caching.unasked else "fresh"
        return {None: unasked, "never": "fresh", "short": "cache_write", "long": "cache_write_long"}

    @cached_property
    def rule_marks(self) -> Mapping[Modality, str]:
        """A mark of the rule by which each modality's tokens are counted: another rule, another mark."""
        text = (self.encoding, self.token_factor, self.tokenizer, self.scripts, self.chat, self.tools_prompt)
        rules: dict[Modality, object] = {
            "text": text,
            "image": self.image_rule,
            "document": self.page_tokens,
            "audio": self.audio_rule,
            "video": self.video_rule,
        }
        return {
            modality: _core.digest(msgspec.json.encode(rule, enc_hook=str, order="sorted"))[:_MARK]
            for modality, rule in rules.items()
            if rule is not None and modality in self.modalities_in
        }

    @cached_property
    def under_terms(self) -> dict[tuple[Decimal, Swing], "ModelFacts"]:
        """These facts at other rates, as `catalog.terms` has worked them out before."""
        return {}

    @cached_property
    def output_uncounted(self) -> bool:
        """Whether it answers in tokens that no rule here counts: pictures or speech of what does not chat."""
        drawn = (rate for rate in self.rates if rate.direction == "out" and rate.unit == "token")
        return "chat" not in self.operations and any(rate.modality != "text" for rate in drawn)

    def unit_of(self, modality: Modality) -> Unit:
        """What a medium of this kind is charged by: tokens, unless a rate of its own names another unit."""
        return self._units.get(modality, "token")

    @cached_property
    def _units(self) -> Mapping[Modality, Unit]:
        sold = [rate for rate in self.rates if rate.direction == "in" and rate.option is None]
        return {rate.modality: rate.unit for rate in sold if rate.unit != "token"}


class Tariff:
    """`find_rate` over one model's rates, each answer found once: a quote asks a dozen times."""

    def __init__(self, rates: tuple[Rate, ...]) -> None:
        self._rates = rates
        self._cliffs = sorted({rate.above for rate in rates})
        self._found: dict[tuple[Modality, Direction, Freshness, Unit, int], Rate | None] = {}

    @property
    def flat(self) -> bool:
        """Whether the same rates hold for prompts of any length."""
        return len(self._cliffs) < 2  # noqa: PLR2004 - a second one is a cliff

    def rate(
        self,
        modality: Modality,
        direction: Direction,
        *,
        kind: Freshness = "fresh",
        unit: Unit = "token",
        prompt_tokens: int,
    ) -> Rate | None:
        """See `find_rate`."""
        # Between two cliffs every prompt has the same rates.
        step = bisect_left(self._cliffs, max(prompt_tokens, 1))
        asked = (modality, direction, kind, unit, step)
        try:
            return self._found[asked]
        except KeyError:
            found = self._found[asked] = find_rate(
                self._rates, modality, direction, kind=kind, unit=unit, prompt_tokens=prompt_tokens
            )
            return found


def find_rate(
    rates: tuple[Rate, ...],
    modality: Modality,
    direction: Direction,
    *,
    kind: Freshness,
    unit: Unit,
    prompt_tokens: int,
) -> Rate | None:
    """The rate for a quantity in a prompt of `prompt_tokens`; None when no price is known.

    A modality without a rate of its own is charged as text; a kind without one as fresh.
    """
    kinds: list[Freshness] = [kind, "cache_write"] if kind == "cache_write_long" else [kind]
    wanted = [
        *((sold, aged) for aged in kinds for sold in (modality, "text")),
        (modality, "fresh"),
        ("text", "fresh"),
    ]
    if unit != "token":
        wanted = [(modality, "fresh")]
    tokens = max(prompt_tokens, 1)
    open_ = [
        rate
        for rate in rates
        if rate.direction == direction and rate.above < tokens and rate.unit == unit and rate.option is None
    ]
    for asked, fresh in wanted:
        found: Rate | None = None
        for rate in open_:
            fits = rate.modality == asked and rate.kind == fresh
            if fits and (found is None or rate.above > found.above):
                found = rate
        if found is not None:
            return found
    return None
