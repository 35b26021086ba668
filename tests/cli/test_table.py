"""The readable quote. Goldens: `tests/golden/quotes/NAME.json` in, `NAME.txt` out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.table import render

GOLDEN = Path(__file__).parent.parent / "golden" / "quotes"
DOCUMENTS = sorted(GOLDEN.glob("*.json"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """A document is rendered as its golden text says, byte for byte."""
    expected = path.with_suffix(".txt").read_text()
    assert expected == render(json.loads(path.read_text()), colour=False)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_colour_changes_no_letter(path: Path) -> None:
    """With colour the same text stands there, so columns still align."""
    document = json.loads(path.read_text())
    coloured = render(document, colour=True)
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert render(document, colour=False).split() == plain.split()


def test_every_candidate_and_reason_shows() -> None:
    """No candidate is left out, nor its verdict and reason."""
    document = json.loads((GOLDEN / "photo.json").read_text())
    text = render(document, colour=False)
    for candidate in document["candidates"]:
        assert candidate["model"] in text
        assert candidate["verdict"] in text
        assert candidate["reason"] is None or candidate["reason"]["message"] in text


@given(name=st.text(max_size=40), message=st.text(max_size=60))
def test_text_cannot_steer_a_terminal(name: str, message: str) -> None:
    """Whatever stands in a name or a reason, the output holds printable text and line ends alone."""
    document: dict[str, Any] = {
        "model": name,
        "chosen": None,
        "parts": [{"index": 0, "kind": "other", "mime": name, "bytes": 1, "file": name}],
        "candidates": [
            {"model": name, "verdict": "rejected", "reason": {"code": "x", "message": message, "part": 0}}
        ],
    }
    text = render(document, colour=False)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
