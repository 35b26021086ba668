"""The answer reader on bytes alone: any chunking, any nonsense, any size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.http_answer import AnswerReader
from gateway.adapters.http_message import HEAD_BYTES
from gateway.errors import UpstreamError

LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nX-A:  b \r\n\r\nhello world"
CHUNKED = (
    b"HTTP/1.1 103 Early\r\nlink: </x>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    b"5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nx-trailer: 1\r\n\r\n"
)
CLOSE = b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello world"
EMPTY = b"HTTP/1.1 204 No Content\r\n\r\n"


def read(pieces: list[bytes], *, end: bool = False, max_bytes: int = 1000) -> tuple[int, bytes, bool]:
    """Status, body and completeness of an answer that comes in these pieces."""
    reader = AnswerReader(max_bytes)
    body = b""
    for piece in pieces:
        reader.feed(piece)
        body += reader.take()
    if end:
        reader.end()
    return reader.status, body, reader.complete


def refusal(pieces: list[bytes], *, end: bool = False, max_bytes: int = 1000) -> str:
    """The code with which an answer is refused."""
    with pytest.raises(UpstreamError) as caught:
        read(pieces, end=end, max_bytes=max_bytes)
    return caught.value.code


@pytest.mark.parametrize(
    "answer", [LENGTH, CHUNKED, CLOSE, EMPTY], ids=["length", "chunked", "close", "empty"]
)
def test_any_chunking_gives_the_same_answer(answer: bytes) -> None:
    """Divided at each byte, and fed byte by byte, an answer is the same."""
    end = answer is CLOSE
    whole = read([answer], end=end)
    assert whole == (204, b"", True) if answer is EMPTY else (200, b"hello world", True)
    for at in range(len(answer)):
        assert whole == read([answer[:at], answer[at:]], end=end)
    assert whole == read([answer[i : i + 1] for i in range(len(answer))], end=end)


@pytest.mark.parametrize("answer", [LENGTH, CHUNKED])
def test_an_end_at_any_byte_is_noticed(answer: bytes) -> None:
    """An answer cut before its last byte is incomplete; cut before its first it never was."""
    assert refusal([], end=True) == "upstream_reset"
    for at in range(1, len(answer)):
        assert refusal([answer[:at]], end=True) == "upstream_incomplete"
    assert read([answer], end=True)[2]


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 2\r\ncontent-length: 2",
        b"content-length: 2\r\ncontent-length: 3",
        b"content-length: 2, 2",
        b"content-length: +2",
        b"content-length: -1",
        b"content-length: 99999999999999999999",
        b"content-length: 1001",
        b"content-length: 2\r\ntransfer-encoding: chunked",
        b"transfer-encoding: gzip, chunked",
        b"transfer-encoding: identity",
        b"transfer-encoding: chunked\r\ntransfer-encoding: chunked",
        b"content-encoding: gzip\r\ncontent-length: 2",
        b"content-encoding: br\r\ncontent-length: 2",
        b"no colon",
        b"x-a : 1",
        b"x-a: 1\r\n folded",
        b"x-a: nul\0",
        b"x-a: 1\nx-b: 2",
    ],
)
def test_doubtful_heads_are_refused(head: bytes) -> None:
    """A head that two readers could frame in two ways is no answer."""
    assert refusal([b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n{}"]) == "upstream_invalid_answer"


def test_heads_are_bounded() -> None:
    """64 KiB, 100 headers and 16 interim heads are the most an answer may begin with."""
    start = b"HTTP/1.1 200 OK\r\n"
    line = b"x-%05d: " + b"y" * 990 + b"\r\n"
    big = start + b"".join(line % n for n in range(66)) + b"\r\n"
    assert refusal([big]) == "upstream_invalid_answer"
    assert refusal([start, b"x: ", *[b"y" * 1000] * 70]) == "upstream_invalid_answer"
    many = start + b"".join(b"x-%d: 1\r\n" % n for n in range(101)) + b"\r\n"
    assert refusal([many]) == "upstream_invalid_answer"
    interim = b"HTTP/1.1 103 Early\r\n\r\n"
    assert refusal([interim * 17 + LENGTH]) == "upstream_invalid_answer"
    assert read([interim * 16 + LENGTH]) == (200, b"hello world", True)
    assert (
        refusal([b"HTTP/1.1 101 Switch\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"])
        == "upstream_invalid_answer"
    )


def test_a_large_body_behind_a_head_in_one_piece_is_no_large_head() -> None:
    """The cap of the head counts the head alone."""
    body = b"z" * (4 * HEAD_BYTES)
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body
    assert read([answer], max_bytes=10**6) == (200, body, True)


def test_bodies_and_their_framing_are_bounded() -> None:
    """The cap holds for chunks too, and framing without body ends somewhere."""
    chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"64\r\n" + b"z" * 100 + b"\r\n"
    assert refusal([chunked, *[chunk] * 11]) == "upstream_invalid_answer"
    assert read([chunked, *[chunk] * 10, b"0\r\n\r\n"])[2]
    assert refusal([chunked, b"1;", *[b"e" * 1000] * 200]) == "upstream_invalid_answer"
    assert (
        refusal([chunked, b"0\r\n", *[b"x-t: " + b"e" * 1000 + b"\r\n"] * 200]) == "upstream_invalid_answer"
    )


def test_bytes_after_the_end_spoil_the_connection_not_the_answer() -> None:
    """What follows a complete answer is remembered as surplus and read by nobody."""
    for tail in (b"x", LENGTH, b"\r\n\r\nHTTP/1.1 200 OK\r\n"):
        for pieces in ([LENGTH + tail], [LENGTH, tail]):
            reader = AnswerReader(1000)
            for piece in pieces:
                reader.feed(piece)
            assert (True, b"hello world") == (reader.surplus, reader.take())


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        (LENGTH, True),
        (CHUNKED, True),
        (LENGTH.replace(b"HTTP/1.1", b"HTTP/1.0"), False),
        (LENGTH.replace(b"X-A:  b", b"Connection: close"), False),
    ],
)
def test_keep_alive_is_what_the_answer_says(answer: bytes, *, kept: bool) -> None:
    """The version and the Connection header decide."""
    reader = AnswerReader(1000)
    reader.feed(answer)
    assert kept == reader.keep_alive


@given(st.lists(st.binary(max_size=80)), st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", CHUNKED[:70], LENGTH]))
def test_nonsense_is_refused_and_nothing_worse(pieces: list[bytes], start: bytes) -> None:
    """Whatever comes, the reader answers with a row of the table or an answer within its caps."""
    reader = AnswerReader(100)
    code = ""
    try:
        for piece in [start, *pieces]:
            reader.feed(piece)
        reader.end()
    except UpstreamError as fault:
        code = fault.code
    assert code in {"", "upstream_invalid_answer", "upstream_incomplete", "upstream_reset"}
    assert code or len(reader.take()) <= 100
