"""The quote in Markdown, as its readers see it. Goldens: `tests/golden/quotes/NAME.json`, `NAME.md`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gateway.cli.markdown import markdown
from gateway.cli.table import render
from gateway.cli.words import clean

GOLDEN = Path(__file__).parent.parent / "golden" / "quotes"
DOCUMENTS = sorted(GOLDEN.glob("*.json"))
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# All that the words of a quote may become.
PLAIN = {"paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "ordered_list", "list_item"}
INLINE = {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak"}
HOSTILE = (
    "a|b",
    "a\\|b",
    "`a",
    "a``b`",
    "*a*",
    "_a_",
    "[a](http://x.y)",
    "![a](b)",
    "<img src=x>",
    "&amp;",
    "~~a~~",
    "# a",
    "$a$",
    "\\",
    "a\\",
    "@someone",
    "a @b|c",
    "#12",
)


def tokens(text: str) -> Iterator[Token]:
    """All tokens, inline ones in their place."""
    for token in READER.parse(text):
        yield from (token.children or []) if token.type == "inline" else [token]


def cells(text: str) -> list[list[str]]:
    """Rows of all tables as they read, cell by cell."""
    rows: list[list[str]] = []
    found = READER.parse(text)
    for number, token in enumerate(found):
        if token.type == "tr_open":
            rows.append([])
        if token.type in {"th_open", "td_open"}:
            rows[-1].append("".join(part.content for part in found[number + 1].children or ()))
    return rows


def hostile(name: str) -> dict[str, Any]:
    """A document in which everything that others name is named so."""
    facts = {
        "since": name,
        "confidence": "price_map",
        "confirmed": False,
        "source": name,
        "stale": True,
        "ends_soon": False,
    }
    chosen = {
        "model": name,
        "verdict": "chosen",
        "reason": None,
        "why": f"{name} and {name}.",
        "cost_usd": None,
        "facts": facts,
    }
    reason = {"code": "x", "message": f"{name} cannot {name}"}
    return {
        "model": name,
        "chosen": name,
        "parts": [{"index": 0, "kind": "image", "mime": name, "bytes": 1, "file": name}],
        "candidates": [chosen, {"model": name + "2", "verdict": "rejected", "reason": reason}],
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """A document is written as its golden text says, byte for byte."""
    assert path.with_suffix(".md").read_text() == markdown(json.loads(path.read_text()))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_it_says_what_the_table_says(path: Path) -> None:
    """Read as Markdown it holds every word that the table holds, and nothing is cut or left out."""
    document = json.loads(path.read_text())
    read = " ".join(token.content for token in tokens(markdown(document)) if token.content)
    wide = render(document, width=400, colour=False)
    assert {*wide.replace(":", " ").split()} <= {*read.replace(":", " ").split(), "1", "2", "3"}


@given(st.sampled_from(HOSTILE) | st.text(st.sampled_from("ab |\\`*_[]()<>~#!&$@.:/-+=1"), min_size=1))
@example("a\\|`b")
@example("___")
def test_a_name_is_read_as_it_is(name: str) -> None:
    """Whatever a name holds it formats nothing, links nothing, ends no cell, and reads as it was written."""
    text = markdown(hostile(name))
    kinds = {token.type for token in tokens(text)}
    assert {kind.removesuffix("_open").removesuffix("_close") for kind in kinds - INLINE} <= PLAIN
    parts, part, candidates, row = cells(text)
    assert len(parts) == len(part)
    assert len(candidates) == len(row)
    written = clean(name).strip()
    if written:
        assert [written, written] == [part[2], part[5]]
        assert written == row[1]


@pytest.mark.parametrize("name", ["@someone", "http://x.y/z", "www.x.y", "owner/repo#12", "GH-12"])
def test_nobody_is_called_and_nothing_linked(name: str) -> None:
    """What GitHub would make a link or a mention of stands as code wherever it stands."""
    found = list(tokens(markdown(hostile(name))))
    assert all(name not in token.content for token in found if token.type != "code_inline")
    assert any(name in token.content for token in found if token.type == "code_inline")


@given(name=st.text(max_size=40))
def test_text_breaks_no_line(name: str) -> None:
    """No control character and no end of a line gets through."""
    text = markdown(hostile(name))
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert text.count("\n") == markdown(hostile("x")).count("\n")
