"""The reader's text in the shape of a chat completion."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core
from gateway.engines import answer, wire

_IMAGE = wire.Medium(0, "image", "image/png", b"")
_PDF = wire.Medium(3, "document", "application/pdf", b"")


def _page(index: int, text: str) -> wire.Page:
    return wire.Page(index, 1, 1, text, "ocr", 0.0)


def _compose(media: list[wire.Medium], pages: list[wire.Page], limit: int | None = None) -> str:
    composer = answer.Composer(media, limit)
    return "".join([*(composer.add(page) for page in pages), composer.finish()])


def test_one_medium_has_no_heading() -> None:
    """The text of a single medium is the whole answer; pages are parted by an empty line."""
    assert _compose([_PDF], [_page(3, "a"), _page(3, ""), _page(3, "b")]) == "a\n\nb"


def test_several_media_have_headings() -> None:
    """With several media each has a heading with its kind and place, and none is passed over."""
    expected = "[image 1 of 2]\nNo text found in this image.\n\n[document 2 of 2]\nb"
    assert expected == _compose([_IMAGE, _PDF], [_page(0, ""), _page(3, "b")])


def test_no_text_is_said_in_words() -> None:
    """A medium without text is answered in plain words, not with nothing."""
    assert _compose([_PDF], [_page(3, ""), _page(3, "")]) == "No text found in this document."


@given(st.text(max_size=200), st.integers(0, 30))
def test_the_limit_holds(text: str, limit: int) -> None:
    """No answer is longer than the limit in tokens, and a cut one is a prefix of the whole."""
    cut = _compose([_IMAGE], [_page(0, text)], limit)
    assert _core.count_tokens(cut, "o200k_base") <= limit
    assert _compose([_IMAGE], [_page(0, text)]).startswith(cut)


def test_completion_tokens_win() -> None:
    """`max_completion_tokens` is heard before the older `max_tokens`."""
    assert answer.Ask(max_tokens=9, max_completion_tokens=4).limit == 4


def test_plain_answer_has_openai_shape() -> None:
    """A plain answer holds every field that OpenAI's clients require."""
    envelope = answer.Envelope("chatcmpl-1", "read", 7)
    body = json.loads(envelope.whole("text", "stop", answer.usage(5, 0.12345)))
    assert body == {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 7,
        "model": "read",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "text"},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 0, "completion_tokens": 5, "total_tokens": 5, "cpu_seconds": 0.123},
    }


@pytest.mark.parametrize("text", ["a", "ä\nb\r\n\ndata: c", "\u2028"])
def test_a_chunk_is_one_event(text: str) -> None:
    """Whatever the text holds, a chunk is exactly one server-sent event that gives it back."""
    reader = _core.SseReader()
    [(name, data)] = reader.feed(answer.Envelope.new("read").delta({"content": text}))
    assert name is None
    assert text == json.loads(data)["choices"][0]["delta"]["content"]


def test_ids_differ() -> None:
    """Two answers never share an id."""
    assert answer.Envelope.new("read").id != answer.Envelope.new("read").id
