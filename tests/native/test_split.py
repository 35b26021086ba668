"""Crops, turns and pieces: the part that was asked for, as seen upright; the pieces make the page."""

import io
from typing import Any, Literal, TypeAlias

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from gateway import _core

Turn: TypeAlias = Literal[0, 90, 180, 270]
OPTIONS: dict[str, dict[str, Any]] = {"JPEG": {"quality": 97}, "WEBP": {"lossless": True}}
TURNS: tuple[Turn, ...] = (0, 90, 180, 270)


def scene(width: int, height: int) -> Image.Image:
    """Smooth colours with every corner different."""
    columns, rows = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    waves = np.stack([columns, rows, 0.5 + 0.5 * np.sin(6 * columns + 4 * rows)], axis=-1)
    return Image.fromarray((waves * 220 + 15).astype(np.uint8))


def saved(image: Image.Image, form: str, orientation: int = 1) -> bytes:
    """The file of this form, stored under this orientation."""
    options = dict(OPTIONS.get(form, {}))
    if orientation != 1:
        tags = Image.Exif()
        tags[0x0112] = orientation
        options["exif"] = tags.tobytes()
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def opened(media: _core.Media) -> Image.Image:
    """The picture, decoded in full."""
    image = Image.open(io.BytesIO(media.data()))
    image.load()
    return image.convert("RGB")


def distance(expected: Image.Image, actual: Image.Image) -> float:
    """Mean absolute difference of samples; the sizes are equal."""
    assert expected.size == actual.size
    pair = [np.asarray(image.convert("RGB"), dtype=np.float64) for image in (expected, actual)]
    return float(np.mean(np.abs(pair[0] - pair[1])))


def cut(
    picture: Image.Image, crop: tuple[int, int, int, int], turn: Turn, size: tuple[int, int]
) -> Image.Image:
    """What Pillow makes of the upright picture."""
    x, y, width, height = crop
    part = picture.crop((x, y, x + width, y + height)).rotate(-turn, expand=True)
    return part.resize(size, Image.Resampling.LANCZOS)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("crop", [(0, 0, 60, 40), (7, 5, 31, 22), (59, 39, 1, 1), (8, 6, 32, 24)])
def test_crop_then_turn(form: str, turn: Turn, crop: tuple[int, int, int, int]) -> None:
    """Every format: the crop is of the upright picture, the turn is clockwise, pixels are Pillow's."""
    data = saved(scene(60, 40), form)
    size = crop[2:] if turn % 180 == 0 else (crop[3], crop[2])
    media = _core.fit(_core.Media(data), *size, format="png", crop=crop, turn=turn)
    before = Image.open(io.BytesIO(data)).convert("RGB")
    assert distance(cut(before, crop, turn, size), opened(media)) < (6 if form == "JPEG" else 0.01)


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 8),
    st.sampled_from(TURNS),
    st.tuples(st.integers(0, 39), st.integers(0, 39), st.integers(8, 60), st.integers(8, 60)),
    st.floats(0.3, 1.0),
)
def test_any_crop_of_any_orientation(
    orientation: int, turn: Turn, crop: tuple[int, int, int, int], scale: float
) -> None:
    """Orientation, crop, turn and scale in one call equal the four steps one after the other."""
    data = saved(scene(61, 43), "JPEG", orientation)
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
    x, y = min(crop[0], upright.width - 8), min(crop[1], upright.height - 8)
    crop = (x, y, min(crop[2], upright.width - x), min(crop[3], upright.height - y))
    turned = crop[2:] if turn % 180 == 0 else (crop[3], crop[2])
    size = max(int(turned[0] * scale), 1), max(int(turned[1] * scale), 1)
    media = _core.fit(_core.Media(data), *size, format="png", crop=crop, turn=turn)
    assert distance(cut(upright, crop, turn, size), opened(media)) < 6


@pytest.mark.parametrize("crop", [(0, 0, 61, 40), (60, 0, 1, 1), (0, 40, 1, 1), (5, 5, 0, 4), (5, 5, 4, 0)])
def test_crop_must_lie_in_the_picture(crop: tuple[int, int, int, int]) -> None:
    """A crop that is empty or reaches out is refused by name."""
    with pytest.raises(_core.Refusal) as caught:
        _core.fit(_core.Media(saved(scene(60, 40), "PNG")), 1, 1, crop=crop)
    assert "media_unsupported" == caught.value.code


def test_crop_is_not_enlarged() -> None:
    """The size asked for is measured against the crop, not against the picture."""
    media = _core.Media(saved(scene(60, 40), "PNG"))
    with pytest.raises(_core.Refusal) as caught:
        _core.fit(media, 11, 10, crop=(0, 0, 10, 10))
    assert "media_unsupported" == caught.value.code


def test_misuse_is_a_value_error() -> None:
    """A turn that is no quarter turn, and an overlap above half of the height, are mistakes of the caller."""
    media = _core.Media(saved(scene(60, 40), "PNG"))
    with pytest.raises(ValueError, match="turn"):
        _core.fit(media, 10, 10, turn=45)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="overlap"):
        _core.split(media, 10, 6)


@pytest.mark.parametrize(("form", "orientation"), [("PNG", 1), ("JPEG", 1), ("JPEG", 6), ("WEBP", 3)])
def test_pieces_make_the_page(form: str, orientation: int) -> None:
    """Each piece is what the upright page shows at its rows; together they show all of it."""
    data = saved(scene(500, 50) if orientation == 6 else scene(50, 500), form, orientation)
    page = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    pieces = [opened(piece) for piece in _core.split(_core.Media(data), 150, 20, format="png")]
    assert 4 == len(pieces)
    top = 0
    for piece in pieces:
        assert piece.height <= 150
        assert distance(page.crop((0, top, 50, top + piece.height)), piece) < (3 if form == "JPEG" else 0.01)
        top += piece.height - 20
    assert page.height == top + 20


def test_a_low_page_stays_whole() -> None:
    """What needs no cutting is not encoded again."""
    data = saved(scene(40, 30), "PNG")
    assert [data] == [piece.data() for piece in _core.split(_core.Media(data), 30, 10)]


def test_more_pieces_than_media_are_refused() -> None:
    """A page of one-row pieces would be a flood; the cap of media in a body holds here too."""
    media = _core.Media(saved(scene(4, 200), "PNG"))
    with pytest.raises(_core.Refusal) as caught:
        _core.split(media, 3, 0)
    assert "media_unsupported" == caught.value.code
    assert 50 == len(_core.split(media, 4, 0, limits=_core.Limits(media=50)))
