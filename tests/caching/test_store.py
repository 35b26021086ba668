"""Stored answers: their bytes, and which may be stored."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway.caching.store import (
    CacheControl,
    StoredAnswer,
    cache_control,
    compact,
    decode,
    encode,
    storable,
)
from gateway.types.event import (
    Ended,
    Event,
    Failed,
    Finished,
    FinishReason,
    Started,
    TextDelta,
    ToolCallDelta,
    UsageReported,
)
from gateway.types.money import LineItem
from gateway.types.outcome import Outcome, Usage

USAGE = Usage(input=10, output=2)
EVENTS: tuple[Event, ...] = (
    Started(id="a", model="m", created=1, rest={"system_fingerprint": "f"}),
    TextDelta("Good "),
    TextDelta("day"),
    ToolCallDelta(index=0, arguments="{}", id="c", name="f"),
    Finished("stop", "stop"),
    UsageReported(USAGE),
    Ended(),
)
OUTCOME = Outcome(
    end="finished", sent=True, started=True, complete=True, usage=USAGE, finish_reasons=("stop",)
)
ITEM = LineItem(
    modality="text",
    direction="in",
    unit="token",
    quantity="10",
    rate_usd="2.5",
    per=1_000_000,
    nanodollars=25_000,
    low=25_000,
    high=25_000,
    certainty="exact",
)
ANSWER = StoredAnswer(
    key="k",
    events=EVENTS,
    model="openai/gpt-4o",
    provider="openai",
    items=(ITEM,),
    quoted=30_000,
    created="2026-01-01T00:00:00.000Z",
)
SECRET = b"secret"


def test_a_stored_answer_comes_back_whole() -> None:
    """Encoding and decoding gives the same answer, cost and all."""
    back = decode(encode(ANSWER, SECRET), "k", SECRET)
    assert back == ANSWER
    assert back is not None
    assert 25_000 == back.cost


@given(st.data())
def test_a_flipped_bit_is_a_miss(data: st.DataObject) -> None:
    """Any single flipped bit anywhere in the value makes it a miss."""
    value = bytearray(encode(ANSWER, SECRET))
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    value[bit // 8] ^= 1 << (bit % 8)
    assert None is decode(bytes(value), "k", SECRET)


@given(st.data())
def test_a_cut_or_grown_value_is_a_miss(data: st.DataObject) -> None:
    """A value cut at any byte, or with bytes behind it, is a miss."""
    value = encode(ANSWER, SECRET)
    assert None is decode(value[: data.draw(st.integers(0, len(value) - 1))], "k", SECRET)
    assert None is decode(value + data.draw(st.binary(min_size=1)), "k", SECRET)


@given(st.binary())
def test_foreign_bytes_are_a_miss(value: bytes) -> None:
    """Whatever another program wrote under our key is a miss."""
    assert None is decode(value, "k", SECRET)


def test_an_answer_to_another_key_is_a_miss() -> None:
    """A value copied under another key, or signed with another secret, is a miss."""
    value = encode(ANSWER, SECRET)
    assert None is decode(value, "other", SECRET)
    assert None is decode(value, "k", b"other")


def test_a_signed_value_of_another_shape_is_a_miss() -> None:
    """What an older version signed and this one cannot read is a miss, not an error."""

    class Older(msgspec.Struct):
        key: str

    value = encode(Older(key="k"), SECRET)  # type: ignore[arg-type]
    assert None is decode(value, "k", SECRET)


def test_a_whole_answer_is_storable() -> None:
    """Successful, ended, metered and finished well: stored."""
    assert storable(OUTCOME, EVENTS)


@pytest.mark.parametrize(
    "change",
    [
        {"end": "failed", "error": "upstream_error"},
        {"end": "cancelled"},
        {"end": "disconnected"},
        {"end": "refused"},
        {"complete": False},
        {"error": "upstream_incomplete"},
    ],
)
def test_an_accident_is_not_storable(change: dict[str, object]) -> None:
    """No answer that ended in another way than well is stored."""
    assert not storable(structs.replace(OUTCOME, **change), EVENTS)


@pytest.mark.parametrize("kind", [Ended, UsageReported, Finished])
def test_each_closing_event_is_needed(kind: type[Event]) -> None:
    """Without the explicit end, the usage or the finish reason an answer may be cut: not stored."""
    events = tuple(event for event in EVENTS if not isinstance(event, kind))
    assert not storable(OUTCOME, events)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("stop", True), ("tool_calls", True), ("length", False), ("content_filter", False), ("error", False)],
)
def test_only_good_reasons_are_stored(reason: FinishReason, expected: bool) -> None:
    """A limit, a filter or an error may not strike the next time: not stored."""
    events = tuple(Finished(reason, reason) if isinstance(event, Finished) else event for event in EVENTS)
    assert expected == storable(OUTCOME, events)


def test_an_error_inside_the_stream_is_not_stored() -> None:
    """A failure reported in a 200 spoils the answer, wherever it stands."""
    assert not storable(OUTCOME, (Failed("upstream_overloaded"), *EVENTS))


def test_every_choice_must_finish() -> None:
    """One of two choices without its end is a cut answer."""
    assert not storable(OUTCOME, (TextDelta("x", choice=1), *EVENTS))


@given(st.integers(0, len(EVENTS) - 1))
def test_a_prefix_is_never_stored(length: int) -> None:
    """An answer cut after any event is not stored."""
    assert not storable(OUTCOME, EVENTS[:length])


@given(st.lists(st.builds(TextDelta, st.text(), st.integers(0, 2))))
def test_compacting_keeps_every_choice_s_text(deltas: list[TextDelta]) -> None:
    """Joined text reads the same for each choice, in no more events."""

    def texts(events: tuple[Event, ...]) -> dict[int, str]:
        found: dict[int, str] = {}
        for event in events:
            if isinstance(event, TextDelta):
                found[event.choice] = found.get(event.choice, "") + event.text
        return found

    small = compact(tuple(deltas))
    assert texts(tuple(deltas)) == texts(small)
    assert len(small) <= len(deltas)


def test_compacting_keeps_the_order_of_the_rest() -> None:
    """Only neighbouring plain text is joined; everything else stays where it was."""
    logged = TextDelta("!", rest={"logprobs": None})
    events = (EVENTS[0], TextDelta("a"), TextDelta("b"), logged, TextDelta("c"), *EVENTS[3:])
    assert (EVENTS[0], TextDelta("ab"), logged, TextDelta("c"), *EVENTS[3:]) == compact(events)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, CacheControl()),
        ("", CacheControl()),
        ("max-age=0", CacheControl()),
        ("no-cache", CacheControl(read=False)),
        (" No-Cache , x=y", CacheControl(read=False)),
        ("no-store", CacheControl(read=False, write=False)),
        ("no-cache, no-store", CacheControl(read=False, write=False)),
        ("no-stored", CacheControl()),
    ],
)
def test_cache_control(header: str | None, expected: CacheControl) -> None:
    """`no-cache` asks anew, `no-store` leaves the cache alone, all else changes nothing."""
    assert expected == cache_control(header)
