"""A request whose documents are sent as the text of their pages."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from msgspec import structs

from gateway.types.weight import Requirements, TextLayer, TextWeight

K = TypeVar("K", bound=str)


def as_text(load: Requirements, parts: Collection[int]) -> Requirements:
    """The requirements with these documents among the texts: their tokens count as text from then on.

    `parts`: ordinals of documents whose layer was read; of others nothing is known that could be counted.
    """
    if not parts:
        return load
    text = load.text
    for fact in load.media:
        if fact.index in parts and fact.layer is not None:
            text = _with(text, fact.layer)
    kept = tuple(fact for fact in load.media if fact.index not in parts)
    return structs.replace(load, text=text, media=kept)


def _with(text: TextWeight, layer: TextLayer) -> TextWeight:
    return structs.replace(
        text,
        tokens=_sum(text.tokens, layer.tokens),
        errors=_sum(text.errors, layer.errors),
        scripts=_sum(text.scripts, layer.scripts),
        characters=text.characters + layer.characters,
    )


def _sum(one: Mapping[K, int], other: Mapping[K, int]) -> dict[K, int]:
    return {key: one.get(key, 0) + other.get(key, 0) for key in one.keys() | other.keys()}
