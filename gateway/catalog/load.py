"""From TOML files and the operator's facts to the catalog of one day."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from msgspec import Struct

from gateway.catalog.audio import AudioRule
from gateway.catalog.facts import CONFIRMED, ModelFacts, ScriptFactor
from gateway.catalog.images import ImageRule
from gateway.catalog.records import Raw, gather, of_operator, of_package
from gateway.catalog.schema import (
    RULE_KINDS,
    ModelRecord,
    RuleRecord,
    TokenizerRecord,
    all_rates,
    decode,
    decode_rule,
    selling,
    sense,
)
from gateway.catalog.video import VideoRule
from gateway.types.weight import Encoding, Script

Scripts: TypeAlias = Mapping[Script, ScriptFactor]
# Where a record stands, and the days on which it holds.
Span: TypeAlias = tuple[str, date, date | None]

_RULE_HEAD = frozenset(RuleRecord.__struct_fields__)
_SECTIONS = frozenset({"defaults", "model", "tokenizer", *RULE_KINDS})
# What an operator's facts need not say: they hold from the start, on the operator's word.
_OPERATOR = {
    "source": "the operator's configuration",
    "valid_from": date.min,
    "confidence": "operator",
}


@contextmanager
def _uncollected() -> Iterator[None]:
    """Records hold no cycles: while they are made the collector would walk them in vain."""
    paused = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if paused:
            gc.enable()


class CatalogError(ValueError):
    """A catalog that cannot be used. `mistakes`: all of them, each with file and key."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


class Rule(Struct, frozen=True):
    """A named rule and whether its numbers are confirmed."""

    rule: Any
    confirmed: bool


class Named(Struct, frozen=True):
    """What models point at by name: rules by section, and tokenizers with factors by script."""

    rules: Mapping[str, Mapping[str, Rule]]
    tokenizers: Mapping[str, Scripts]


class Sound(Struct, frozen=True):
    """A record without mistakes, with what it points at: `rules` in the order of `RULE_KINDS`."""

    record: ModelRecord
    rules: tuple[Rule | None, ...]
    scripts: Scripts


class Catalog:
    """The facts of one day. Immutable; `merged` gives another.

    Facts are made of a record when they are asked for: of ten thousand models a gateway uses a few.
    """

    def __init__(self, models: Mapping[str, Sound], records: Mapping[str, Raw], named: Named) -> None:
        self._models = dict(models)
        self._records = dict(records)
        self._named = named
        self._made: dict[str, ModelFacts] = {}

    def get(self, name: str) -> ModelFacts | None:
        """The facts of `provider/model`, None when nothing is known."""
        made = self._made.get(name)
        if made is None and name in self._models:
            made = self._made[name] = _facts(self._models[name])
        return made

    def names(self) -> tuple[str, ...]:
        """All models, sorted."""
        return tuple(sorted(self._models))

    def rule(self, name: str) -> ImageRule | None:
        """The image rule of a family, None when there is none of that name."""
        found = self._named.rules["image_rule"].get(name)
        return found.rule if found else None

    def rule_names(self) -> tuple[str, ...]:
        """All named image rules, sorted."""
        return tuple(sorted(self._named.rules["image_rule"]))

    def audio_rule(self, name: str) -> AudioRule | None:
        """The audio rule of a family, None when there is none of that name."""
        found = self._named.rules["audio_rule"].get(name)
        return found.rule if found else None

    def video_rule(self, name: str) -> VideoRule | None:
        """The video rule of a family, None when there is none of that name."""
        found = self._named.rules["video_rule"].get(name)
        return found.rule if found else None

    def encodings(self, names: Iterable[str]) -> frozenset[Encoding]:
        """The tokenizer families that these models are weighed in."""
        return frozenset(self._models[name].record.encoding for name in names if name in self._models)

    def merged(self, facts: Mapping[str, Raw]) -> "Catalog":
        """With the operator's facts laid over: keys given replace the catalog's, new models are added.

        Raises `CatalogError` with all mistakes.
        """
        catalog, wrong = self.laid(facts)
        if wrong:
            raise CatalogError([mistake for mistakes in wrong.values() for mistake in mistakes])
        return catalog

    @_uncollected()
    def laid(self, facts: Mapping[str, Raw]) -> tuple["Catalog", dict[str, tuple[str, ...]]]:
        """As `merged`, but what has a mistake is left out, and told by model."""
        wrong: dict[str, tuple[str, ...]] = {}
        models, records = dict(self._models), dict(self._records)
        for name, given in facts.items():
            shipped = dict(self._records.get(name, {}))
            if "price" in given:
                # A price of the operator's own is the whole price, without the catalog's thresholds, and its
                # source is not the catalog's.
                for key in ("above", "checked", *_OPERATOR):
                    shipped.pop(key, None)
            if "token_factor" in given:
                # So is a factor, for every script.
                shipped.pop("tokenizer", None)
            raw = {**_OPERATOR, **shipped, **given, "name": name}
            mistakes: list[str] = []
            found = _model(raw, f"models: {name}: facts", self._named, mistakes)
            if found is None:
                wrong[name] = tuple(mistakes)
            else:
                models[name], records[name] = found, raw
        return Catalog(models, records, self._named), wrong


@_uncollected()
def load(overlays: Sequence[Path | Raw] = (), *, on: date) -> Catalog:
    """The shipped facts that hold on a day, with overlays of the same schema laid over, later ones last.

    An overlay's model replaces every dated record of that name. Raises `CatalogError` with all mistakes.
    """
    mistakes: list[str] = []
    models: dict[str, list[tuple[str, Raw]]] = {}
    rules: dict[str, dict[str, list[tuple[str, Raw]]]] = {section: {} for section in RULE_KINDS}
    tokenizers: dict[str, list[tuple[str, Raw]]] = {}
    for place, document in [*of_package(mistakes), *of_operator(overlays, mistakes)]:
        mistakes += [f"{place}: unknown section `{key}`" for key in document if key not in _SECTIONS]
        for section, gathered in rules.items():
            gather(gathered, document, section, place, mistakes)
        gather(tokenizers, document, "tokenizer", place, mistakes)
        gather(models, document, "model", place, mistakes)
    known = Named(
        {section: _rules(section, gathered, on, mistakes) for section, gathered in rules.items()},
        _tokenizers(tokenizers, on, mistakes),
    )
    facts: dict[str, Sound] = {}
    raws: dict[str, Raw] = {}
    for name, records in models.items():
        spans: list[Span] = []
        for place, raw in records:
            found = _model(raw, place, known, mistakes)
            if found is None:
                continue
            start, end = found.record.valid_from, found.record.valid_to
            spans.append((place, start, end))
            if _holds(start, end, on):
                facts[name], raws[name] = found, raw
        if len(spans) > 1:
            mistakes += _overlaps(spans)
    if mistakes:
        raise CatalogError(mistakes)
    return Catalog(facts, raws, known)


def _rules(
    section: str, records: Mapping[str, list[tuple[str, Raw]]], on: date, mistakes: list[str]
) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for name, dated in records.items():
        spans: list[Span] = []
        for place, raw in dated:
            head = decode(RuleRecord, {k: v for k, v in raw.items() if k in _RULE_HEAD}, place, mistakes)
            own = _RULE_HEAD - {"kind"}
            rule = decode_rule(section, {k: v for k, v in raw.items() if k not in own}, place, mistakes)
            if head is None or rule is None:
                continue
            spans.append((place, head.valid_from, head.valid_to))
            # A rule that does not hold yet still names one: a model of the same date may point at it.
            if name not in found or _holds(head.valid_from, head.valid_to, on):
                found[name] = Rule(rule, head.confidence in CONFIRMED)
        mistakes += _overlaps(spans)
    return found


def _tokenizers(
    records: Mapping[str, list[tuple[str, Raw]]], on: date, mistakes: list[str]
) -> dict[str, Scripts]:
    found: dict[str, Scripts] = {}
    for name, dated in records.items():
        read = [(place, decode(TokenizerRecord, raw, place, mistakes)) for place, raw in dated]
        sound = [(place, record) for place, record in read if record is not None]
        for _, record in sound:
            if name not in found or _holds(record.valid_from, record.valid_to, on):
                found[name] = {
                    script: ScriptFactor(Decimal(given.factor), Decimal(given.error))
                    for script, given in record.script.items()
                }
        mistakes += _overlaps([(place, record.valid_from, record.valid_to) for place, record in sound])
    return found


def _holds(start: date, end: date | None, on: date) -> bool:
    return start <= on and (end is None or on < end)


def _overlaps(spans: Sequence[Span]) -> list[str]:
    """Two records of one name may not hold on the same day."""
    ordered = sorted(spans, key=lambda span: span[1])
    return [
        f"{place}: overlaps the record that holds from {earlier[1]}; give that one a `valid_to`"
        for earlier, (place, start, _) in pairwise(ordered)
        if earlier[2] is None or earlier[2] > start
    ]


def _model(raw: Raw, place: str, named: Named, mistakes: list[str]) -> Sound | None:
    record = decode(ModelRecord, raw, place, mistakes)
    if record is None:
        return None
    before = len(mistakes)
    mistakes += sense(record, place)
    rules = (
        None if record.image_rule is None else _pointed_at("image_rule", record, place, named, mistakes),
        None if record.audio_rule is None else _pointed_at("audio_rule", record, place, named, mistakes),
        None if record.video_rule is None else _pointed_at("video_rule", record, place, named, mistakes),
    )
    scripts: Scripts = {}
    if record.tokenizer is not None:
        if record.tokenizer not in named.tokenizers:
            mistakes.append(f"{place}: `tokenizer`: none is named `{record.tokenizer}`")
            return None
        scripts = named.tokenizers[record.tokenizer]
    return None if len(mistakes) > before else Sound(record, rules, scripts)


def _pointed_at(
    section: str, record: ModelRecord, place: str, named: Named, mistakes: list[str]
) -> Rule | None:
    """The rule that a record names, or that stands in it."""
    given: str | Raw = getattr(record, section)
    if isinstance(given, str):
        rule = named.rules[section].get(given)
        if rule is None:
            mistakes.append(f"{place}: `{section}`: no rule is named `{given}`")
        return rule
    own = decode_rule(section, given, f"{place}: `{section}`", mistakes)
    return None if own is None else Rule(own, record.confidence in CONFIRMED)


def _facts(sound: Sound) -> ModelFacts:
    record = sound.record
    provider, _, model = record.name.partition("/")
    image, audio, video = sound.rules
    return ModelFacts(
        name=record.name,
        provider=provider,
        upstream_model=record.upstream_model or model,
        modalities_in=frozenset(record.input),
        features=frozenset(record.features),
        encoding=record.encoding,
        token_factor=Decimal(record.token_factor),
        token_error=Decimal(record.token_error),
        tools_exact=record.tools_exact,
        chat=record.chat,
        tools_prompt=record.tools_prompt,
        context_tokens=record.context_tokens,
        input_tokens=record.input_tokens,
        max_output_tokens=record.max_output_tokens,
        image_rule=image.rule if image else None,
        image_confirmed=record.image_confirmed and (image is None or image.confirmed),
        page_tokens=record.page_tokens,
        audio_rule=audio.rule if audio else None,
        video_rule=video.rule if video else None,
        work=record.work,
        limits=record.limits,
        request_bytes=record.request_bytes,
        rates=all_rates(record),
        max_tokens_field=record.max_tokens_field,
        drop_sampling=record.drop_sampling,
        needs_media=record.needs_media,
        standby=record.standby,
        valid_from=record.valid_from,
        valid_to=record.valid_to,
        source=record.source,
        confidence=record.confidence,
        tokenizer=record.tokenizer,
        scripts=sound.scripts,
        modalities_out=frozenset(record.output),
        operations=frozenset(record.operations),
        page_rule=record.page_rule,
        selling=selling(record),
        quality=record.quality,
        checked=record.checked,
    )
