"""Every colour type and depth of every format comes out with the colours that Pillow sees."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from gateway import _core

WIDTH, HEIGHT = 19, 13
# Passes of an interlaced PNG: first column and row, steps between them.
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
PALETTE = np.random.default_rng(4).integers(0, 256, (256, 3), dtype=np.uint8)


def values(kind: int, depth: int) -> npt.NDArray[np.uint16]:
    """Samples of all sizes that the depth has."""
    rng = np.random.default_rng(kind * 16 + depth)
    return rng.integers(0, 1 << depth, (HEIGHT, WIDTH, CHANNELS[kind]), dtype=np.uint16)


def chunk(name: bytes, data: bytes) -> bytes:
    """One chunk with its checksum."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def rows(samples: npt.NDArray[np.uint16], depth: int) -> Iterator[bytes]:
    """Rows without a filter, samples packed."""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            packed = flat.astype(">u2").tobytes()
        else:
            bits = (flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1
            packed = np.packbits(bits.astype(np.uint8)).tobytes()
        yield b"\0" + packed


def png(kind: int, depth: int, *, interlaced: bool = False, transparent: bytes = b"") -> bytes:
    """A file of this colour type and depth."""
    samples = values(kind, depth)
    passes = ADAM7 if interlaced else ((0, 0, 1, 1),)
    lines = [line for x, y, dx, dy in passes for line in rows(samples[y::dy, x::dx], depth)]
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, kind, 0, 0, int(interlaced))
    parts = [chunk(b"IHDR", header)]
    if kind == 3:
        parts.append(chunk(b"PLTE", PALETTE[: 1 << depth].tobytes()))
    if transparent:
        parts.append(chunk(b"tRNS", transparent))
    parts += [chunk(b"IDAT", zlib.compress(b"".join(lines))), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def seen(data: bytes) -> npt.NDArray[np.int16]:
    """What `fit` makes of the file at its own size, as RGBA."""
    media = _core.Media(data)
    assert media.width is not None
    assert media.height is not None
    fitted = _core.fit(media, media.width, media.height, format="png")
    return rgba(Image.open(io.BytesIO(fitted.data())))


def rgba(image: Image.Image) -> npt.NDArray[np.int16]:
    """Samples with room for differences."""
    return np.asarray(image.convert("RGBA")).astype(np.int16)


def truth(kind: int, depth: int) -> npt.NDArray[np.int16]:
    """The samples written, at 8 bits, as RGBA."""
    samples = values(kind, depth)
    if kind == 3:
        colours = PALETTE[samples[..., 0]].astype(np.float64)
        channels = np.dstack([colours, np.full((HEIGHT, WIDTH), 255.0)])
    else:
        levels = samples.astype(np.float64) * (255.0 / ((1 << depth) - 1))
        alpha = levels[..., -1] if kind in (4, 6) else np.full((HEIGHT, WIDTH), 255.0)
        colours = np.asarray(levels[..., :3] if kind in (2, 6) else levels[..., [0, 0, 0]], np.float64)
        channels = np.dstack([colours, alpha])
    return np.round(channels).astype(np.int16)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(
    ("kind", "depth"), [(kind, depth) for kind, every in DEPTHS.items() for depth in every]
)
def test_png(kind: int, depth: int, interlaced: bool) -> None:
    """Every type and depth, interlaced or not: exact up to 8 bits, and of 16 the nearest level."""
    found = seen(png(kind, depth, interlaced=interlaced))
    assert np.abs(found - truth(kind, depth)).max() == 0


@pytest.mark.parametrize(
    ("kind", "depth"), [(kind, depth) for kind, every in DEPTHS.items() for depth in every]
)
def test_png_as_pillow(kind: int, depth: int) -> None:
    """Pillow sees the same, where it does not show 16-bit grey as something else."""
    data = png(kind, depth)
    image = Image.open(io.BytesIO(data))
    if image.mode.startswith("I"):
        pytest.skip("Pillow has no 8-bit view of this")
    assert np.abs(seen(data) - rgba(image)).max() <= (1 if depth == 16 else 0)


@pytest.mark.parametrize(
    ("kind", "depth", "transparent"),
    [
        (0, 8, struct.pack(">H", int(values(0, 8)[0, 0, 0]))),
        (2, 8, struct.pack(">3H", *(int(value) for value in values(2, 8)[0, 0]))),
        (3, 4, bytes(range(0, 240, 15))),
        (3, 8, b"\0\x80"),
    ],
)
def test_png_transparency(kind: int, depth: int, transparent: bytes) -> None:
    """A transparent colour, or the alpha of a palette, shows as Pillow shows it."""
    data = png(kind, depth, transparent=transparent)
    assert np.array_equal(rgba(Image.open(io.BytesIO(data))), seen(data))


def smooth() -> Image.Image:
    """Colours that change slowly, so that halved chroma keeps them."""
    columns, lines = np.meshgrid(np.linspace(30, 220, 64), np.linspace(40, 210, 48))
    return Image.fromarray(np.stack([columns, lines, 255 - columns], axis=-1).astype(np.uint8))


def faded() -> Image.Image:
    """The same under alpha that runs from top to bottom."""
    image = smooth().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    return image


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    """The file of this form."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "most"),
    [
        pytest.param(saved(smooth().convert("L"), "JPEG"), 1, id="jpeg grey"),
        pytest.param(saved(smooth(), "JPEG", subsampling=0), 2, id="jpeg 4:4:4"),
        pytest.param(saved(smooth(), "JPEG"), 6, id="jpeg 4:2:0"),
        pytest.param(saved(smooth(), "JPEG", keep_rgb=True), 2, id="jpeg rgb"),
        pytest.param(saved(smooth().convert("CMYK"), "JPEG"), 3, id="jpeg cmyk"),
        pytest.param(saved(smooth(), "WEBP", quality=90), 6, id="webp lossy"),
        pytest.param(saved(smooth(), "WEBP", quality=10), 8, id="webp coarse"),
        pytest.param(saved(smooth().convert("L"), "WEBP", quality=90), 2, id="webp lossy grey"),
        pytest.param(saved(faded(), "WEBP", quality=90), 1, id="webp lossy alpha"),
        pytest.param(saved(smooth(), "WEBP", lossless=True), 0, id="webp lossless"),
        pytest.param(saved(faded(), "WEBP", lossless=True, exact=True), 0, id="webp lossless alpha"),
        pytest.param(saved(smooth().quantize(64), "GIF"), 0, id="gif"),
        pytest.param(saved(smooth().quantize(64), "GIF", transparency=5), 0, id="gif transparent"),
    ],
)
def test_other_formats(data: bytes, most: int) -> None:
    """The largest difference from Pillow: none where nothing is lost, one or two where transforms round,
    a few levels where chroma is stored at half size, which we enlarge by Lanczos and others by a triangle.
    """
    found, expected = seen(data), rgba(Image.open(io.BytesIO(data)))
    visible = expected[..., 3:] > 0
    assert np.abs((found - expected) * visible).max() <= most
    assert np.array_equal(expected[..., 3], found[..., 3])
