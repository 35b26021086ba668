"""Server-sent events and the gathering of streamed fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core
from gateway.dialects.frames import count, merge, sse
from tests.dialects.samples import LAW


@LAW
@given(
    st.binary().filter(lambda data: b"\r" not in data),
    st.none() | st.from_regex(r"[a-z_]{1,20}", fullmatch=True),
)
def test_what_is_written_is_read_again(data: bytes, event: str | None) -> None:
    """An event of any data comes out of the reader as it went in."""
    assert [(event, data)] == _core.SseReader().feed(sse(data, event))


@pytest.mark.parametrize(
    ("held", "given", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": "x"}, {"a": "y"}, {"a": "xy"}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": {"b": [1]}}, {"a": {"b": [2], "c": "z"}}, {"a": {"b": [1, 2], "c": "z"}}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": 1}, {"a": None}, {"a": 1}),
        ({}, {"a": None}, {"a": None}),
    ],
)
def test_streamed_fields_are_gathered(held: Any, given: Any, expected: Any) -> None:
    """Texts and lists go on, objects merge, all else is replaced, and null says nothing."""
    merge(held, given)
    assert expected == held


def test_gathering_leaves_what_was_given_alone() -> None:
    """Events are frozen: what grows is a copy."""
    given = {"a": {"b": [1]}}
    held: dict[str, Any] = {}
    merge(held, given)
    merge(held, given)
    assert held == {"a": {"b": [1, 1]}}
    assert given == {"a": {"b": [1]}}


@pytest.mark.parametrize("value", [-1, True, 1.5, "3", None, 1 << 41, float("inf"), float("nan"), [], {}])
def test_what_cannot_be_a_count_is_none(value: Any) -> None:
    """Negative, fractional, absurd and foreign values are not counts."""
    assert count(value) is None
