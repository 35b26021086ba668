"""Measuring: what a look tells, and that it is taken once."""

import io
from typing import Any

import anyio
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from gateway import _core
from gateway.media.measure import Gauge
from gateway.types.weight import Look, MediaFacts, Requirements
from tests.catalog.samples import carried, medium
from tests.e2e.pictures import page, photo
from tests.media.test_prepare import broken_png

BOTH = Look(0, glyphs=True, opacity=True)


async def measured(data: bytes, look: Look = BOTH, gauge: Gauge | None = None) -> MediaFacts:
    """The facts of a picture after a look."""
    load: Requirements = carried(medium())
    limits, workers = _core.Limits(), anyio.CapacityLimiter(1)
    found = await (gauge or Gauge()).measured(load, [_core.Media(data)], [look], limits, workers, tenant="t")
    return found.media[0]


def png(mode: str, **options: Any) -> bytes:
    """A small PNG of this mode."""
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "PNG", **options)
    return out.getvalue()


def noted(text: str) -> PngInfo:
    """A chunk of text in front of all others."""
    info = PngInfo()
    info.add_text("note", text)
    return info


async def test_a_page_is_text_and_a_photo_is_not() -> None:
    """Score and height of glyphs are those of `_core.signals`."""
    data = page(["Total 42.00", "Date 2026-11-21"])
    signals = _core.signals(_core.Media(data))
    found = await measured(data)
    assert (signals.text_score, signals.glyph_height) == (found.text_score, found.glyph_height)
    assert (found.text_score or 0) > 0.5
    assert ((await measured(photo(640, 480))).text_score or 0) < 0.5


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (png("RGB"), True),
        (png("L"), True),
        (png("P"), True),
        (png("RGBA"), False),
        (png("LA"), False),
        (png("P", transparency=0), False),
        # A text that names the chunk of pixels is none.
        (png("P", transparency=0, pnginfo=noted("IDAT")), False),
        (png("RGB", transparency=(0, 0, 0)), False),
    ],
)
async def test_opaque_is_what_nothing_shines_through(data: bytes, expected: bool) -> None:
    """An alpha channel or a transparent colour makes a PNG shine through, by its header alone."""
    assert expected == (await measured(data, Look(0, glyphs=False, opacity=True))).opaque


async def test_only_what_was_asked_is_told() -> None:
    """Opacity is not looked for when only glyphs are, nor the other way round."""
    data = page(["Total 42.00"])
    assert (await measured(data, Look(0, glyphs=True, opacity=False))).opaque is None
    assert (await measured(data, Look(0, glyphs=False, opacity=True))).glyph_height is None


async def test_a_broken_picture_is_not_refused_here() -> None:
    """What cannot be decoded tells nothing; whether that matters is for the step that needs its pixels."""
    found = await measured(broken_png())
    assert (None, None) == (found.text_score, found.glyph_height)


async def test_a_picture_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation resends its pictures: the second look is remembered, until others push it out."""
    looked: list[str] = []
    signals = _core.signals

    def counting(media: _core.Media, limits: _core.Limits) -> _core.Signals:
        looked.append(media.digest)
        return signals(media, limits)

    monkeypatch.setattr(_core, "signals", counting)
    gauge, first, second = Gauge(remembered=1), page(["a"]), page(["b"])
    found = [await measured(data, gauge=gauge) for data in (first, first, second, second, first)]
    digest = [_core.Media(data).digest for data in (first, second)]
    assert [digest[0], digest[1], digest[0]] == looked
    assert found[0] == found[1] == found[4]


async def test_nobody_learns_what_others_have_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one tenant's picture told is not told to another from memory: each is looked at anew."""
    seen: list[str] = []
    signals = _core.signals

    def watched(media: _core.Media, limits: _core.Limits) -> Any:
        seen.append(media.digest)
        return signals(media, limits)

    monkeypatch.setattr(_core, "signals", watched)
    gauge, data = Gauge(), _core.Media(page(["Total 42.00"]))
    for tenant in ("a", "b", "a"):
        limits, workers = _core.Limits(), anyio.CapacityLimiter(1)
        await gauge.measured(carried(medium()), [data], [BOTH], limits, workers, tenant=tenant)
    assert [data.digest] * 2 == seen
