"""Our counts against other people's, on everything `strings` makes: `make tokens`.

tiktoken is the reference. On a megabyte of spaces and the like its regex engine overflows its stack and
panics; there GitHub's `bpe-openai` (an independent implementation in Rust, in the rivals group) decides.
"""

# ruff: noqa: T201 - what it prints is what it is for

import contextlib
import importlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

from gateway import _core
from tests.native.strings import adversaries, everything
from tests.native.vocabulary import ENCODINGS, tiktoken_encodings

SEED: Final = 20_261_127
EACH: Final = 3_000
# Texts between two lines of progress.
_STEP: Final = 20_000


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on the process's stderr: a panic in Rust writes its whole stack there."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def witness(text: str, count: Callable[[str], list[int]]) -> int | None:
    """The count of tiktoken; None where it panics, with an exception that is no `Exception`."""
    try:
        with _quiet():
            return len(count(text))
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return None


def generated(each: int) -> tuple[int, list[str]]:
    """(texts compared, differences found)."""
    witnesses = tiktoken_encodings()
    wrong: list[str] = []
    number, start = 0, time.monotonic()
    for number, (kind, text) in enumerate(everything(SEED, each), 1):
        for name, encoding in witnesses.items():
            expected, counted = len(encoding.encode_ordinary(text)), _core.count_tokens(text, name)
            if expected != counted:
                wrong.append(f"{kind}, {name}: {expected} expected, {counted} counted: {text[:80]!a}")
        if number % _STEP == 0:
            print(
                f"{number:>9,} texts, {time.monotonic() - start:4.0f} s, differences: {len(wrong)}",
                flush=True,
            )
    return number, wrong


def megabytes() -> tuple[int, list[str]]:
    """The same for a megabyte of each adversary, with a word on who could count it."""
    bpe: Any = importlib.import_module("bpe_openai")
    witnesses, wrong, number = tiktoken_encodings(), list[str](), 0
    for kind, text in adversaries():
        told = []
        for name in ENCODINGS:
            counted = _core.count_tokens(text, name)
            # Its own wrapper refuses more than 200,000 tokens; what is under it does not.
            independent = len(bpe.get_encoding(name)._backend.encode(text))
            reference = witness(text, witnesses[name].encode_ordinary)
            told.append(f"{name} {counted:,}{' (tiktoken panics)' if reference is None else ''}")
            if {counted} != {independent, counted if reference is None else reference}:
                wrong.append(f"{kind}, {name}: {counted}, bpe-openai {independent}, tiktoken {reference}")
        number += 1
        print(f"{kind:>16} x 1 MB: {', '.join(told)}", flush=True)
    return number, wrong


def main() -> int:
    """Compare everything; 1 when anything differs."""
    texts, wrong = generated(EACH)
    print(f"{texts:,} texts x {len(tiktoken_encodings())} encodings against tiktoken", flush=True)
    long, more = megabytes()
    print(f"{long} texts of 1 MB x {len(ENCODINGS)} encodings against bpe-openai, and tiktoken where it can")
    wrong += more
    print("\n".join(wrong[:50]))
    print(f"differences: {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
