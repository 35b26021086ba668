"""Prepare: make the parts as the chosen attempt wants them.

Pixels are touched in Rust with the GIL released, in a bounded pool of threads, so that small requests
do not feel a big picture next to them.
"""

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeAlias

import anyio

from gateway import _core
from gateway.errors import GatewayError, failure
from gateway.media.shelf import Shelf, Wanted
from gateway.media.threads import in_thread
from gateway.media.tight import TRIES, Drawing, tighter
from gateway.types.plan import Step

_Form: TypeAlias = Literal["keep", "plain", "jpeg"]


def _touches_pixels(step: Step) -> bool:
    return step.step != "strip" and step.to is not None


def _prepared(
    media: _core.Media, steps: Sequence[Step], limits: _core.Limits, most_bytes: int | None
) -> _core.Media:
    for step in steps:
        if step.to is not None and _touches_pixels(step):
            media = _drawn(media, Drawing(step.to), step.format or "keep", limits, most_bytes)
        elif step.step == "strip":
            media = _core.strip(media)
    return media


def _drawn(
    media: _core.Media, drawing: Drawing, form: _Form, limits: _core.Limits, most_bytes: int | None
) -> _core.Media:
    """The picture in this form, drawn again with less where it comes out with too many bytes."""
    cap = most_bytes if most_bytes is not None else sys.maxsize
    for _ in range(TRIES):
        made = _core.fit(media, *drawing.size, format=form, quality=drawing.quality, limits=limits)
        if made.size <= cap:
            return made
        following = tighter(drawing, made.mime, made.size, cap)
        if following is None:
            break
        drawing = following
    raise _too_heavy(made.size, cap)


def _too_heavy(weight: int, most_bytes: int) -> _core.Refusal:
    message = (
        f"made as small as may be, the picture has {weight:,} bytes; the model takes {most_bytes:,} a part"
    )
    refusal = _core.Refusal(message)
    refusal.code, refusal.message = "media_too_large", message
    return refusal


def _making(
    workers: anyio.CapacityLimiter,
    media: _core.Media,
    steps: Sequence[Step],
    limits: _core.Limits,
    most_bytes: int | None,
) -> Callable[[], Awaitable[_core.Media]]:
    return lambda: in_thread(workers, _prepared, media, steps, limits, most_bytes)


def refused(refusal: _core.Refusal, kind: str | None = None, *, part: int | None = None) -> GatewayError:
    """The error row of a native refusal, with its place. `kind`, `part`: where the caller knows better."""
    if kind is None and refusal.code.startswith("image_"):
        kind = "image"
    place = {"offset": refusal.offset} if refusal.offset is not None else None
    return failure(
        refusal.code,
        refusal.message,
        part=refusal.part if part is None else part,
        kind=kind,
        param=refusal.path,
        details=place,
    )


async def prepare(
    media: Sequence[_core.Media],
    steps: Sequence[Step],
    limits: _core.Limits,
    workers: anyio.CapacityLimiter,
    shelf: Shelf,
    *,
    tenant: str,
    most_bytes: int | None = None,
) -> Mapping[int, _core.Media]:
    """The media that differ from the client's, by ordinal. Steps of one medium apply in their order.

    `most_bytes`: of a picture, as decoded, that the target takes. One that is drawn and comes out with more
    is drawn again at lower quality, then smaller.

    Raises `ClientError` naming the part: `media_corrupt` when pixels turn out to be broken, `media_too_large`
    when they cannot be made to fit, ...
    """
    ready: dict[int, _core.Media] = {}
    drawn = [step for step in steps if step.step != "pdf_text"]
    for part in dict.fromkeys(step.part for step in drawn):
        source, ways = media[part], [step for step in drawn if step.part == part]
        make = _making(workers, source, ways, limits, most_bytes)
        try:
            if any(map(_touches_pixels, ways)):
                found = await shelf.prepared(Wanted.of(tenant, source, ways, limits, most_bytes), make)
                result = found.at(source.path)
            else:
                # Cut in less time than it would take to look for it.
                result = await make()
        except _core.Refusal as refusal:
            # Unnamed: an error that its own frame holds keeps the picture until it is collected.
            raise refused(refusal, source.kind, part=part) from None
        if result is not source and (result.size != source.size or result.digest != source.digest):
            ready[part] = result
    return ready
