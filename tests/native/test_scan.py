"""`scan`: what is accepted, what is lifted, what is refused and where."""

import base64
import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core

LIMITS = _core.Limits()

#: Values that RFC 8259 allows, as they may stand in an object.
ACCEPTED = {
    "y_array_empty": b"[]",
    "y_array_of_arrays": b"[[],[[]]]",
    "y_array_whitespace": b" [ 1 ,\t2\r\n] ",
    "y_array_mixed": b'[null,1,"1",{}]',
    "y_object_empty": b"{}",
    "y_object_empty_key": b'{"":0}',
    "y_object_nul_key": rb'{"\u0000":0}',
    "y_object_same_key_in_siblings": b'[{"a":1},{"a":2}]',
    "y_object_same_key_nested": b'{"a":{"a":{"a":1}}}',
    "y_object_keys_differ_in_case": b'{"a":1,"A":2}',
    "y_number_zero": b"0",
    "y_number_minus_zero": b"-0",
    "y_number_fraction": b"0.5",
    "y_number_exponent": b"1E22",
    "y_number_signed_exponents": b"[1e-2,1e+2]",
    "y_number_close_to_zero": b"-0." + b"0" * 80 + b"1",
    "y_number_underflow": b"1e-999",
    "y_number_beyond_64_bit": b"123123123123123123123123123123",
    "y_string_empty": b'""',
    "y_string_escapes": rb'"\"\\\/\b\f\n\r\t"',
    "y_string_unicode_escapes": rb'"\u0060\u012a\u12AB"',
    "y_string_surrogate_pair": rb'"\uD801\udc37"',
    "y_string_escaped_nul": rb'"\u0000"',
    "y_string_escaped_noncharacter": rb'"\uFFFF"',
    "y_string_two_bytes": '"é"'.encode(),
    "y_string_four_bytes": '"😀"'.encode(),
    "y_string_delete": b'"\x7f"',
    "y_string_line_separator": '"\u2028\u2029"'.encode(),
    "y_string_bom_inside": '"\ufeff"'.encode(),
    "y_string_escaped_backslash_u": rb'"\\uD800"',
    "y_true": b"true",
    "y_false": b"false",
    "y_null": b"null",
}

#: Values that RFC 8259 forbids, or on which readers differ, with the code of the refusal.
REFUSED = {
    "n_array_trailing_comma": (b"[1,]", "body_invalid_json"),
    "n_array_double_comma": (b"[1,,2]", "body_invalid_json"),
    "n_array_leading_comma": (b"[,1]", "body_invalid_json"),
    "n_array_no_comma": (b"[1 2]", "body_invalid_json"),
    "n_array_colon": (b"[1:2]", "body_invalid_json"),
    "n_array_wrong_close": (b"[1}", "body_invalid_json"),
    "n_array_open": (b"[1", "body_invalid_json"),
    "n_object_trailing_comma": (b'{"a":1,}', "body_invalid_json"),
    "n_object_double_comma": (b'{"a":1,,"b":2}', "body_invalid_json"),
    "n_object_no_colon": (b'{"a" 1}', "body_invalid_json"),
    "n_object_two_colons": (b'{"a"::1}', "body_invalid_json"),
    "n_object_no_value": (b'{"a":}', "body_invalid_json"),
    "n_object_bare_key": (b"{a:1}", "body_invalid_json"),
    "n_object_single_quotes": (b"{'a':1}", "body_invalid_json"),
    "n_object_number_key": (b"{1:1}", "body_invalid_json"),
    "n_object_comma_for_colon": (b'{"a",1}', "body_invalid_json"),
    "n_object_duplicate": (b'{"a":1,"a":1}', "body_duplicate_key"),
    "n_object_duplicate_escaped": (rb'{"a":1,"\u0061":1}', "body_duplicate_key"),
    "n_object_duplicate_slash": (rb'{"a/":1,"a\/":1}', "body_duplicate_key"),
    "n_object_duplicate_astral": ('{"😀":1,"\\ud83d\\ude00":1}'.encode(), "body_duplicate_key"),
    "n_comment_block": (b"/* x */ 1", "body_invalid_json"),
    "n_comment_line": (b"1 // x\n", "body_invalid_json"),
    "n_number_leading_zero": (b"012", "body_invalid_json"),
    "n_number_minus_leading_zero": (b"-012", "body_invalid_json"),
    "n_number_minus": (b"-", "body_invalid_json"),
    "n_number_plus": (b"+1", "body_invalid_json"),
    "n_number_point_first": (b".5", "body_invalid_json"),
    "n_number_point_last": (b"1.", "body_invalid_json"),
    "n_number_point_exponent": (b"1.e1", "body_invalid_json"),
    "n_number_exponent_empty": (b"1e", "body_invalid_json"),
    "n_number_exponent_sign": (b"1e-", "body_invalid_json"),
    "n_number_two_points": (b"1.2.3", "body_invalid_json"),
    "n_number_hex": (b"0x10", "body_invalid_json"),
    "n_number_overflow": (b"1e400", "body_invalid_json"),
    "n_number_overflow_negative": (b"-1e400", "body_invalid_json"),
    "n_number_long": (b"9" * 129, "body_invalid_json"),
    "n_number_nan": (b"NaN", "body_invalid_json"),
    "n_number_infinity": (b"Infinity", "body_invalid_json"),
    "n_number_minus_infinity": (b"-Infinity", "body_invalid_json"),
    "n_number_fullwidth_digit": ("\uff11".encode(), "body_invalid_json"),
    "n_literal_capital": (b"True", "body_invalid_json"),
    "n_literal_cut": (b"tru", "body_invalid_json"),
    "n_literal_longer": (b"nulls", "body_invalid_json"),
    "n_literal_undefined": (b"undefined", "body_invalid_json"),
    "n_string_single_quotes": (b"'a'", "body_invalid_json"),
    "n_string_open": (b'"a', "body_invalid_json"),
    "n_string_open_after_backslash": (b'"a\\', "body_invalid_json"),
    "n_string_escape_x": (rb'"\x00"', "body_invalid_json"),
    "n_string_escape_a": (rb'"\a"', "body_invalid_json"),
    "n_string_escape_capital_u": (rb'"\U0041"', "body_invalid_json"),
    "n_string_escape_short": (rb'"\u00A"', "body_invalid_json"),
    "n_string_escape_not_hex": (rb'"\u00G0"', "body_invalid_json"),
    "n_string_escape_plus": (rb'"\u+041"', "body_invalid_json"),
    "n_string_high_surrogate": (rb'"\uD800"', "body_invalid_json"),
    "n_string_high_surrogate_then_text": (rb'"\uD800abcdef"', "body_invalid_json"),
    "n_string_two_high_surrogates": (rb'"\uD800\uD800"', "body_invalid_json"),
    "n_string_low_surrogate": (rb'"\uDC00"', "body_invalid_json"),
    "n_string_surrogates_swapped": (rb'"\uDC00\uD800"', "body_invalid_json"),
    "n_string_raw_newline": (b'"a\nb"', "body_invalid_json"),
    "n_string_raw_tab": (b'"\t"', "body_invalid_json"),
    "n_string_raw_nul": (b'"\x00"', "body_invalid_json"),
    "n_string_raw_escape_byte": (b'"\x1b[31m"', "body_invalid_json"),
    "n_utf8_lone_continuation": (b'"\x80"', "body_invalid_utf8"),
    "n_utf8_cut": (b'"\xe2\x82"', "body_invalid_utf8"),
    "n_utf8_overlong": (b'"\xc0\xaf"', "body_invalid_utf8"),
    "n_utf8_surrogate": (b'"\xed\xa0\x80"', "body_invalid_utf8"),
    "n_utf8_beyond_unicode": (b'"\xf4\x90\x80\x80"', "body_invalid_utf8"),
    "n_utf8_in_key": (b'{"\xff":1}', "body_invalid_utf8"),
    "n_structure_form_feed": (b"\x0c1", "body_invalid_json"),
    "n_structure_no_break_space": ("\u00a01".encode(), "body_invalid_json"),
    "n_structure_bom_inside": (b"\xef\xbb\xbf1", "body_invalid_json"),
    "n_structure_nul": (b"\x001", "body_invalid_json"),
    "n_structure_empty": (b"", "body_invalid_json"),
    "n_structure_extra_close": (b"[]]", "body_invalid_json"),
}


def refusal(body: bytes, limits: _core.Limits = LIMITS) -> _core.Refusal:
    """The refusal of a body."""
    with pytest.raises(_core.Refusal) as caught:
        _core.scan(body, limits)
    return caught.value


def data_url(data: bytes, mime: str = "") -> str:
    """A data URL as clients write it."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


@pytest.mark.parametrize("value", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepts_json(value: bytes) -> None:
    """Every legal value is accepted and reads as `json` reads it."""
    body = b'{"v":' + value + b"}"
    document = _core.scan(body, LIMITS)
    assert json.loads(body) == json.loads(document.skeleton)
    assert () == document.media


@pytest.mark.parametrize(("value", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses_what_readers_disagree_on(value: bytes, code: str) -> None:
    """Every illegal or ambiguous value is refused, with a byte offset inside the body."""
    body = b'{"v":' + value + b"}"
    error = refusal(body)
    assert code == error.code
    assert error.offset is not None
    assert 0 <= error.offset <= len(body)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "body_invalid_json"),
        (b" \n", "body_invalid_json"),
        (b"[]", "body_not_an_object"),
        (b'"text"', "body_not_an_object"),
        (b"3", "body_not_an_object"),
        (b"null", "body_not_an_object"),
        (b"\xef\xbb\xbf{}", "body_invalid_json"),
        (b"{}{}", "body_invalid_json"),
        (b"{}\x00", "body_invalid_json"),
        (b'{"a":1', "body_invalid_json"),
        (b"\x1f\x8b\x08\x00", "body_invalid_json"),
        ('{"a":1}'.encode("utf-16"), "body_invalid_json"),
    ],
)
def test_top_level(body: bytes, code: str) -> None:
    """The body is one JSON object in plain UTF-8 and nothing else."""
    assert code == refusal(body).code


@pytest.mark.parametrize(
    ("body", "limits", "code"),
    [
        (b'{"a":1}', _core.Limits(body_bytes=6), "body_too_large"),
        (b'{"a":[[]]}', _core.Limits(depth=2), "body_too_deep"),
        (b'{"a":[1,2]}', _core.Limits(nodes=3), "body_too_many_values"),
        (b'{"a":' + b"[" * 100_000, LIMITS, "body_too_deep"),
        (b'{"a":[' + b"0," * 100_001 + b"0]}", LIMITS, "body_too_many_values"),
    ],
)
def test_caps(body: bytes, limits: _core.Limits, code: str) -> None:
    """Size, depth and number of values are capped."""
    assert code == refusal(body, limits).code


def test_caps_are_inclusive() -> None:
    """A body at every cap passes."""
    body = b'{"a":[1,2]}'
    document = _core.scan(body, _core.Limits(body_bytes=len(body), depth=2, nodes=4))
    assert body == document.skeleton


def test_refusal_never_echoes_input() -> None:
    """Neither the text nor the message of a refusal holds what the client sent."""
    error = refusal(b'{"url":"data:image/png;base64,CANARY!!"}')
    assert "CANARY" not in str(error) + error.message + repr(error)
    assert ("media_invalid_base64", 0, "/url", 7) == (error.code, error.part, error.path, error.offset)


def test_lifts_in_document_order(png: bytes, jpeg: bytes) -> None:
    """Media leave the JSON in document order, with the JSON pointer they came from."""
    body = {
        "messages": [
            {"content": [{"image_url": {"url": data_url(png, "image/png")}}, {"text": "hi"}]},
            {"content": [{"source": {"type": "base64", "data": base64.b64encode(jpeg).decode()}}]},
        ],
        "a/b~c": {"file_data": data_url(b"%PDF-1.7 x", "application/pdf")},
    }
    document = _core.scan(json.dumps(body).encode(), LIMITS)
    assert [
        ("image/png", "/messages/0/content/0/image_url/url", png),
        ("image/jpeg", "/messages/1/content/0/source/data", jpeg),
        ("application/pdf", "/a~1b~0c/file_data", b"%PDF-1.7 x"),
    ] == [(medium.mime, medium.path, medium.data()) for medium in document.media]


def test_skeleton_names_its_media(png: bytes) -> None:
    """A placeholder is recognised as its medium; no other string is."""
    body = {"x": [{"url": data_url(png)}, {"url": "https://example.org/a.png"}]}
    document = _core.scan(json.dumps(body).encode(), LIMITS)
    skeleton = json.loads(document.skeleton)
    value = skeleton["x"][0]["url"]
    assert 0 == document.media_index(value)
    for other in (value + "x", value[1:], value.replace(":0:", ":1:"), "", "\0", skeleton["x"][1]["url"]):
        assert document.media_index(other) is None
    assert skeleton["x"][1]["url"] == "https://example.org/a.png"


def test_without_media_the_skeleton_is_the_body() -> None:
    """A text request is not copied: its skeleton is the very object that came in."""
    body = b'{"model":"m"}'
    assert _core.scan(body, LIMITS).skeleton is body


@pytest.mark.parametrize("key", ["text", "content", "arguments", "description"])
def test_words_are_words(key: str) -> None:
    """A text that quotes a data URL, even a broken one, stays text."""
    body = json.dumps({"messages": [{key: "data:image/png;base64,%%%"}]}).encode()
    document = _core.scan(body, LIMITS)
    assert (body, ()) == (document.skeleton, document.media)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_buffers(kind: type, png: bytes) -> None:
    """Every bytes-like object is read, and a later change of it changes nothing."""
    body = json.dumps({"url": data_url(png)}).encode()
    source = kind(bytearray(body)) if kind is memoryview else kind(body)
    document = _core.scan(source, LIMITS)
    if kind is not bytes:
        source[:] = b" " * len(body)
    assert png == document.media[0].data()
    assert body == document.splice({})


@pytest.mark.parametrize("wrong", ["text", 3, None, [1]])
def test_other_arguments(wrong: Any) -> None:
    """What is not bytes-like is a TypeError of the caller."""
    with pytest.raises(TypeError):
        _core.scan(wrong, LIMITS)


def test_ten_thousand_media_are_refused_by_count(png: bytes) -> None:
    """More media than the cap are refused when the first one too many is met."""
    body = json.dumps({"m": [{"url": data_url(png)}] * 10_000}).encode()
    error = refusal(body)
    assert ("media_too_many", 64, "/m/64/url") == (error.code, error.part, error.path)


UNICODE = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.sampled_from(["data", "url", "x"]) | UNICODE
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | UNICODE,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(UNICODE, JSON, max_size=5), st.booleans())
def test_round_trip(value: dict[str, Any], ascii_only: bool) -> None:
    """Whatever `json` writes is accepted and kept, escaped or not."""
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert value == json.loads(_core.scan(body, LIMITS).splice({}))


@given(st.binary(min_size=48, max_size=200), st.booleans(), st.booleans())
def test_media_round_trip(data: bytes, bare: bool, padded: bool) -> None:
    """Bytes behind an unknown magic come out of a data URL or bare base64 as they went in."""
    data = b"\0" + data
    text = base64.b64encode(data).decode()
    text = text if padded else text.rstrip("=")
    value = text if bare else f"data:;base64,{text}"
    (medium,) = _core.scan(json.dumps({"data": value}).encode(), LIMITS).media
    assert (data, "application/octet-stream", "other") == (medium.data(), medium.mime, medium.kind)


def test_threads(png: bytes) -> None:
    """Many threads scan at once and each gets its own document."""
    bodies = [json.dumps({"n": n, "url": data_url(png + bytes(n))}).encode() for n in range(64)]
    sizes: dict[int, int] = {}

    def work(start: int) -> None:
        for n in range(start, 64, 8):
            sizes[n] = _core.scan(bodies[n], LIMITS).media[0].size

    threads = [threading.Thread(target=work, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: len(png) + n for n in range(64)} == sizes
