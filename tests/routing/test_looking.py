"""Which pictures are looked at: only those that a policy asks about and that can gain something."""

from typing import Any

import pytest

from gateway.routing import to_look_at
from gateway.types.plan import Policy, PrepareKind
from gateway.types.weight import Look
from tests.catalog.samples import CATALOG, carried, medium
from tests.routing.samples import group

TILES, FLAT, WORDS = "openai/gpt-4o", "gemini/gemini-3.8-flash", "local/smollm2"
PNG = medium(mime="image/png")


def looks(*models: str, allowed: set[PrepareKind], media: Any = None) -> tuple[Look, ...]:
    """What is looked at for candidates under a policy."""
    policy = Policy(prepare=frozenset({"strip", "downscale", *allowed}))
    return to_look_at(carried(media or medium()), group(*models, policy=policy), CATALOG)


@pytest.mark.parametrize(
    ("models", "allowed", "media", "expected"),
    [
        ((TILES,), {"legible"}, medium(), (Look(0, glyphs=True, opacity=False),)),
        ((FLAT, TILES), {"legible"}, medium(), (Look(0, glyphs=True, opacity=False),)),
        ((TILES,), {"recode"}, PNG, (Look(0, glyphs=False, opacity=True),)),
        ((TILES,), {"legible", "recode"}, PNG, (Look(0, glyphs=True, opacity=True),)),
        ((TILES,), {"detail"}, medium(), (Look(0, glyphs=True, opacity=False),)),
        ((TILES,), {"detail"}, medium(detail="auto"), (Look(0, glyphs=True, opacity=False),)),
        # Nothing is to be gained, or the client has chosen, or no level means anything.
        ((TILES,), {"detail"}, medium(detail="high"), ()),
        (("openai/gpt-4.1-mini",), {"detail"}, medium(), ()),
        (("anthropic/claude-haiku-5-5",), {"detail"}, medium(), ()),
        # Nobody asks.
        ((TILES,), set(), PNG, ()),
        ((TILES,), {"near_lossless"}, PNG, ()),
        # Tokens follow the shape, not the pixels; one tile is the least already; no images are taken.
        ((FLAT,), {"legible"}, medium(), ()),
        ((TILES,), {"legible"}, medium(width=500, height=500), ()),
        ((WORDS,), {"legible", "recode"}, PNG, ()),
        # What is not decoded, and what is no image.
        ((TILES,), {"legible"}, medium(mime="image/avif"), ()),
        ((TILES,), {"legible"}, medium(mime="image/gif", frames=2), ()),
        ((TILES,), {"recode"}, medium(), ()),
        ((TILES,), {"legible"}, medium("document", "application/pdf", pages=3), ()),
    ],
)
def test_only_what_can_gain_is_looked_at(
    models: tuple[str, ...], allowed: set[PrepareKind], media: Any, expected: tuple[Look, ...]
) -> None:
    """Pixels are decoded when the policy asks and a candidate would charge less for a smaller picture."""
    assert expected == looks(*models, allowed=allowed, media=media)


def test_an_image_over_a_limit_is_looked_at() -> None:
    """What a model refuses at its size is made smaller first, and may gain then."""
    huge = medium(width=7952, height=5304)
    assert 1 == len(looks("openai/gpt-5.6-sol", allowed={"legible"}, media=huge))
