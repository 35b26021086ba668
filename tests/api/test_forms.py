"""A form becomes the JSON that says the same; another library writes the forms."""

import base64
import json
from typing import Any

import httpx
import pytest

from gateway.api.forms import as_json
from gateway.errors import GatewayError


def form(data: dict[str, Any], name: str, content: bytes, kind: str | None) -> tuple[bytes, str]:
    """The body and the content-type of a form with one file, as httpx sends it."""
    file = (name, content) if kind is None else (name, content, kind)
    request = httpx.Request("POST", "http://x/", data=data, files={"file": file})
    return request.read(), request.headers["content-type"]


def test_texts_and_file() -> None:
    """Members keep their names; the file becomes a data URL of its type under `file_data`."""
    body, kind = form({"model": "whisper-1", "prompt": "Ä\r\n--x"}, "a.wav", b"RIFF\0\r\n--", "audio/wav")
    found = json.loads(as_json(body, kind))
    assert {"model": "whisper-1", "prompt": "Ä\r\n--x"} == {k: v for k, v in found.items() if k != "file"}
    head, _, data = found["file"]["file_data"].partition(",")
    assert ("a.wav", "data:audio/wav;base64", b"RIFF\0\r\n--") == (
        found["file"]["filename"],
        head,
        base64.b64decode(data),
    )


def test_a_file_of_no_type_is_bare() -> None:
    """What names no type is told by its own first bytes: base64 alone."""
    body, kind = form({}, "a", b"abc", "application/octet-stream")
    assert base64.b64encode(b"abc").decode() == json.loads(as_json(body, kind))["file"]["file_data"]


def test_lists() -> None:
    """A name in brackets is a list, and so is one that comes twice."""
    body, kind = form({"granularities[]": "word", "tag": ["a", "b"]}, "a", b"", None)
    found = json.loads(as_json(body, kind))
    assert (["word"], ["a", "b"]) == (found["granularities"], found["tag"])


def test_a_large_file_touches_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever its size, it stays in memory: a container's root file system may be read-only."""
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    content = bytes(range(256)) * 4096
    body, kind = form({}, "a.wav", content, "audio/wav")
    data = json.loads(as_json(body, kind))["file"]["file_data"].partition(",")[2]
    assert content == base64.b64decode(data)


@pytest.mark.parametrize("cut", [0, 1, 30, -3])
def test_what_is_no_whole_form_is_refused(cut: int) -> None:
    """Empty, cut short, or without a boundary: one error, and never a part of it."""
    body, kind = form({"model": "m"}, "a.wav", b"RIFF", "audio/wav")
    with pytest.raises(GatewayError, match="form_invalid"):
        as_json(body[:cut], kind)
    with pytest.raises(GatewayError, match="names no boundary"):
        as_json(body, "multipart/form-data")


def test_many_parts_are_refused() -> None:
    """A form has a handful of members: thousands are an attack."""
    body, kind = form({str(number): "x" for number in range(1_000)}, "a", b"", None)
    with pytest.raises(GatewayError, match="form_invalid"):
        as_json(body, kind)


@pytest.mark.parametrize("charset", ["klingon", "hex", "unicode_escape"])
def test_a_charset_that_makes_no_text_is_refused(charset: str) -> None:
    """A part may name any coding; what it does not make text of is no form."""
    head = f'content-disposition: form-data; name="model"\r\ncontent-type: text/plain; charset={charset}'
    body = f"--x\r\n{head}\r\n\r\n+AGE-\\ud800\r\n--x--\r\n".encode()
    with pytest.raises(GatewayError, match="form_invalid"):
        as_json(body, "multipart/form-data; boundary=x")
