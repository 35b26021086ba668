"""Frames between the gateway and its processes: four bytes of length (big endian), then MessagePack.

Data only, in a closed set of shapes: a process that was taken over by a hostile file can send wrong
text, and nothing else. It never sends words for an error message: it names a reason, we own the words.
"""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

HEAD = 4
# A page of text is kilobytes; more than this from a process is a fault.
MAX_ANSWER = 16_777_216
# The largest body (50 MiB) decoded from base64, with room for the frame itself.
MAX_QUESTION = 67_108_864

Road: TypeAlias = Literal["text_layer", "ocr", "blank", "scan"]
Reason: TypeAlias = Literal["corrupt", "encrypted", "unsupported", "too_many_pages", "too_large"]


class ReaderSetup(Struct, frozen=True, tag="reader_setup"):
    """First frame to a reader. `memory` bytes of address space; `idle` seconds until it ends by itself;
    `pixels` per image; `dpi` of rasterised pages.
    """

    memory: int
    idle: float
    pages: int
    pixels: int
    dpi: int
    threads: int
    nice: int = 5


class LlamaSetup(Struct, frozen=True, tag="llama_setup"):
    """First frame to a language model's process. `model`: path of a GGUF; `context` in tokens."""

    memory: int
    model: str
    alias: str
    api_key: str
    context: int
    max_output_tokens: int
    threads: int
    nice: int = 5


class Medium(Struct, frozen=True):
    """One medium to read. `index`: its ordinal among the media of the request."""

    index: int
    kind: str
    mime: str
    data: bytes


class Job(Struct, frozen=True, tag="job"):
    """One request's media, and the CPU seconds that reading them may take.

    `layer_only`: pages without a good text layer are named (`scan`) and not read.
    """

    media: tuple[Medium, ...]
    cpu_seconds: int
    layer_only: bool = False


class Ready(Struct, frozen=True, tag="ready"):
    """The language model answers on this loopback port."""

    port: int


class Page(Struct, frozen=True, tag="page"):
    """Text of one page (an image is one page). `cpu_seconds`: of the job so far, loading excluded.

    `pictures`: there are pictures beside the text of its layer.
    """

    index: int
    page: int
    pages: int
    text: str
    road: Road
    cpu_seconds: float
    pictures: bool = False


class Refused(Struct, frozen=True, tag="refused"):
    """A medium that cannot be read. `figure`: what was counted (pages, pixels), where there is one."""

    index: int
    reason: Reason
    figure: int = 0


class Done(Struct, frozen=True, tag="done"):
    """Every page was sent."""

    cpu_seconds: float


class Failed(Struct, frozen=True, tag="failed"):
    """A fault of ours. `exception`: name of its type, for the log."""

    exception: str


Question: TypeAlias = ReaderSetup | LlamaSetup | Job
Answer: TypeAlias = Ready | Page | Refused | Done | Failed

_encoder = msgspec.msgpack.Encoder()
_question: msgspec.msgpack.Decoder[Question] = msgspec.msgpack.Decoder(Question)
_answer: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)


def encode(frame: Question | Answer) -> bytes:
    """A frame with its length in front."""
    payload = _encoder.encode(frame)
    return len(payload).to_bytes(HEAD, "big") + payload


def length(head: bytes, most: int) -> int:
    """Length of the payload that follows. Raises ValueError above `most` bytes."""
    size = int.from_bytes(head, "big")
    if size > most:
        raise ValueError("frame too long")
    return size


def question(payload: bytes) -> Question:
    """Decode what the gateway said. Raises msgspec.MsgspecError."""
    return _question.decode(payload)


def answer(payload: bytes) -> Answer:
    """Decode what a process said. Raises msgspec.MsgspecError."""
    return _answer.decode(payload)
