"""Drawing again what came out too heavy: first less quality, then fewer pixels, and an end to it."""

import io
from typing import Any

import anyio
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway import _core
from gateway.errors import GatewayError
from gateway.media.prepare import prepare
from gateway.media.shelf import Shelf
from gateway.media.tight import QUALITIES, TRIES, Drawing, tighter
from gateway.types.plan import Step


def noise(form: str, colours: int = 256) -> _core.Media:
    """A picture of 400 x 300 that no encoder can make small; of few colours it comes small."""
    samples = np.random.default_rng(5).integers(0, colours, (300, 400), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(samples).quantize(colours).convert("RGB" if form == "JPEG" else "P").save(out, form)
    return _core.Media(out.getvalue())


async def prepared(
    media: _core.Media, most_bytes: int | None, to: tuple[int, int] = (300, 225)
) -> _core.Media:
    """What leaves of it for a target that takes so many bytes."""
    steps = (Step(0, "downscale", (400, 300), to),)
    workers, shelf = anyio.CapacityLimiter(1), Shelf(1_000_000)
    made = await prepare((media,), steps, _core.Limits(), workers, shelf, tenant="t", most_bytes=most_bytes)
    return made[0]


async def test_a_jpeg_loses_quality_before_pixels() -> None:
    """Just over the limit a JPEG keeps its size, and what its pixels cost; far over it does not."""
    whole = await prepared(noise("JPEG"), None)
    assert whole.digest == (await prepared(noise("JPEG"), whole.size)).digest
    coarser = await prepared(noise("JPEG"), whole.size - 1)
    assert (300, 225) == (coarser.width, coarser.height)
    assert coarser.size < whole.size
    smaller = await prepared(noise("JPEG"), whole.size // 5)
    assert smaller.size <= whole.size // 5
    assert (smaller.width or 0) < 300


async def test_a_png_of_few_colours_that_grew_is_made_smaller() -> None:
    """Two colours become hundreds when they are scaled: within the limit as it came, it stays within it."""
    source = noise("PNG", 2)
    assert (await prepared(source, None)).size > source.size
    made = await prepared(source, source.size)
    assert made.size <= source.size
    assert "image/png" == made.mime
    assert abs((made.width or 0) * 3 - (made.height or 0) * 4) <= 4


@pytest.mark.parametrize(
    ("options", "mime"), [({"quality": 80}, "image/jpeg"), ({"lossless": True}, "image/png")]
)
async def test_a_webp_is_replaced_at_its_own_size(options: dict[str, Any], mime: str) -> None:
    """A step to `plain` makes JPEG of what had lost detail before and PNG of what had not."""
    out = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(out, "WEBP", **options)
    step = Step(0, "downscale", (256, 256), (256, 256), "plain")
    workers, shelf = anyio.CapacityLimiter(1), Shelf(1_000_000)
    media = (_core.Media(out.getvalue()),)
    made = await prepare(media, (step,), _core.Limits(), workers, shelf, tenant="t")
    assert (mime, 256, 256) == (made[0].mime, made[0].width, made[0].height)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
async def test_what_cannot_be_made_to_fit_is_refused(form: str) -> None:
    """A limit below any picture ends in one row that names the part and the limit."""
    with pytest.raises(GatewayError) as caught:
        await prepared(noise(form), 30)
    assert ("media_too_large", 0, "image") == (caught.value.code, caught.value.part, caught.value.kind)
    assert "30 a part" in caught.value.message


async def test_the_limit_is_part_of_what_is_wanted() -> None:
    """A picture made for one limit does not serve another."""
    media, workers, shelf = noise("JPEG"), anyio.CapacityLimiter(1), Shelf(1_000_000)
    steps = (Step(0, "downscale", (400, 300), (300, 225)),)
    sizes = []
    for cap in (None, 20_000, None):
        made = await prepare((media,), steps, _core.Limits(), workers, shelf, tenant="t", most_bytes=cap)
        sizes.append(made[0].size)
    assert sizes[0] == sizes[2] > 20_000 >= sizes[1]


@given(
    width=st.integers(1, 16_000),
    height=st.integers(1, 16_000),
    quality=st.sampled_from(QUALITIES),
    mime=st.sampled_from(["image/jpeg", "image/png"]),
    cap=st.integers(1, 20_000_000),
    over=st.floats(1.01, 50),
)
def test_every_step_loses_something(
    width: int, height: int, quality: int, mime: str, cap: int, over: float
) -> None:
    """The next drawing has the same pixels at less quality, or fewer pixels at the same, and never none."""
    drawn = Drawing((width, height), quality)
    following = tighter(drawn, mime, int(cap * over) + 1, cap)
    if following is None:
        assert (1, 1) == drawn.size
        return
    if following.size == drawn.size:
        assert ("image/jpeg", True) == (mime, following.quality < quality)
    else:
        assert following.quality == quality
        assert 1 <= following.size[0] <= width
        assert 1 <= following.size[1] <= height


def test_pictures_as_heavy_as_their_pixels_fit_in_two_steps() -> None:
    """Bytes that go with pixels are within the limit at the first smaller size."""
    drawn, weight = Drawing((4000, 3000)), 4 * 12_000_000
    following = tighter(drawn, "image/png", weight, 7_864_320)
    assert following is not None
    assert 0.8 * 7_864_320 < 4 * following.size[0] * following.size[1] <= 7_864_320
    assert TRIES > len(QUALITIES)
