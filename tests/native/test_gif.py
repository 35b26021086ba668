"""GIF: the first frame on its canvas, row by row, with Pillow as witness."""

import io

import numpy as np
import pytest
from PIL import Image

from gateway import _core


def picture(width: int, height: int) -> Image.Image:
    """Sixteen colours, the first of them transparent."""
    rng = np.random.default_rng(width * height)
    image = Image.fromarray(rng.integers(0, 16, (height, width), np.uint8), "P")
    image.putpalette(rng.integers(0, 256, 48, np.uint8).tobytes())
    return image


def file(image: Image.Image, *, interlace: bool) -> bytes:
    """The file."""
    out = io.BytesIO()
    image.save(out, "GIF", interlace=interlace, transparency=0, optimize=False)
    return out.getvalue()


@pytest.mark.parametrize("interlace", [False, True])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (16, 9), (61, 40)])
def test_pixels_are_pillows(size: tuple[int, int], interlace: bool) -> None:
    """Every pixel and its transparency, laced or not."""
    data = file(picture(*size), interlace=interlace)
    found = Image.open(io.BytesIO(_core.fit(_core.Media(data), *size, format="png").data())).convert("RGBA")
    expected = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))
    visible = expected[..., 3] > 0
    assert (np.asarray(found)[..., 3] == expected[..., 3]).all()
    assert (np.asarray(found)[visible] == expected[visible]).all()


@pytest.mark.parametrize("interlace", [False, True])
def test_a_frame_smaller_than_its_canvas(interlace: bool) -> None:
    """What the frame leaves of the canvas is transparent."""
    data = bytearray(file(picture(8, 6), interlace=interlace))
    frame = data.index(b"\x2c", 13 + 48)
    data[6:10] = (12).to_bytes(2, "little") + (10).to_bytes(2, "little")
    data[frame + 1 : frame + 5] = (3).to_bytes(2, "little") + (2).to_bytes(2, "little")
    found = np.asarray(
        Image.open(io.BytesIO(_core.fit(_core.Media(bytes(data)), 12, 10, format="png").data())).convert(
            "RGBA"
        )
    )
    whole = np.asarray(Image.open(io.BytesIO(file(picture(8, 6), interlace=interlace))).convert("RGBA"))
    assert (found[2:8, 3:11, 3] == whole[..., 3]).all()
    assert found[..., 3].astype(int).sum() == whole[..., 3].astype(int).sum()


@pytest.mark.parametrize("interlace", [False, True])
def test_a_cut_frame_is_refused(interlace: bool) -> None:
    """No half picture comes out, wherever the codes end."""
    data = file(picture(61, 40), interlace=interlace)
    for end in range(len(data) // 2, len(data) - 8, 37):
        with pytest.raises(_core.Refusal) as caught:
            _core.fit(_core.Media(data[:end] + b"\x00\x3b"), 9, 9)
        assert caught.value.code == "media_corrupt"
