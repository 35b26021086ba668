"""Texts of any size to count: what clients send, and what was made to hurt a tokenizer. Seeded."""

import ast
import base64
import importlib.resources
import json
import pathlib
import random
import re
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import accumulate
from pydoc_data import topics
from typing import Final

from tests.benchmarks.corpus import SEED

_STDLIB: Final = pathlib.Path(sysconfig.get_paths()["stdlib"])
# Common ideographs, the first plane of GB 2312, the most frequent first in no order that matters.
_IDEOGRAPHS: Final = [
    bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFF)
]
_EMOJI: Final = [
    chr(point) for point in (*range(0x1F600, 0x1F650), *range(0x1F300, 0x1F5FF), *range(0x1F680, 0x1F6D0))
]

_MESSAGE: Final = re.compile(r'^msgstr(?:\[\d])? "(.*)"|^"(.*)"', re.MULTILINE)


def _sources() -> Iterator[str]:
    for path in sorted(_STDLIB.glob("*.py")):
        with suppress(UnicodeDecodeError):
            yield path.read_text("utf-8")


def _docstrings() -> Iterator[str]:
    for topic in topics.topics.values():
        yield " ".join(re.sub(r"[*`=|~+-]{2,}", "", topic).split()) + "\n\n"
    for source in _sources():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module) and (
                text := ast.get_docstring(node)
            ):
                yield " ".join(text.split()) + "\n\n"


def translations() -> Iterator[tuple[str, str]]:
    """(language, text): the messages of a language's files in Django, one a line."""
    found: dict[str, list[str]] = {}
    for file in sorted(pathlib.Path(str(importlib.resources.files("django"))).rglob("*.po")):
        _, _, translated = file.read_text("utf-8").partition("\n\n")
        lines = [
            a or b
            for a, b in _MESSAGE.findall(re.sub(r"^msgid.*(\n\".*)*", "", translated, flags=re.MULTILINE))
        ]
        found.setdefault(file.parts[-3], []).append(
            "\n".join(line.replace('\\"', '"').replace("\\n", "\n") for line in lines if line)
        )
    for language, texts in found.items():
        yield language, "\n".join(texts)


def _translated(*languages: str) -> Iterator[str]:
    while True:
        yield from (text for language, text in translations() if language in languages)


def _records(rng: random.Random) -> Iterator[str]:
    while True:
        user, amount = f"user_{rng.randrange(10**6)}", round(rng.random() * 1e4, 2)
        yield (
            json.dumps({"id": rng.randrange(10**5), "user": user, "amount": amount, "ok": rng.random() < 0.6})
            + ", "
        )


def _zipf(rng: random.Random, choices: list[str], between: str) -> Iterator[str]:
    """Few often and most seldom, as words are, in sentences of a dozen."""
    weights = list(accumulate(1 / (20 + number) for number in range(len(choices))))
    shuffled = rng.sample(choices, len(choices))
    while True:
        yield "".join(rng.choices(shuffled, cum_weights=weights, k=rng.randrange(6, 18))) + between


def _pieces(rng: random.Random) -> dict[str, Callable[[], Iterator[str]]]:
    def forever(make: Callable[[], str]) -> Iterator[str]:
        while True:
            yield make()

    return {
        "prose": _docstrings,
        "code": _sources,
        "JSON": lambda: _records(rng),
        "CJK": lambda: _translated("ja", "ko", "zh_Hans", "zh_Hant"),
        "random ideographs": lambda: _zipf(rng, _IDEOGRAPHS, "\uff0c"),
        "emoji": lambda: _zipf(rng, _EMOJI, " "),
        "base64": lambda: forever(lambda: base64.b64encode(rng.randbytes(30_000)).decode()),
        "digits": lambda: forever(lambda: f"{rng.randrange(10**6)} "),
        "random Latin-1": lambda: forever(lambda: rng.randbytes(1000).decode("latin-1")),
        "letters, no space": lambda: forever(lambda: "".join(rng.choices("etaoinshrdluETAOIN", k=1000))),
        "'a' without end": lambda: forever(lambda: "a" * 1000),
        "spaces without end": lambda: forever(lambda: " " * 1000),
    }


# What needs the group `calibrate`, whose Django brings the translations.
TRANSLATED: Final = frozenset({"CJK"})
KINDS: Final = tuple(_pieces(random.Random()))


def text(kind: str, size: int, number: int = 0) -> str:
    """At most `size` UTF-8 bytes of a kind, another text for another number; cut at a character."""
    rng = random.Random(f"{SEED} {kind} {number}")
    parts: list[str] = []
    have = 0
    for piece in _pieces(rng)[kind]():
        parts.append(piece)
        have += len(piece.encode())
        if have >= size:
            break
    return "".join(parts).encode()[:size].decode("utf-8", "ignore")


def texts(kind: str, size: int, count: int) -> list[str]:
    """`count` different texts of `size` bytes: windows of a long one where that has no end of its own."""
    if kind in {"prose", "code"} | TRANSLATED:
        # What is finite is cut to windows.
        whole = text(kind, 4_000_000).encode()
        step = max(1, (len(whole) - size) // count)
        return [
            whole[start : start + size].decode("utf-8", "ignore") for start in range(0, step * count, step)
        ]
    return [text(kind, size, number) for number in range(count)]
