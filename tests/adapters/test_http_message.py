"""URLs, request heads and framing as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.http_message import Framing, Target, framing_of, target_of, write_head
from gateway.errors import GatewayError, UpstreamError
from gateway.types.call import UpstreamCall
from gateway.types.principal import Secret


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h/v1/x?y=1", Target("http", "h", 80, "h", "/v1/x?y=1")),
        ("https://H.example", Target("https", "h.example", 443, "h.example", "/")),
        ("https://h:443/", Target("https", "h", 443, "h", "/")),
        ("http://h:8000/v1", Target("http", "h", 8000, "h:8000", "/v1")),
        ("http://[::1]:80/a", Target("http", "::1", 80, "[::1]", "/a")),
    ],
)
def test_urls_lead_where_they_say(url: str, target: Target) -> None:
    """Scheme, host, port, Host header and target come of one parse."""
    assert target == target_of(url)


def test_the_head_is_what_was_asked_for() -> None:
    """Request line, Host, identity, the caller's headers, an agent and the length; secrets in the clear."""
    call = UpstreamCall("POST", "http://h/v1", (("authorization", Secret("Bearer k")), ("x-a", "é")), b"{}")
    expected = (
        "POST /v1 HTTP/1.1\r\nhost: h\r\naccept-encoding: identity\r\nauthorization: Bearer k\r\nx-a: é\r\n"
        "user-agent: weighbridge\r\ncontent-length: 2\r\n\r\n"
    )
    assert expected.encode("latin-1") == write_head(call, target_of(call.url))


def test_one_agent_no_length_for_nothing() -> None:
    """The caller's agent replaces ours, and a GET without a body has no length."""
    call = UpstreamCall("GET", "http://h/", (("user-agent", "a"),), b"")
    head = write_head(call, target_of(call.url))
    assert (1, 0) == (head.count(b"user-agent"), head.count(b"content-length"))


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_header_ends_its_line(name: str, value: str) -> None:
    """Any name and value are refused or make exactly one more line, and the refusal repeats neither."""
    call = UpstreamCall("GET", "http://h/", ((name, Secret(value)),), b"")
    bare = UpstreamCall("GET", "http://h/", (), b"")
    try:
        head = write_head(call, target_of(call.url))
    except GatewayError as fault:
        refusal = str(fault)
    else:
        refusal = ""
        lines = write_head(bare, target_of(bare.url)).count(b"\r\n")
        extra = 0 if name == "user-agent" else 1
        assert lines + extra == head.count(b"\r\n") == head.count(b"\n") == head.count(b"\r")
    assert refusal == "" or refusal.startswith("header_invalid: the ")


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"2"), (b"content-length", b"2")],
        [(b"content-length", b"2"), (b"transfer-encoding", b"chunked")],
        [(b"content-length", b"0x2")],
        [(b"content-length", b"")],
        [(b"transfer-encoding", b"chunked"), (b"transfer-encoding", b"chunked")],
        [(b"transfer-encoding", b"gzip")],
        [(b"content-encoding", b"gzip")],
    ],
)
def test_doubtful_framing_is_refused_by_us_too(headers: list[tuple[bytes, bytes]]) -> None:
    """What the parser below refuses we refuse by ourselves: its leniency is not ours to trust."""
    with pytest.raises(UpstreamError) as caught:
        framing_of(200, headers)
    assert caught.value.code == "upstream_invalid_answer"


def test_framing_without_headers_is_the_close() -> None:
    """No length and no chunks: the body ends with the connection, except where there is none."""
    assert Framing(None) == framing_of(200, [])
    assert Framing(0) == framing_of(204, [])
    assert Framing(7) == framing_of(200, [(b"content-length", b"7")])
    assert Framing(None, chunked=True) == framing_of(200, [(b"transfer-encoding", b"Chunked")])
