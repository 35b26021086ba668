"""Texts that tokenizers disagree about, made by seeded code; the same seed gives the same texts.

Every Unicode block begins and ends at a multiple of 16, so a text for each column of 16 code points
covers all blocks of all planes, those assigned after this was written as well as those never assigned.
"""

# ruff: noqa: RUF001 - letters that look like others are wanted

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import Final

COLUMN: Final = 16
PLANES: Final = 17
_SURROGATES: Final = range(0xD800, 0xE000)
COLUMNS: Final = [start for start in range(0, PLANES << 16, COLUMN) if start not in _SURROGATES]
# Planes with anything assigned but private use; the others are all alike and get one text a column.
_BUSY: Final = frozenset({0, 1, 2, 3, 14})
_WORDS: Final = (
    *(
        "the",
        "Quick",
        "BROWN",
        "fOX",
        "it's",
        "can't",
        "WE'LL",
        "I'M",
        "she'd",
        "they'Re",
        "y'all're",
        "naïve",
    ),
    *(
        "straße",
        "中文",
        "東京タワー",
        "한국어",
        "русский",
        "ΑΒγ",
        "हिन्दी",
        "ไทย",
        "עברית",
        "العربية",
        "தமிழ்",
        "ქართული",
    ),
    *(
        "½",
        "²",
        "Ⅷ",
        "٣",
        "x'",
        "'S",
        "'s'",
        "\u017f",
        "I'\u017f",
        "k\u0301",
        "ﬁ",
        "ǅ",
        "ʰ",
        "ª",
        "🏽",
        "👩🏽‍🚀",
    ),
    *("🏳️‍🌈", "🇩🇪", "1️⃣"),
)
_BLANKS: Final = (
    *" \t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
    "\r\n",
    "  ",
    "\n\n",
    " \n",
)
_MARKS: Final = "./-_=+*#'\"!?:;,()[]{}<>|\\@$%^&~`€§…—“”。、"
_JOINS: Final = "\u200d\ufe0f\ufe0e\u20e3\u0301\u0308\u0e31\u093f\u064b\u3099\U000e0061\U0001f3fd\U0001f1e9"
_ODD: Final = (
    *"\x00\x01\x07\x08\x1b\x7f\x80\x9f\u00ad\u034f\u061c\u180e\u200b\u200c\u200e\u2060\ufeff\ufff9\ufffc\ufffd\ufffe\uffff\ufdd0",
    "\U0001fffe",
    "\U000e0001",
    "\U000e01ef",
    "\U000f0000",
    "\U0010fffd",
    "\U0010ffff",
    "\u0378",
    "\u17b4",
    "\u10c8",
    "\U00014e47",
    "\U00016eb6",
    "\U0001e5d0",
)
_SPECIAL: Final = (
    *("<|endoftext|>", "<|endofprompt|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|start|>"),
    *(
        "<|end|>",
        "<|message|>",
        "<|channel|>",
        "<|constrain|>",
        "<|return|>",
        "<|call|>",
        "<|reserved_200013|>",
    ),
    *("<|", "|>", "<|endoftext", "<| endoftext |>", "</s>", "<s>", "[INST]", "<|im_start|>", "<|im_end|>"),
)
_CODE: Final = (
    *(
        "def f(x):",
        "    return x",
        "\tif (a!=b) {",
        "}\r\n",
        "#include <stdio.h>",
        "//",
        "/* */",
        "=>",
        "::<T>()",
    ),
    *(
        "camelCaseName",
        "snake_case_name",
        "SCREAMING",
        "HTTPServer2",
        "0xDEADBEEF",
        "1_000_000",
        "1e-9",
        "'''",
    ),
    *('"\\n"', "$(ls -la)", "a.b.c()", "x+=1;", "</div>", "<a href='/x/y'>", "# ----", "self.", "\n\n    "),
)


def column(start: int, rng: random.Random) -> str:
    """A column's code points, each among neighbours that cut it differently."""
    points = [chr(start + offset) for offset in range(COLUMN)]
    rng.shuffle(points)
    around = (
        "a{0}b",
        " {0}",
        "1{0}2",
        "'{0}s",
        "{0}'s",
        "A{0}{0}",
        "\n{0}\n",
        "{0} ",
        "{0}",
        ".{0}",
        "{0}é",
        "中{0}",
    )
    return "".join(rng.choice(around).format(point) for point in points)


def _some(choices: tuple[str, ...] | list[str] | str, most: int) -> Callable[[random.Random], str]:
    return lambda rng: "".join(rng.choice(choices) for _ in range(rng.randrange(1, most)))


def _scripts(rng: random.Random) -> str:
    """Words of several scripts, with and without something between them."""
    words: list[str] = []
    for _ in range(rng.randrange(2, 12)):
        start = rng.choice(COLUMNS[: 0x3000 if rng.random() < 0.9 else None])
        words.append("".join(chr(start + rng.randrange(COLUMN)) for _ in range(rng.randrange(1, 9))))
        words.append(rng.choice(("", " ", rng.choice(_BLANKS), rng.choice(_MARKS), rng.choice(_WORDS))))
    return "".join(words)


def _runs(rng: random.Random) -> str:
    """Runs of one character, some of them long, touching one another."""
    units = (*_BLANKS, *"aZzé中0９=-/'.ß\u0301\u3000", "ab", "aB", "A'", "1a", "🙂", "\u017f", "\u0378")
    most = 3000 if rng.random() < 0.01 else 90
    return "".join(rng.choice(units) * rng.randrange(1, most) for _ in range(rng.randrange(1, 5)))


def _digits(rng: random.Random) -> str:
    numbers = ("{}", "{}.{}", "{}e-{}", "-{}", "{},{}", "$ {}", "{}%", "٣{}٤", "{}½", "x{}", "{}th", "０{}９")
    parts = [
        rng.choice(numbers).format(*(rng.randrange(10 ** rng.randrange(1, 15)) for _ in range(2)))
        for _ in range(rng.randrange(1, 20))
    ]
    return rng.choice(("", " ", ", ", "\n")).join(parts)


def _contractions(rng: random.Random) -> str:
    ends = (
        "s",
        "t",
        "re",
        "ve",
        "m",
        "ll",
        "d",
        "S",
        "T",
        "rE",
        "VE",
        "M",
        "lL",
        "D",
        "\u017f",
        "x",
        "l",
        "r",
        "",
    )
    quotes = "''''\u2019`\u02bc"
    words = ("I", "we", "O", "it", "中", "é", "5", "", " ", "A\u0301", "ǅ", "x ")
    return "".join(
        rng.choice(words) + rng.choice(quotes) + rng.choice(ends) + rng.choice((" ", "", "y", "\n"))
        for _ in range(rng.randrange(1, 14))
    )


def _emoji(rng: random.Random) -> str:
    bases = (*range(0x1F300, 0x1FAFF), *range(0x2600, 0x27C0), *range(0x1F1E6, 0x1F200))
    return "".join(
        chr(rng.choice(bases)) + "".join(rng.choice(_JOINS) for _ in range(rng.randrange(3)))
        if rng.random() < 0.8
        else rng.choice(_WORDS)
        for _ in range(rng.randrange(1, 20))
    )


def _combining(rng: random.Random) -> str:
    marks = (
        *range(0x300, 0x370),
        *range(0x1AB0, 0x1AF0),
        *range(0x20D0, 0x20F1),
        *range(0x900, 0x904),
        *range(0xFE00, 0xFE10),
    )
    return "".join(
        rng.choice("aEñ 1中.\nкا") + "".join(chr(rng.choice(marks)) for _ in range(rng.randrange(5)))
        for _ in range(rng.randrange(1, 25))
    )


def _json(rng: random.Random) -> str:
    rows = [
        {
            "id": rng.randrange(10**6),
            "name": rng.choice(_WORDS),
            "score": rng.random(),
            "ok": None,
            "t": [True, ""],
        }
        for _ in range(rng.randrange(1, 6))
    ]
    return json.dumps(rows, indent=rng.choice((None, 2, "\t")), ensure_ascii=rng.random() < 0.5)


def _letters(rng: random.Random) -> str:
    return "".join(rng.choice("etaoinshrdluETAOIN") for _ in range(rng.randrange(1, 400)))


def _anything(rng: random.Random) -> str:
    return "".join(chr(rng.choice(COLUMNS) + rng.randrange(COLUMN)) for _ in range(rng.randrange(1, 40)))


def _lone(rng: random.Random) -> str:
    before, after = rng.choice(("", " ", "a", "1")), rng.choice(("", "\n", "b", " c"))
    return f"{before}{rng.choice(_ODD)}{after}"


# What a text is made of, and how.
KINDS: Final[dict[str, Callable[[random.Random], str]]] = {
    "scripts": _scripts,
    "words": _some([word + gap for word in _WORDS for gap in ("", " ", "\n")], 40),
    "blanks": _some((*_BLANKS, *_BLANKS, "a", "1", ".", "中"), 30),
    "marks": _some((*_MARKS, " ", "\n", "\r", "/", "a"), 40),
    "runs": _runs,
    "digits": _digits,
    "contractions": _contractions,
    "emoji": _emoji,
    "combining": _combining,
    "special": _some((*_SPECIAL, " ", "a", "\n"), 8),
    "odd": _some((*_ODD, "a", " ", "1", "\n", "'s"), 20),
    "lone": _lone,
    "code": _some((*_CODE, " ", "\n", "  "), 40),
    "json": _json,
    "base64": lambda rng: base64.b64encode(rng.randbytes(rng.randrange(1, 300))).decode(),
    "latin-1": lambda rng: rng.randbytes(rng.randrange(1, 200)).decode("latin-1"),
    "letters": _letters,
    "anything": _anything,
}


def everything(seed: int, each: int) -> Iterator[tuple[str, str]]:
    """(kind, text): one or two of every column of Unicode, and `each` texts of every kind."""
    rng = random.Random(seed)
    for start in COLUMNS:
        for _ in range(2 if start >> 16 in _BUSY else 1):
            yield f"U+{start:04X}", column(start, rng)
    for kind, make in KINDS.items():
        for _ in range(each):
            yield kind, make(rng)


# Long texts that have broken tokenizers: unit and how often, a megabyte each. bpe-openai refuses a million.
MEGABYTE: Final = 999_999
ADVERSARIES: Final = (
    *(" ", "\n", "\t", "a", "A", "0", "=", "'", "/", "\u3000", "中", "é", "\u0301", "🙂", "\u017f", "\u0378"),
    *(
        "ab",
        "aB",
        "a ",
        " \n",
        "\n ",
        "a'",
        "'s",
        " '",
        "1 ",
        "=\n",
        "/\n",
        "\r\n",
        "中A",
        "A\u0301",
        "\u00a0 ",
        "\u3000\n",
    ),
    *("\u0378 ", "a\u017f", " \u017f", "\u0378A", "\U000e0061", "the ", "<|endoftext|>"),
)


def adversaries(size: int = MEGABYTE) -> Iterator[tuple[str, str]]:
    """(unit, text of `size` UTF-8 bytes at most), and two without any repetition."""
    for unit in ADVERSARIES:
        yield ascii(unit), unit * (size // len(unit.encode()))
    rng = random.Random(size)
    yield "letters", "".join(rng.choices("etaoinshrdluETAOIN", k=size))
    yield "latin-1", rng.randbytes(size * 2 // 3).decode("latin-1")
