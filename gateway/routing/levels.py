"""Which level of detail may be asked for in the place of the client's, where a policy has `detail`.

A level says how many pixels of a picture the model is shown; what is not shown cannot be read, and nobody
learns that it was there. So another level than the client's is taken only where one of these holds:

- It shows the whole picture as it is, or all that the client's level shows: not a pixel is lost.
- The client left the choice open (nothing, `auto`) or asked for little (`low`), somebody looked at the
  picture, and there is no text: a `text_score` below 0.1. A client that says `high` has seen a reason.
- The same, and the picture is text before all else, the median letter of which is still the policy's
  `glyph_height` tall at that level: the floor that `legible` has too.

Between the two scores nothing is known, and the client's level stays: photographs score 0.06 to 0.24, one
with a road sign 0.2 to 0.7. Who looked looked at windows of full resolution besides the whole, so letters too
small for a small copy mostly show; a sign of 30 px letters among twenty thousand leaves did not. A wrong
"no text" costs an answer and a wrong "text" a cent, hence the low bar, and hence only where the policy says
so. What it gives away knowingly is fine detail other than text: a face in a crowd, a crack in a wall.

Without `detail` no level is changed at all. None is free: under tiles a picture that `low` shows whole has
fewer tokens of its own there, under patches the same pixels cost the same at every level.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import structs

from gateway.catalog import ModelFacts
from gateway.catalog.demand import medium
from gateway.catalog.images import Size, tokens
from gateway.catalog.sizes import levels as known_levels
from gateway.catalog.sizes import seen_size
from gateway.routing.saving import MOSTLY_TEXT
from gateway.types.money import Modality
from gateway.types.plan import Level, Policy, Reason
from gateway.types.weight import MediaFacts, Requirements

SAYABLE: Final[frozenset[Level]] = frozenset({"low", "high", "original"})
"""What the dialect that knows levels can ask for."""

NO_TEXT: Final = 0.1
"""The share of glyphs below which a picture is taken to have no text."""

# Words of a client that leave the level open, and the one that asks for the least.
_OPEN: Final = frozenset({None, "auto", "low"})


def levels(
    facts: ModelFacts, fact: MediaFacts, policy: Policy, sayable: frozenset[Level] = SAYABLE
) -> tuple[Level, ...]:
    """The levels that may be asked for, each of which costs less for this image than the client's."""
    if "detail" not in policy.prepare or fact.modality != "image":
        return ()
    return tuple(
        level for level in cheaper(facts, fact) if level in sayable and _keeps(facts, fact, level, policy)
    )


def cheaper(facts: ModelFacts, fact: MediaFacts) -> tuple[Level, ...]:
    """Levels of the model's rule at which an image costs less than at the client's, or is taken at all."""
    rule = facts.image_rule
    if rule is None or fact.width is None or fact.height is None:
        return ()
    size = (fact.width, fact.height)
    now = tokens(rule, *size, fact.detail)
    return tuple(
        level
        for level in known_levels(rule)
        if (there := tokens(rule, *size, level)).refusal is None
        and (now.refusal is not None or there.tokens < now.tokens)
    )


def open_to(facts: ModelFacts, fact: MediaFacts) -> bool:
    """Whether a look at an image may lead to another level than the client's."""
    return fact.detail in _OPEN and bool(cheaper(facts, fact))


def _keeps(facts: ModelFacts, fact: MediaFacts, level: Level, policy: Policy) -> bool:
    rule = facts.image_rule
    if rule is None or fact.width is None or fact.height is None:
        return False
    size = (fact.width, fact.height)
    shown = seen_size(rule, *size, level)
    if _covers(shown, seen_size(rule, *size, fact.detail)):
        return True
    if fact.detail not in _OPEN or fact.text_score is None:
        return False
    if fact.text_score < NO_TEXT:
        return True
    glyph = (fact.glyph_height or 0) * max(shown) / max(size)
    return fact.text_score >= MOSTLY_TEXT and glyph >= policy.glyph_height


def _covers(shown: Size, other: Size) -> bool:
    return shown[0] >= other[0] and shown[1] >= other[1]


def unsaid(facts: ModelFacts, load: Requirements, policy: Policy) -> Iterator[Reason]:
    """Media resolutions at which a model would charge less, and that no dialect here has a word for.

    Gemini is spoken to in chat completions, which can say a level of detail and no media resolution. One
    reason a medium, with the level that would cost least.
    """
    if "detail" not in policy.prepare:
        return
    for fact in load.media:
        counts = {level: _at(facts, fact, level) for level in (None, *_resolutions(facts, fact.modality))}
        now = counts.pop(None)
        best = min(counts, key=lambda level: counts[level], default=None)
        if best is not None and counts[best] < now:
            yield Reason(
                "level_unsupported",
                f"part {fact.index} ({fact.modality}): {facts.name} would count {counts[best]:,} tokens in"
                f" the place of {now:,} at {best}, which chat completions have no word for",
                fact.index,
                fact.modality,
            )


def _at(facts: ModelFacts, fact: MediaFacts, level: str | None) -> int:
    amount = medium(facts, structs.replace(fact, detail=level or fact.detail))
    return 0 if amount is None else int(amount.expected)


def _resolutions(facts: ModelFacts, modality: Modality) -> tuple[str, ...]:
    rules = {"image": facts.image_rule, "document": facts.page_tokens, "video": facts.video_rule}
    return tuple(getattr(rules.get(modality), "levels", {}))
