"""Sizes below the one that loses nothing, where a policy asks for them."""

from collections.abc import Iterator

from gateway.catalog import ModelFacts
from gateway.catalog.images import Size, lossless_size, tokens
from gateway.catalog.sizes import legible_size, near_lossless_size
from gateway.types.plan import Policy, StepKind
from gateway.types.weight import MediaFacts

MOSTLY_TEXT = 0.5
"""The share of glyphs from which a picture is text before all else (pipelines.md 1.3: right on 15 of 16)."""


def smallest(facts: ModelFacts, fact: MediaFacts, legal: Size, policy: Policy) -> tuple[StepKind, Size]:
    """The size to send, of those that the policy allows the cheapest, and the name of the step that makes it.

    Of equals the one that loses least, so a downscale that loses nothing wherever nothing is to be gained.
    """
    rule = facts.image_rule
    if rule is None:
        return "downscale", legal
    best: tuple[StepKind, Size] = "downscale", lossless_size(rule, *legal, fact.detail) or legal
    sizes = [best, *_smaller(facts, fact, legal, policy)]
    if len(sizes) == 1:
        return best
    return min(sizes, key=lambda named: tokens(rule, named[1][0], named[1][1], fact.detail).tokens)


def _smaller(
    facts: ModelFacts, fact: MediaFacts, legal: Size, policy: Policy
) -> Iterator[tuple[StepKind, Size]]:
    rule = facts.image_rule
    if rule is None:
        return
    if "near_lossless" in policy.prepare:
        size = near_lossless_size(rule, *legal, fact.detail)
        if size is not None:
            yield "near_lossless", size
    if "legible" in policy.prepare and fact.glyph_height and (fact.text_score or 0) >= MOSTLY_TEXT:
        glyph = fact.glyph_height * max(legal) / max(fact.width or 1, fact.height or 1)
        size = legible_size(rule, *legal, glyph, fact.detail, least=policy.glyph_height)
        if size is not None:
            yield "legible", size
