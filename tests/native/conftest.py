"""Pictures made on the spot."""

import io

import pytest
from PIL import Image


def picture(form: str, size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    """A plain picture in the form of this name."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(out, form, **options)
    return out.getvalue()


@pytest.fixture(scope="session")
def png() -> bytes:
    """A PNG of 40 x 30 pixels."""
    return picture("PNG")


@pytest.fixture(scope="session")
def jpeg() -> bytes:
    """A JPEG of 40 x 30 pixels."""
    return picture("JPEG")
