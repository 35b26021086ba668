"""Can a model carry a request? One check per kind of obstacle, in the order in which people meet them."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from gateway.catalog import MediaLimit, ModelFacts
from gateway.catalog.demand import Amount, prompt_tokens
from gateway.types.money import Modality
from gateway.types.plan import Reason
from gateway.types.weight import CONVERTED, REPLACED, Feature, MediaFacts, Requirements

_SAID: dict[Feature, str] = {
    "tools": "tools",
    "schema": "structured output",
    "streaming": "streaming",
    "system": "system messages",
    "choices": "several choices",
}


def _operation(facts: ModelFacts, load: Requirements) -> Reason | None:  # noqa: ARG001 - all loads are chats
    if "chat" in facts.operations:
        return None
    does = " and ".join(sorted(facts.operations)).replace("_", " ")
    return Reason("operation_unsupported", f"{facts.name} does not chat: it is there for {does}")


def _modality(facts: ModelFacts, load: Requirements) -> Reason | None:
    for fact in load.media:
        if fact.modality not in facts.modalities_in:
            return Reason(
                "modality_unsupported",
                f"part {fact.index} ({fact.modality}): {facts.name} takes {_list(facts.modalities_in)} only; "
                f"a model that takes {_article(fact.modality)} is needed",
                fact.index,
                fact.modality,
            )
    return None


def _nothing_to_read(facts: ModelFacts, load: Requirements) -> Reason | None:
    if load.media or not facts.needs_media:
        return None
    wanted = " or ".join(f"a part of kind {modality}" for modality in sorted(facts.modalities_in - {"text"}))
    return Reason("modality_unsupported", f"{facts.name} answers about media only; {wanted} is needed")


def convertible(fact: MediaFacts) -> bool:
    """Whether a picture can become one of a kind that models take, with nothing of it lost."""
    return fact.mime in CONVERTED | REPLACED and fact.width is not None and (fact.frames or 1) == 1


def not_taken(facts: ModelFacts, fact: MediaFacts, limit: MediaLimit) -> Reason:
    """The refusal of a format."""
    return Reason(
        "format_unsupported",
        f"part {fact.index} ({fact.modality}): {fact.mime} is not taken by {facts.name}; "
        f"{', '.join(limit.formats)} would work",
        fact.index,
        fact.modality,
    )


def _format(facts: ModelFacts, load: Requirements) -> Reason | None:
    for fact in load.media:
        limit = facts.limits.get(fact.modality, MediaLimit())
        if limit.formats and fact.mime not in limit.formats and not convertible(fact):
            return not_taken(facts, fact, limit)
        if (fact.frames or 1) > 1 and limit.formats and not limit.animated:
            return Reason(
                "format_unsupported",
                f"part {fact.index} ({fact.modality}): {fact.frames:,} frames; {facts.name} takes "
                "single images: send the frame you mean",
                fact.index,
                fact.modality,
            )
    return None


def _count(facts: ModelFacts, load: Requirements) -> Reason | None:
    for modality, limit in facts.limits.items():
        media = [fact for fact in load.media if fact.modality == modality]
        if limit.count is not None and len(media) > limit.count:
            first = media[limit.count]
            many = "images" if modality == "image" else f"{modality} parts"
            return Reason(
                "too_many_images" if modality == "image" else "media_too_large",
                f"part {first.index} ({modality}): {len(media):,} {many}; "
                f"{facts.name} takes {limit.count:,} in a request",
                first.index,
                modality,
            )
    return None


def _length(facts: ModelFacts, load: Requirements) -> Reason | None:
    for fact in load.media:
        most = facts.limits.get(fact.modality, MediaLimit()).seconds
        if most is not None and fact.seconds is not None and fact.seconds > most:
            return Reason(
                "media_too_large",
                f"part {fact.index} ({fact.modality}): {fact.seconds:,.0f} s; {facts.name} takes {most:,} s: "
                "send a shorter piece",
                fact.index,
                fact.modality,
            )
    return None


def _feature(facts: ModelFacts, load: Requirements) -> Reason | None:
    missing = sorted(load.features - facts.features)
    if not missing:
        return None
    wanted = " and ".join(_SAID[feature] for feature in missing)
    return Reason("feature_unsupported", f"{facts.name} has no {wanted}; leave it out or name another model")


def _output(facts: ModelFacts, load: Requirements) -> Reason | None:
    asked, limit = load.max_output_tokens, facts.max_output_tokens
    if asked is None or limit is None or asked <= limit:
        return None
    return Reason(
        "parameter_unsupported", f"{asked:,} output tokens asked for; {facts.name} writes {limit:,} at most"
    )


# The checks that need no preparation. A new kind of obstacle is a function and its place here.
_CHECKS: tuple[Callable[[ModelFacts, Requirements], Reason | None], ...] = (
    _operation,
    _modality,
    _nothing_to_read,
    _format,
    _count,
    _length,
    _feature,
    _output,
)


def unsuitable(facts: ModelFacts, load: Requirements) -> Reason | None:
    """The first thing that keeps a model from a request, whatever its preparation."""
    for check in _CHECKS:
        reason = check(facts, load)
        if reason is not None:
            return reason
    return None


def not_good_enough(facts: ModelFacts, load: Requirements, floor: float | None) -> Reason | None:
    """Whether a policy's floor keeps a model from a request: by each medium it asks about, else by text.

    What nobody measured is below every floor.
    """
    if floor is None:
        return None
    asked = sorted({fact.modality for fact in load.media}) or ["text"]
    for modality in asked:
        known = None if facts.quality is None else facts.quality.of(modality)
        if known is None:
            words = (
                f"no quality of {facts.name} is known for {_article(modality)}: give its `quality` in `facts`"
            )
            return Reason("quality_unknown", f"{words}, or ask under a policy without a floor")
        if known < Decimal(str(floor)):
            words = f"{facts.name} has a quality of {known} for {_article(modality)}"
            return Reason("below_quality_floor", f"{words}; the policy wants {floor}")
    return None


def context_exceeded(facts: ModelFacts, load: Requirements, amounts: Sequence[Amount]) -> Reason | None:
    """Whether prompt and asked output are more than the model's context. `amounts`: after preparation."""
    _, prompt, _ = prompt_tokens(amounts)
    # Without a bound from the client any room for an answer will do.
    answer = load.max_output_tokens or 1
    if facts.input_tokens is not None and prompt > facts.input_tokens:
        return Reason(
            "context_exceeded",
            f"the prompt is about {prompt:,} tokens; {facts.name} takes {facts.input_tokens:,}",
        )
    if facts.context_tokens is not None and prompt + answer > facts.context_tokens:
        return Reason(
            "context_exceeded",
            f"the prompt of about {prompt:,} tokens and {answer:,} for the answer are more than the "
            f"{facts.context_tokens:,} of {facts.name}",
        )
    return None


def too_heavy(facts: ModelFacts, sizes: tuple[int, ...]) -> Reason | None:
    """Whether the prepared media, in base64, are more than the provider takes in one request."""
    total = sum(-(-size // 3) * 4 for size in sizes)
    if facts.request_bytes is None or total <= facts.request_bytes:
        return None
    return Reason(
        "media_too_large",
        f"all media together are {total:,} bytes of base64; {facts.name} takes {facts.request_bytes:,}",
    )


def _list(modalities: frozenset[Modality]) -> str:
    return " and ".join(sorted(modalities, key=lambda modality: (modality != "text", modality)))


def _article(modality: str) -> str:
    return {"image": "images", "document": "documents"}.get(modality, modality)
