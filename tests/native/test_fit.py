"""`fit`: the same picture, upright, at exactly the wanted size, bare; or a refusal, never half a picture."""

import functools
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageOps

from gateway import _core

Format: TypeAlias = Literal["keep", "jpeg", "png", "webp"]
Pixels: TypeAlias = npt.NDArray[np.float64]

SIZE = (90, 61)


@functools.cache
def scene(size: tuple[int, int] = SIZE) -> Image.Image:
    """Smooth colours that differ in every corner, with an edge or two."""
    columns, rows = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    waves = [columns, rows, 0.5 + 0.5 * np.sin(6 * columns + 4 * rows)]
    image = Image.fromarray((np.stack(waves, axis=-1) * 220 + 15).astype(np.uint8))
    image.paste((240, 240, 20), (size[0] // 8, size[1] // 8, size[0] // 3, size[1] // 2))
    return image


def with_alpha(size: tuple[int, int] = SIZE) -> Image.Image:
    """The scene behind a vertical fade."""
    image = scene(size).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(size))
    return image


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """The file of this form."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture, decoded in full."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def samples(image: Image.Image, mode: str) -> Pixels:
    """Pixels on white as floats: colour under full transparency does not count."""
    image = image.convert("RGBA")
    image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return np.asarray(image.convert(mode), dtype=np.float64)


def psnr(expected: Image.Image, actual: Image.Image, mode: str = "RGBA") -> float:
    """Peak signal to noise ratio in dB; 99 when equal."""
    error = float(np.mean((samples(expected, mode) - samples(actual, mode)) ** 2))
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))


def fit(data: bytes, width: int, height: int, form: Format = "keep", **options: Any) -> Image.Image:
    """Fitted and decoded; the size is checked every time."""
    small = _core.fit(_core.Media(data), width, height, format=form, **options)
    image = opened(small.data())
    assert (width, height) == image.size == (small.width, small.height)
    return image


def code(data: bytes, width: int = 20, height: int = 20, form: Format = "png") -> str:
    """The code of the refusal, or "ok"."""
    try:
        _core.fit(_core.Media(data), width, height, format=form)
    except _core.Refusal as refusal:
        return refusal.code
    return "ok"


SOURCES: dict[str, Callable[[], bytes]] = {
    "jpeg 4:2:0": lambda: saved(scene(), "JPEG", quality=95),
    "jpeg 4:2:2": lambda: saved(scene(), "JPEG", quality=95, subsampling=1),
    "jpeg 4:4:4": lambda: saved(scene(), "JPEG", quality=95, subsampling=0),
    "jpeg progressive": lambda: saved(scene(), "JPEG", quality=95, progressive=True),
    "jpeg restarts": lambda: saved(scene(), "JPEG", quality=95, restart_marker_blocks=3),
    "jpeg optimised": lambda: saved(scene(), "JPEG", quality=95, optimize=True),
    "jpeg grey": lambda: saved(scene().convert("L"), "JPEG", quality=95),
    "jpeg rgb": lambda: saved(scene(), "JPEG", quality=95, keep_rgb=True),
    "jpeg cmyk": lambda: saved(scene().convert("CMYK"), "JPEG", quality=95),
    "png rgb": lambda: saved(scene(), "PNG"),
    "png rgba": lambda: saved(with_alpha(), "PNG"),
    "png grey": lambda: saved(scene().convert("L"), "PNG"),
    "png grey alpha": lambda: saved(with_alpha().convert("LA"), "PNG"),
    "png palette": lambda: saved(scene().quantize(64), "PNG"),
    "png palette 4 bit": lambda: saved(scene().quantize(16), "PNG", bits=4),
    "png transparent palette": lambda: saved(scene().quantize(16), "PNG", transparency=3),
    "png bilevel": lambda: saved(scene().convert("1"), "PNG"),
    "png 16 bit grey": lambda: saved(
        Image.fromarray(np.asarray(scene().convert("L")).astype(np.uint16) * 257), "PNG"
    ),
    "webp lossy": lambda: saved(scene(), "WEBP", quality=95),
    "webp lossy alpha": lambda: saved(with_alpha(), "WEBP", quality=95),
    "webp lossless": lambda: saved(scene(), "WEBP", lossless=True),
    "webp animated": lambda: saved(
        scene(), "WEBP", lossless=True, save_all=True, append_images=[ImageChops.invert(scene())]
    ),
    "gif": lambda: saved(scene(), "GIF"),
    "gif animated": lambda: saved(scene(), "GIF", save_all=True, append_images=[ImageChops.invert(scene())]),
    "gif interlaced": lambda: saved(scene().quantize(64), "GIF", interlace=1),
}


@functools.cache
def source(name: str) -> bytes:
    """The file of that name, made once."""
    return SOURCES[name]()


def expected_at(data: bytes, size: tuple[int, int]) -> Image.Image:
    """What Pillow makes of the first frame, upright, by the same filter."""
    image = ImageOps.exif_transpose(opened(data))
    if image.mode in {"P", "1", "CMYK"} or image.mode.startswith("I"):
        # Pillow shows 16-bit grey clipped; the scene is the truth there
        image = scene().convert("L") if image.mode.startswith("I") else image.convert("RGBA")
    return image.resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("size", [(41, 28), (89, 60), (13, 50), (1, 1)])
def test_every_colour_type_looks_right(name: str, size: tuple[int, int]) -> None:
    """Every kind of file, scaled a little, a lot and unevenly, shows the picture that Pillow shows."""
    data = source(name)
    lossless = fit(data, *size, "png")
    # black against white rings, and Pillow clips between its two passes
    assert psnr(expected_at(data, size), lossless) > (28 if name == "png bilevel" else 34)
    jpeg = fit(data, *size, "jpeg", quality=95)
    assert psnr(lossless, jpeg, "L") > 30
    assert psnr(lossless, fit(data, *size, "webp")) > 45


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("jpeg 4:2:0", "JPEG"),
        ("jpeg grey", "JPEG"),
        ("jpeg cmyk", "JPEG"),
        ("png rgb", "PNG"),
        ("png rgba", "PNG"),
        ("webp lossy", "JPEG"),
        ("webp lossy alpha", "PNG"),
        ("webp lossless", "PNG"),
        ("gif", "PNG"),
    ],
)
def test_keep_gives_the_nearest_form_models_take(name: str, form: str) -> None:
    """A photograph stays a JPEG, transparency and drawings stay lossless."""
    assert form == fit(source(name), 30, 30).format


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_applied(form: str, orientation: int) -> None:
    """All eight orientations come out upright, at the size as seen, without the tag."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    options = {"lossless": True} if form == "WEBP" else {"quality": 95}
    data = saved(scene(), form, exif=tags.tobytes(), **options)
    size = (45, 31) if orientation < 5 else (31, 45)
    for wanted in ("png", "keep"):
        image = fit(data, *size, wanted, quality=95)
        assert 0x0112 not in image.getexif()
        assert psnr(expected_at(data, size), image, "L") > 30


@pytest.mark.parametrize("orientation", [3, 6])
def test_full_size_is_turned(orientation: int) -> None:
    """A picture of the wanted size that is stored turned is turned, not merely stripped."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    data = saved(scene(), "JPEG", quality=95, exif=tags.tobytes())
    size = SIZE if orientation == 3 else SIZE[::-1]
    image = fit(data, *size, quality=95)
    assert psnr(expected_at(data, size), image, "L") > 30


def test_same_size_is_only_stripped() -> None:
    """Nothing is encoded twice when nothing needs to change."""
    data = saved(scene(), "JPEG", quality=70, comment=b"secret")
    bare = _core.fit(_core.Media(data), *SIZE).data()
    assert saved(scene(), "JPEG", quality=70) == bare


@pytest.mark.parametrize("size", [(91, 61), (90, 62), (61, 90)])
def test_never_enlarges(size: tuple[int, int]) -> None:
    """More pixels than there are is refused, in either direction."""
    assert code(source("jpeg 4:2:0"), *size) == "media_unsupported"


@pytest.mark.parametrize("data", [b"words", b"%PDF-1.7\n%%EOF", b"BM" + bytes(60)])
def test_what_is_no_picture_of_ours_is_refused(data: bytes) -> None:
    """Text, documents and pictures we have no decoder for are named unsupported."""
    assert code(data) == "media_unsupported"


@pytest.mark.parametrize("name", SOURCES)
def test_truncation(name: str) -> None:
    """Cut anywhere, a file is refused, or what is missing was not part of the picture."""
    data = source(name)
    whole = _core.fit(_core.Media(data), 40, 30, format="png").data()
    for part in range(50):
        cut = data[: len(data) * part // 50]
        assert code(cut) != "ok" or whole == _core.fit(_core.Media(cut), 40, 30, format="png").data()


@pytest.mark.parametrize(
    "name", ["jpeg 4:2:0", "jpeg progressive", "jpeg restarts", "jpeg grey", "jpeg cmyk"]
)
def test_truncation_behind_an_end_marker(name: str) -> None:
    """A scan cut short is refused even when someone put the end marker back."""
    data = source(name)
    start = data.index(b"\xff\xda") + 14
    for part in range(1, 50):
        at = start + (len(data) - start - 2) * part // 50
        if data[at : at + 2] in {b"\xff\xc4", b"\xff\xda"}:
            continue  # cut between two scans: a whole progressive file, only a coarser one
        cut = data[:at].rstrip(b"\xff") + b"\xff\xd9"
        assert code(cut) == "media_corrupt", part


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def test_a_picture_smaller_than_its_header() -> None:
    """A header that promises 49 million pixels over a hundred bytes of data is refused."""
    header = struct.pack(">IIBBBBB", 7000, 7000, 8, 6, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(bytes(100)))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + pixels + chunk(b"IEND", b"")
    assert code(png) == "media_corrupt"


def test_a_profile_that_explodes() -> None:
    """A colour profile that inflates a thousandfold is dropped or refused, not inflated."""
    profile = b"bomb\0\0" + zlib.compress(bytes(1 << 24), 9)
    data = source("png rgb")
    bomb = data[:33] + chunk(b"iCCP", profile) + data[33:]
    assert code(bomb) in {"ok", "media_corrupt"}


def test_a_damaged_png_is_refused() -> None:
    """A flipped bit in the pixel data fails its check sum."""
    data = bytearray(source("png rgb"))
    data[len(data) // 2] ^= 4
    assert code(bytes(data)) == "media_corrupt"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("wanted", ["keep", "jpeg", "png", "webp"])
def test_nothing_is_said_about_the_source(form: str, wanted: Format) -> None:
    """Neither profile nor EXIF leaves; a profile that changes no colour changes none."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    tags = Image.Exif()
    tags[0x010F] = "maker"
    data = saved(scene(), form, icc_profile=profile, exif=tags.tobytes())
    image = fit(data, 30, 20, wanted)
    assert {} == {k: v for k, v in image.info.items() if k in {"icc_profile", "exif"}}
    bare = fit(saved(scene(), form), 30, 20, wanted)
    assert (np.asarray(image) == np.asarray(bare)).all()


def test_quality_is_libjpegs() -> None:
    """Higher quality costs bytes and gains decibels; the quantiser tables are those libjpeg writes."""
    data = source("png rgb")
    sizes = [len(_core.fit(_core.Media(data), *SIZE, format="jpeg", quality=q).data()) for q in (30, 60, 90)]
    assert sorted(sizes) == sizes
    for quality in (1, 30, 50, 85, 100):
        ours = fit(data, *SIZE, "jpeg", quality=quality)
        theirs = opened(saved(scene(), "JPEG", quality=quality))
        assert getattr(theirs, "quantization") == getattr(ours, "quantization")  # noqa: B009  (of JPEG only)
        assert psnr(scene(), ours) > psnr(scene(), theirs) - 0.3


def test_caps() -> None:
    """The caps of the call hold, whatever they were when the medium was made."""
    media = _core.Media(source("png rgb"))
    with pytest.raises(_core.Refusal) as caught:
        _core.fit(media, 10, 10, limits=_core.Limits(pixels=90 * 61 - 1))
    assert caught.value.code == "image_too_large"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SOURCES)), st.integers(1, SIZE[0]), st.integers(1, SIZE[1]))
def test_size_is_exact_and_fitting_twice_is_once(name: str, width: int, height: int) -> None:
    """Any size up to the picture's own comes out exactly; fitting the result again returns it as it is."""
    media = _core.fit(_core.Media(source(name)), width, height)
    assert (width, height) == opened(media.data()).size
    again = _core.fit(media, width, height)
    assert (width, height) == (again.width, again.height)
    if (width, height) != SIZE:
        assert media.data() == again.data()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(SOURCES)), st.integers(0, 10**6), st.binary(min_size=1, max_size=3))
def test_damage_never_crashes(name: str, at: int, junk: bytes) -> None:
    """Bytes overwritten anywhere: a picture of the wanted size or a refusal by name."""
    data = bytearray(source(name))
    data[at % len(data) : at % len(data) + len(junk)] = junk
    known = {"ok", "media_corrupt", "media_unsupported", "image_too_large", "image_too_many_frames"}
    assert code(bytes(data)) in known
