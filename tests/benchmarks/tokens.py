"""`count_tokens` against tiktoken: the same texts, the same counts, how much faster."""

# ruff: noqa: T201 - what it prints is what it is for

import functools
from collections.abc import Callable
from importlib.metadata import version
from typing import Final

from gateway import _core
from tests.benchmarks import corpus
from tests.benchmarks.measure import interleaved, table
from tests.native.vocabulary import ENCODINGS, Encoding, tiktoken_encodings

# characters per text, different texts per round, rounds
SIZES: Final = ((100, 64, 60), (2_000, 64, 20), (100_000, 3, 9))


def total(count: Callable[[str], int], pieces: list[str]) -> int:
    """Tokens of all pieces, one call per piece."""
    return sum(count(piece) for piece in pieces)


def rows(name: Encoding) -> list[list[str]]:
    """One row per kind of text and size."""
    witness = tiktoken_encodings()[name]
    out: list[list[str]] = []
    for kind, text in corpus.texts().items():
        for size, count, rounds in SIZES:
            pieces = corpus.windows(text, size, count)
            ours = functools.partial(total, lambda piece: _core.count_tokens(piece, name), pieces)
            theirs = functools.partial(total, lambda piece: len(witness.encode_ordinary(piece)), pieces)
            if ours() != theirs():
                raise AssertionError(f"the counts of {kind} differ")
            timing = interleaved({"ours": ours, "theirs": theirs}, rounds)
            speed = [len("".join(pieces).encode()) / timing[who].best / 1e6 for who in ("ours", "theirs")]
            ratios = [
                getattr(timing["theirs"], at) / getattr(timing["ours"], at) for at in ("best", "median")
            ]
            numbers = [f"{speed[0]:.0f}", f"{speed[1]:.1f}", *(f"{ratio:.1f}" for ratio in ratios)]
            out.append([f"{kind}, {size:,} characters", *numbers])
    return out


def main() -> None:
    """Prints one table per encoding."""
    for name in ENCODINGS:
        print(f"\ncount_tokens, {name}, against tiktoken {version('tiktoken')}: MB/s, and times as fast")
        head = ["text", "ours", "tiktoken", "ratio of best", "of medians"]
        print(table(head, rows(name)))


if __name__ == "__main__":
    main()
