"""YAML into plain values with lines."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config.mistakes import ConfigError
from gateway.config.text import MOST_BYTES, read


def messages(data: bytes) -> list[tuple[int | None, str]]:
    try:
        _, notes = read(data, "f.yaml")
        notes.check()
    except ConfigError as error:
        return [(mistake.line, mistake.message) for mistake in error.mistakes]
    return []


def test_values_are_what_they_look_like() -> None:
    """Text that YAML 1.1 takes for a boolean, a time or an octal number stays text or decimal."""
    source, _ = read(b"a: off\nb: 1:30\nc: 010\nd: 0.10\ne: true\nf: ~\ng: 2026-11-21\nh:\n", "f.yaml")
    expected = {
        "a": "off",
        "b": "1:30",
        "c": 10,
        "d": Decimal("0.10"),
        "e": True,
        "f": None,
        "g": "2026-11-21",
        "h": None,
    }
    assert expected == source.value
    assert "0.10" == str(source.value["d"])


def test_every_place_has_its_line() -> None:
    """A place in flow style, in a list, or under a key has the line where it begins."""
    source, _ = read(b"a:\n  b: [x,\n    y]\n  c:\n    - d: 1\n      e: 2\n", "f.yaml")
    expected = {
        (): 1,
        ("a",): 1,
        ("a", "b"): 2,
        ("a", "b", 0): 2,
        ("a", "b", 1): 3,
        ("a", "c"): 4,
        ("a", "c", 0): 5,
        ("a", "c", 0, "d"): 5,
        ("a", "c", 0, "e"): 6,
    }
    assert expected == source.lines


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"---\n", b"~\n", b"\xef\xbb\xbf# mark\n"])
def test_an_empty_file_is_an_empty_configuration(data: bytes) -> None:
    """No value at all is the same as no keys."""
    assert {} == read(data, "f.yaml")[0].value


def test_anchors_cannot_explode() -> None:
    """A few lines of anchors that stand for millions of values are refused before they are built."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    ((_, message),) = messages("\n".join(lines).encode())
    assert message.startswith("more than 20000 values")


@pytest.mark.parametrize("data", [b"[" * 1500, b"a: " + b"{b: " * 200 + b"1" + b"}" * 200, b"a: &a [*a]"])
def test_depth_is_bounded(data: bytes) -> None:
    """Deep nesting, and an anchor that holds itself, are a mistake and no crash."""
    assert messages(data)


def test_a_huge_file_is_refused_unread() -> None:
    """A file larger than any configuration is refused by its size."""
    assert [(None, "larger than 1024 KiB: not a configuration")] == messages(b"#" * (MOST_BYTES + 1))


def test_a_control_character_has_its_line() -> None:
    """Characters that no editor shows are refused with their line."""
    assert 3 == messages(b"a: 1\nb: 2\nc: \x07\n")[0][0]


def test_no_message_quotes_the_file() -> None:
    """The parser's own words, which may quote the file, are never passed on."""
    secret = "THIS-MUST-NEVER-SHOW"
    for text in (
        f"a: *{secret}",
        f"a: !{secret}x y",
        f'a: "\\{secret}"',
        f"%{secret} x\n---\na: 1",
        f"? {secret}",
    ):
        found = messages(text.encode())
        assert secret not in str(found)


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Whatever the bytes, there are values or mistakes, never another exception."""
    messages(data)


@given(st.text(st.sampled_from("abc:,-[]{}&*!|>'\"%@`#?~ \n\t\\0159."), max_size=80))
def test_any_yaml(text: str) -> None:
    """Whatever YAML's own characters make, there are values or mistakes, never another exception."""
    messages(text.encode())
