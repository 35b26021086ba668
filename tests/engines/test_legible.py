"""The smallest legible size, read by the embedded reader: a slice of `make legible`."""

import random

import pytest

from tests.benchmarks.receipts import Look, draw
from tests.engines import samples

LOOKS = [
    Look("receipt", "plain", 30, german=True, blur=0.4, noise=4, turn=0.0, photographed=False, form="JPEG"),
    Look("page", "bold", 24, german=False, blur=0.0, noise=8, turn=0.0, photographed=False, form="PNG"),
    Look("receipt", "matrix", 48, german=True, blur=0.4, noise=4, turn=0.5, photographed=True, form="JPEG"),
]


if samples.READY["local/read"]:
    from gateway.engines.ocr import Ocr
    from tests.benchmarks.legible import read


@pytest.fixture(scope="module")
def reader() -> "Ocr":
    """The embedded reader's models, loaded once."""
    return Ocr(1)


@pytest.mark.local
@samples.needs_read
@pytest.mark.parametrize("look", LOOKS, ids=["receipt", "page", "photo"])
def test_no_field_is_lost(look: Look, reader: "Ocr") -> None:
    """Whatever is read of a picture as it came is read of the one that `legible` sends, for fewer tokens."""
    done = read(draw(0, look, random.Random(7)), reader)
    smaller = [one for one in done.sent if one.step == "legible"]
    assert set(done.paper.fields) == done.before
    assert {} == done.lost
    assert smaller
    assert all(one.after < one.before for one in smaller)


def test_pictures_are_always_the_same() -> None:
    """One seed, one picture: what was measured can be measured again."""
    first, again = (draw(0, LOOKS[0], random.Random(7)) for _ in range(2))
    assert first == again
    assert first.data != draw(0, LOOKS[0], random.Random(8)).data
