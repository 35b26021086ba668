"""`Document.splice`, `placeholder` and `fill`: bodies written from the client's own bytes."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core
from tests.native.test_scan import JSON, data_url

LIMITS = _core.Limits()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


def scan(body: bytes) -> _core.Document:
    """A document under the default caps."""
    return _core.scan(body, LIMITS)


@given(st.dictionaries(TEXT, JSON, max_size=5), st.sampled_from([None, 1, "\t"]))
def test_nothing_is_identity(value: dict[str, Any], indent: Any) -> None:
    """Splicing nothing gives the client's own bytes."""
    body = json.dumps(value, indent=indent).encode()
    assert body == scan(body).splice({}, {})


@given(
    st.dictionaries(TEXT, JSON, max_size=5),
    st.dictionaries(TEXT, st.none() | JSON.map(lambda value: [value]), max_size=4),
    st.sampled_from([None, 2]),
)
def test_members_read_back(value: dict[str, Any], changes: dict[str, Any], indent: Any) -> None:
    """The result reads as the old object with members set, added and removed."""
    texts = {k: None if v is None else json.dumps(v).encode() for k, v in changes.items()}
    out = scan(json.dumps(value, indent=indent).encode()).splice(texts)
    kept = {k: v for k, v in value.items() if changes.get(k, v) is not None or k not in changes}
    assert kept | {k: v for k, v in changes.items() if v is not None} == json.loads(out)
    assert out == scan(out).splice({})


def test_untouched_bytes_stay(png: bytes) -> None:
    """Whitespace, escapes and number spellings of what is not replaced survive."""
    url = data_url(png).replace("/", "\\/")
    body = f'{{ "model" : "a\\u0062" ,\n"t":1.50E0, "url":"{url}", "n": 1 }}'.encode()
    expected = body.replace(b'"a\\u0062"', b'"x"').replace(b'"n": 1 }', b'"n": 1,"user":"u" }')
    assert expected == scan(body).splice({"model": b'"x"', "user": b'"u"'})


def test_media_keep_their_form(png: bytes, jpeg: bytes) -> None:
    """A replaced medium is written as data URL or bare base64, as the client did, under its own type."""
    body = json.dumps({"url": data_url(png, "image/png"), "data": base64.b64encode(png).decode(), "x": 0})
    new = _core.Media(jpeg)
    out = json.loads(scan(body.encode()).splice({"x": b"1"}, {0: new, 1: new}))
    text = base64.b64encode(jpeg).decode()
    assert {"url": f"data:image/jpeg;base64,{text}", "data": text, "x": 1} == out


def test_members_may_hold_placeholders(png: bytes, jpeg: bytes) -> None:
    """A member re-written from the skeleton gets its media back: the client's own text, or the new one."""
    body = json.dumps({"m": [{"url": data_url(png)}, {"data": base64.b64encode(png).decode()}]}).encode()
    document = scan(body)
    member = json.dumps(json.loads(document.skeleton)["m"][::-1]).encode()
    kept = json.loads(document.splice({"m": member}))
    assert json.loads(body)["m"][::-1] == kept["m"]
    changed = json.loads(document.splice({"m": member}, {0: _core.Media(jpeg)}))
    assert {"url": data_url(jpeg, "image/jpeg")} == changed["m"][1]


@pytest.mark.parametrize("text", [b"", b'1,"admin":true', b"NaN", b"[1", b'{"a":1,"a":2}', b'"\xff"'])
def test_members_must_be_json(text: bytes) -> None:
    """A new member that is not one strict JSON value is a ValueError of the caller, not a broken body."""
    with pytest.raises(ValueError, match="not JSON"):
        scan(b'{"a":1}').splice({"a": text})


def test_unknown_medium(png: bytes) -> None:
    """Replacing a medium that the document has not is a ValueError."""
    with pytest.raises(ValueError, match="no medium 1"):
        scan(json.dumps({"url": data_url(png)}).encode()).splice({}, {1: _core.Media(png)})


def test_fill(png: bytes, jpeg: bytes) -> None:
    """A template of ours gets each medium in the form its placeholder asks for."""
    template = {
        "a": _core.placeholder(1, "data_url"),
        "b": [_core.placeholder(0, "base64"), "text", _core.placeholder(1, "base64")],
    }
    media = [_core.Media(png), _core.Media(jpeg)]
    encoded = [base64.b64encode(data).decode() for data in (png, jpeg)]
    expected = {"a": f"data:image/jpeg;base64,{encoded[1]}", "b": [encoded[0], "text", encoded[1]]}
    assert expected == json.loads(_core.fill(json.dumps(template).encode(), media))


def test_fill_refuses_what_it_cannot_place(png: bytes) -> None:
    """A placeholder without its medium, or inside a longer string, never leaves the process."""
    media = [_core.Media(png)]
    with pytest.raises(ValueError, match="no medium 1"):
        _core.fill(json.dumps([_core.placeholder(1, "base64")]).encode(), media)
    with pytest.raises(ValueError, match="does not fill its string"):
        _core.fill(json.dumps([_core.placeholder(0, "base64") + "!"]).encode(), media)
    with pytest.raises(ValueError, match="form"):
        _core.placeholder(0, "hex")  # type: ignore[arg-type]


def test_a_client_cannot_forge_a_placeholder(png: bytes) -> None:
    """A string of the placeholder's shape with another key is an ordinary string everywhere."""
    forged = "\0wb:" + "0" * 32 + ":0:url"
    body = json.dumps({"text": forged, "url": data_url(png)}).encode()
    document = scan(body)
    assert document.media_index(forged) is None
    assert forged == json.loads(document.splice({"x": json.dumps(forged).encode()}))["x"]
    assert [forged] == json.loads(_core.fill(json.dumps([forged]).encode(), document.media))


@given(st.lists(st.binary(max_size=100), max_size=5))
def test_filled_media_scan_back(datas: list[bytes]) -> None:
    """What `fill` writes, `scan` lifts again, byte for byte."""
    datas = [b"\0" + data for data in datas]
    template = json.dumps({"m": [{"url": _core.placeholder(n, "data_url")} for n in range(len(datas))]})
    out = _core.fill(template.encode(), [_core.Media(data) for data in datas])
    assert datas == [medium.data() for medium in scan(out).media]
