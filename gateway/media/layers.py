"""Documents as text: their text layers are read once, counted before routing, and sent as they were counted.

A page that is a picture of text has none: a document with one is not offered as text, since what is on it
would be gone without a word. Pictures beside text are left out, and the text says of which pages.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import anyio
from msgspec import Struct, structs

from gateway import _core
from gateway.catalog.text import EXACT_BYTES
from gateway.errors import ClientError, GatewayError, failure
from gateway.media.threads import in_thread
from gateway.ports import TextLayers
from gateway.types.layer import LayerPage
from gateway.types.weight import Encoding, Requirements, TextLayer

REMEMBERED_CHARACTERS: Final = 32_000_000
"""Of all layers together: a conversation resends its documents every turn."""

_OVERHEAD: Final = 1_024
_LONGEST_NAME: Final = 200


class Named(Struct, frozen=True):
    """A document to be read, and how the text that is sent calls it. `name`: its file's name, if any.

    `place`: which of the `documents` of the request it is, from 1.
    """

    index: int
    name: str | None
    place: int
    documents: int


class Found(Struct, frozen=True):
    """What reading gave: pages, or why there is no text that could stand for the document."""

    pages: tuple[LayerPage, ...] = ()
    missing: str | None = None

    @property
    def weight(self) -> int:
        """What it takes of the memory, in characters."""
        return _OVERHEAD + sum(len(page.text) for page in self.pages)


class Library:
    """Reads text layers, and remembers them. Belongs to the event loop.

    By tenant and digest: nobody learns from the time an answer takes what others have sent.
    """

    def __init__(self, layers: TextLayers, remembered: int = REMEMBERED_CHARACTERS) -> None:
        self._layers = layers
        self._found: OrderedDict[tuple[str, str], Found] = OrderedDict()
        self._held = 0
        self._remembered = remembered

    async def measured(
        self,
        load: Requirements,
        media: Sequence[_core.Media],
        documents: Iterable[Named],
        encodings: frozenset[Encoding],
        workers: anyio.CapacityLimiter,
        *,
        tenant: str,
    ) -> Requirements:
        """The requirements with what the text of these documents comes to, or why there is none."""
        told: dict[int, TextLayer | str] = {}
        for document in documents:
            found = await self._read(media[document.index], workers, tenant)
            if found.missing is not None:
                told[document.index] = found.missing
                continue
            told[document.index] = await in_thread(workers, _counted, found.pages, document, encodings)
        known: Mapping[int, TextLayer | str] = told
        facts = []
        for fact in load.media:
            layer = known.get(fact.index)
            if isinstance(layer, TextLayer):
                facts.append(structs.replace(fact, layer=layer, pages=fact.pages or layer.pages))
            else:
                facts.append(fact if layer is None else structs.replace(fact, layer_missing=layer))
        return structs.replace(load, media=tuple(facts))

    async def text(
        self, document: Named, media: Sequence[_core.Media], workers: anyio.CapacityLimiter, *, tenant: str
    ) -> str:
        """The text that is sent for a document: the one that was counted.

        Raises `engine_failed`, after which another deployment may be tried, when it cannot be had again.
        """
        found = await self._read(media[document.index], workers, tenant)
        if found.missing is not None:
            raise failure(
                "engine_failed", f"The document cannot be read: {found.missing}.", part=document.index
            )
        return written(found.pages, document)

    async def aclose(self) -> None:
        """End the process that reads."""
        await self._layers.aclose()

    async def _read(self, medium: _core.Media, workers: anyio.CapacityLimiter, tenant: str) -> Found:
        key = (tenant, medium.digest)
        held = self._found.get(key)
        if held is not None:
            self._found.move_to_end(key)
            return held
        try:
            pages = await self._layers.read(await in_thread(workers, medium.data))
        except ClientError as error:
            found = Found(missing=error.message)
        except GatewayError as error:
            # Another try may succeed: not remembered.
            return Found(missing=error.message)
        else:
            found = _judged(pages)
        self._keep(key, found)
        return found

    def _keep(self, key: tuple[str, str], found: Found) -> None:
        if found.weight > self._remembered or key in self._found:
            return
        self._found[key] = found
        self._held += found.weight
        while self._held > self._remembered:
            _, oldest = self._found.popitem(last=False)
            self._held -= oldest.weight


def _judged(pages: tuple[LayerPage, ...]) -> Found:
    scans = [number for number, page in enumerate(pages, 1) if page.scan]
    if scans:
        others = f" and {len(scans) - 1:,} more" if len(scans) > 1 else ""
        return Found(missing=f"page {scans[0]:,}{others} of {len(pages):,} is drawn and has no text layer")
    if not any(page.text for page in pages):
        return Found(missing="nothing is written on its pages")
    return Found(pages)


def written(pages: Sequence[LayerPage], document: Named) -> str:
    """The text that stands for a document: which it is, and each page under its number."""
    name = "" if document.name is None else f', "{document.name[:_LONGEST_NAME]}"'
    many = "its page" if len(pages) == 1 else f"its {len(pages)} pages"
    blocks = [f"Document {document.place} of {document.documents}{name}: the text of {many}."]
    for number, page in enumerate(pages, 1):
        gaps = "; its pictures are left out" if page.pictures else "" if page.text else "; blank"
        blocks.append(f"[Page {number} of {len(pages)}{gaps}]\n{page.text}".rstrip("\n"))
    return "\n\n".join(blocks)


def _counted(pages: Sequence[LayerPage], document: Named, encodings: frozenset[Encoding]) -> TextLayer:
    text = written(pages, document)
    counts = {encoding: _core.weigh_texts([text], encoding, cap=EXACT_BYTES) for encoding in encodings}
    return TextLayer(
        tokens={encoding: count.tokens for encoding, count in counts.items()},
        errors={encoding: count.error for encoding, count in counts.items()},
        scripts=counts[min(counts)].scripts if counts else {},
        characters=len(text),
        pages=len(pages),
        pictures=any(page.pictures for page in pages),
    )
