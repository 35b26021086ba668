"""`Media`: what a header says, and what is refused because of it."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gateway import _core
from tests.native.conftest import picture


def code(data: bytes, declared: str | None = None, limits: _core.Limits | None = None) -> str:
    """The code of the refusal, or "ok"."""
    try:
        _core.Media(data, declared=declared, limits=limits)
    except _core.Refusal as refusal:
        return refusal.code
    return "ok"


def animation(form: str, frames: int) -> bytes:
    """An animated picture whose frames differ."""
    images = [Image.new("RGB", (40, 30), (n, 255 - n, n * 7 % 256)) for n in range(frames)]
    out = io.BytesIO()
    images[0].save(out, form, save_all=True, append_images=images[1:])
    return out.getvalue()


def turned(form: str, orientation: int) -> bytes:
    """A picture with an EXIF orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return picture(form, exif=exif.tobytes())


@pytest.mark.parametrize(
    ("form", "options", "mime"),
    [
        ("PNG", {}, "image/png"),
        ("JPEG", {}, "image/jpeg"),
        ("JPEG", {"progressive": True}, "image/jpeg"),
        ("WEBP", {}, "image/webp"),
        ("WEBP", {"lossless": True}, "image/webp"),
        ("GIF", {}, "image/gif"),
        ("BMP", {}, "image/bmp"),
        ("TIFF", {}, "image/tiff"),
        ("AVIF", {}, "image/avif"),
    ],
)
def test_pictures(form: str, options: dict[str, object], mime: str) -> None:
    """Files of a real encoder show their type, size and one frame."""
    data = picture(form, (321, 123), **options)
    media = _core.Media(data)
    facts = (media.kind, media.mime, media.width, media.height, media.frames, media.orientation)
    assert ("image", mime, 321, 123, 1, 1) == facts
    assert (data, len(data), None, "") == (media.data(), media.size, media.declared, media.path)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(form: str, orientation: int) -> None:
    """The EXIF orientation is read; width and height stay as stored."""
    media = _core.Media(turned(form, orientation))
    assert (orientation, 40, 30) == (media.orientation, media.width, media.height)


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_frames(form: str) -> None:
    """The frames of an animation are counted and capped."""
    data = animation(form, 7)
    assert 7 == _core.Media(data).frames
    assert "ok" == code(data, limits=_core.Limits(frames=7))
    assert "image_too_many_frames" == code(data, limits=_core.Limits(frames=6))


def bomb(side: int) -> bytes:
    """A small PNG that claims a square of this side, all black, one bit per pixel."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_bomb() -> None:
    """A PNG of some 110 KB that claims 30,000 x 30,000 pixels is refused from its header."""
    data = bomb(30_000)
    assert len(data) < 120_000
    with pytest.raises(_core.Refusal) as caught:
        _core.Media(data)
    assert "image_too_large" == caught.value.code
    assert "30000 x 30000" in caught.value.message


def test_pixel_caps_are_inclusive() -> None:
    """Side and pixels at the cap pass, one more is refused."""
    limits = _core.Limits(side=100, pixels=5_000)
    assert ["ok", "image_too_large", "image_too_large"] == [
        code(picture("PNG", size), limits=limits) for size in [(100, 50), (101, 1), (100, 51)]
    ]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_prefix_is_refused(form: str) -> None:
    """A picture cut anywhere behind its magic bytes is corrupt."""
    data = picture(form)
    codes = {code(data[:length], "image/" + form.lower()) for length in range(1, len(data))}
    assert {"media_corrupt", "media_unsupported"} == codes
    assert {"media_corrupt"} == {code(data[:length]) for length in range(12, len(data))}


@pytest.mark.parametrize(
    ("data", "kind", "mime"),
    [
        (b"%PDF-1.4\n", "document", "application/pdf"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio", "audio/wav"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00", "audio", "audio/mpeg"),
        (b"\xff\xfb\x90\x64", "audio", "audio/mpeg"),
        (b"OggS\x00\x02", "audio", "audio/ogg"),
        (b"fLaC\x00\x00\x00\x22", "audio", "audio/flac"),
        (b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00", "audio", "audio/mp4"),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x00\x00", "video", "video/mp4"),
        (b"\x1a\x45\xdf\xa3\x01\x00\x42\x82\x84webm", "video", "video/webm"),
        (b"<svg/>", "other", "application/octet-stream"),
        (b"", "other", "application/octet-stream"),
    ],
)
def test_other_kinds(data: bytes, kind: str, mime: str) -> None:
    """Sound, film and documents are known by their magic bytes; the rest is `other`."""
    media = _core.Media(data)
    assert (kind, mime, None, None, None) == (media.kind, media.mime, media.width, media.height, media.frames)


SAMPLES = {
    "image/png": picture("PNG"),
    "image/jpeg": picture("JPEG"),
    "application/pdf": b"%PDF-1.4\n",
    "audio/wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "video/x-msvideo": b"RIFF\x24\x00\x00\x00AVI LIST",
    "text/plain": b"some words",
}


@pytest.mark.parametrize("declared", SAMPLES)
@pytest.mark.parametrize("actual", SAMPLES)
def test_declared_against_actual(declared: str, actual: str) -> None:
    """A declared type of another family is refused; a wrong subtype of the right one is not."""
    verdict = code(SAMPLES[actual], declared)
    family = declared.partition("/")[0]
    if family == actual.partition("/")[0]:
        assert "ok" == verdict
    elif actual == "text/plain":
        expected = {"image": "media_unsupported", "application": "media_type_mismatch"}
        assert expected.get(family, "ok") == verdict
    else:
        assert "media_type_mismatch" == verdict


def test_unsupported_image_says_what_works() -> None:
    """SVG is refused, with the list of what would have worked."""
    with pytest.raises(_core.Refusal, match="PNG, JPEG, WebP") as caught:
        _core.Media(b"<svg/>", declared="image/svg+xml")
    assert "media_unsupported" == caught.value.code


def test_declared_is_normalised() -> None:
    """The declared type loses its parameters and its capitals."""
    assert "text/plain" == _core.Media(b"x", declared=" Text/Plain; charset=utf-8").declared
    assert _core.Media(b"x", declared="").declared is None
    assert "media_unsupported" == code(b"x", 'a/b"c')


def test_equal_bytes_have_equal_digests() -> None:
    """The digest is that of the bytes alone: 64 hex digits, the published test vector for no bytes."""
    empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"
    assert empty == _core.Media(b"").digest
    one, two = _core.Media(b"abc", declared="text/plain"), _core.Media(bytearray(b"abc"))
    assert one.digest == two.digest != _core.Media(b"abd").digest


def test_handles_are_frozen() -> None:
    """A handle cannot be changed, and does not show its bytes."""
    media = _core.Media(b"secret")
    with pytest.raises(AttributeError):
        media.mime = "x"  # type: ignore[misc]
    assert "secret" not in repr(media)


@given(st.sampled_from([picture(form) for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")]), st.data())
def test_any_flipped_byte(data: bytes, draw: st.DataObject) -> None:
    """A picture with any byte changed gives facts within the caps, or a refusal."""
    at = draw.draw(st.integers(0, len(data) - 1))
    changed = data[:at] + bytes([draw.draw(st.integers(0, 255))]) + data[at + 1 :]
    limits = _core.Limits(pixels=1_000_000, frames=3)
    if code(changed, limits=limits) == "ok":
        media = _core.Media(changed, limits=limits)
        assert (media.width or 0) * (media.height or 0) <= 1_000_000
        assert (media.frames or 0) <= 3
