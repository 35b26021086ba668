"""Pages of a PDF: text layer where it is good, else pixels."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engines import samples

pytestmark = [pytest.mark.local, samples.needs_read]

if samples.READY["local/read"]:
    from gateway.engines.image import Unreadable
    from gateway.engines.pdf import legible, open_pdf, plain, read_pages


def test_a_text_layer_is_read_exactly() -> None:
    """A born-digital page gives its characters as they are, line by line, and no pixels."""
    [page] = read_pages(open_pdf(samples.pdf([samples.LETTER]), 50), 200)
    assert "\n".join(samples.LETTER) == page.text
    assert page.image is None


def test_a_scan_gives_pixels() -> None:
    """A page that is one picture is rasterised at the asked resolution."""
    [page] = read_pages(open_pdf(samples.pdf([samples.printed(samples.INVOICE)]), 50), 200)
    assert page.text is None
    assert page.image is not None
    assert page.image.size == (1653, 2339)


def test_a_few_words_on_a_picture_do_not_hide_it() -> None:
    """A scan with a stamp as its only text layer goes to the eyes, not to the text layer."""
    document = samples.pdf([samples.printed(samples.INVOICE * 3)])
    stamped = document.replace(b"/I Do Q", b"/I Do Q BT 9 9 Td ET")
    [page] = read_pages(open_pdf(stamped, 50), 200)
    assert page.image is not None


def test_an_empty_page_is_blank() -> None:
    """A page with nothing on it costs no OCR."""
    [page] = read_pages(open_pdf(samples.pdf([[]]), 50), 200)
    assert (page.text, page.image) == (None, None)


def test_large_paper_is_rasterised_within_bounds() -> None:
    """A page of four metres takes no more pixels than one of letter size."""
    document = samples.pdf([samples.printed(samples.INVOICE)])
    wide = document.replace(b"[0 0 595 842]", b"[0 0 9999 99]")
    [page] = read_pages(open_pdf(wide, 50), 200)
    assert page.image is not None
    assert max(page.image.size) <= 2_400


@pytest.mark.parametrize(
    ("data", "reason", "figure"),
    [
        (samples.encrypted_pdf(), "encrypted", 0),
        (b"%PDF-1.7\nnothing of the kind", "corrupt", 0),
        (b"", "corrupt", 0),
        (samples.pdf([]), "corrupt", 0),
        (samples.pdf([["x"]] * 51), "too_many_pages", 51),
    ],
)
def test_what_cannot_be_opened_is_named(data: bytes, reason: str, figure: int) -> None:
    """Encrypted, broken, empty and endless documents each have their own reason."""
    with pytest.raises(Unreadable) as caught:
        open_pdf(data, 50)
    assert (reason, figure) == (caught.value.reason, caught.value.figure)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    """Any cut or flipped byte gives pages or a finding, never another fault."""
    whole = bytearray(samples.pdf([samples.LETTER, ["two"]]))
    for place in data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=4)):
        whole[place] ^= data.draw(st.integers(1, 255))
    cut = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    try:
        pages = list(read_pages(open_pdf(cut, 50), 20))
    except Unreadable as finding:
        assert finding.reason in {"corrupt", "encrypted", "too_many_pages"}  # noqa: PT017
    else:
        assert len(pages) <= 50


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Invoice 4711", True),
        ("", False),
        (" \n", False),
        ("\ufffd\ufffd\ufffd total", False),
        ("\ue001\ue002\ue003\ue004", False),
        ("T h i s  l o s t  i t s  s p a c i n g  a n d  m u c h  m o r e", False),
        ("请阅读此文件", True),
    ],
)
def test_garbled_text_is_not_trusted(text: str, good: bool) -> None:
    """Replacement and private characters, or words fallen apart, send a page to the eyes."""
    assert good == legible(text)


def test_text_is_written_as_people_write_it() -> None:
    """Line ends are LF, PDFium's hyphen mark is a hyphen, nothing trails."""
    assert plain("exam\x02ple \r\nof\rit\x00\n\n") == "exam-ple\nof\nit"
