"""The text layers of PDFs, read in a process of their own: `pdf_text`.

Not the reader's: a scan keeps that one busy for seconds, a text layer is read in milliseconds a page.
"""

from typing import Final

import anyio
from msgspec import Struct

from gateway import engines
from gateway.engines import wire
from gateway.engines.pool import ReadSettings, WorkerPool
from gateway.errors import failure
from gateway.types.layer import LayerPage

NEEDS: Final = engines.Needs("pdf_text", modules=("pypdfium2", "PIL"))

SETTINGS: Final = ReadSettings(job_seconds=15.0, memory=1_073_741_824, pages=1_000)
"""A page of dense text takes about 5 ms: a thousand are read in time, and no file keeps others for long."""

_KIND: Final = "document"
_FINDINGS: Final[dict[wire.Reason, tuple[str, str]]] = {
    "corrupt": ("media_corrupt", "it is damaged or cut short and cannot be opened"),
    "encrypted": ("media_corrupt", "it is encrypted"),
    "unsupported": ("media_unsupported", "it is no PDF"),
    "too_many_pages": ("media_too_large", "it has {figure:,} pages; text is read of {pages:,} at most"),
    "too_large": ("media_too_large", "it is too large to be read here"),
}


class PdfLayers(Struct):
    """Owner of the worker pool. Fills `ports.TextLayers`."""

    pool: WorkerPool
    settings: ReadSettings

    @classmethod
    def new(cls, settings: ReadSettings = SETTINGS) -> "PdfLayers":
        """With a pool that starts no process until the first document."""
        return cls(WorkerPool(settings), settings)

    async def read(self, pdf: bytes) -> tuple[LayerPage, ...]:
        """Every page. See `ports.TextLayers`."""
        missing = engines.availability(NEEDS).missing
        if missing:
            words = f"reading text needs {', '.join(missing)}: install weighbridge[local]"
            raise failure("engine_missing", words)
        medium = wire.Medium(0, _KIND, "application/pdf", pdf)
        seconds = self.settings.job_seconds
        job = await anyio.to_thread.run_sync(wire.encode, wire.Job((medium,), int(seconds), layer_only=True))
        pages: list[LayerPage] = []
        async with self.pool.session(job, seconds) as session:
            while not isinstance(frame := await session.receive(), wire.Done):
                if isinstance(frame, wire.Refused):
                    code, words = _FINDINGS[frame.reason]
                    raise failure(code, words.format(figure=frame.figure, pages=self.settings.pages))
                pages.append(LayerPage(frame.text, frame.road == "scan", frame.pictures))
        return tuple(pages)

    async def aclose(self) -> None:
        """End the process."""
        await self.pool.aclose()
