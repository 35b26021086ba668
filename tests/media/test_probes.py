"""Probes: drawn here, readable by others, and foretold by the catalog."""

import io

import pypdfium2  # type: ignore[import-untyped]
import pytest
from PIL import Image

from gateway.media.probes import draw, foretold, pdf, probes
from tests.catalog.samples import CHATS, facts


@pytest.mark.parametrize("size", [(1, 1), (337, 336), (200, 1600)])
def test_a_picture_is_a_picture(size: tuple[int, int]) -> None:
    """Pillow reads it whole, at its size, and its rows are alike."""
    with Image.open(io.BytesIO(draw(*size))) as picture:
        picture.load()
        assert picture.size == size
        last = size[0] - 1
        assert picture.getpixel((last, 0)) == picture.getpixel((last, size[1] - 1))


def test_a_pdf_is_a_pdf() -> None:
    """Another reader, pdfium, finds two pages with text."""
    document = pypdfium2.PdfDocument(pdf())
    assert len(document) == 2
    assert "1,240 kg" in document[1].get_textpage().get_text_range()


@pytest.mark.parametrize("name", CHATS)
def test_every_probe_is_foretold(name: str) -> None:
    """At every model: of what it takes, and each with a quantity that is bounded."""
    known = facts(name)
    kinds = set()
    for probe in probes(known):
        amount = foretold(known, probe)
        assert 0 < amount.low <= amount.expected <= amount.high
        kinds.add(probe.modality)
    assert kinds <= known.modalities_in


def test_images_stand_at_the_edges_of_the_rule() -> None:
    """One pixel more makes another row of tiles, of cells, or a picture that is cut into tiles."""
    for name, edge in (("openai/gpt-4o", 512), ("anthropic/claude-sonnet-5-5", 336)):
        found = {probe.name: probe for probe in probes(facts(name))}
        small, large = (foretold(facts(name), found[f"image {side}x{side}"]) for side in (edge, edge + 1))
        assert small.expected < large.expected


def test_a_picture_larger_than_a_model_takes_is_not_sent() -> None:
    """What would be refused for its size says nothing of the rule."""
    names = [name for name in CHATS if "image" in facts(name).limits]
    for name in names:
        side = facts(name).limits["image"].side
        pictures = [p.name for p in probes(facts(name)) if p.modality == "image"]
        assert all(max(map(int, p.split()[1].split("x"))) <= (side or 10_000) for p in pictures)
