"""Which preparation each medium gets at a candidate, as data; nothing is touched here.

An image is sent at the size the target would scale it to itself, when that has fewer pixels: same tokens,
fewer bytes. One that breaks a limit of the target is made as large as the limits allow. One that stays as
it is loses its metadata. An image on its side is turned upright, which no provider promises to do. One of a
format that the target does not take, BMP say, is written anew in one that it takes.

What a policy must ask for, since it loses something: sizes below that one (`routing.saving`), and JPEG for
an opaque PNG. The latter where it is smaller for certain, of photographs: more than a byte a pixel; and
where the alternative is fewer pixels: over a limit of bytes a JPEG keeps four times as many.
"""

from math import isqrt

from msgspec import Struct, structs

from gateway.catalog import MediaLimit, ModelFacts
from gateway.catalog.images import Size, largest_legal, lossless_size, tokens
from gateway.routing.levels import SAYABLE, levels
from gateway.routing.requirements import convertible, not_taken
from gateway.routing.saving import smallest
from gateway.types.plan import Level, Policy, Reason, Step, StepFormat
from gateway.types.weight import CONVERTED, REPLACED, MediaFacts, Requirements

# What `fit` and `strip` can read. The first frame of a GIF is a picture, its others would be lost.
_FITTED = frozenset({"image/png", "image/jpeg"}) | REPLACED | CONVERTED
_STRIPPED = frozenset({"image/png", "image/jpeg", "image/webp"})
# Leave to lose detail is leave to lose none.
_REDRAWN = frozenset({"downscale", "near_lossless", "legible", "recode"})
# Most bytes a re-encoded pixel may take, in hundredths: noise in PNG (RGBA), photos in JPEG. WebP leaves as
# PNG when it is lossless or has an alpha channel, which the header's facts do not say.
_JPEG = "image/jpeg"
_BYTES_PER_100_PIXELS = {_JPEG: 100, "image/heic": 100}
_BYTES_PER_100_PIXELS_LOSSLESS = 420


class Prepared(Struct, frozen=True):
    """Steps of a whole request and what its media then weigh in bytes, at most."""

    steps: tuple[Step, ...]
    sizes: tuple[int, ...]


def prepare(
    facts: ModelFacts, load: Requirements, policy: Policy, sayable: frozenset[Level] = SAYABLE
) -> Prepared | Reason:
    """The steps a candidate wants, or the reason why a medium cannot be made to fit.

    `sayable`: levels of detail that can be asked for in its dialect.
    """
    steps: list[Step] = []
    sizes: list[int] = []
    for fact in load.media:
        found = _at_best_level(facts, fact, load, policy, sayable)
        if isinstance(found, Reason):
            return found
        if found is not None:
            steps.append(found)
        sizes.append(_sent(facts, fact, found))
    return Prepared(tuple(steps), tuple(sizes))


def _at_best_level(
    facts: ModelFacts, fact: MediaFacts, load: Requirements, policy: Policy, sayable: frozenset[Level]
) -> Step | Reason | None:
    """The step at the level of detail that costs least, of those that lose nothing which matters."""
    best = _medium(facts, fact, load, policy)
    if "detail" not in policy.prepare:
        return best
    for level in levels(facts, fact, policy, sayable):
        found = _medium(facts, structs.replace(fact, detail=level), load, policy)
        if isinstance(found, Reason):
            continue
        lower = Step(fact.index, "detail") if found is None else found
        lower = structs.replace(lower, level=level)
        if isinstance(best, Reason) or _tokens(facts, fact, lower) < _tokens(facts, fact, best):
            best = lower
    return best


def _tokens(facts: ModelFacts, fact: MediaFacts, step: Step | None) -> int:
    """What an image comes to after a step."""
    if facts.image_rule is None:
        return 0
    size, detail = (fact.width or 0, fact.height or 0), fact.detail
    if step is not None:
        size, detail = step.to or size, step.level or detail
    return tokens(facts.image_rule, *size, detail).tokens


def _medium(facts: ModelFacts, fact: MediaFacts, load: Requirements, policy: Policy) -> Step | Reason | None:
    limit = facts.limits.get(fact.modality, MediaLimit())
    if fact.modality != "image" or fact.width is None or fact.height is None:
        return _oversize(facts, fact, limit)
    size = (fact.width, fact.height)
    fittable = fitted(fact, policy)
    drawn = _drawn_as(facts, fact, limit, policy)
    target = _target(facts, drawn, size, limit, load)
    if target is None:
        return _refused(facts, fact, size)
    legal, reason = target
    foreign = _foreign(fact, limit)
    if not fittable:
        if foreign and limit.formats:
            return not_taken(facts, fact, limit)
        return reason or _strip(fact, policy)
    name, best = smallest(facts, fact, legal, policy)
    form: StepFormat | None = "jpeg" if drawn is not fact else None
    # Of its own size it would stay what it is.
    if foreign and fact.mime in REPLACED:
        form = "plain"
    # At its own size it is still drawn anew when it lies on its side, has more bytes than are taken, or is of
    # a format that is not.
    if best == size and fact.orientation == 1 and reason is None and form is None and not foreign:
        return _strip(fact, policy)
    return Step(fact.index, "recode" if form == "jpeg" and best == size else name, size, best, form)


def fitted(fact: MediaFacts, policy: Policy) -> bool:
    """Whether an image may be drawn anew, and can be."""
    return bool(policy.prepare & _REDRAWN) and decodable(fact)


def decodable(fact: MediaFacts) -> bool:
    """Whether the pixels of a single image can be read here."""
    return fact.mime in _FITTED and (fact.frames or 1) == 1


def recodable(fact: MediaFacts, policy: Policy) -> bool:
    """Whether an image may become a JPEG if nothing shines through it."""
    return "recode" in policy.prepare and fact.mime == "image/png" and fitted(fact, policy)


def _drawn_as(facts: ModelFacts, fact: MediaFacts, limit: MediaLimit, policy: Policy) -> MediaFacts:
    """The image as its step will write it: itself, or a JPEG of its size and bytes."""
    if not (recodable(fact, policy) and fact.opaque) or (limit.formats and _JPEG not in limit.formats):
        return fact
    size = (fact.width or 0, fact.height or 0)
    over = limit.bytes is not None and fact.size > limit.bytes
    # A screenshot of few colours stays sharp when what loses nothing is within the limit as it is.
    tight = over and _bytes(fact, _lossless(facts, fact, size)) > (limit.bytes or 0)
    photo = fact.size > size[0] * size[1] * _BYTES_PER_100_PIXELS[_JPEG] // 100
    return structs.replace(fact, mime=_JPEG) if photo or tight else fact


def _images(load: Requirements) -> list[MediaFacts]:
    return [fact for fact in load.media if fact.modality == "image"]


def _strip(fact: MediaFacts, policy: Policy) -> Step | None:
    allowed = "strip" in policy.prepare and fact.mime in _STRIPPED
    return Step(fact.index, "strip") if allowed else None


def _lossless(facts: ModelFacts, fact: MediaFacts, size: Size) -> Size:
    if facts.image_rule is None:
        return size
    return lossless_size(facts.image_rule, *size, fact.detail) or size


def _target(
    facts: ModelFacts, fact: MediaFacts, size: Size, limit: MediaLimit, load: Requirements
) -> tuple[Size, Reason | None] | None:
    """The largest legal size, with the limit that made it smaller; None when no size is legal."""
    legal, reason = size, None
    many = limit.many is not None and len(_images(load)) > limit.many
    side = min((cap for cap in (limit.side, limit.many_side if many else None) if cap), default=None)
    if side is not None and max(size) > side:
        legal = _scaled(size, side, max(size))
        reason = _reason(
            "image_too_large",
            fact,
            f"{size[0]} x {size[1]} px; {facts.name} takes {side:,} px a side"
            + (f" when there are more than {limit.many} images" if many else ""),
        )
    foreign = _foreign(fact, limit)
    if limit.bytes is not None and (foreign or fact.size > limit.bytes):
        best = _lossless(facts, fact, legal)
        # What is drawn anew in another format weighs what that makes of it, which is often more.
        if (_bytes(fact, best) if foreign else fact.size) > limit.bytes:
            # The size that loses nothing may do already; else as many pixels as the bytes can hold.
            does = best != legal and _bytes(fact, best) <= limit.bytes
            legal = best if does else _within(fact, legal, limit.bytes)
            reason = _too_many_bytes(facts, fact, limit.bytes)
    if facts.image_rule is not None and tokens(facts.image_rule, *legal, fact.detail).refusal is not None:
        allowed = largest_legal(facts.image_rule, *legal, fact.detail)
        if allowed is None:
            return None
        legal, reason = allowed, _refused(facts, fact, size)
    return legal, reason


def _scaled(size: Size, top: int, bottom: int) -> Size:
    return max(size[0] * top // bottom, 1), max(size[1] * top // bottom, 1)


def _bytes(fact: MediaFacts, size: Size) -> int:
    """The most bytes a re-encoding at this size can be expected to have."""
    per = _BYTES_PER_100_PIXELS.get(fact.mime, _BYTES_PER_100_PIXELS_LOSSLESS)
    return size[0] * size[1] * per // 100


def _foreign(fact: MediaFacts, limit: MediaLimit) -> bool:
    """Whether the target does not take the format, and another can be made of it."""
    # Where nothing is known of a target, it takes what most do.
    unknown = not limit.formats and fact.mime in REPLACED
    return convertible(fact) and fact.mime not in limit.formats and not unknown


def _sent(facts: ModelFacts, fact: MediaFacts, step: Step | None) -> int:
    """The most bytes that leave."""
    if step is None or step.to is None:
        return fact.size
    drawn = _bytes(structs.replace(fact, mime=_JPEG) if step.format == "jpeg" else fact, step.to)
    return drawn if _foreign(fact, facts.limits.get(fact.modality, MediaLimit())) else min(fact.size, drawn)


def _within(fact: MediaFacts, size: Size, cap: int) -> Size:
    """The largest size of this shape whose re-encoding fits in `cap` bytes."""
    full = _bytes(fact, size)
    if full <= cap:
        return size
    # Shares of the long side: bytes go with the square.
    long = max(size)
    return _scaled(size, max(isqrt(cap * long * long // full), 1), long)


def _oversize(facts: ModelFacts, fact: MediaFacts, limit: MediaLimit) -> Reason | None:
    """A medium that cannot be made smaller and is over a limit."""
    if limit.bytes is not None and fact.size > limit.bytes:
        return _too_many_bytes(facts, fact, limit.bytes)
    if limit.pages is not None and fact.pages is not None and fact.pages > limit.pages:
        return _reason(
            "media_too_large",
            fact,
            f"{fact.pages:,} pages; {facts.name} takes {limit.pages:,}: send fewer pages",
        )
    return None


def _too_many_bytes(facts: ModelFacts, fact: MediaFacts, cap: int) -> Reason:
    return _reason("media_too_large", fact, f"{fact.size:,} bytes; {facts.name} takes {cap:,} bytes a part")


def _refused(facts: ModelFacts, fact: MediaFacts, size: Size) -> Reason:
    """What the model's own image rule refuses."""
    refusal = None
    if facts.image_rule is not None:
        refusal = tokens(facts.image_rule, *size, fact.detail).refusal
    return _reason(
        "image_too_large", fact, f"{facts.name} refuses it: {refusal or 'its size'}; send it smaller"
    )


def _reason(code: str, fact: MediaFacts, what: str) -> Reason:
    return Reason(code, f"part {fact.index} ({fact.modality}): {what}", fact.index, fact.modality)
