"""`count_tokens`: equal to tiktoken on every text."""

import base64
import json
import random
import sys
from collections.abc import Iterator

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import _core
from tests.native.vocabulary import ENCODINGS, NAMES, tiktoken_encodings

WITNESS = tiktoken_encodings()
_WORDS = (
    "the quick Brown FOX jumps, over it's can't WE'LL naïve Ünïcode straße don't I'M she'd they'Re 中文 東京 "
    "한국어 русский हिन्दी ไทย עברית العربية 👩🏽‍🚀 🏳️‍🌈 ½ ² Ⅷ ٣ x' 'S 's' \u017f I'\u017f ﬁ ǅ ʰ ª"
)
WORDS = _WORDS.split(" ")
BLANKS = (
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    " \n ",
    "\n\n\n",
    "\u00a0",
    "\u3000",
    "\u2028",
    "   \t",
    "\x85",
    "\x1c",
)
MARKS = (
    ".",
    "...",
    "/",
    "//",
    "-->",
    "{",
    "}",
    "();",
    "!=",
    "'",
    '"',
    "€",
    "\u0301",
    "\ufe0f",
    "\x00",
    "\ufeff",
)


def same(text: str) -> None:
    """Both counts, theirs first."""
    for name in NAMES:
        expected = len(WITNESS[name].encode_ordinary(text))
        assert expected == _core.count_tokens(text, name), (name, text[:200])


def mixed(rng: random.Random) -> str:
    """Words, blanks, marks, digits, runs and stray code points in any order."""
    parts: list[str] = []
    for _ in range(rng.randrange(1, 30)):
        kind = rng.randrange(7)
        if kind < 2:
            parts.append(rng.choice(WORDS))
        elif kind == 2:
            parts.append(rng.choice(BLANKS) * rng.randrange(1, 4))
        elif kind == 3:
            parts.append(rng.choice(MARKS) * rng.randrange(1, 6))
        elif kind == 4:
            parts.append(str(rng.randrange(10 ** rng.randrange(1, 12))))
        elif kind == 5:
            parts.append(rng.choice("aZ ='é中\n0") * rng.randrange(1, 60))
        else:
            parts.append(chr(rng.choice((rng.randrange(0xD800), rng.randrange(0xE000, 0x20000)))))
    return "".join(parts)


def documents(rng: random.Random) -> Iterator[str]:
    """Texts of a few kilobytes as clients send them."""
    yield base64.b64encode(rng.randbytes(3000)).decode()
    yield rng.randbytes(2000).decode("latin-1")
    yield rng.randbytes(800).hex()
    rows = [{"id": n, "name": rng.choice(WORDS), "score": rng.random(), "ok": None} for n in range(60)]
    yield json.dumps(rows)
    yield json.dumps(rows, indent=2, ensure_ascii=False)
    yield "".join(rng.choice(WORDS) + rng.choice(BLANKS) for _ in range(400))
    yield "".join(chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(800))
    yield "".join(chr(rng.randrange(0x1F300, 0x1FAFF)) for _ in range(400))
    yield "".join(rng.choice("etaoinshrdluETAOIN") for _ in range(3000))


def test_every_code_point() -> None:
    """The patterns' character classes are tiktoken's, code point by code point, in several neighbourhoods.

    Planes 4 to 13 hold nothing but unassigned code points; of them and of private use, a sample.
    """
    points = [p for p in range(0x40000) if not 0xD800 <= p < 0xE000]
    points += list(range(0xE0000, 0xE0400)) + list(range(0x40000, sys.maxunicode + 1, 997))
    for start in range(0, len(points), 128):
        letters = [chr(point) for point in points[start : start + 128]]
        same("".join(f"a{c}b {c} 1{c}2 z'{c}" for c in letters))
        same("".join(f"A{c}.x\n {c}{c}\n" for c in letters))


@pytest.mark.parametrize("seed", range(20))
def test_mixed_texts(seed: int) -> None:
    """Two hundred texts per seed, every piece of the patterns beside every other."""
    rng = random.Random(seed)
    for _ in range(200):
        same(mixed(rng))


@pytest.mark.parametrize("seed", range(4))
def test_documents(seed: int) -> None:
    """Base64, JSON, prose, Chinese, emoji, hex and noise."""
    for text in documents(random.Random(seed)):
        same(text)


@pytest.mark.parametrize(
    "unit", [" ", "\n", "a", "A", "0", "=", "\t ", "\r\n", "\u3000", "中", "é", "\u0301", "ab"]
)
def test_long_runs(unit: str) -> None:
    """Runs of every length up to 130 and one of thousands: tokens of spaces and of rulers are long."""
    for length in (*range(130), 5000):
        same(unit * length)
        same("x" + unit * length + "y")


@settings(max_examples=600, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    """Any text at all."""
    same(text)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from((*WORDS, *BLANKS, *MARKS, "1", "12", "1234")), max_size=40).map("".join))
def test_any_sequence(text: str) -> None:
    """Any sequence of what the patterns treat specially."""
    same(text)


def test_special_tokens_are_text() -> None:
    """A client cannot write control tokens: their names are ordinary text."""
    for encoding in WITNESS.values():
        for special in encoding.special_tokens_set:
            same(f"a{special}b")


def test_batch_is_the_sum() -> None:
    """A batch counts each text on its own and adds up."""
    texts = ["", "hello", " world", *(mixed(random.Random(seed)) for seed in range(20))]
    for name in ENCODINGS:
        expected = sum(_core.count_tokens(text, name) for text in texts)
        assert expected == _core.count_tokens_batch(texts, name)


def test_unknown_encoding() -> None:
    """A vocabulary we do not have is the caller's mistake, said so."""
    with pytest.raises(ValueError, match="o200k_base"):
        _core.count_tokens("a", "p50k_base")  # type: ignore[arg-type]


def test_the_witness_is_tiktoken() -> None:
    """The comparison is against the vocabularies OpenAI published: tiktoken checked their hashes."""
    for encoding, size in zip(WITNESS.values(), (200_019, 100_277, 201_088), strict=True):
        assert (tiktoken.Encoding, size) == (type(encoding), encoding.n_vocab)


def test_counting_stops_beyond_the_limit() -> None:
    """The exact count up to the limit, none beyond it, and a long rest is not read."""
    text = "weigh this carefully, please: " * 4_000
    whole = _core.count_tokens(text, "o200k_base")
    assert whole == _core.count_until(text, "o200k_base", whole)
    assert _core.count_until(text, "o200k_base", whole - 1) is None
    assert _core.count_until(text, "o200k_base", 10) is None
