"""Opening an image that may be hostile, for reading. Only in a worker process."""

import io
import warnings

from PIL import Image, ImageOps

from gateway.engines.wire import Reason

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


class Unreadable(Exception):  # noqa: N818 -- not a fault of ours: a finding about a medium
    """A medium that cannot be read, and why. `figure`: what was counted."""

    def __init__(self, reason: Reason, figure: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.figure = figure


def open_image(data: bytes, pixels: int) -> Image.Image:
    """The image upright, RGB, transparency on white; first frame of an animation.

    Raises Unreadable: `too_large` above `pixels` by its header, before any is decoded; else `corrupt`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning: our cap is tighter
            return _open(data, pixels)
    except Unreadable:
        raise
    except MemoryError as error:
        raise Unreadable("too_large") from error
    except Exception as error:  # decoders fail with a dozen types; each means that the file is broken
        raise Unreadable("corrupt") from error


def _open(data: bytes, pixels: int) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > pixels:
        raise Unreadable("too_large", image.width * image.height)
    image.load()
    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    paper = Image.new("RGBA", upright.size, "white")
    return Image.alpha_composite(paper, upright.convert("RGBA")).convert("RGB")
