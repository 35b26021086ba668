"""Prepare: make the parts as the chosen attempt wants them.

Pixels are touched in Rust with the GIL released, in a bounded pool of threads, so that small requests
do not feel a big picture next to them.
"""

from collections.abc import Mapping, Sequence

import anyio

from gateway import _core
from gateway.errors import GatewayError, failure
from gateway.media.threads import in_thread
from gateway.types.plan import Step


def _prepared(media: _core.Media, step: Step, limits: _core.Limits) -> _core.Media:
    if step.step == "strip" or step.to is None:
        return _core.strip(media)
    width, height = step.to
    return _core.fit(media, width, height, format=step.format or "keep", limits=limits)


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
) -> Mapping[int, _core.Media]:
    """The media that differ from the client's, by ordinal. Steps of one medium apply in their order.

    Raises `ClientError` (`media_corrupt`, ...) naming the part when pixels turn out to be broken.
    """
    ready: dict[int, _core.Media] = {}
    for step in steps:
        source = ready.get(step.part, media[step.part])
        try:
            result = await in_thread(workers, _prepared, source, step, limits)
        except _core.Refusal as refusal:
            # Unnamed: an error that its own frame holds keeps the picture until it is collected.
            raise refused(refusal, source.kind, part=step.part) from None
        if result.digest != source.digest:
            ready[step.part] = result
    return ready
