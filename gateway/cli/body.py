"""Files into the body of one chat completion, each by its first bytes, as a client would send them."""

import base64
import json
from collections.abc import Sequence
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

# What files can be weighed as, beside a chat.
Kind: TypeAlias = Literal["transcription", "speech", "embedding"]

# First bytes -> MIME type, for what travels as a data URL of an image.
_IMAGES: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_HEIC: Final = frozenset({b"heic", b"heix", b"mif1", b"avif"})
_PDF_WITHIN: Final = 1024


class UnfitError(ValueError):
    """A file that no part of a chat completion can carry."""


class File(Struct, frozen=True):
    """A file as given on the command line."""

    name: str
    data: bytes


def chat_body(
    model: str, prompt: str | None, files: Sequence[File], max_tokens: int | None = None
) -> tuple[bytes, list[str]]:
    """The JSON body, and the names of the files that became media, in their order.

    `max_tokens` bounds the answer; unsaid, the model's own limit does.
    Raises `UnfitError` with the name of the first file that fits nowhere.
    """
    content: list[dict[str, Any]] = [{"type": "text", "text": prompt}] if prompt else []
    media: list[str] = []
    for file in files:
        part = _part(file)
        content.append(part)
        if part["type"] != "text":
            media.append(file.name)
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": content}]}
    if max_tokens is not None:
        body["max_tokens"] = max_tokens
    return json.dumps(body, ensure_ascii=False).encode(), media


def service_body(
    kind: Kind, model: str, prompt: str | None, files: Sequence[File]
) -> tuple[bytes, list[str]]:
    """The JSON body of a recording to be written down, or of texts to be spoken or embedded.

    With it the names of the files that became media.
    Raises `UnfitError` with the name of the first file that does not fit.
    """
    if kind == "transcription":
        if len(files) != 1 or _audio(files[0].data) is None:
            raise UnfitError("a transcription is of one FILE of sound: WAV or MP3")
        recording = {"filename": files[0].name, "file_data": _base64(files[0].data)}
        body: dict[str, Any] = {"model": model, "file": recording} | ({"prompt": prompt} if prompt else {})
        return json.dumps(body, ensure_ascii=False).encode(), [files[0].name]
    for file in files:
        if (
            _image(file.data) is not None
            or b"%PDF-" in file.data[:_PDF_WITHIN]
            or _audio(file.data) is not None
        ):
            raise UnfitError(f"{file.name!a} is no text: speech and embeddings are made of text alone")
    texts = [*([prompt] if prompt else []), *map(_text, files)]
    body = {"model": model, "input": texts}
    if kind == "speech":
        body |= {"input": "\n".join(texts), "voice": ""}
    return json.dumps(body, ensure_ascii=False).encode(), []


def _part(file: File) -> dict[str, Any]:
    mime = _image(file.data)
    if mime is not None:
        return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{_base64(file.data)}"}}
    if b"%PDF-" in file.data[:_PDF_WITHIN]:
        data = f"data:application/pdf;base64,{_base64(file.data)}"
        return {"type": "file", "file": {"filename": "document.pdf", "file_data": data}}
    audio = _audio(file.data)
    if audio is not None:
        return {"type": "input_audio", "input_audio": {"data": _base64(file.data), "format": audio}}
    return {"type": "text", "text": _text(file)}


def _image(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "image/avif" if data[8:12] == b"avif" else "image/heic"
    # "BM" alone begins many a text: a bitmap's size field follows, whose high byte no text has.
    found = next((mime for magic, mime in _IMAGES if data.startswith(magic)), None)
    return None if found == "image/bmp" and data[5:10] != bytes(5) else found


def _audio(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    frame = len(data) > 1 and data[0] == 0xFF and data[1] & 0xE6 == 0xE2  # noqa: PLR2004 - sync and layer III
    return "mp3" if frame or data[:3] == b"ID3" else None


def _text(file: File) -> str:
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UnfitError(
            f"{file.name!a} is no image, PDF, WAV, MP3 or UTF-8 text: a chat completion cannot carry it"
        )
    return text


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
