"""On which queue an answer was made, by the provider's own word."""

from typing import Final, Literal

from gateway.types.terms import Tier

_WORDS: Final[dict[str, Tier | Literal["default"]]] = {
    "default": "default",
    "standard": "default",
    "flex": "flex",
    "priority": "priority",
    "batch": "batch",
}


def served_tier(*said: object) -> Tier | Literal["default"] | None:
    """The first of these words that we know; None when none tells."""
    known = (_WORDS.get(word) for word in said if isinstance(word, str))
    return next((tier for tier in known if tier is not None), None)
