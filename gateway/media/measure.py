"""Measure: what the pixels of a picture tell that its header does not, once for each picture."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import anyio
from msgspec import Struct, structs

from gateway import _core
from gateway.media.threads import in_thread
from gateway.types.weight import Look, Requirements

# Findings that are remembered: a conversation resends its pictures every turn.
REMEMBERED = 4_096

# Of a PNG: where its colour type stands, and those with an alpha channel.
_COLOUR_TYPE = 25
_WITH_ALPHA = frozenset({4, 6})
# Bytes of its signature, and those of a chunk around its content.
_SIGNATURE, _AROUND = 8, 12


class Finding(Struct, frozen=True):
    """What one look told. All None of a picture that cannot be read: `prepare` says so if it matters."""

    text_score: float | None = None
    glyph_height: float | None = None
    opaque: bool | None = None


class Gauge:
    """Looks at pictures, and remembers what it saw. Belongs to the event loop.

    By tenant and digest: nobody learns from the time an answer takes what others have sent.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._found: OrderedDict[tuple[str, str, bool, bool], Finding] = OrderedDict()
        self._remembered = remembered

    async def measured(
        self,
        load: Requirements,
        media: Sequence[_core.Media],
        looks: Iterable[Look],
        limits: _core.Limits,
        workers: anyio.CapacityLimiter,
        *,
        tenant: str,
    ) -> Requirements:
        """The requirements with what these looks tell, each in a thread: they decode."""
        found: dict[int, Finding] = {}
        for look in looks:
            key = (tenant, media[look.index].digest, look.glyphs, look.opacity)
            if key not in self._found:
                self._found[key] = await in_thread(workers, _look, media[look.index], look, limits)
            self._found.move_to_end(key)
            found[look.index] = self._found[key]
            while len(self._found) > self._remembered:
                self._found.popitem(last=False)
        return structs.replace(
            load,
            media=tuple(
                structs.replace(fact, **structs.asdict(found[fact.index])) if fact.index in found else fact
                for fact in load.media
            ),
        )


def _look(media: _core.Media, look: Look, limits: _core.Limits) -> Finding:
    opaque = _opaque(media.data()) if look.opacity else None
    if not look.glyphs:
        return Finding(opaque=opaque)
    try:
        seen = _core.signals(media, limits)
    except _core.Refusal:
        return Finding(opaque=opaque)
    return Finding(seen.text_score, seen.glyph_height, opaque)


def _opaque(png: bytes) -> bool:
    """Whether nothing shines through a PNG, by its header: no alpha channel, no transparent colour."""
    return png[_COLOUR_TYPE] not in _WITH_ALPHA and b"tRNS" not in _before_pixels(png)


def _before_pixels(png: bytes) -> set[bytes]:
    """The names of the chunks up to the first of pixels."""
    names, at = set[bytes](), _SIGNATURE
    while at + 8 <= len(png) and b"IDAT" not in names:
        names.add(png[at + 4 : at + 8])
        at += int.from_bytes(png[at : at + 4], "big") + _AROUND
    return names
