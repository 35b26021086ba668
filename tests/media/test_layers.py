"""Documents as text: read once, counted as they are sent."""

from collections.abc import Sequence

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway import _core
from gateway.errors import OwnError, failure
from gateway.media.layers import Library, Named, written
from gateway.types.layer import LayerPage
from gateway.types.weight import Encoding, MediaFacts, Requirements
from tests.catalog.samples import carried, medium
from tests.engines.samples import pdf

ENCODINGS: frozenset[Encoding] = frozenset({"o200k_base"})
ONE = Named(0, "report.pdf", 1, 1)
PAGES = (LayerPage("First things."), LayerPage(""), LayerPage("A chart:", pictures=True))


class Shelf:
    """Text layers that are known beforehand, and how often somebody asked."""

    def __init__(self, *pages: LayerPage, error: Exception | None = None) -> None:
        self.pages = pages
        self.error = error
        self.asked = 0

    async def read(self, pdf: bytes) -> tuple[LayerPage, ...]:
        """The pages, whatever the file."""
        assert pdf.startswith(b"%PDF")
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.pages

    async def aclose(self) -> None:
        """Nothing is open."""


def document() -> _core.Media:
    """A PDF of one page."""
    return _core.Media(pdf([["x"]]))


async def measured(library: Library, media: Sequence[_core.Media], tenant: str = "t") -> MediaFacts:
    """The facts of the first document."""
    load: Requirements = carried(medium("document", "application/pdf"))
    workers = anyio.CapacityLimiter(1)
    found = await library.measured(load, media, [ONE], ENCODINGS, workers, tenant=tenant)
    return found.media[0]


async def test_what_is_sent_is_what_was_counted() -> None:
    """The tokens that are quoted are those of the very text that leaves; nothing is read twice."""
    shelf, media = Shelf(*PAGES), [document()]
    library = Library(shelf)
    fact = await measured(library, media)
    text = await library.text(ONE, media, anyio.CapacityLimiter(1), tenant="t")
    assert fact.layer is not None
    assert {"o200k_base": _core.count_tokens(text, "o200k_base")} == fact.layer.tokens
    assert (len(text), 3, True) == (fact.layer.characters, fact.layer.pages, fact.layer.pictures)
    assert 1 == shelf.asked


async def test_what_one_tenant_sent_serves_no_other() -> None:
    """Nobody learns from the time an answer takes what others have sent."""
    shelf, media = Shelf(*PAGES), [document()]
    library = Library(shelf)
    for tenant in ("t", "u", "t"):
        await measured(library, media, tenant)
    assert 2 == shelf.asked


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ((LayerPage("x"), LayerPage("", scan=True)), "page 2 of 2 is drawn"),
        ((LayerPage("", scan=True), LayerPage("", scan=True)), "page 1 and 1 more of 2 is drawn"),
        ((LayerPage(""),), "nothing is written"),
    ],
)
async def test_a_scan_is_never_empty_text(pages: tuple[LayerPage, ...], why: str) -> None:
    """One page without a text layer is enough: there is no text for the document, and it is said why."""
    fact = await measured(Library(Shelf(*pages)), [document()])
    assert fact.layer is None
    assert fact.layer_missing is not None
    assert fact.layer_missing.startswith(why)


async def test_a_file_that_cannot_be_read_is_remembered_and_a_failure_is_not() -> None:
    """What is wrong with the file stays wrong; a reader that broke down is asked again."""
    for error, times in (
        (failure("media_corrupt", "it is encrypted"), 1),
        (failure("engine_timeout", "it took too long"), 2),
    ):
        shelf, media = Shelf(error=error), [document()]
        library = Library(shelf)
        for _ in range(2):
            fact = await measured(library, media)
            assert error.message == fact.layer_missing
        assert times == shelf.asked
        with pytest.raises(OwnError) as caught:
            await library.text(ONE, media, anyio.CapacityLimiter(1), tenant="t")
        assert caught.value.row.retryable


async def test_memory_is_bounded() -> None:
    """Layers that are too many for it are forgotten, the oldest first, and read again."""
    shelf, media = Shelf(LayerPage("x" * 3_000)), [document()]
    library = Library(shelf, remembered=9_000)
    for tenant in ("a", "b", "c", "c", "a"):
        await measured(library, media, tenant)
    assert 4 == shelf.asked


def test_the_text_says_document_and_page() -> None:
    """Which document, which page of how many, what is blank, and what is left out."""
    expected = (
        'Document 2 of 3, "report.pdf": the text of its 3 pages.\n\n'
        "[Page 1 of 3]\nFirst things.\n\n"
        "[Page 2 of 3; blank]\n\n"
        "[Page 3 of 3; its pictures are left out]\nA chart:"
    )
    assert expected == written(PAGES, Named(4, "report.pdf", 2, 3))
    assert written(PAGES[:1], Named(0, None, 1, 1)).startswith("Document 1 of 1: the text of its page.\n")


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.text(max_size=300))
def test_no_page_is_lost(texts: list[str], name: str) -> None:
    """Every page's text stands under its number, in order, whatever it says."""
    told = written([LayerPage(text) for text in texts], structs.replace(ONE, name=name))
    for number, text in enumerate(texts, 1):
        _, found, told = told.partition(f"[Page {number} of {len(texts)}]\n")
        assert found
        assert told.startswith(text.rstrip("\n"))
