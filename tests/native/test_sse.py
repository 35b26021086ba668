"""`SseReader`: any chunking of a stream gives the same events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core

Events = list[tuple[str | None, bytes]]

STREAM = (
    b"\xef\xbb\xbf: hello\r\n\r\nevent: message_start\ndata: {'a':1}\n\ndata: one\r\ndata: two\r\rid: 7\n"
    b"retry: 10\ndata:three\xf0\x9f\x98\x80\n\nevent\ndata\n\n:ping\n\ndata: [DONE]\n\n"
)
EVENTS: Events = [
    ("message_start", b"{'a':1}"),
    (None, b"one\ntwo"),
    (None, b"three\xf0\x9f\x98\x80"),
    (None, b""),
    (None, b"[DONE]"),
]


def run(chunks: list[bytes]) -> tuple[Events, bool]:
    """All events of these chunks, and whether one is left unfinished."""
    reader = _core.SseReader()
    events = [event for chunk in chunks for event in reader.feed(chunk)]
    return events, reader.pending


def test_every_split() -> None:
    """Cut at any byte, or at every byte, the stream gives the same events."""
    assert (EVENTS, False) == run([STREAM])
    assert (EVENTS, False) == run([STREAM[at : at + 1] for at in range(len(STREAM))])
    for at in range(len(STREAM) + 1):
        assert (EVENTS, False) == run([STREAM[:at], STREAM[at:]])


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_chunking(cuts: list[int]) -> None:
    """Any set of cuts, empty chunks among them, changes nothing."""
    places = [0, *sorted(cuts), len(STREAM)]
    assert (EVENTS, False) == run([STREAM[a:b] for a, b in pairwise(places)])


@pytest.mark.parametrize(
    ("stream", "pending"),
    [
        (b"", False),
        (b"data: a\n\n", False),
        (b"data: a\n", True),
        (b"data: a", True),
        (b"event: x\n", True),
        (b"d", True),
        (b": comment", False),
        (b"\n\n", False),
    ],
)
def test_pending_tells_a_cut_stream(stream: bytes, pending: bool) -> None:
    """An end of stream in the middle of an event shows."""
    assert pending == run([stream])[1]


def test_cap() -> None:
    """An event over the cap is refused for good; whole events before it are given first."""
    for chunks in ([b"data: 1\n\ndata: 2345\n\n"], [b"data: 1\n\n", b"data: ", b"2345"]):
        reader = _core.SseReader(max_event_bytes=9)
        assert [(None, b"1")] == reader.feed(chunks[0])
        for chunk in chunks[1:-1]:
            assert [] == reader.feed(chunk)
        for chunk in (chunks[-1] if len(chunks) > 1 else b"", b"\n\ndata: 1\n\n"):
            with pytest.raises(_core.Refusal) as caught:
                reader.feed(chunk)
            assert "stream_event_too_large" == caught.value.code
        assert reader.pending


def test_a_line_without_end_is_bounded() -> None:
    """A line that never ends is refused at the first byte behind the cap."""
    reader = _core.SseReader()
    for _ in range(16):
        assert [] == reader.feed(bytes(65_536))
    with pytest.raises(_core.Refusal, match="1048576 bytes"):
        reader.feed(b"x")


def test_bad_utf8_is_passed_on() -> None:
    """Data are bytes: whoever parses them says what bad UTF-8 means; an event name is repaired."""
    assert ([("a\ufffd", b"\xff\xfe")], False) == run([b"event: a\xff\ndata: \xff\xfe\n\n"])


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_buffers(kind: type) -> None:
    """Every bytes-like chunk is taken."""
    assert [(None, b"a")] == _core.SseReader().feed(kind(b"data: a\n\n"))
