"""`count_tokens` against tiktoken: the same texts, the same counts, how much faster."""

# ruff: noqa: T201 - what it prints is what it is for

import functools
import importlib
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from typing import Any, Final

from gateway import _core
from tests.benchmarks import corpus
from tests.benchmarks.measure import interleaved, table
from tests.native.vocabulary import ENCODINGS, Encoding, tiktoken_encodings

# characters per text, different texts per round, rounds
SIZES: Final = ((100, 64, 60), (2_000, 64, 20), (100_000, 3, 9))


def total(count: Callable[[str], int], pieces: list[str]) -> int:
    """Tokens of all pieces, one call per piece."""
    return sum(count(piece) for piece in pieces)


def rivals(name: Encoding) -> dict[str, Callable[[str], int]]:
    """Ways to count, ours first; those of other packages where they are installed."""
    witness = tiktoken_encodings()[name]
    found: dict[str, Callable[[str], int]] = {
        "ours": lambda piece: _core.count_tokens(piece, name),
        "tiktoken": lambda piece: len(witness.encode_ordinary(piece)),
    }
    with suppress(ImportError):
        quicktok: Any = importlib.import_module("quicktok").get_encoding(name)
        found["quicktok-v1"] = quicktok.count
    with suppress(ImportError):
        bpe: Any = importlib.import_module("bpe_openai").get_encoding(name)
        found["bpe-openai"] = lambda piece: len(bpe.encode_ordinary(piece))
    return found


def rows(name: Encoding) -> list[list[str]]:
    """One row per kind of text and size."""
    out: list[list[str]] = []
    for kind, text in corpus.texts().items():
        for size, count, rounds in SIZES:
            pieces = corpus.windows(text, size, count)
            ways = {who: functools.partial(total, counter, pieces) for who, counter in rivals(name).items()}
            if len({way() for way in ways.values()}) != 1:
                raise AssertionError(f"the counts of {kind} differ")
            timing = interleaved(ways, rounds)
            megabytes = len("".join(pieces).encode()) / 1e6
            for who, time in timing.items():
                ratios = (time.best / timing["ours"].best, time.median / timing["ours"].median)
                numbers = [f"{megabytes / time.best:.1f}", *(f"{ratio:.1f}" for ratio in ratios)]
                out.append([f"{kind}, {size:,} characters: {who}", *numbers])
    return out


def main() -> None:
    """Prints one table per encoding."""
    for name in ENCODINGS:
        print(f"\ncount_tokens, {name} (tiktoken {version('tiktoken')}): MB/s, and how many times our time")
        head = ["text: who", "MB/s", "times ours", "by medians"]
        print(table(head, rows(name)))


if __name__ == "__main__":
    main()
