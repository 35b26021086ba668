"""Base64 in and out of bodies, with Python's own as witness."""

import base64
import binascii
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway import _core

LIMITS = _core.Limits()

#: Bytes that no magic number begins, as many as blocks of all kinds take.
DATA = st.binary(max_size=600).map(lambda data: b"\0" + data)


def read(text: str) -> bytes | None:
    """What the gateway makes of it in a data URL, None where it refuses."""
    body = json.dumps({"url": f"data:application/octet-stream;base64,{text}"}).encode()
    try:
        return _core.scan(body, LIMITS).media[0].data()
    except _core.Refusal as refusal:
        if refusal.code == "media_invalid_base64":
            return None
        raise


def witness(text: str) -> bytes | None:
    """What Python makes of it. It tolerates unused bits that are set, so it has to write the same again."""
    padded = text if len(text) % 4 == 0 else text + "=" * (-len(text) % 4)
    try:
        data = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if text in {again := base64.b64encode(data).decode(), again.rstrip("=")} else None


@given(DATA, st.integers(0, 3))
def test_reads_what_python_writes(data: bytes, padding: int) -> None:
    """With all its padding or with none, and not with half of it."""
    text = base64.b64encode(data).decode()
    bare = text.rstrip("=")
    given = bare + "=" * padding
    assert (data if given in {text, bare} else None) == read(given)


@given(DATA, st.integers(0, 800), st.characters(max_codepoint=0x7F))
@example(b"\0" * 96, 127, "=")
@example(b"\0" * 97, 129, "B")
def test_refuses_what_python_refuses(data: bytes, at: int, character: str) -> None:
    """One character exchanged for any other: both read the same bytes or both read none."""
    text = base64.b64encode(data).decode()
    at %= len(text)
    text = text[:at] + character + text[at + 1 :]
    assert witness(text) == read(text)


@pytest.mark.parametrize("size", [*range(1, 200), 6143, 6144, 6145, 1_000_003])
def test_writes_what_python_writes(size: int) -> None:
    """A medium put into a body is written as Python writes it, whatever its length."""
    data = b"\0" + bytes(at * 7 % 251 for at in range(size - 1))
    document = _core.scan(json.dumps({"url": "data:;base64,AAAA"}).encode(), LIMITS)
    out = json.loads(document.splice({}, {0: _core.Media(data)}))
    assert base64.b64encode(data).decode() == out["url"].partition("base64,")[2]
