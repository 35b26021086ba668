"""What a request comes to at one model: quantities by modality, before any price."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

from msgspec import Struct, structs

from gateway.catalog import images
from gateway.catalog.audio import audio_tokens
from gateway.catalog.documents import page_tokens
from gateway.catalog.facts import ModelFacts
from gateway.catalog.layers import as_text
from gateway.catalog.text import text_tokens
from gateway.catalog.video import video_tokens
from gateway.types.learned import NOTHING, Correction, Expectation, Learned
from gateway.types.money import Certainty, Direction, Freshness, Modality, Unit
from gateway.types.plan import Step
from gateway.types.weight import MediaFacts, Requirements

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
# The same of video: a call on a bad line, usual, 4K at 60 frames.
_VIDEO_BYTES = (12_000, 600_000, 10_000_000)


# Tokens of text in a minute of speech: 150 words of English; the fastest talk, in a dear script.
_SPOKEN, _SPOKEN_MOST = 200, 720

_DOUBT: dict[Certainty, int] = {"exact": 0, "bounded": 1, "estimated": 2}

MEDIA: tuple[Modality, ...] = ("image", "document", "audio", "video")


class Amount(Struct, frozen=True):
    """A quantity of `unit`s of one modality, from least to most. `basis`: see `LineItem`.

    `kind`: as what input is charged when its prompt is long enough for the provider to keep it.
    """

    modality: Modality
    direction: Direction
    unit: Unit
    low: Decimal
    expected: Decimal
    high: Decimal
    certainty: Certainty
    basis: str | None = None
    kind: Freshness = "fresh"


def demand(
    facts: ModelFacts, load: Requirements, steps: Sequence[Step] = (), learned: Learned = NOTHING
) -> tuple[Amount, ...]:
    """The quantities of a request at a model after its preparation, input first.

    `learned`: what earlier answers taught; it moves what is expected and only ever widens the bounds.
    Modalities the model does not take are left out: `routing` refuses them before anyone asks. So is text
    at a service that does not sell it: a transcript comes with the seconds that were heard. What a service
    draws or says is not here: how much that is lies in parameters that no chat has.
    """
    load = as_text(load, {step.part for step in steps if step.step == "pdf_text"})
    found = _words(facts, load)
    done = {step.part: step for step in steps}
    for modality in MEDIA:
        media = [fact for fact in load.media if fact.modality == modality]
        if media and modality in facts.modalities_in:
            found.append(_sum(list(_each(facts, media, done)), facts, modality))
    if learned.corrections:
        found = [_corrected(amount, learned.corrections.get(amount.modality)) for amount in found]
    kind = facts.dearest_write[load.kept]
    if kind != "fresh":
        found = [structs.replace(amount, kind=kind) if amount.unit == "token" else amount for amount in found]
    prompt = sum(int(amount.low) for amount in found if amount.unit == "token")
    if load.operation == "transcription":
        found += _transcript(facts, load)
    elif load.operation == "chat" and ("chat" in facts.operations or _sells_text(facts, "out")):
        found.append(_output(facts, load, prompt, learned.answer))
    return tuple(found)


def undone(
    facts: ModelFacts,
    load: Requirements,
    steps: Sequence[Step],
    amounts: tuple[Amount, ...],
    learned: Learned = NOTHING,
) -> tuple[Amount, ...]:
    """The quantities of a request as it came, where `amounts` are those after its preparation.

    The same, unless a step changed what a medium comes to: most only do what the target would do itself.
    """
    done = {step.part: step for step in steps if step.to is not None or step.level is not None}
    seen: set[object] = set()
    for fact in load.media:
        step = done.get(fact.index)
        if step is None:
            continue
        shape: object = fact.index
        if fact.modality == "image":
            shape = fact.width, fact.height, fact.detail, step.to, step.level
        if shape in seen:
            continue
        seen.add(shape)
        if medium(facts, fact, step) != medium(facts, fact):
            return demand(facts, load, (), learned)
    return amounts


def _each(facts: ModelFacts, media: Iterable[MediaFacts], done: Mapping[int, Step]) -> Iterator[Amount]:
    """What each medium comes to; pictures of one size are counted once."""
    counted: dict[object, Amount | None] = {}
    for fact in media:
        step = done.get(fact.index)
        shape: object = fact.index
        if fact.modality == "image":
            shape = fact.width, fact.height, fact.detail, step and (step.to, step.level)
        if shape not in counted:
            counted[shape] = medium(facts, fact, step)
        amount = counted[shape]
        if amount is not None:
            yield amount


def _words(facts: ModelFacts, load: Requirements) -> list[Amount]:
    """The text of a request, in what the model charges text by."""
    if facts.unit_of("text") == "character":
        count = Decimal(load.text.characters)
        return [Amount("text", "in", "character", count, count, count, "exact")]
    if "chat" not in facts.operations and not _sells_text(facts, "in"):
        return []
    text = text_tokens(facts, load)
    return [_tokens("text", (text.low, text.expected, text.high), text.certainty)]


def _transcript(facts: ModelFacts, load: Requirements) -> list[Amount]:
    """What is written of what was heard, where that is charged beside the hearing."""
    if not _sells_text(facts, "out"):
        return []
    heard = [seconds(fact) for fact in load.media]
    usual = sum((bounds[1] for bounds in heard), Decimal(0))
    most = sum((bounds[2] for bounds in heard), Decimal(0))
    limit = output_limit(facts, load)
    said = (0, int(usual * _SPOKEN / 60), int(most * _SPOKEN_MOST / 60) + 1)
    low, expected, high = (min(tokens, limit) for tokens in said)
    amount = _tokens("text", (low, expected, high), "estimated", direction="out")
    return [structs.replace(amount, basis=f"speech of {_SPOKEN} tokens a minute")]


def _corrected(amount: Amount, correction: Correction | None) -> Amount:
    """As the model counts, by what it reported. A rule that is off is no longer exact."""
    if correction is None or amount.unit != "token":
        return amount
    times, whole = correction.times, Decimal(1)
    return structs.replace(
        amount,
        low=min(amount.low, (amount.low * times).quantize(whole, ROUND_FLOOR)),
        expected=(amount.expected * times).quantize(whole, ROUND_HALF_UP),
        high=max(amount.high, (amount.high * times).quantize(whole, ROUND_CEILING)),
        certainty="estimated",
        basis=f"the rule's count x{times}, as {correction.answers} answers reported",
    )


def _sells_text(facts: ModelFacts, direction: Direction) -> bool:
    sold = ("text", direction, "token")
    return any((rate.modality, rate.direction, rate.unit) == sold for rate in facts.rates)


def prompt_tokens(amounts: Iterable[Amount]) -> tuple[int, int, int]:
    """(least, expected, most) tokens of the whole prompt; context thresholds look at these."""
    low = expected = high = Decimal(0)
    for amount in amounts:
        if amount.direction == "in" and amount.unit == "token":
            low += amount.low
            expected += amount.expected
            high += amount.high
    return int(low), int(expected), int(high)


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


def seconds(fact: MediaFacts) -> tuple[Decimal, Decimal, Decimal]:
    """(least, expected, most) seconds of a recording; the same number thrice when its header told."""
    if fact.seconds is not None:
        exact = Decimal(str(fact.seconds))
        return exact, exact, exact
    least, usual, most = _VIDEO_BYTES if fact.modality == "video" else _AUDIO_BYTES
    return Decimal(fact.size) / most, Decimal(fact.size) / usual, Decimal(fact.size) / least


def _output(facts: ModelFacts, load: Requirements, prompt: int, answer: Expectation) -> Amount:
    limit = output_limit(facts, load)
    if facts.context_tokens is not None:
        limit = max(min(limit, facts.context_tokens - prompt), 1)
    bounds = load.choices, min(limit, answer.tokens) * load.choices, limit * load.choices
    amount = _tokens("text", bounds, "bounded", direction="out")
    basis = (
        f"the mean of {answer.answers} answers to this kind of question" if answer.answers else "cold start"
    )
    return structs.replace(amount, basis=basis)


def medium(facts: ModelFacts, fact: MediaFacts, step: Step | None = None) -> Amount | None:
    """What one medium comes to after its step; None where no rule counts it."""
    if facts.work is not None:
        return _work(facts, fact)
    if facts.unit_of(fact.modality) != "token":
        return _metered(facts, fact)
    if fact.modality == "image":
        return _image(facts, fact, step)
    if fact.modality == "document":
        return _document(facts, fact)
    return _audio(facts, fact) if fact.modality == "audio" else _video(facts, fact)


def _metered(facts: ModelFacts, fact: MediaFacts) -> Amount:
    """Seconds, pages or images, where these are what a service sells."""
    unit = facts.unit_of(fact.modality)
    bounds: tuple[Decimal, ...] = (Decimal(1),) * 3
    known = True
    if unit in {"second", "session_second"}:
        bounds, known = seconds(fact), fact.seconds is not None
    elif fact.modality == "document":
        bounds, known = tuple(map(Decimal, pages(fact))), fact.pages is not None
    low, expected, high = bounds
    return Amount(fact.modality, "in", unit, low, expected, high, "exact" if known else "estimated")


def _image(facts: ModelFacts, fact: MediaFacts, step: Step | None) -> Amount | None:
    if facts.image_rule is None:
        return None
    known = fact.width is not None and fact.height is not None
    detail = fact.detail if step is None else step.level or fact.detail
    width, height = (step and step.to) or (fact.width or _ASSUMED_SIZE[0], fact.height or _ASSUMED_SIZE[1])
    confirmed = facts.image_confirmed and known
    count = images.tokens(facts.image_rule, width, height, detail, confirmed=confirmed)
    low, high = (count.tokens if bound is None else bound for bound in (count.low, count.high))
    bounds = low + count.markers, count.tokens + count.markers, high + count.markers
    return _tokens("image", bounds, count.certainty)


def _document(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    if facts.page_tokens is None:
        return None
    count = page_tokens(facts.page_tokens, pages(fact), fact.detail, counted=fact.pages is not None)
    return _tokens("document", (count.low, count.tokens, count.high), count.certainty)


def _audio(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    if facts.audio_rule is None:
        return None
    least, usual, most = (audio_tokens(facts.audio_rule, bound) for bound in seconds(fact))
    certainty = usual.certainty if fact.seconds is not None else "estimated"
    return _tokens("audio", (max(least.low, 1), max(usual.tokens, 1), max(most.high, 1)), certainty)


def _video(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    rule = facts.video_rule
    if rule is None:
        return None
    size = (fact.width, fact.height) if fact.width and fact.height else None
    least, usual, most = (
        video_tokens(rule, bound, size, sound=facts.audio_rule, level=fact.detail) for bound in seconds(fact)
    )
    certainty = usual.certainty if fact.seconds is not None else "estimated"
    return _tokens("video", (least.low, usual.tokens, most.high), certainty)


def _work(facts: ModelFacts, fact: MediaFacts) -> Amount | None:
    """CPU seconds of an embedded engine: OCR for images and scans, the text layer where there is one."""
    work = facts.work
    if work is None:
        return None
    scan, text = Decimal(work.scan_page), Decimal(work.text_page)
    if fact.modality == "image":
        expected = Decimal(work.image)
        low, high = expected / work.spread, expected * work.spread
    else:
        least, usual, most = pages(fact)
        expected = usual * (scan if fact.size > usual * _SCAN_BYTES else text)
        low, high = least * text, most * scan * work.spread
    return Amount(fact.modality, "in", "cpu_second", low, expected, high, "estimated")


def _sum(parts: Sequence[Amount], facts: ModelFacts, modality: Modality) -> Amount:
    """One amount for all media of a modality; the least certain of them tells the certainty."""
    unit: Unit = "cpu_second" if facts.work is not None else facts.unit_of(modality)
    low = expected = high = Decimal(0)
    certainty: Certainty = "exact"
    for part in parts:
        low += part.low
        expected += part.expected
        high += part.high
        if _DOUBT[part.certainty] > _DOUBT[certainty]:
            certainty = part.certainty
    return Amount(modality, "in", unit, low, expected, high, certainty)


def _tokens(
    modality: Modality, bounds: tuple[int, int, int], certainty: Certainty, *, direction: Direction = "in"
) -> Amount:
    """Tokens from (least, expected, most)."""
    low, expected, high = map(Decimal, bounds)
    return Amount(modality, direction, "token", low, expected, high, certainty)
