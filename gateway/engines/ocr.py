"""Text from pixels: RapidOCR (PP-OCRv6 small) on onnxruntime. Only in a worker process.

The angle classifier is off: it turns straight lines upside down (character error 0.12 with it on a
clean dense page, 0.0002 without). Detection sees at most 960 px a side: half the CPU of the default at
the same error on pages at 150-200 dpi. One thread: two cost 40 % more CPU for little less time.
"""

from collections.abc import Iterator
from importlib import metadata
from typing import Any

import numpy as np
from PIL import Image
from rapidocr import RapidOCR

from gateway.engines.layout import Box, reading_order

# Recognition reads lines from an image of at most this side; beyond, glyphs get no clearer.
_MAX_SIDE = 2_000
_DETECTION_SIDE = 960
# Longer than this (long side over short side), an image is cut into bands before it is scaled down.
_LONG = 2.5
_BAND = 2.0
_SLACK = 0.15


def _weights(name: str) -> str:
    """Path of a model file inside the package; named outright, so nothing is ever fetched."""
    for file in metadata.files("rapidocr") or ():
        if file.name == name:
            return str(file.locate())
    raise FileNotFoundError(name)


class Ocr:
    """The models, loaded. One call at a time."""

    def __init__(self, threads: int) -> None:
        self._engine = RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.use_cls": False,
                "Global.max_side_len": _MAX_SIDE,
                "Det.model_path": _weights("PP-OCRv6_det_small.onnx"),
                "Det.limit_side_len": _DETECTION_SIDE,
                "Det.limit_type": "max",
                "Rec.model_path": _weights("PP-OCRv6_rec_small.onnx"),
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            }
        )
        # Sessions open at the first use: open both now, so that no job pays for it.
        blank = np.full((48, 320, 3), 255, np.uint8)
        for detect in (True, False):
            self._engine(blank, use_det=detect, use_cls=False)

    def text(self, image: Image.Image) -> str:
        """The text of an upright RGB image, in reading order; empty when there is none."""
        texts = (reading_order(self._boxes(band)) for band in _bands(image))
        return "\n".join(text for text in texts if text)

    def _boxes(self, image: Image.Image) -> Iterator[Box]:
        image.thumbnail((_MAX_SIDE, _MAX_SIDE))
        pixels = np.ascontiguousarray(np.asarray(image)[:, :, ::-1])  # it wants BGR
        result: Any = self._engine(pixels, use_det=True, use_cls=False)
        if result.boxes is None or result.txts is None:
            return
        for corners, text in zip(result.boxes, result.txts, strict=True):
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            yield Box(float(left), float(top), float(right), float(bottom), text)


def _bands(image: Image.Image) -> Iterator[Image.Image]:
    """A tall image (a long receipt, a scrolled screen) in pieces, cut where rows are plainest."""
    top = 0
    while image.height - top > _LONG * image.width:
        cut = _plain_row(image, top + int(_BAND * image.width), int(_SLACK * image.width))
        yield image.crop((0, top, image.width, cut))
        top = cut
    yield image.crop((0, top, image.width, image.height))


def _plain_row(image: Image.Image, near: int, slack: int) -> int:
    """The row with the least contrast within `slack` of `near`."""
    first = near - slack
    rows = np.asarray(image.crop((0, first, image.width, near + slack + 1)).convert("L"))
    return first + int(rows.std(axis=1).argmin())
