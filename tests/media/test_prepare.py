"""Preparing: what is done once, and what a broken picture leaves behind."""

import gc
import io
import sys

import anyio
import pytest
from PIL import Image

from gateway import _core
from gateway.errors import GatewayError
from gateway.media.prepare import prepare
from gateway.media.shelf import Shelf
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
    workers, shelf = anyio.CapacityLimiter(1), Shelf(1_000_000)
    gc.collect()
    gc.disable()
    try:
        before = sys.getrefcount(broken)
        for _ in range(5):
            with pytest.raises(GatewayError) as refusal:
                await prepare((broken,), steps, _core.Limits(), workers, shelf, tenant="t")
            assert (0, "image") == (refusal.value.part, refusal.value.kind)
            del refusal
        await in_thread(workers, int)  # an idle thread remembers its last work
        assert before == sys.getrefcount(broken)
    finally:
        gc.enable()


def picture(path: str = "", *, seed: int = 1, declared: str | None = None) -> _core.Media:
    """A JPEG of 64 x 48 with a comment to strip."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (seed, 90, 120)).save(out, "JPEG", comment=b"where and when")
    return _core.Media(out.getvalue(), declared=declared).at(path)


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The sizes that pixels were scaled to, in the order of the work."""
    done: list[tuple[int, int]] = []
    fit = _core.fit

    def watched(media: _core.Media, width: int, height: int, **named: object) -> _core.Media:
        done.append((width, height))
        return fit(media, width, height, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(_core, "fit", watched)
    return done


HALF = (Step(0, "strip"), Step(0, "downscale", (64, 48), (32, 24)))


async def test_the_second_turn_of_a_chat_does_no_pixel_work(fitted: list[tuple[int, int]]) -> None:
    """The same picture for the same target is made once, wherever it stands in the later body."""
    workers, shelf = anyio.CapacityLimiter(1), Shelf(1_000_000)
    first = await prepare((picture("/a"),), HALF, _core.Limits(), workers, shelf, tenant="t")
    later = (picture(seed=9), picture("/b"))
    moved = tuple(Step(1, step.step, step.from_, step.to) for step in HALF)
    second = await prepare(later, moved, _core.Limits(), workers, shelf, tenant="t")
    assert [(32, 24)] == fitted
    assert first[0].digest == second[1].digest
    assert ("/a", "/b") == (first[0].path, second[1].path)


async def test_what_a_result_depends_on_makes_it_another(fitted: list[tuple[int, int]]) -> None:
    """Another picture, size, form, declared type or cap is work of its own; and tenants never meet."""
    workers, shelf = anyio.CapacityLimiter(1), Shelf(1_000_000)
    one, limits = picture(), _core.Limits()
    third = (Step(0, "downscale", (64, 48), (16, 12)),)
    drawn_anew = (Step(0, "strip"), Step(0, "downscale", (64, 48), (32, 24), "jpeg"))
    asked = [
        (one, HALF, limits, "t"),
        (one, HALF, limits, "u"),
        (one, third, limits, "t"),
        (one, drawn_anew, limits, "t"),
        (one, HALF, _core.Limits(side=64), "t"),
        (picture(seed=2), HALF, limits, "t"),
        (picture(declared="image/png"), HALF, limits, "t"),
        (one, HALF, _core.Limits(), "t"),
    ]
    for media, steps, caps, tenant in asked:
        await prepare((media,), steps, caps, workers, shelf, tenant=tenant)
    assert len(asked) - 1 == len(fitted)


async def test_metadata_alone_is_cut_without_the_shelf() -> None:
    """Stripping costs less than keeping its result; what has nothing to cut has not changed."""
    workers, shelf = anyio.CapacityLimiter(1), Shelf(0)
    steps = (Step(0, "strip"), Step(1, "strip"))
    changed = await prepare(
        (picture(), _core.strip(picture())), steps, _core.Limits(), workers, shelf, tenant="t"
    )
    assert [0] == list(changed)
    assert b"where and when" not in changed[0].data()
