"""Files into a chat completion."""

import base64
import json
from typing import Any

import pytest

from gateway.cli.body import File, UnfitError, chat_body

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
WEBP = b"RIFF\x10\0\0\0WEBPVP8 "
WAV = b"RIFF\x10\0\0\0WAVEfmt "
MP3 = b"\xff\xfb\x90\x00" + b"\0" * 20
PDF = b"%PDF-1.7\n\xff\xfe"


def content(*files: File, prompt: str | None = None) -> list[dict[str, Any]]:
    body, _ = chat_body("auto", prompt, files)
    parts: list[dict[str, Any]] = json.loads(body)["messages"][0]["content"]
    return parts


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (WEBP, "image/webp"),
        (b"GIF89a" + bytes(10), "image/gif"),
        (b"II*\0" + bytes(10), "image/tiff"),
        (b"BM\x36\x10\0\0" + bytes(12), "image/bmp"),
        (bytes(4) + b"ftypheic" + bytes(8), "image/heic"),
    ],
)
def test_images_travel_as_data_urls(data: bytes, mime: str) -> None:
    """An image is told by its first bytes, whatever its name, and keeps every byte."""
    (part,) = content(File("misnamed.txt", data))
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    assert {"type": "image_url", "image_url": {"url": url}} == part


def test_pdf_travels_as_a_file() -> None:
    """A PDF becomes a file part; its name on this machine is not sent."""
    (part,) = content(File("secret-name.pdf", PDF))
    assert part["type"] == "file"
    assert part["file"]["filename"] == "document.pdf"
    assert part["file"]["file_data"] == "data:application/pdf;base64," + base64.b64encode(PDF).decode()


@pytest.mark.parametrize(
    ("data", "form"), [(WAV, "wav"), (MP3, "mp3"), (b"ID3\x04" + bytes(8), "mp3")], ids=["wav", "mp3", "id3"]
)
def test_audio_travels_as_input_audio(data: bytes, form: str) -> None:
    """WAV and MP3 become audio parts."""
    (part,) = content(File("a", data))
    audio = {"data": base64.b64encode(data).decode(), "format": form}
    assert {"type": "input_audio", "input_audio": audio} == part


@pytest.mark.parametrize("text", ["Grüße", "BM is a brand", "", "RIFF", "ID"])
def test_text_stays_text(text: str) -> None:
    """UTF-8 is a text part, also when it begins like the magic bytes of something else."""
    assert [{"type": "text", "text": text}] == content(File("a", text.encode()))


@pytest.mark.parametrize("data", [b"\0\1\2", b"\xff\xfe\x41\x00", b"\x1f\x8b\x08", b"OggS\0\2"])
def test_what_fits_nowhere_is_refused(data: bytes) -> None:
    """A file that no part can carry is named and refused, not sent as garbage."""
    with pytest.raises(UnfitError, match=r"'a\.bin' is no image"):
        content(File("a.bin", data))


def test_a_bound_of_the_answer() -> None:
    """The bound is said only when one was asked for."""
    assert "max_tokens" not in json.loads(chat_body("auto", "hi", [])[0])
    assert 5 == json.loads(chat_body("auto", "hi", [], 5)[0])["max_tokens"]


def test_prompt_first_then_files_in_order() -> None:
    """The question comes first, the files in the order given; media names come back for the table."""
    files = [File("b.png", PNG), File("note.txt", b"hi"), File("a.pdf", PDF)]
    body, media = chat_body("vision", "What?", files)
    document = json.loads(body)
    assert document["model"] == "vision"
    assert ["text", "image_url", "text", "file"] == [
        part["type"] for part in document["messages"][0]["content"]
    ]
    assert ["b.png", "a.pdf"] == media
