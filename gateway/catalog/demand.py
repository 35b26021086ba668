"""What a request comes to at one model: quantities by modality, before any price."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from msgspec import Struct

from gateway.catalog import images
from gateway.catalog.audio import AudioRule, billed_seconds, heard_tokens
from gateway.catalog.documents import billable_pages, page_tokens
from gateway.catalog.facts import ModelFacts, Work
from gateway.catalog.text import text_tokens
from gateway.catalog.video import video_tokens
from gateway.types.money import Certainty, Direction, Modality, Unit
from gateway.types.plan import Step
from gateway.types.weight import MediaFacts, Requirements

# An answer's length is unknown beforehand: with no history this many tokens are expected of one choice,
# about two paragraphs. A larger guess lets a low output rate hide what an image costs: beyond 203 tokens
# gpt-4o-mini looks cheaper than gpt-4o for a photo.
EXPECTED_OUTPUT_TOKENS = 150
# What a model whose limit nobody stated may write, for the upper bound alone.
_ASSUMED_OUTPUT_LIMIT = 8_192
# An image whose header gave no size is taken for a phone's photo.
_ASSUMED_SIZE = (4_000, 3_000)
# Bytes of a PDF page when nobody counted them: (fewest, usual, most).
_PAGE_BYTES = (3_000, 60_000, 2_000_000)
# Above this many bytes a page is probably a scan.
_SCAN_BYTES = 100_000
# Bytes of a second of audio when the header was not read: telephone, usual, uncompressed stereo.
_AUDIO_BYTES = (1_000, 16_000, 192_000)
# Bytes of a second of video when the header was not read: a slide show, usual, a phone's best.
_VIDEO_BYTES = (20_000, 500_000, 12_000_000)
_MEDIA: tuple[Modality, ...] = ("image", "document", "audio", "video")


class Amount(Struct, frozen=True):
    """A quantity of `unit`s of one modality, from least to most."""

    modality: Modality
    direction: Direction
    unit: Unit
    low: Decimal
    expected: Decimal
    high: Decimal
    certainty: Certainty


def demand(facts: ModelFacts, load: Requirements, steps: Sequence[Step] = ()) -> tuple[Amount, ...]:
    """The quantities of a request at a model after its preparation, input first.

    Modalities the model does not take are left out: `routing` refuses them before anyone asks.
    """
    found: list[Amount] = []
    if "text" in facts.modalities_in:
        text = text_tokens(facts, load)
        found.append(_tokens("text", (text.low, text.expected, text.high), text.certainty))
    sizes = {step.part: step.to for step in steps if step.to is not None}
    for modality in _MEDIA:
        media = [fact for fact in load.media if fact.modality == modality]
        if media and modality in facts.modalities_in:
            parts = [part for fact in media for part in _medium(facts, fact, sizes.get(fact.index))]
            found += _sums(parts, modality)
    # A service that is paid by length alone is not paid for what it writes.
    if "text" in facts.modalities_in or facts.tariff.rate("text", "out", prompt_tokens=1) is not None:
        prompt = sum(int(amount.low) for amount in found if amount.unit == "token")
        found.append(_tokens("text", _output(facts, load, prompt), "bounded", direction="out"))
    return tuple(found)


def prompt_tokens(amounts: Iterable[Amount]) -> tuple[int, int, int]:
    """(least, expected, most) tokens of the whole prompt; context thresholds look at these."""
    prompt = [amount for amount in amounts if amount.direction == "in" and amount.unit == "token"]
    return (
        int(sum(amount.low for amount in prompt)),
        int(sum(amount.expected for amount in prompt)),
        int(sum(amount.high for amount in prompt)),
    )


def output_limit(facts: ModelFacts, load: Requirements) -> int:
    """The most tokens one choice can have: what was asked for, within what the model can write."""
    own, asked = facts.max_output_tokens, load.max_output_tokens
    if own is None:
        # Nobody says where this model stops: what was asked for can be bought.
        return _ASSUMED_OUTPUT_LIMIT if asked is None else asked
    return own if asked is None else min(asked, own)


def pages(fact: MediaFacts) -> tuple[int, int, int]:
    """(least, expected, most) pages of a document; the same number thrice when it was counted."""
    if fact.pages is not None:
        return fact.pages, fact.pages, fact.pages
    least, usual, most = _PAGE_BYTES
    return tuple(max(-(-fact.size // share), 1) for share in (most, usual, least))  # type: ignore[return-value]


def _output(facts: ModelFacts, load: Requirements, prompt: int) -> tuple[int, int, int]:
    limit = output_limit(facts, load)
    if facts.context_tokens is not None:
        limit = max(min(limit, facts.context_tokens - prompt), 1)
    return load.choices, min(limit, EXPECTED_OUTPUT_TOKENS) * load.choices, limit * load.choices


def _medium(facts: ModelFacts, fact: MediaFacts, size: tuple[int, int] | None) -> list[Amount]:
    """What one medium comes to; several amounts where it is paid in several units."""
    if facts.work is not None:
        return [_work(facts.work, fact)]
    if fact.modality == "image":
        found = [_image(facts, fact, size)]
    elif fact.modality == "document":
        found = [_document(facts, fact), _pages(facts, fact)]
    elif fact.modality == "video":
        found = [_video(facts, fact), _length(facts, fact, _VIDEO_BYTES)]
    else:
        found = [_audio(facts, fact), _length(facts, fact, _AUDIO_BYTES)]
    return [amount for amount in found if amount is not None]


def _image(facts: ModelFacts, fact: MediaFacts, size: tuple[int, int] | None) -> Amount | None:
    if facts.image_rule is None:
        return None
    known = fact.width is not None and fact.height is not None
    width, height = size or (fact.width or _ASSUMED_SIZE[0], fact.height or _ASSUMED_SIZE[1])
    confirmed = facts.image_confirmed and known
    count = images.tokens(facts.image_rule, width, height, fact.detail, confirmed=confirmed)
    low, high = (count.tokens if bound is None else bound for bound in (count.low, count.high))
    bounds = low + count.markers, count.tokens + count.markers, high + count.markers
    return _tokens("image", bounds, count.certainty)


def _document(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    per = facts.page_tokens
    if per is None:
        return None
    bounds = page_tokens(per, pages(fact), fact.detail)
    certainty: Certainty = "estimated"
    if fact.pages is not None and per.bounded:
        certainty = "exact" if bounds[0] == bounds[2] else "bounded"
    return _tokens("document", bounds, certainty)


def _pages(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    """Pages, where pages are paid."""
    if facts.tariff.rate("document", "in", unit="page", prompt_tokens=1) is None:
        return None
    low, expected, high = (Decimal(billable_pages(facts.pages, number)) for number in pages(fact))
    certainty: Certainty = "exact" if fact.pages is not None else "estimated"
    return Amount("document", "in", "page", low, expected, high, certainty)


def _audio(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    rule = facts.audio_rule
    if rule is None or rule.tokens_per_second is None:
        return None
    seconds, certainty = _seconds(fact, _AUDIO_BYTES)
    low, expected, high = (max(heard_tokens(rule, length), 1) + rule.begin for length in seconds)
    return _tokens("audio", (low, expected, high), certainty)


def _video(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    rule = facts.video_rule
    if rule is None:
        return None
    seconds, certainty = _seconds(fact, _VIDEO_BYTES)
    least, usual, most = (video_tokens(rule, length, fact.detail) for length in seconds)
    bounds = least.low, usual.expected, most.high
    sure: Certainty = "exact" if bounds[0] == bounds[2] else "bounded"
    return _tokens("video", bounds, sure if certainty == "exact" else "estimated")


def _length(facts: ModelFacts, fact: MediaFacts, shares: tuple[int, int, int]) -> Amount | None:
    """Seconds, where seconds are paid."""
    if facts.tariff.rate(fact.modality, "in", unit="second", prompt_tokens=1) is None:
        return None
    seconds, certainty = _seconds(fact, shares)
    low, expected, high = (billed_seconds(facts.audio_rule or AudioRule(), length) for length in seconds)
    return Amount(fact.modality, "in", "second", low, expected, high, certainty)


def _seconds(fact: MediaFacts, shares: tuple[int, int, int]) -> tuple[tuple[Decimal, ...], Certainty]:
    """(least, expected, most) seconds, from the bytes of one where the header does not tell."""
    if fact.seconds is not None:
        return (Decimal(str(fact.seconds)),) * 3, "exact"
    least, usual, most = shares
    return tuple(Decimal(fact.size) / share for share in (most, usual, least)), "estimated"


def _work(work: Work, fact: MediaFacts) -> Amount:
    """CPU seconds of an embedded engine: OCR for images and scans, the text layer where there is one."""
    scan, text = Decimal(work.scan_page), Decimal(work.text_page)
    if fact.modality == "image":
        expected = Decimal(work.image)
        low, high = expected / work.spread, expected * work.spread
    else:
        least, usual, most = pages(fact)
        expected = usual * (scan if fact.size > usual * _SCAN_BYTES else text)
        low, high = least * text, most * scan * work.spread
    return Amount(fact.modality, "in", "cpu_second", low, expected, high, "estimated")


def _sums(parts: Sequence[Amount], modality: Modality) -> Iterator[Amount]:
    """One amount a unit for all media of a modality; the least certain of them tells the certainty."""
    order: tuple[Certainty, ...] = ("exact", "bounded", "estimated")
    for unit in dict.fromkeys(part.unit for part in parts):
        same = [part for part in parts if part.unit == unit]
        yield Amount(
            modality,
            "in",
            unit,
            sum((part.low for part in same), Decimal(0)),
            sum((part.expected for part in same), Decimal(0)),
            sum((part.high for part in same), Decimal(0)),
            max((part.certainty for part in same), key=order.index),
        )


def _tokens(
    modality: Modality, bounds: tuple[int, int, int], certainty: Certainty, *, direction: Direction = "in"
) -> Amount:
    """Tokens from (least, expected, most)."""
    low, expected, high = map(Decimal, bounds)
    return Amount(modality, direction, "token", low, expected, high, certainty)
