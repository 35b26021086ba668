"""BMP, TIFF, HEIC and AVIF: read as Pillow reads them, refused when damaged, sent as what models take."""

import io
import pathlib
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from gateway import _core
from tests.native.test_colours import faded, rgba, saved, seen, smooth

HEIC = pathlib.Path(__file__).parent.parent / "golden" / "heic"


def code(data: bytes) -> str:
    """The code of the refusal, or "ok"."""
    try:
        media = _core.Media(data)
        _core.fit(media, media.width or 1, media.height or 1, format="png")
    except _core.Refusal as refusal:
        return refusal.code
    return "ok"


def bmp(bits: int, masks: tuple[int, ...], pixels: bytes, *, length: int = 124, height: int = -2) -> bytes:
    """A BMP of two pixels a row with these masks."""
    header = struct.pack("<IiiHHIIiiII", length, 2, height, 1, bits, 3, len(pixels), 0, 0, 0, 0)
    header += struct.pack(f"<{len(masks)}I", *masks)
    header += bytes(max(length - len(header), 0))
    start = 14 + len(header)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + header + pixels


def patched(data: bytes, tag: int, value: int) -> bytes:
    """The TIFF with another value of this tag."""
    at = next(data.index(head) for form in (3, 4) if (head := struct.pack("<HHI", tag, form, 1)) in data)
    return data[: at + 8] + struct.pack("<I", value) + data[at + 12 :]


def grey16() -> Image.Image:
    """16 bits of grey, each twice the byte, so that the nearest of 8 bits is known."""
    return Image.fromarray(np.asarray(smooth().convert("L")).astype(np.uint16) * 257)


EXACT: dict[str, bytes] = {
    "bmp rgb": saved(smooth(), "BMP"),
    "bmp grey": saved(smooth().convert("L"), "BMP"),
    "bmp palette": saved(smooth().quantize(200), "BMP"),
    "bmp bilevel": saved(smooth().convert("1"), "BMP"),
    "tiff rgb": saved(smooth(), "TIFF"),
    "tiff grey": saved(smooth().convert("L"), "TIFF"),
    "tiff grey alpha": saved(faded().convert("LA"), "TIFF"),
    "tiff rgba": saved(faded(), "TIFF"),
    "tiff bilevel": saved(smooth().convert("1"), "TIFF"),
    "tiff white is zero": patched(saved(smooth().convert("L"), "TIFF"), 262, 0),
    "tiff bilevel, white is zero": patched(saved(smooth().convert("1"), "TIFF"), 262, 0),
    "tiff palette": saved(smooth().quantize(200), "TIFF"),
    "tiff lzw": saved(smooth(), "TIFF", compression="tiff_lzw"),
    "tiff deflate": saved(smooth(), "TIFF", compression="tiff_adobe_deflate"),
    "tiff packbits": saved(smooth(), "TIFF", compression="packbits"),
    "tiff strips": saved(smooth(), "TIFF", strip_size=64 * 3 * 5, compression="tiff_lzw"),
}


@pytest.mark.parametrize("name", EXACT)
def test_as_pillow(name: str) -> None:
    """Nothing is lost in these, so every sample is the one that Pillow sees."""
    assert np.array_equal(rgba(Image.open(io.BytesIO(EXACT[name]))), seen(EXACT[name]))


def test_tiff_of_inks() -> None:
    """CMYK comes out by the plain formula, as Pillow's own conversion has it, to a rounding."""
    data = saved(smooth().convert("CMYK"), "TIFF")
    assert np.abs(seen(data) - rgba(Image.open(io.BytesIO(data)))).max() <= 1


def inks_profile(table_name: bytes) -> bytes:
    """A profile of four inks that mean other colours than the plain formula has them."""
    table = bytearray()
    for at in range(16):
        cyan, magenta, yellow, black = (at >> bit & 1 for bit in (3, 2, 1, 0))
        light = (1 - 0.35 * cyan) * (1 - 0.45 * magenta) * (1 - 0.1 * yellow) * (1 - 0.85 * black)
        red = (-40 * cyan + 60 * magenta - 5 * yellow) * (1 - black)
        warm = (-45 * cyan - 5 * magenta + 80 * yellow) * (1 - black)
        table += bytes((round(255 * light), round(128 + red), round(128 + warm)))
    straight = bytes(range(256))
    identity = struct.pack(">9i", *(65536 if at % 4 == 0 else 0 for at in range(9)))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + straight * 4 + bytes(table) + straight * 3
    white = b"XYZ " + bytes(4) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    start = 128 + 4 + 24
    tags = struct.pack(">I4sII4sII", 2, table_name, start, len(lut), b"wtpt", start + len(lut), len(white))
    head = struct.pack(
        ">I4sI4s4s4s12x4s",
        start + len(lut) + len(white),
        bytes(4),
        0x2400000,
        b"prtr",
        b"CMYK",
        b"Lab ",
        b"acsp",
    )
    illuminant = struct.pack(">28x3i", 0xF6D6, 0x10000, 0xD32D)
    return (head + illuminant).ljust(128, b"\0") + tags + lut + white


@pytest.mark.parametrize("form", ["TIFF", "JPEG"])
@pytest.mark.parametrize("table_name", [b"A2B0", b"A2B1"])
def test_inks_by_their_profile(form: str, table_name: bytes) -> None:
    """CMYK with a profile, of one table for all intents or of one for its own, has the colours that LittleCMS
    gives it, to what a table of 17 steps rounds, not those of the plain formula.
    """
    profile = inks_profile(table_name)
    data = saved(smooth().convert("CMYK"), form, icc_profile=profile)
    image = Image.open(io.BytesIO(data))
    image.load()
    inks, srgb = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
    relative = ImageCms.Intent.RELATIVE_COLORIMETRIC
    expected = ImageCms.profileToProfile(image, inks, srgb, renderingIntent=relative, outputMode="RGB")
    assert expected is not None
    assert np.abs(seen(data) - rgba(expected)).max() <= 6
    assert np.abs(seen(data) - rgba(image)).max() > 30


def test_tiff_of_16_bits() -> None:
    """The nearest of 256 levels."""
    assert np.array_equal(rgba(smooth().convert("L")), seen(saved(grey16(), "TIFF")))


@pytest.mark.parametrize(
    ("bits", "masks", "pixels", "expected"),
    [
        (16, (0xF800, 0x7E0, 0x1F, 0), struct.pack("<4H", 0xF800, 0x7E0, 0x1F, 0x8410), (132, 130, 132, 255)),
        (16, (0x7C00, 0x3E0, 0x1F, 0), struct.pack("<4H", 0, 0, 0, 0x4210), (132, 132, 132, 255)),
        (32, (0xFF, 0xFF00, 0xFF0000, 0), struct.pack("<4I", 0, 0, 0, 0x00302010), (16, 32, 48, 255)),
        (32, (0xFF0000, 0xFF00, 0xFF, 0xFF000000), struct.pack("<4I", 0, 0, 0, 0x40102030), (16, 32, 48, 64)),
    ],
)
def test_bmp_masks(
    bits: int, masks: tuple[int, ...], pixels: bytes, expected: tuple[int, int, int, int]
) -> None:
    """Channels lie where the masks say, and fill all 256 levels."""
    assert expected == tuple(seen(bmp(bits, masks, pixels))[1, 1])


def test_bmp_from_the_bottom() -> None:
    """A positive height means that the last row comes first."""
    pixels = struct.pack("<4I", 1, 2, 3, 4)
    found = [seen(bmp(32, (0xFF, 0xFF00, 0xFF0000, 0), pixels, height=height))[0, 0, 0] for height in (-2, 2)]
    assert [1, 3] == found


@pytest.mark.parametrize("name", EXACT)
def test_truncation(name: str) -> None:
    """A file that lacks a part of its pixels is refused. (Pillow writes the directory of a TIFF first.)"""
    data = EXACT[name]
    assert "ok" == code(data)
    assert {"media_corrupt"} == {code(data[:length]) for length in range(60, len(data) - 4, len(data) // 9)}


@pytest.mark.parametrize("name", EXACT)
def test_kept_as_png(name: str) -> None:
    """What models do not take is written anew even at its own size, without loss."""
    media = _core.Media(EXACT[name])
    kept = _core.fit(media, 64, 48)
    assert "image/png" == kept.mime
    assert np.array_equal(seen(EXACT[name]), rgba(Image.open(io.BytesIO(kept.data()))))


def test_pages() -> None:
    """The first page is drawn, all are counted."""
    other = Image.new("RGB", (64, 48), "red")
    data = saved(smooth(), "TIFF", save_all=True, append_images=[other, other])
    assert 3 == _core.Media(data).frames
    assert np.array_equal(rgba(smooth()), seen(data))


def test_tiff_lies_about_its_size() -> None:
    """A header that claims more than the file holds costs a refusal, not memory."""
    data = patched(saved(smooth(), "TIFF"), 0x101, 16_000)
    assert code(data) in {"media_corrupt", "image_too_large"}


@pytest.mark.parametrize("options", [{"compression": "group4"}, {"compression": "jpeg"}])
def test_tiff_of_another_kind(options: dict[str, Any]) -> None:
    """What is not decoded is said so, with what would work."""
    image = smooth().convert("1") if options["compression"] == "group4" else smooth()
    with pytest.raises(_core.Refusal, match="LZW or deflate"):
        seen(saved(image, "TIFF", **options))


@pytest.mark.parametrize(("name", "size"), [("plain", (96, 72)), ("alpha", (96, 72)), ("grey", (96, 72))])
def test_heic(name: str, size: tuple[int, int]) -> None:
    """Files by libheif's encoder show the scene, to three levels on average: lossy, chroma halved."""
    columns, lines = np.meshgrid(np.linspace(0, 1, 96), np.linspace(0, 1, 72))
    waves = [columns, lines, 0.5 + 0.5 * np.sin(6 * columns + 4 * lines)]
    scene = Image.fromarray((np.stack(waves, axis=-1) * 220 + 15).astype(np.uint8))
    expected = rgba(scene.convert("L") if name == "grey" else scene)
    data = (HEIC / f"{name}.heic").read_bytes()
    media = _core.Media(data)
    assert ("image/heic", size) == (media.mime, (media.width, media.height))
    found = seen(data)
    assert np.abs(found - expected)[..., :3].mean() < 3
    if name == "alpha":
        gradient = np.asarray(Image.linear_gradient("L").resize(size)).astype(np.int16)
        assert np.abs(found[..., 3] - gradient).max() <= 4


def test_heic_kept_as_jpeg() -> None:
    """A photograph stays one, also where something shows through: that is white."""
    data = [(HEIC / f"{name}.heic").read_bytes() for name in ("plain", "alpha")]
    kept = [_core.fit(_core.Media(file), 96, 72).mime for file in data]
    assert ["image/jpeg", "image/jpeg"] == kept


def test_heic_on_its_side() -> None:
    """The turn of the container, not the one of EXIF, is applied, once."""
    data = (HEIC / "turned.heic").read_bytes()
    media = _core.Media(data)
    assert 6 == media.orientation
    fitted = _core.fit(media, 72, 96, format="png")
    upright = rgba(Image.open(io.BytesIO(fitted.data())))
    plain = seen((HEIC / "plain.heic").read_bytes())
    assert np.abs(upright - np.rot90(plain, -1)).mean() < 2


def test_heic_truncation() -> None:
    """A file that lacks a part of its picture is refused."""
    data = (HEIC / "plain.heic").read_bytes()
    assert "ok" == code(data)
    found = {code(data[:length]) for length in range(len(data) // 2, len(data) - 8, 37)}
    assert {"media_corrupt"} == found


def test_avif_is_refused_by_name() -> None:
    """No decoder: the refusal names what would work."""
    with pytest.raises(_core.Refusal, match="AVIF cannot be decoded; send it as JPEG, PNG or WebP"):
        seen((HEIC / "plain.avif").read_bytes())


def test_what_is_asked_for_is_not_held_to_the_caps_of_what_comes() -> None:
    """A small file that becomes a large one is made: its size is the caller's wish."""
    out = io.BytesIO()
    Image.effect_noise((300, 300), 90).convert("RGB").save(out, "BMP")
    media = _core.Media(out.getvalue())
    assert (
        _core.fit(media, 300, 300, format="png", limits=_core.Limits(media_bytes=1_000)).mime == "image/png"
    )


@pytest.mark.parametrize("mode", ["RGB", "P"])
@pytest.mark.parametrize("size", [(8, 8), (20, 20), (21, 13)])
def test_small_tiffs_with_a_profile_or_palette(mode: str, size: tuple[int, int]) -> None:
    """However few pixels there are, palettes and profiles of common sizes are read."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    image = Image.effect_noise(size, 90).convert("RGB").convert(mode)
    out = io.BytesIO()
    image.save(out, "TIFF", icc_profile=profile)
    made = Image.open(io.BytesIO(_core.fit(_core.Media(out.getvalue()), *size, format="png").data()))
    off = np.asarray(made.convert("RGB")).astype(int) - np.asarray(image.convert("RGB")).astype(int)
    assert np.abs(off).max() <= 1
