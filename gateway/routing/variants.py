"""Which documents of a request may leave as text at a candidate, and in which combinations that is weighed.

Media do not depend on each other, so there is no product of their ways: a document is dearer as a file or as
text whatever the others do. Weighed are, as far as they differ: all as they came; all that can as text; and
for each the cheaper one. Context, limits and cliffs of price are then held against each of the three.

What would be lost decides before money does. A document with a page that has no text layer is never text. One
with pictures beside its text is text only where the model takes no documents at all: there it is that or
nothing, and the text says which pages had pictures.
"""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import structs

from gateway.catalog import Catalog, ModelFacts, quote
from gateway.catalog.layers import as_text
from gateway.types.learned import NOTHING, Learned
from gateway.types.plan import Attempt, Group, Policy, PrepareKind, Reason, Rejection, Step, Variant
from gateway.types.weight import MediaFacts, Requirements

PDF: Final = "application/pdf"
# Reasons that text would have got round.
_IN_THE_WAY: Final = frozenset({"modality_unsupported", "part_unsupported"})
_HARMLESS: Final[frozenset[PrepareKind]] = frozenset({"strip", "downscale"})
AS_THEY_CAME: Final[frozenset[int]] = frozenset()


def to_read(load: Requirements, group: Group, catalog: Catalog) -> tuple[int, ...]:
    """Documents whose text somebody wants to know: the policy allows it, and a candidate reads text."""
    if "pdf_text" not in group.policy.transform:
        return ()
    known = (catalog.get(candidate.name) for candidate in group.candidates)
    if not any(facts is not None and _reads_text(facts) for facts in known):
        return ()
    return tuple(fact.index for fact in load.media if fact.mime == PDF and fact.fault is None)


def ways(
    facts: ModelFacts,
    load: Requirements,
    policy: Policy,
    stopped: Collection[int | None] = (),
    learned: Learned = NOTHING,
) -> tuple[frozenset[int], ...]:
    """The sets of documents that leave as text, each to be weighed; that of none comes first.

    `stopped`: media that cannot be said in the candidate's dialect.
    """
    if "pdf_text" not in policy.transform or not _reads_text(facts):
        return (AS_THEY_CAME,)
    readable = frozenset(fact.index for fact in load.media if _readable(facts, fact, stopped))
    if not readable:
        return (AS_THEY_CAME,)
    found = [AS_THEY_CAME, readable]
    if len(readable) > 1 and "document" in facts.modalities_in:
        found.append(frozenset(part for part in readable if _cheaper_as_text(facts, load, part, learned)))
    return tuple(dict.fromkeys(found))


def without_text(name: str, load: Requirements, reason: Reason) -> Reason:
    """The reason, with why the document in the way cannot be sent as text either, where that is known."""
    missing = next((fact.layer_missing for fact in load.media if fact.index == reason.part), None)
    if missing is None or reason.code not in _IN_THE_WAY:
        return reason
    return Reason(
        "no_text_layer",
        f"part {reason.part} (document): {name} takes no documents here, and this one cannot be sent as"
        f" text: {missing}; a model that takes documents is needed",
        reason.part,
        reason.kind,
    )


def _reads_text(facts: ModelFacts) -> bool:
    """A model that answers about media alone would have nothing left."""
    return "chat" in facts.operations and not facts.needs_media


def _readable(facts: ModelFacts, fact: MediaFacts, stopped: Collection[int | None]) -> bool:
    if fact.layer is None:
        return False
    return not fact.layer.pictures or "document" not in facts.modalities_in or fact.index in stopped


def _cheaper_as_text(facts: ModelFacts, load: Requirements, part: int, learned: Learned) -> bool:
    """Whether a request costs less with this document alone as text."""
    return (
        quote(facts, as_text(load, {part}), (), learned).expected < quote(facts, load, (), learned).expected
    )


def best(judged: Sequence[Attempt | Rejection]) -> Attempt | Rejection:
    """The cheapest that fits, of equals the first. What has no price comes after what has one.

    When none fits, the first with its reason; where text got round that, the first with another.
    """
    first, fitting = judged[0], [found for found in judged if isinstance(found, Attempt)]
    if not fitting:
        refused = (one for one in judged if isinstance(one, Rejection) and one.reason.code not in _IN_THE_WAY)
        return next(refused, first)
    chosen = min(fitting, key=lambda attempt: (not attempt.quote.priced, attempt.quote.expected))
    # What a preparation saves is told against the request as it came, if that could be sent at all.
    return structs.replace(chosen, unprepared=first.unprepared) if isinstance(first, Attempt) else chosen


def told(judged: Sequence[Attempt | Rejection]) -> tuple[Variant, ...]:
    """What was weighed, each preparation once; nothing where there was but one."""
    found: dict[tuple[Step, ...], Variant] = {}
    for one in judged:
        if isinstance(one, Attempt):
            found.setdefault(one.steps, Variant(one.steps, one.quote))
        else:
            found.setdefault(one.steps, Variant(one.steps, one.quote, one.reason))
    return tuple(found.values()) if len(found) > 1 else ()


def narrower(policy: Policy) -> tuple[Policy, ...]:
    """The same policy with less leave: nothing at all, what loses nothing, each loss by itself."""
    harmless = policy.prepare & _HARMLESS
    losses = sorted(policy.prepare - _HARMLESS)
    allowed = [frozenset[PrepareKind](), harmless, *(harmless | {loss} for loss in losses)]
    return tuple(structs.replace(policy, prepare=leave) for leave in dict.fromkeys(allowed))
