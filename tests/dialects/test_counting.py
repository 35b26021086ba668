"""The wire formats of the providers' counters."""

import pytest

from gateway.dialects.counting import COUNTERS, Asked
from gateway.providers import PROVIDERS

IMAGE = Asked("Look", b"\x89PNG", "image/png")
PAPER = Asked("Read", b"%PDF", "application/pdf")
DATA = {"image/png": "iVBORw==", "application/pdf": "JVBERg=="}


def test_every_row_names_a_counter_that_is_there() -> None:
    """A provider's counter is one of the table."""
    named = {row.counter for row in PROVIDERS.values() if row.counter}
    assert named == COUNTERS.keys()


@pytest.mark.parametrize("asked", [IMAGE, PAPER])
def test_anthropic(asked: Asked) -> None:
    """Messages, the medium before the text as its guide wants it; no `max_tokens`."""
    kind = "image" if asked is IMAGE else "document"
    source = {"type": "base64", "media_type": asked.mime, "data": DATA[asked.mime]}
    content = [{"type": kind, "source": source}, {"type": "text", "text": asked.text}]
    wanted = {"model": "m", "messages": [{"role": "user", "content": content}]}
    assert wanted == COUNTERS["anthropic_messages"].write("m", asked)


def test_responses() -> None:
    """The shape of Responses; a file has a name, an image its level of detail."""
    write = COUNTERS["openai_responses"].write
    (picture,) = write("m", IMAGE)["input"][0]["content"][1:]
    assert picture == {
        "type": "input_image",
        "image_url": f"data:image/png;base64,{DATA['image/png']}",
        "detail": "auto",
    }
    (paper,) = write("m", PAPER)["input"][0]["content"][1:]
    assert paper["type"] == "input_file"
    assert paper["file_data"] == f"data:application/pdf;base64,{DATA['application/pdf']}"
    assert [{"type": "input_text", "text": "x"}] == write("m", Asked("x"))["input"][0]["content"]


def test_gemini() -> None:
    """Parts with inline data; the model stands in the address, beside the OpenAI endpoint."""
    counter = COUNTERS["gemini"]
    inline = {"mime_type": "image/png", "data": DATA["image/png"]}
    assert {"contents": [{"role": "user", "parts": [{"text": "Look"}, {"inline_data": inline}]}]} == (
        counter.write("m", IMAGE)
    )
    base = PROVIDERS["gemini"].base_url
    assert counter.url(base, "gemini-x") == base.removesuffix("/openai") + "/models/gemini-x:countTokens"
    assert counter.url("http://proxy/v1beta", "m") == "http://proxy/v1beta/models/m:countTokens"


@pytest.mark.parametrize(
    ("body", "tokens"),
    [
        (b'{"input_tokens": 12, "object": "response.input_tokens"}', 12),
        (b'{"input_tokens": "12"}', None),
        (b'{"input_tokens": -1}', None),
        (b'{"totalTokens": 12}', None),
        (b"[12]", None),
        (b"<html>", None),
    ],
)
def test_a_number_or_none(body: bytes, tokens: int | None) -> None:
    """Only a count of tokens under its own name is one."""
    assert COUNTERS["openai_responses"].read(body) == tokens
