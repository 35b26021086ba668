"""Which pictures are looked at before a request is routed: decoding costs, so only where it can pay."""

from collections.abc import Sequence

from gateway.catalog import Catalog, ModelFacts
from gateway.catalog.images import tokens
from gateway.catalog.sizes import legible_size
from gateway.routing.levels import open_to
from gateway.routing.preparation import decodable, fitted, recodable
from gateway.types.plan import Group, Policy
from gateway.types.weight import Look, MediaFacts, Requirements

# No glyph that is measured is taller than this share of the long side.
_TALLEST = 4


def to_look_at(load: Requirements, group: Group, catalog: Catalog) -> tuple[Look, ...]:
    """What the group's policy wants to know of its images.

    Nothing, unless it has `legible`, `recode` or `detail`.
    """
    policy = group.policy
    if policy.prepare.isdisjoint({"legible", "recode", "detail"}):
        return ()
    known = [facts for candidate in group.candidates if (facts := catalog.get(candidate.name)) is not None]
    takers = [facts for facts in known if "image" in facts.modalities_in]
    looks = (
        Look(fact.index, _glyphs(takers, fact, policy), bool(takers) and recodable(fact, policy))
        for fact in load.media
        if fact.modality == "image" and fact.fault is None
    )
    return tuple(look for look in looks if look.glyphs or look.opacity)


def _glyphs(takers: Sequence[ModelFacts], fact: MediaFacts, policy: Policy) -> bool:
    asked = "legible" in policy.prepare and fitted(fact, policy)
    if asked and any(_may_gain(facts, fact, policy) for facts in takers):
        return True
    return "detail" in policy.prepare and decodable(fact) and any(open_to(facts, fact) for facts in takers)


def _may_gain(facts: ModelFacts, fact: MediaFacts, policy: Policy) -> bool:
    """Whether a model would charge less for an image if its text turned out to be tall."""
    rule = facts.image_rule
    if rule is None or not (fact.width and fact.height):
        return False
    size = (fact.width, fact.height)
    if tokens(rule, *size, fact.detail).refusal is not None:
        return True  # it is made smaller first, and may gain then
    tallest = max(size) / _TALLEST
    return legible_size(rule, *size, tallest, fact.detail, least=policy.glyph_height) is not None
