"""Weigh: what is in a request, read from its JSON."""

import base64
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from gateway import _core
from gateway.dialects import DIALECTS
from gateway.media.weigh import weigh
from gateway.types.weight import Encoding, Requirements

CONTAINERS = Path(__file__).parent.parent / "golden" / "containers"
BOTH: frozenset[Encoding] = frozenset({"o200k_base", "cl100k_base"})


def png(width: int, height: int, exif: bytes = b"") -> bytes:
    """A PNG whose header claims a size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    extra = chunk(b"eXIf", exif) if exif else b""
    rows = zlib.compress(b"\0" * (1 + 3 * width) * height)
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def url(data: bytes, mime: str = "image/png") -> str:
    """A data URL."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def weighed(*messages: dict[str, Any], dialect: str = "openai_chat", **members: Any) -> Requirements:
    """The requirements of a body."""
    body = json.dumps({"model": "m", "messages": list(messages), **members}).encode()
    return weigh(DIALECTS[dialect].read_request(_core.scan(body, _core.Limits())), BOTH)


def user(*parts: dict[str, Any]) -> dict[str, Any]:
    """A user message of parts."""
    return {"role": "user", "content": list(parts)}


def image(data: bytes, **more: Any) -> dict[str, Any]:
    """An image part."""
    return {"type": "image_url", "image_url": {"url": url(data), **more}}


def test_text_is_counted_in_each_family() -> None:
    """Roles, names and texts are counted; the counts are those of the tokenizer itself."""
    load = weighed({"role": "user", "name": "ann", "content": "Ein schöner Tag!"})
    for encoding in BOTH:
        expected = _core.count_tokens_batch(["user", "ann", "Ein schöner Tag!"], encoding)
        assert expected == load.text.tokens[encoding]
    assert (1, 1) == (load.text.messages, load.text.names)


def test_text_beyond_the_cap_is_estimated_and_says_so() -> None:
    """Two megabytes are counted; a longer text has an error, and its scripts are known either way."""
    short, long = (weighed(user({"type": "text", "text": "weigh it " * times})) for times in (10, 300_000))
    assert {"o200k_base": 0, "cl100k_base": 0} == short.text.errors
    assert 0 < long.text.errors["o200k_base"] < long.text.tokens["o200k_base"]
    assert {"latin"} == set(short.text.scripts) == set(long.text.scripts)


def test_image_facts() -> None:
    """Index, type, size, detail; the text round it is not the image."""
    load = weighed(user({"type": "text", "text": "what?"}, image(png(40, 30), detail="low")))
    (fact,) = load.media
    assert (0, "image", "image/png", 40, 30, "low", False) == (
        fact.index,
        fact.modality,
        fact.mime,
        fact.width,
        fact.height,
        fact.detail,
        fact.in_tool_result,
    )
    assert len(png(40, 30)) == fact.size
    assert load.text.tokens == weighed(user({"type": "text", "text": "what?"})).text.tokens


@pytest.mark.parametrize(
    ("orientation", "expected"), [(1, (40, 30)), (3, (40, 30)), (6, (30, 40)), (8, (30, 40))]
)
def test_sizes_are_upright(orientation: int, expected: tuple[int, int]) -> None:
    """EXIF orientations 5 to 8 swap width and height."""
    exif = b"II*\0\x08\0\0\0" + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    (fact,) = weighed(user(image(png(40, 30, exif)))).media
    assert (orientation, *expected) == (fact.orientation, fact.width, fact.height)


def file(name: str, mime: str) -> dict[str, Any]:
    """A file part with a golden container."""
    data = (CONTAINERS / name).read_bytes()
    return {"type": "file", "file": {"filename": name, "file_data": url(data, mime)}}


@pytest.mark.parametrize(
    ("name", "pages"),
    [("five.pdf", 5), ("two-hundred-packed.pdf", 200), ("eight-saved-twice.pdf", 8), ("encrypted.pdf", None)],
)
def test_pages_of_a_pdf_are_counted(name: str, pages: int | None) -> None:
    """Pages come from the document's own tree, packed or saved twice; an encrypted one tells none."""
    (fact,) = weighed(user(file(name, "application/pdf"))).media
    assert ("document", "application/pdf", pages, None) == (
        fact.modality,
        fact.mime,
        fact.pages,
        fact.seconds,
    )


def test_seconds_of_sound_are_counted() -> None:
    """The duration is that of the header, for sound as for film."""
    audio = {"data": base64.b64encode((CONTAINERS / "tone.wav").read_bytes()).decode(), "format": "wav"}
    parts = [{"type": "input_audio", "input_audio": audio}, file("film.mp4", "video/mp4")]
    facts = weighed(user(*parts)).media
    assert [("audio", 0.75, None), ("video", 1.3, None)] == [
        (fact.modality, fact.seconds, fact.pages) for fact in facts
    ]


def test_features() -> None:
    """What a candidate must be able to do beyond reading."""
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    load = weighed(
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
        tools=[tool],
        tool_choice="required",
        stream=True,
        n=2,
        response_format={"type": "json_object"},
    )
    assert {"system", "tools", "streaming", "choices", "schema"} == load.features
    assert load.text.tools_forced
    assert 2 == load.choices


def test_plain_request_has_no_features() -> None:
    """Nothing is asked of a candidate that the request does not use."""
    load = weighed({"role": "user", "content": "hi"}, max_tokens=7)
    assert (frozenset(), 7, {"o200k_base": 0, "cl100k_base": 0}) == (
        load.features,
        load.max_output_tokens,
        load.text.tools,
    )


def test_tool_results_are_messages_of_their_own() -> None:
    """On the wire each tool result is one message, and so it is counted; its images are marked."""
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    load = weighed(
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": None, "tool_calls": [call, {**call, "id": "d"}]},
        {"role": "tool", "tool_call_id": "c", "content": "one"},
        {"role": "tool", "tool_call_id": "d", "content": "two"},
    )
    assert 4 == load.text.messages


def test_image_in_a_tool_result_is_marked() -> None:
    """Some targets take images from the user alone."""
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(png(8, 8)).decode()}
    load = weighed(
        {"role": "user", "content": "look"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "see", "input": {}}]},
        user({"type": "tool_result", "tool_use_id": "t", "content": [{"type": "image", "source": source}]}),
        dialect="anthropic_messages",
        max_tokens=9,
    )
    assert [True] == [fact.in_tool_result for fact in load.media]


def test_order_of_media_is_that_of_the_messages() -> None:
    """Ordinals follow the document, over all messages."""
    load = weighed(user(image(png(1, 1)), image(png(2, 2))), user(image(png(3, 3))))
    assert [(0, 1), (1, 2), (2, 3)] == [(fact.index, fact.width) for fact in load.media]
