"""The readable quote. Goldens: `tests/golden/quotes/NAME.json` in, `NAME.txt` out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli.columns import cells
from gateway.cli.table import render
from gateway.cli.whatif import Key

GOLDEN = Path(__file__).parent.parent / "golden" / "quotes"
DOCUMENTS = sorted(GOLDEN.glob("*.json"))
KEY = Key("anthropic/claude-haiku-4-5", "ANTHROPIC_API_KEY")


def photo() -> dict[str, Any]:
    """The document of a photo: one chosen, one on standby, one without a key, some that cannot see."""
    document: dict[str, Any] = json.loads((GOLDEN / "photo.json").read_text())
    return document


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    """A document is rendered as its golden text says, byte for byte."""
    expected = path.with_suffix(".txt").read_text()
    assert expected == render(json.loads(path.read_text()), width=100, colour=False)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_colour_changes_no_letter(path: Path) -> None:
    """With colour the same text stands there, so columns still align."""
    document = json.loads(path.read_text())
    coloured = render(document, width=100, colour=True)
    assert "\x1b[" in coloured
    assert render(document, width=100, colour=False) == re.sub(r"\x1b\[[0-9;]*m", "", coloured)


@pytest.mark.parametrize("width", [1, 20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_no_line_is_wider_than_the_terminal(path: Path, width: int) -> None:
    """A terminal never has to wrap a line, however narrow it is."""
    key = KEY if path.stem == "photo" else None
    text = render(json.loads(path.read_text()), width=width, colour=False, key=key)
    assert [] == [line for line in text.splitlines() if len(line) > width]


def test_what_matters_stays_where_it_is_narrow() -> None:
    """Columns go in the order of their worth, and what went is told; the model and its cost stay."""
    wide = render(photo(), width=200, colour=False)
    narrow = render(photo(), width=64, colour=False)
    assert "Left out" not in wide
    assert "$0.0049425 " in wide
    assert "CERTAINTY" in wide.split("PREP,")[0]
    assert "Left out at this width, but in --json: CERTAINTY, LOW" in " ".join(narrow.split())
    assert re.search(r"chosen +openai/gpt-4o +\$0\.00494 ", narrow)


def test_every_candidate_and_its_verdict_shows() -> None:
    """No candidate is left out, nor why it was not chosen; one that is on standby or lacks a key says so."""
    text = render(photo(), width=100, colour=False)
    for candidate in photo()["candidates"]:
        assert candidate["model"] in text
    rows = {line.split("  ")[0]: line for line in text.splitlines()}
    assert "openai/gpt-4o " in rows["chosen"]
    assert "standby  local/read" in text
    assert "no key   anthropic/claude-haiku-4-5" in text
    assert "standby   taken only when nothing else can carry it" in text
    assert "no key    for anthropic is configured: set ANTHROPIC_API_KEY" in text


def test_the_same_reason_is_said_once() -> None:
    """Those that are rejected for the same thing stand behind one sentence, without their names in it."""
    text = " ".join(render(photo(), width=100, colour=False).split())
    assert 1 == text.count("takes text only; a model that takes images is needed")
    assert "needed (modality_unsupported): local/smollm2, rack/one, rack/two" in text
    assert "about 90,000 tokens; it takes 8,192 (context_exceeded): rack/three" in text


def test_preparations_are_in_words() -> None:
    """A row names its preparation by a letter; below it says what is done, in words a person knows."""
    text = render(photo(), width=100, colour=False)
    assert "image 0: metadata removed" in text
    assert "made smaller, 4000x3000 to 1024x768" in text
    assert "strip" not in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"step": "legible"}, "made smaller, 4000x3000 to 1024x768 as far as its text stays legible"),
        ({"step": "near_lossless"}, "4000x3000 to 1024x768 to fill whole cells of the model's grid"),
        ({"format": "jpeg"}, "made smaller, 4000x3000 to 1024x768 as JPEG, metadata removed"),
        ({"step": "recode", "to": [4000, 3000], "format": "jpeg"}, "drawn anew at 4000x3000 as JPEG"),
        ({"level": "low"}, "made smaller, 4000x3000 to 1024x768, asked for at detail low, metadata removed"),
        ({"part": 1, "step": "detail", "to": None, "level": "low"}, "part 1: asked for at detail low;"),
        ({"part": 1, "step": "pdf_text", "to": None}, "part 1: sent as the text of its pages;"),
    ],
)
def test_what_a_policy_asked_for_is_in_words(changes: dict[str, Any], words: str) -> None:
    """A smaller size says why it was chosen, another format its name, and a saving what it comes to."""
    document = photo()
    chosen = document["candidates"][0]
    chosen["preparation"][-1] |= changes
    chosen["saving"] = {"tokens": {"image": 1510}, "usd": "0.003775"}
    text = " ".join(render(document, width=160, colour=False).split())
    assert words in text
    assert "saves 1,510 tokens of image, $0.003775" in text


def test_the_chosen_one_has_its_reason() -> None:
    """The first sentence says what would be sent, for how much, and why that one."""
    text = " ".join(render(photo(), width=100, colour=False).split())
    assert "Chosen: openai/gpt-4o for $0.00494, the only one that can carry it with the keys at hand" in text
    assert ", standby aside." in text
    document = photo()
    second = document["candidates"][0] | {"model": "openai/gpt-4o-mini", "verdict": "dearer"}
    document["candidates"].insert(1, second | {"reason": {"code": "dearer", "message": "$1 more"}})
    text = " ".join(render(document, width=100, colour=False).split())
    assert "the cheapest of 2 that can carry it with the keys at hand." in text


def test_a_key_that_would_change_the_choice() -> None:
    """What another key would do stands second: what it saves, or what it costs where it saves nothing."""
    document = photo()
    assert (
        "ANTHROPIC_API_KEY it would be" in render(document, width=200, colour=False, key=KEY).splitlines()[1]
    )
    (cheaper,) = (item for item in document["candidates"] if item["model"] == KEY.model)
    cheaper["cost_usd"]["expected"] = "0.0009425"
    second = render(document, width=200, colour=False, key=KEY).splitlines()[1]
    said = f"Cheaper still with ANTHROPIC_API_KEY: {KEY.model} for $0.000942, which saves $0.00400."
    assert said == second


def test_what_high_assumes() -> None:
    """The upper bound is explained, with what would make it smaller."""
    text = " ".join(render(photo(), width=100, colour=False).split())
    assert "HIGH assumes the most output that the model may write: --max-tokens" in text


@given(name=st.text(max_size=40), message=st.text(max_size=60), width=st.integers(1, 120))
def test_text_cannot_steer_a_terminal(name: str, message: str, width: int) -> None:
    """Whatever stands in a name or a reason, the output holds printable text and line ends, none too wide."""
    document: dict[str, Any] = {
        "model": name,
        "chosen": None,
        "parts": [{"index": 0, "kind": "other", "mime": name, "bytes": 1, "file": name}],
        "candidates": [
            {"model": name, "verdict": "rejected", "reason": {"code": "x", "message": message, "part": 0}}
        ],
    }
    text = render(document, width=width, colour=False)
    assert all(letter.isprintable() or letter == "\n" for letter in text)
    assert all(cells(line) <= max(width, 1) for line in text.split("\n"))
