"""Images are opened upright, on white paper, under a cap of pixels."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.engines import samples

pytestmark = [pytest.mark.local, samples.needs_read]

if samples.READY["local/read"]:
    from gateway.engines.image import Unreadable, open_image

_PNG = samples.encoded(samples.printed(["x"]))
_JPEG = samples.encoded(samples.printed(["x"]), "JPEG")


def test_a_turned_photo_is_upright() -> None:
    """The camera's orientation is applied: a photo stored lying stands."""
    image = Image.new("RGB", (40, 20), "red")
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(path := io.BytesIO(), "JPEG", exif=exif)
    assert open_image(path.getvalue(), 10_000).size == (20, 40)


def test_transparency_is_white_paper() -> None:
    """Black on transparent stays legible: transparency becomes white, not black."""
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert open_image(samples.encoded(image), 16).getpixel((0, 0)) == (255, 255, 255)


def test_too_many_pixels_are_refused_by_the_header() -> None:
    """An image above the cap is refused with its size before a pixel is decoded."""
    with pytest.raises(Unreadable) as caught:
        open_image(samples.encoded(Image.new("1", (200, 100))), 19_999)
    assert (caught.value.reason, caught.value.figure) == ("too_large", 20_000)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_image_is_opened_or_refused(data: st.DataObject) -> None:
    """Any cut or flipped byte gives an image or a finding, never another fault."""
    whole = bytearray(data.draw(st.sampled_from([_PNG, _JPEG])))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=3)):
        whole[place] ^= data.draw(st.integers(1, 255))
    try:
        image = open_image(bytes(whole[: data.draw(st.integers(0, len(whole)))]), 10_000_000)
    except Unreadable as finding:
        assert finding.reason in {"corrupt", "too_large"}  # noqa: PT017
    else:
        assert image.mode == "RGB"
