"""Prepare: make the parts as the chosen attempt wants them.

Pixels are touched in Rust with the GIL released, in a bounded pool of threads, so that small requests
do not feel a big picture next to them.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import anyio

from gateway import _core
from gateway.errors import GatewayError, failure
from gateway.media.shelf import Shelf, Wanted
from gateway.media.threads import in_thread
from gateway.types.plan import Step


def _touches_pixels(step: Step) -> bool:
    return step.step != "strip" and step.to is not None


def _prepared(media: _core.Media, steps: Sequence[Step], limits: _core.Limits) -> _core.Media:
    for step in steps:
        if step.to is not None and _touches_pixels(step):
            width, height = step.to
            media = _core.fit(media, width, height, format=step.format or "keep", limits=limits)
        else:
            media = _core.strip(media)
    return media


def _making(
    workers: anyio.CapacityLimiter, media: _core.Media, steps: Sequence[Step], limits: _core.Limits
) -> Callable[[], Awaitable[_core.Media]]:
    return lambda: in_thread(workers, _prepared, media, steps, limits)


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
) -> Mapping[int, _core.Media]:
    """The media that differ from the client's, by ordinal. Steps of one medium apply in their order.

    Raises `ClientError` (`media_corrupt`, ...) naming the part when pixels turn out to be broken.
    """
    ready: dict[int, _core.Media] = {}
    for part in dict.fromkeys(step.part for step in steps):
        source, ways = media[part], [step for step in steps if step.part == part]
        make = _making(workers, source, ways, limits)
        try:
            if any(map(_touches_pixels, ways)):
                found = await shelf.prepared(Wanted.of(tenant, source, ways, limits), make)
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
