"""Pages of a PDF that may be hostile: text layer where it is good, else pixels. Only in a worker.

A page is taken from its text layer when that has text, the text is not garbled, and the page is not a
picture with a few words on it. Else it is rasterised for OCR, unless nothing is drawn on it at all.
PDFium is built without JavaScript and XFA. It is not thread-safe; a worker has one thread.
"""

import math
import unicodedata
from collections.abc import Iterator
from itertools import islice

import pypdfium2 as pdfium  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium_c  # type: ignore[import-untyped]
from msgspec import Struct
from PIL import Image

from gateway.engines.image import Unreadable

_POINTS_PER_INCH = 72
# A4 at 200 dpi is 1654 x 2339; larger paper gets fewer dots per inch, not more pixels.
_MAX_SIDE = 2_400
# Characters no font should yield: replacement, private use, control, unassigned, surrogate.
_GARBLED = frozenset({"Co", "Cn", "Cs", "Cc"})
_MAX_GARBLED = 0.05
# Words of one letter: a text layer that lost its spacing has little else.
_MIN_WORDS = 20
_MAX_SPLIT = 0.6
# A picture over this share of the page, and fewer letters than this: the text is in the picture.
_PICTURE = 0.5
_FEW_LETTERS = 200
# Less than this share of a page is a logo or a rule.
_SOME_PICTURE = 0.02
# Objects looked at per page; a page with more is not a scan.
_MAX_OBJECTS = 2_000
# Points: what is no wider is a rule, under a heading or between columns.
_RULE = 3.0
# A drawing of so much of the page is the ground it is printed on.
_GROUND = 0.95


class PdfPage(Struct):
    """What a page gives: its text when the text layer is good, its pixels when not, neither if blank.

    `scan`: something is drawn that no text layer tells. `pictures`: some stand beside the text.
    """

    text: str | None
    image: Image.Image | None
    scan: bool = False
    pictures: bool = False


def open_pdf(data: bytes, max_pages: int) -> pdfium.PdfDocument:
    """Raises Unreadable: `encrypted`, `corrupt`, `too_many_pages` with their number."""
    try:
        document = pdfium.PdfDocument(data)
        document.init_forms()
    except pdfium.PdfiumError as error:
        locked = error.err_code in (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
        raise Unreadable("encrypted" if locked else "corrupt") from error
    pages = len(document)
    if pages < 1:
        raise Unreadable("corrupt")
    if pages > max_pages:
        raise Unreadable("too_many_pages", pages)
    return document


def read_pages(document: pdfium.PdfDocument, dpi: int | None) -> Iterator[PdfPage]:
    """Every page in order; without `dpi` no pixels. Raises Unreadable when one is broken."""
    for number in range(len(document)):
        try:
            yield _page(document, number, dpi)
        except pdfium.PdfiumError as error:
            raise Unreadable("corrupt") from error


def _page(document: pdfium.PdfDocument, number: int, dpi: int | None) -> PdfPage:
    if document.formenv is not None:
        # What was typed into a form is not in the text layer until it is drawn on the page.
        form = document[number]
        form.flatten()
        form.close()
    page = document[number]
    try:
        text = plain(page.get_textpage().get_text_bounded())
        shown = _drawn_on(page)
        if legible(text) and not (shown.images > _PICTURE and len(text) < _FEW_LETTERS):
            some = max(shown.images, shown.drawings) > _SOME_PICTURE
            return PdfPage(text, None, pictures=some)
        drawn = shown.anything
        return PdfPage(None, _raster(page, dpi) if drawn and dpi is not None else None, scan=drawn)
    finally:
        page.close()


def plain(text: str) -> str:
    """PDFium's text as people write it: LF, its mark for a line-end hyphen as a hyphen, no NUL."""
    marks = str.maketrans({"\x02": "-", "\ufffe": "-", "\x00": None})
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(marks).split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()


def legible(text: str) -> bool:
    """Whether a text layer can be trusted to be what a reader sees."""
    letters = [character for character in text if not character.isspace()]
    if not letters:
        return False
    garbled = sum(
        character == "\ufffd" or unicodedata.category(character) in _GARBLED for character in letters
    )
    if garbled > _MAX_GARBLED * len(letters):
        return False
    words = text.split()
    split = sum(len(word) == 1 and word.isalpha() and word.isascii() for word in words)
    return len(words) < _MIN_WORDS or split <= _MAX_SPLIT * len(words)


class _Drawn(Struct, frozen=True):
    """What a page shows beside its text, as shares of its area. `anything`: text counts too here."""

    images: float
    drawings: float
    anything: bool


def _drawn_on(page: pdfium.PdfPage) -> _Drawn:
    """Images, and drawings: charts, shadings, letters as outlines; neither rules nor a ground under it all.

    A page with more objects than are looked at may hold anything among the rest.
    """
    width, height = page.get_size()
    whole, images, drawings, anything = width * height, 0.0, 0.0, False
    if whole <= 0:
        return _Drawn(0.0, 0.0, anything=False)
    for number, item in enumerate(islice(page.get_objects(max_depth=3), _MAX_OBJECTS + 1)):
        if number == _MAX_OBJECTS:
            drawings = whole
            break
        anything = True
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            continue
        left, bottom, right, top = item.get_bounds()
        wide, high = max(0.0, right - left), max(0.0, top - bottom)
        if item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            images += wide * high
        elif min(wide, high) > _RULE and wide * high < _GROUND * whole:
            drawings += wide * high
    return _Drawn(min(1.0, images / whole), min(1.0, drawings / whole), anything)


def _raster(page: pdfium.PdfPage, dpi: int) -> Image.Image:
    longest = max(page.get_size())
    if not math.isfinite(longest) or longest <= 0:
        raise Unreadable("corrupt")
    scale = min(dpi / _POINTS_PER_INCH, _MAX_SIDE / longest)
    bitmap = page.render(scale=scale)
    try:
        image: Image.Image = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
    return image
