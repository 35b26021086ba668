"""Preparing: what a broken picture leaves behind."""

import gc
import io
import sys

import anyio
import pytest
from PIL import Image

from gateway import _core
from gateway.errors import GatewayError
from gateway.media.prepare import prepare
from gateway.media.threads import in_thread
from gateway.types.plan import Step


def broken_png() -> bytes:
    """A PNG whose header is sound and whose pixels are not."""
    out = io.BytesIO()
    Image.effect_noise((64, 48), 60).convert("RGB").save(out, "PNG")
    data = bytearray(out.getvalue())
    at = data.index(b"IDAT") + 40
    data[at : at + 200] = bytes(200)
    return bytes(data)


async def test_a_broken_picture_is_freed_at_once() -> None:
    """A refusal keeps no picture for the collector: megabytes a request would add up."""
    broken = _core.Media(broken_png())
    steps = (Step(0, "downscale", (64, 48), (32, 24)),)
    workers = anyio.CapacityLimiter(1)
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(broken)
        for _ in range(5):
            with pytest.raises(GatewayError) as refusal:
                await prepare((broken,), steps, _core.Limits(), workers)
            assert (0, "image") == (refusal.value.part, refusal.value.kind)
            del refusal
        await in_thread(workers, int)  # an idle thread remembers its last work
        assert before == sys.getrefcount(broken)
    finally:
        gc.enable()
