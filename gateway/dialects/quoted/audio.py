"""What is to be said, and what is to be heard. Parameters that no price depends on stay in the rest."""

from typing import Final

from gateway._core import Document
from gateway.dialects.fields import Body, Fields, invalid
from gateway.dialects.openai_chat.content import read_base64
from gateway.types.request import MediaPart, Message, Part, Request, TextPart

_MOST_CHARACTERS: Final = 1_000_000


def read_speech(document: Document) -> Request:
    """`/v1/audio/speech`: a text that is to be said."""
    top = Body(document).members()
    text = top.name("input")
    if len(text) > _MOST_CHARACTERS:
        raise invalid("input", f"must have at most {_MOST_CHARACTERS:,} characters")
    instructions = top.string("instructions")
    parts = (TextPart(text), *([TextPart(instructions)] if instructions else []))
    return _request(document, top, "speech", parts)


def read_transcription(document: Document) -> Request:
    """`/v1/audio/transcriptions` and `/translations`: a recording that is to be written down.

    As JSON, where the endpoints themselves take a form: `{"model": ..., "file": {"file_data": BASE64}}`.
    """
    top = Body(document).members()
    file = top.nested(top.need("file"), "file")
    media = MediaPart(read_base64(file, "file_data", "audio"), name=file.string("filename"))
    prompt = top.string("prompt")
    return _request(document, top, "transcription", (*([TextPart(prompt)] if prompt else []), media))


def _request(document: Document, top: Fields, operation: str, parts: tuple[Part, ...]) -> Request:
    return Request(
        operation="speech" if operation == "speech" else "transcription",
        dialect="openai_chat",
        model=top.name("model"),
        messages=(Message("user", parts),),
        document=document,
        rest=top.rest(),
    )
