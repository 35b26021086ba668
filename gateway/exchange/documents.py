"""Documents of a request that may leave as text: read before routing, replaced when that is chosen."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import structs

from gateway.dialects import Replacements
from gateway.dialects.parts import media_parts
from gateway.exchange.house import House
from gateway.media.layers import Named
from gateway.types.plan import Step
from gateway.types.request import MediaPart, Request, TextPart
from gateway.types.weight import Requirements

# What a text can be marked with as well as a document.
_KEPT: Final = frozenset({"cache_control"})


async def measured(
    load: Requirements, request: Request, parts: Collection[int], house: House, tenant: str
) -> Requirements:
    """The requirements with what the text of these documents comes to, or why there is none."""
    if not parts:
        return load
    encodings = frozenset(load.text.tokens)
    bound = {part.media for part in media_parts(request) if part.rest.keys() - _KEPT}
    wanted = [named for named in _named(request) if named.index in parts and named.index not in bound]
    media, library = request.document.media, house.library
    found = await library.measured(load, media, wanted, encodings, house.workers, tenant=tenant)
    words = "it came with options that a text has no place for"
    return structs.replace(
        found,
        media=tuple(
            structs.replace(fact, layer_missing=words) if fact.index in bound & set(parts) else fact
            for fact in found.media
        ),
    )


async def replacements(request: Request, steps: Sequence[Step], house: House, tenant: str) -> Replacements:
    """The parts that say what was prepared where the medium alone does not: its level of detail, its text.

    Raises `engine_failed` when a text that was read for the quote cannot be had again.
    """
    levels = {step.part: step.level for step in steps if step.level is not None}
    texts = {step.part for step in steps if step.step == "pdf_text"}
    if not levels and not texts:
        return {}
    named = {document.index: document for document in _named(request)}
    found: dict[int, TextPart | MediaPart] = {}
    for part in media_parts(request):
        if part.media in texts:
            document, media = named[part.media], request.document.media
            text = await house.library.text(document, media, house.workers, tenant=tenant)
            found[part.media] = TextPart(text, part.rest)
        elif part.media in levels:
            found[part.media] = structs.replace(part, detail=levels[part.media])
    return found


def _named(request: Request) -> list[Named]:
    held = [part for part in media_parts(request) if request.document.media[part.media].kind == "document"]
    return [Named(part.media, part.name, place, len(held)) for place, part in enumerate(held, 1)]
