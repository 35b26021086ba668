"""The image libraries `fit` is measured against, each as its documentation says one does it fast.

They are no dependency of ours: `make bench-media` installs them beside (requirements-rivals.lock). A rival
that is not there is named and left out. All turn the file's bytes into the wanted file's bytes, one thread.
"""

import importlib
import io
import os
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import numpy as np
from PIL import Image

from gateway import _core
from tests.benchmarks import corpus
from tests.benchmarks.cases import QUALITY, Case

Way: TypeAlias = Callable[[Case], bytes]


def ours() -> Way:
    """From bytes to bytes, header walk and digest included."""

    def run(case: Case) -> bytes:
        return _core.fit(_core.Media(case.data), *case.size, format=case.form, quality=QUALITY).data()

    return run


def _saved(image: Image.Image, case: Case) -> bytes:
    if case.form == "png":
        # the level nearest to ours in effort
        return corpus.file(image, "PNG", compress_level=1)
    return corpus.file(image, "JPEG", quality=QUALITY)


def pillow() -> Way:
    """Open, resize, save."""

    def run(case: Case) -> bytes:
        image: Image.Image = Image.open(io.BytesIO(case.data))
        return _saved(image.resize(case.size, Image.Resampling.LANCZOS), case)

    return run


def pillow_thumbnail() -> Way:
    """`thumbnail`, with its own draft and reducing gap."""

    def run(case: Case) -> bytes:
        image = Image.open(io.BytesIO(case.data))
        image.thumbnail(case.size)
        return _saved(image, case)

    return run


def pillow_draft() -> Way:
    """Its JPEG decoder skips detail that will not be needed: the best idiom."""

    def run(case: Case) -> bytes:
        image: Image.Image = Image.open(io.BytesIO(case.data))
        image.draft("RGB", case.size)
        return _saved(image.resize(case.size, Image.Resampling.LANCZOS), case)

    return run


def pyvips() -> Way:
    """`thumbnail_buffer`, which shrinks on load. Threads would not help one picture: 1."""
    os.environ.setdefault("VIPS_CONCURRENCY", "1")
    vips: Any = importlib.import_module("pyvips")
    vips.cache_set_max(0)

    def run(case: Case) -> bytes:
        width, height = case.size
        image = vips.Image.thumbnail_buffer(case.data, width, height=height, size="down")
        if case.form == "png":
            return bytes(image.pngsave_buffer(keep="none", compression=1))
        return bytes(image.jpegsave_buffer(Q=QUALITY, keep="none", background=255))

    return run


def opencv() -> Way:
    """Reduced decoding, then INTER_AREA."""
    cv2: Any = importlib.import_module("cv2")
    cv2.setNumThreads(1)
    reduced = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2}

    def run(case: Case) -> bytes:
        wide = Image.open(io.BytesIO(case.data)).width
        factor = next((step for step in reduced if wide / case.size[0] >= step), 1)
        flag = reduced.get(factor, cv2.IMREAD_COLOR)
        pixels = cv2.imdecode(np.frombuffer(case.data, np.uint8), flag)
        pixels = cv2.resize(pixels, case.size, interpolation=cv2.INTER_AREA)
        if case.form == "png":
            return bytes(cv2.imencode(".png", pixels, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
        return bytes(cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1].tobytes())

    return run


def fast_image_resize() -> Way:
    """Pillow's draft, and the Rust crate's Lanczos through cykooz-resizer."""
    cykooz: Any = importlib.import_module("cykooz_resizer")
    options = cykooz.ResizeOptions(cykooz.ResizeAlg.convolution(cykooz.FilterType.lanczos3))

    def run(case: Case) -> bytes:
        image: Image.Image = Image.open(io.BytesIO(case.data))
        image.draft("RGB", case.size)
        image.load()
        small = Image.new(image.mode, case.size)
        cykooz.Resizer().resize_pil(image, small, options)
        return _saved(small, case)

    return run


def kornia() -> Way:
    """Its own decoder, Lanczos and encoder."""
    made: Any = importlib.import_module("kornia_rs.image").Image

    def run(case: Case) -> bytes:
        small = made.decode(case.data).resize(*case.size, interpolation="lanczos")
        if case.form == "png":
            return bytes(small.encode("png"))
        return bytes(small.encode("jpeg", QUALITY))

    return run


# name: how to make it ready; raises ImportError where it is not installed.
RIVALS: Final[dict[str, Callable[[], Way]]] = {
    "fit": ours,
    "Pillow resize": pillow,
    "Pillow thumbnail": pillow_thumbnail,
    "Pillow draft + LANCZOS": pillow_draft,
    "pyvips thumbnail": pyvips,
    "OpenCV reduced + AREA": opencv,
    "Pillow draft + fast_image_resize": fast_image_resize,
    "kornia-rs": kornia,
}


def there() -> tuple[dict[str, Way], list[str]]:
    """The rivals that are installed, ours first, and the names of those that are not."""
    found: dict[str, Way] = {}
    missing: list[str] = []
    for name, make in RIVALS.items():
        try:
            found[name] = make()
        except ImportError:
            missing.append(name)
    return found, missing
