"""`strip`: metadata goes, pixels stay."""

import functools
import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from gateway import _core

SECRET = b"51.5007N 0.1246W"
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def noise(mode: str = "RGB") -> Image.Image:
    """A small picture without two pixels alike."""
    rng = np.random.default_rng(3)
    return Image.fromarray(rng.integers(0, 255, (31, 45, 3), dtype=np.uint8)).convert(mode)


def exif(orientation: int | None) -> bytes:
    """An EXIF block with a place, a maker and perhaps an orientation."""
    tags = Image.Exif()
    tags[0x010F] = SECRET.decode()
    if orientation is not None:
        tags[0x0112] = orientation
    return tags.tobytes()


def jpeg(orientation: int | None = None, **options: object) -> bytes:
    """A JPEG with EXIF, XMP, a comment and a colour profile."""
    out = io.BytesIO()
    options = {"exif": exif(orientation), "comment": SECRET, "icc_profile": PROFILE, "quality": 80} | options
    noise().save(out, "JPEG", xmp=b"<x>" + SECRET + b"</x>", **options)
    return out.getvalue()


def png(orientation: int | None = None, mode: str = "RGBA") -> bytes:
    """A PNG with EXIF, text of all three kinds and a colour profile."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Author", SECRET.decode())
    text.add_text("Long", SECRET.decode() * 20, zip=True)
    text.add_itxt("XML:com.adobe.xmp", SECRET.decode())
    out = io.BytesIO()
    noise(mode).save(out, "PNG", pnginfo=text, exif=exif(orientation), icc_profile=PROFILE)
    return out.getvalue()


def webp(orientation: int | None = None, *, lossless: bool = False) -> bytes:
    """A WebP with EXIF, XMP and a colour profile."""
    out = io.BytesIO()
    noise("RGBA").save(
        out, "WEBP", lossless=lossless, exif=exif(orientation), xmp=SECRET, icc_profile=PROFILE, quality=70
    )
    return out.getvalue()


def pixels(data: bytes) -> bytes:
    """The decoded pixels, not turned."""
    image = Image.open(io.BytesIO(data))
    return image.convert("RGBA").tobytes()


FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": jpeg,
    "progressive": lambda: jpeg(progressive=True),
    "restarts": lambda: jpeg(restart_marker_blocks=2),
    "png": png,
    "palette": lambda: png(mode="P"),
    "lossy webp": webp,
    "lossless webp": lambda: webp(lossless=True),
}


@pytest.mark.parametrize("name", FILES)
def test_metadata_goes_pixels_stay(name: str) -> None:
    """Nothing of the camera or the place is left, every pixel and the colour profile are."""
    source = FILES[name]()
    bare = _core.strip(_core.Media(source)).data()
    assert SECRET not in bare
    assert len(bare) < len(source)
    assert pixels(source) == pixels(bare)
    image = Image.open(io.BytesIO(bare))
    expected = PROFILE
    assert expected == image.info["icc_profile"]
    assert not {"exif", "xmp", "comment", "Author", "Long"} & set(image.info)


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_orientation_is_kept_as_one_tag(make: Callable[[int], bytes], orientation: int) -> None:
    """A picture stored turned is still shown upright, and its EXIF holds that and nothing else."""
    bare = _core.strip(_core.Media(make(orientation)))
    assert orientation == bare.orientation
    assert {0x0112: orientation} == dict(Image.open(io.BytesIO(bare.data())).getexif())


@pytest.mark.parametrize("make", [jpeg, png, webp])
@pytest.mark.parametrize("orientation", [None, 1, 6])
def test_twice_is_once(make: Callable[[int | None], bytes], orientation: int | None) -> None:
    """A stripped medium has nothing to cut: the very same object comes back."""
    once = _core.strip(_core.Media(make(orientation)))
    assert _core.strip(once) is once


def test_what_follows_the_picture_goes() -> None:
    """Phones append a video to a JPEG; it leaves with the rest."""
    out = io.BytesIO()
    noise().save(out, "JPEG")
    appended = out.getvalue() + b"\x00\x00\x00\x18ftypmp42" + SECRET + b"\xff\xd9"
    assert out.getvalue() == _core.strip(_core.Media(appended)).data()


@pytest.mark.parametrize("data", [b"plain words", b"%PDF-1.7\n%%EOF", b"RIFF\x04\x00\x00\x00WAVE"])
def test_other_media_are_left_alone(data: bytes) -> None:
    """Only JPEG, PNG and WebP have rules; everything else is the same object."""
    media = _core.Media(data)
    assert _core.strip(media) is media


@functools.cache
def file(name: str) -> bytes:
    """The file of that name, made once."""
    return FILES[name]()


def bare_or_code(data: bytes) -> _core.Media | str:
    """The stripped medium, or the code of the refusal."""
    try:
        return _core.strip(_core.Media(data))
    except _core.Refusal as refusal:
        return refusal.code


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(sorted(FILES)),
    st.integers(0, 10**6),
    st.binary(min_size=1, max_size=4),
)
def test_damage_is_refused_or_stripped(name: str, at: int, junk: bytes) -> None:
    """Bytes overwritten anywhere: a refusal by name, or a file that is bare and stays so."""
    data = bytearray(file(name))
    data[at % len(data) : at % len(data) + len(junk)] = junk
    once = bare_or_code(bytes(data))
    if isinstance(once, str):
        assert once in {"media_corrupt", "image_too_large", "image_too_many_frames", "media_unsupported"}
    else:
        assert _core.strip(once) is once
