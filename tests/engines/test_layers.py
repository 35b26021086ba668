"""The text layers of PDFs, out of a real process."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from msgspec import structs

from gateway.engines.layers import SETTINGS, PdfLayers
from gateway.errors import ClientError
from gateway.types.layer import LayerPage
from tests.engines import samples

pytestmark = [pytest.mark.local, samples.needs_read, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def layers() -> AsyncIterator[PdfLayers]:
    """One process for the module."""
    opened = PdfLayers.new(structs.replace(SETTINGS, pages=9))
    yield opened
    await opened.aclose()


async def test_each_page_is_what_it_is(layers: PdfLayers) -> None:
    """Text as it is, a scan named and not read, a blank page blank."""
    pages = await layers.read(samples.pdf([samples.LETTER, samples.printed(samples.INVOICE), []]))
    assert (LayerPage("\n".join(samples.LETTER)), LayerPage("", scan=True), LayerPage("")) == pages


async def test_a_picture_beside_text_is_told(layers: PdfLayers) -> None:
    """Enough text makes a page with a picture no scan, and what the text leaves out is known."""
    drawn = samples.pdf([samples.printed(samples.INVOICE)])
    lines = " ".join("(so many words that nobody takes this page for a scan) Tj 0 -20 Td" for _ in range(9))
    written = f"BT /F1 12 Tf 72 760 Td {lines} ET".encode()
    content = drawn.replace(b"/I Do Q", b"/I Do Q " + written).replace(
        b"/XObject <<", b"/Font << /F1 3 0 R >> /XObject <<"
    )
    (page,) = await layers.read(content)
    assert page.pictures
    assert not page.scan
    assert page.text.startswith("so many words")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (samples.encrypted_pdf(), "media_corrupt"),
        (b"%PDF-1.7\nnothing of the kind", "media_corrupt"),
        (samples.pdf([["x"]] * 10), "media_too_large"),
    ],
)
async def test_what_cannot_be_read_is_named(layers: PdfLayers, data: bytes, code: str) -> None:
    """Locked, broken and endless files have their own error, and the next file is read."""
    with pytest.raises(ClientError) as caught:
        await layers.read(data)
    assert code == caught.value.code
    assert (LayerPage("hello"),) == await layers.read(samples.pdf([["hello"]]))
