"""Requirements made by hand, for tests that need no native code."""

from datetime import date
from typing import Any

from gateway.catalog import Catalog, ModelFacts, load
from gateway.types.money import Modality
from gateway.types.weight import Encoding, MediaFacts, Requirements, TextWeight

TODAY = date(2026, 11, 21)
CATALOG: Catalog = load(on=TODAY)


def facts(name: str) -> ModelFacts:
    """The shipped facts of a model; the test fails when there are none."""
    found = CATALOG.get(name)
    assert found is not None, name
    return found


CHATS = tuple(name for name in CATALOG.names() if "chat" in facts(name).operations)
SERVICES = tuple(name for name in CATALOG.names() if name not in CHATS)


def text(tokens: int = 4, **changes: Any) -> TextWeight:
    """One user message of `tokens` in every encoding."""
    counted: dict[Encoding, int] = {"o200k_base": tokens, "cl100k_base": tokens}
    usual: dict[str, Any] = {"tools": {}, "messages": 1, "names": 0, "characters": 4 * tokens}
    return TextWeight(tokens=counted, **{**usual, **changes})


def medium(modality: Modality = "image", mime: str = "image/jpeg", **changes: Any) -> MediaFacts:
    """A photo of 4000 x 3000 unless told otherwise."""
    usual: dict[str, Any] = {"index": 0, "digest": "d0", "size": 3_475_013}
    if modality == "image":
        usual |= {"width": 4000, "height": 3000}
    return MediaFacts(modality=modality, mime=mime, **{**usual, **changes})


def carried(*media: MediaFacts, tokens: int = 4, **changes: Any) -> Requirements:
    """A request of some text and these media."""
    usual: dict[str, Any] = {
        "text": text(tokens),
        "media": media,
        "features": frozenset(),
        "max_output_tokens": None,
    }
    return Requirements(**{**usual, **changes})
