"""Logs: one record, one harmless line."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry.log import MAX_FIELD_BYTES, ROOT, cut, log_request, plain, set_up, where
from gateway.types.principal import Secret

ANYTHING = st.text(st.characters(codec=None, exclude_categories=()))


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """The gateway's log, for one test."""
    root = logging.getLogger(ROOT)
    before = (list(root.handlers), root.level, root.propagate)
    written = io.StringIO()
    set_up(written)
    yield written
    root.handlers, root.level, root.propagate = before


def only(stream: io.StringIO) -> dict[str, Any]:
    """The one line that was written."""
    (line,) = stream.getvalue().splitlines()
    found = json.loads(line)
    assert isinstance(found, dict)
    return found


def test_a_request_is_one_line(stream: io.StringIO) -> None:
    """Fields keep their types; money and names are plain."""
    log_request({"model": "openai/gpt-4o", "status": 200, "stream": True, "seconds": 0.5, "part": None})
    found = only(stream)
    assert {
        "model": "openai/gpt-4o",
        "status": 200,
        "stream": True,
        "seconds": 0.5,
        "part": None,
    }.items() <= found.items()
    assert ("info", "weighbridge.requests", "request") == (found["level"], found["logger"], found["message"])


@given(ANYTHING, ANYTHING)
def test_no_text_breaks_a_line(name: str, text: str) -> None:
    """Whatever a client sends, a record is one line of printable ASCII that parses."""
    root = logging.getLogger(ROOT)
    before = (list(root.handlers), root.level, root.propagate)
    written = io.StringIO()
    set_up(written)
    try:
        log_request({name: text, "user_agent": text})
    finally:
        root.handlers, root.level, root.propagate = before
    raw = written.getvalue()
    assert raw.endswith("\n")
    assert 1 == raw.count("\n")
    assert all(" " <= sign <= "~" for sign in raw[:-1])
    assert cut(text) == json.loads(raw)["user_agent"] or name == "user_agent"


def test_the_line_s_own_fields_are_not_overwritten(stream: io.StringIO) -> None:
    """A field named like one of ours does not forge it."""
    log_request({"level": "forged", "at": "forged"})
    found = only(stream)
    assert "info" == found["level"]
    assert "forged" != found["at"]


@given(ANYTHING.map(lambda text: text * 50))
def test_fields_are_cut(text: str) -> None:
    """No field is over 1 KiB."""
    assert len(cut(text).encode()) <= MAX_FIELD_BYTES


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Secret("canary"), "Secret('***')"),
        (b"\x89PNG canary", "11 bytes"),
        (float("nan"), "nan"),
        (float("inf"), "inf"),
        (True, True),
        ({"key": Secret("canary")}, "{'key': Secret('***')}"),
    ],
)
def test_values_that_json_does_not_hold(value: object, expected: object) -> None:
    """Secrets stay secret, bytes are only counted, no number breaks JSON."""
    assert expected == plain(value)


def test_an_exception_is_told_without_its_text(stream: io.StringIO) -> None:
    """Type and place of the exception and its cause, not the words, which may hold a secret."""

    def inner() -> None:
        raise ValueError("canary-one")

    def outer() -> None:
        try:
            inner()
        except ValueError as error:
            raise RuntimeError("canary-two") from error

    try:
        outer()
    except RuntimeError:
        logging.getLogger("weighbridge.path").exception("a request failed")
    found = only(stream)
    assert "RuntimeError at test_log.py:" in found["exception"]
    assert "from ValueError at test_log.py:" in found["exception"]
    assert "canary" not in stream.getvalue()


def test_an_endless_chain_of_causes_ends() -> None:
    """However deep the causes, the field is bounded."""
    error: Exception = ValueError("x")
    for _ in range(100):
        later = ValueError("x")
        later.__cause__ = error
        error = later
    assert 4 == where(error).count("ValueError")


def test_setting_up_twice_writes_once(stream: io.StringIO) -> None:
    """A reload does not double the lines."""
    set_up(stream)
    log_request({})
    assert only(stream)
