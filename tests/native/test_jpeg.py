"""Our JPEG decoder against libjpeg-turbo's, by way of Pillow.

Both are right when they differ by rounding: libjpeg's transform is in integers, ours in floats.
"""

import io
import itertools
from typing import Final, Literal

import numpy as np
import pytest
from PIL import Image

from gateway import _core

FORMS: Final[tuple[Literal["jpeg", "png"], ...]] = ("jpeg", "png")
SAMPLINGS: Final = {"4:4:4": 0, "4:2:2": 1, "4:2:0": 2}


def drawn(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Detail at several scales, so that no coefficient stays nought."""
    rng = np.random.default_rng(width * 1000 + height)
    channels = len(Image.new(mode, (1, 1)).getbands())
    pixels = np.zeros((height, width, channels), np.float32)
    for size in (2, 5, 16, 64):
        noise = rng.integers(0, 256, (size, size, channels), np.uint8)
        for channel in range(channels):
            layer = Image.fromarray(noise[..., channel]).resize((width, height), Image.Resampling.BILINEAR)
            pixels[..., channel] += np.asarray(layer) / 4
    return Image.fromarray(
        pixels.astype(np.uint8).squeeze(-1) if channels == 1 else pixels.astype(np.uint8), mode
    )


def saved(image: Image.Image, **options: object) -> bytes:
    """The file."""
    out = io.BytesIO()
    image.save(out, "JPEG", **options)
    return out.getvalue()


def luma_of(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """What libjpeg makes of luma alone: no chroma is enlarged for it."""
    image = Image.open(io.BytesIO(data))
    image.draft("L", image.size)
    return np.asarray(image.convert("L")).astype(np.int16)


def ours(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """What we make of it, as PNG of the same size."""
    media = _core.Media(data)
    width, height = media.width or 0, media.height or 0
    png = _core.fit(media, width, height, format="png").data()
    return np.asarray(Image.open(io.BytesIO(png))).astype(np.int16)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize(("mode", "sampling"), [("L", None), *(("RGB", name) for name in SAMPLINGS)])
@pytest.mark.parametrize("size", [(1, 1), (7, 9), (16, 16), (17, 33), (200, 131)])
def test_decodes_what_pillow_writes(
    size: tuple[int, int], mode: str, sampling: str | None, progressive: bool
) -> None:
    """Grey and 4:4:4 are equal to a level or two of rounding; luma of every sampling is."""
    options = {} if sampling is None else {"subsampling": SAMPLINGS[sampling]}
    for quality, restart in itertools.product((30, 75, 98), (0, 3)):
        data = saved(
            drawn(*size, mode),
            quality=quality,
            progressive=progressive,
            restart_marker_blocks=restart,
            **options,
        )
        found = ours(data)
        if sampling in {None, "4:4:4"}:
            expected = np.asarray(Image.open(io.BytesIO(data))).astype(np.int16)
            # Conversion to RGB adds up three roundings, and blue takes 1.8 times that of its chroma.
            assert np.abs(found - expected).max() <= (1 if mode == "L" else 4)
        else:
            weights = np.array([0.299, 0.587, 0.114])
            inside = (found.min(axis=-1) > 0) & (found.max(axis=-1) < 255)
            off = np.abs(found @ weights - luma_of(data))
            assert off[inside].max(initial=0) <= 2


def test_same_pixels_in_one_scan_and_in_many() -> None:
    """A progressive file is the baseline file's coefficients in another order: its pixels are the same."""
    image = drawn(150, 90)
    one, many = saved(image, quality=85), saved(image, quality=85, progressive=True)
    assert (ours(one) == ours(many)).all()


@pytest.mark.parametrize("progressive", [False, True])
def test_cut_files_are_refused(progressive: bool) -> None:
    """However many bytes a file lacks, and even when an end marker is put back, no half picture comes out."""
    data = saved(drawn(120, 80), quality=90, progressive=progressive)
    header = data.index(b"\xff\xda")
    for end in range(header + 20, len(data) - 2, max(1, len(data) // 150)):
        media = _core.Media(data[:end].rstrip(b"\xff") + b"\xff\xd9")
        with pytest.raises(_core.Refusal) as caught:
            _core.fit(media, 30, 20)
        assert caught.value.code == "media_corrupt"


def test_restarts_out_of_order_are_refused() -> None:
    """A restart marker that is missing or has the wrong number ends the decoding."""
    data = saved(drawn(120, 80), quality=90, restart_marker_blocks=2)
    first = data.index(b"\xff\xd0")
    for wrong in (b"\xff\xd1", b"\xff\xd7"):
        with pytest.raises(_core.Refusal) as caught:
            _core.fit(_core.Media(data[:first] + wrong + data[first + 2 :]), 30, 20)
        assert caught.value.code == "media_corrupt"


def test_scans_are_counted() -> None:
    """More scans than the cap are refused, as many are not."""
    data = saved(drawn(64, 64), quality=80, progressive=True)
    scans = data.count(b"\xff\xda")
    media = _core.Media(data)
    assert _core.fit(media, 30, 30, limits=_core.Limits(scans=scans)).width == 30
    with pytest.raises(_core.Refusal) as caught:
        _core.fit(media, 30, 30, limits=_core.Limits(scans=scans - 1))
    assert caught.value.code == "media_unsupported"


def test_deadline() -> None:
    """Pixels that take longer than allowed are refused."""
    media = _core.Media(saved(drawn(640, 640), quality=80))
    with pytest.raises(_core.Refusal) as caught:
        _core.fit(media, 30, 30, limits=_core.Limits(decode_seconds=0))
    assert caught.value.code == "image_too_large"


@pytest.mark.parametrize("factor", [2, 4, 5, 9, 17, 40])
def test_shrinking_in_the_transform_is_not_seen(factor: int) -> None:
    """Where the decoder shrinks already, the picture stays within two levels of one that is scaled whole."""
    image = drawn(640, 400, "L")
    data = saved(image, quality=95)
    size = (640 // factor, 400 // factor)
    found = np.asarray(Image.open(io.BytesIO(_core.fit(_core.Media(data), *size, format="png").data())))
    whole = Image.open(io.BytesIO(data)).resize(size, Image.Resampling.LANCZOS)
    off = np.abs(found.astype(int) - np.asarray(whole).astype(int))
    assert off.max() <= 3
    assert off.mean() < 1


def test_scans_keep_the_tables_they_began_with() -> None:
    """A table of steps that is redefined between scans holds for the components that come after it alone."""
    data = saved(drawn(40, 24), quality=90, subsampling=0)
    steps = data.index(b"\xff\xdb")
    length = int.from_bytes(data[steps + 2 : steps + 4], "big")
    many = saved(drawn(40, 24), quality=90, subsampling=0, progressive=True)
    last = many.rindex(b"\xff\xda")
    coarser = data[steps : steps + 5] + bytes([99]) * 64 + data[steps + 69 : steps + 2 + length]
    assert (ours(many) == ours(many[:last] + coarser + many[last:])).all()


def test_a_height_that_lies_is_refused() -> None:
    """Pixels of which the header says nothing are no padding: the file is refused."""
    data = bytearray(saved(drawn(320, 320), quality=90))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 7] = (32).to_bytes(2, "big")
    with pytest.raises(_core.Refusal) as caught:
        _core.fit(_core.Media(bytes(data)), 30, 3)
    assert caught.value.code == "media_corrupt"


@pytest.mark.parametrize("orientation", range(1, 9))
def test_colour_stays_where_it_is_at_odd_sizes(orientation: int) -> None:
    """Halved chroma of an odd side lies under its luma, however the picture is turned."""
    # A ramp: where chroma is moved by half a sample, colours near the end are off by twice that.
    ramp = np.zeros((90, 90, 3), np.uint8)
    ramp[..., 0] = np.linspace(0, 250, 90).astype(np.uint8)
    ramp[..., 2] = np.linspace(250, 0, 90).astype(np.uint8)[:, None]
    tags = Image.Exif()
    tags[0x0112] = orientation
    data = saved(Image.fromarray(ramp), quality=100, subsampling=2, exif=tags.tobytes())
    media = _core.Media(data)
    planes = [
        np.asarray(
            Image.open(io.BytesIO(_core.fit(media, 45, 45, format=form, quality=100).data())).convert("RGB")
        )
        for form in ("jpeg", "png")
    ]
    off = np.abs(planes[0].astype(int) - planes[1].astype(int))
    # Half a step of the ramp is 3 levels of red; the rest is two roundings.
    assert off[2:-2, 2:-2].max() <= 5
    assert off[:, [0, -1]].mean() <= 4
    assert off[[0, -1]].mean() <= 4
