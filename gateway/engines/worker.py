"""`python -m gateway.engines.worker`: reads media for the gateway, one job at a time, under limits.

Libraries load when the first job needs them: a PDF with a text layer never loads the OCR models.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from gateway.engines import child, wire

if TYPE_CHECKING:  # at run time it would load the OCR libraries
    from gateway.engines.ocr import Ocr

# CPU seconds that loading every library may take on top of a job's own.
_LOADING = 20


class Reader:
    """The road from a medium to the text of its pages, and what it costs."""

    def __init__(self, setup: wire.ReaderSetup) -> None:
        self._setup = setup
        self._since = child.cpu_seconds()

    def begin(self) -> None:
        """A job starts: its CPU time counts from here."""
        self._since = child.cpu_seconds()

    def spent(self) -> float:
        """CPU seconds of the job so far, without loading: the cost of a start is not the job's."""
        return child.cpu_seconds() - self._since

    def pages(self, medium: wire.Medium, *, layer_only: bool = False) -> Iterator[wire.Page]:
        """The pages as they are read. Raises image.Unreadable."""
        with self._not_billed():
            from gateway.engines.image import open_image  # noqa: PLC0415 -- loads Pillow

        if medium.kind == "document":
            yield from self._pdf(medium, None if layer_only else self._setup.dpi)
            return
        text = self._ocr.text(open_image(medium.data, self._setup.pixels))
        yield self._page(medium, 1, 1, text, "ocr")

    def _pdf(self, medium: wire.Medium, dpi: int | None) -> Iterator[wire.Page]:
        with self._not_billed():
            from gateway.engines.pdf import open_pdf, read_pages  # noqa: PLC0415 -- loads PDFium

        document = open_pdf(medium.data, self._setup.pages)
        pages = len(document)
        for number, page in enumerate(read_pages(document, dpi), 1):
            if page.text is not None:
                told = self._page(medium, number, pages, page.text, "text_layer")
                yield structs.replace(told, pictures=page.pictures)
            elif page.image is not None:
                yield self._page(medium, number, pages, self._ocr.text(page.image), "ocr")
            else:
                yield self._page(medium, number, pages, "", "scan" if page.scan else "blank")
        document.close()

    def _page(self, medium: wire.Medium, page: int, pages: int, text: str, road: wire.Road) -> wire.Page:
        return wire.Page(medium.index, page, pages, text, road, self.spent())

    @cached_property
    def _ocr(self) -> "Ocr":
        with self._not_billed():
            from gateway.engines.ocr import Ocr  # noqa: PLC0415 -- loads numpy, OpenCV, onnxruntime

            return Ocr(self._setup.threads)

    @contextmanager
    def _not_billed(self) -> Iterator[None]:
        before = child.cpu_seconds()
        yield
        self._since += child.cpu_seconds() - before


def work(reader: Reader, job: wire.Job, line: child.Line) -> None:
    """Read one job's media and send what was found; always ends with a Done, Refused or Failed."""
    from gateway.engines.image import Unreadable  # noqa: PLC0415 -- loads Pillow

    child.allow_cpu(job.cpu_seconds + _LOADING)
    reader.begin()
    medium = job.media[0]
    try:
        for medium in job.media:
            for page in reader.pages(medium, layer_only=job.layer_only):
                line.send(page)
    except Unreadable as finding:
        line.send(wire.Refused(medium.index, finding.reason, finding.figure))
    except MemoryError:
        line.send(wire.Refused(medium.index, "too_large"))
    except Exception as error:  # noqa: BLE001 -- named to the gateway, which ends this process
        line.send(wire.Failed(type(error).__name__))
    else:
        line.send(wire.Done(reader.spent()))


def main() -> None:
    """Serve jobs until the gateway hangs up, or none comes for a while."""
    line = child.Line()
    setup = line.receive()
    if not isinstance(setup, wire.ReaderSetup):
        raise TypeError(type(setup).__name__)
    child.confine(setup.memory, setup.nice)
    reader = Reader(setup)
    while isinstance(job := line.receive(setup.idle), wire.Job):
        work(reader, job, line)


if __name__ == "__main__":
    main()
