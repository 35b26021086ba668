"""Laws of the dialects: meaning survives translation, chunking changes nothing, no part is lost silently."""

import json
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import _core
from gateway.dialects import DIALECTS
from gateway.dialects.parts import media_parts
from gateway.errors import GatewayError
from gateway.types.event import Event, Failed
from gateway.types.request import MediaPart, Part, Request, TextPart, ToolCallPart, ToolResultPart
from tests.dialects.samples import LAW, RULES, b64, context, data_url, mp4, pdf, png, read, wav
from tests.dialects.transcripts import events_of, one_by_one, read_stream, replay, write_stream
from tests.dialects.witness import check_stream, check_whole, gathered_chat

ANSWERS = Path(__file__).resolve().parents[1] / "golden" / "dialects" / "answers"
TRANSCRIPTS = sorted(ANSWERS.glob("*/in.*.sse"))

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
WORDS = TEXTS.filter(bool)
NAMES = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
IDS = st.from_regex(r"[a-zA-Z0-9_-]{1,8}", fullmatch=True)
OBJECTS = st.dictionaries(NAMES, st.integers() | TEXTS | st.booleans(), max_size=3)


def _image(width: int) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(png(width), "image/png")}}


def _file(seed: int) -> dict[str, Any]:
    return {
        "type": "file",
        "file": {"filename": "a.pdf", "file_data": data_url(pdf(seed), "application/pdf")},
    }


def _audio(seed: int) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": {"data": b64(wav(seed)), "format": "wav"}}


def _video(seed: int) -> dict[str, Any]:
    return {"type": "video_url", "video_url": {"url": data_url(mp4(seed), "video/mp4")}}


TEXT_PARTS = st.builds(lambda text: {"type": "text", "text": text}, WORDS)
CARRIED = st.one_of(TEXT_PARTS, st.builds(_image, st.integers(1, 9)), st.builds(_file, st.integers(0, 9)))
ANY_PART = st.one_of(CARRIED, st.builds(_audio, st.integers(0, 9)), st.builds(_video, st.integers(0, 9)))


def _user(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    content = WORDS | st.lists(parts, min_size=1, max_size=4)
    return content.map(lambda value: [{"role": "user", "content": value}])


@st.composite
def _calls(draw: st.DrawFn) -> list[dict[str, Any]]:
    """An assistant's turn with calls, and the tools' answers."""
    calls = [
        {
            "id": identity,
            "type": "function",
            "function": {"name": draw(NAMES), "arguments": json.dumps(draw(OBJECTS))},
        }
        for identity in draw(st.lists(IDS, min_size=1, max_size=3, unique=True))
    ]
    answers = [{"role": "tool", "tool_call_id": call["id"], "content": draw(WORDS)} for call in calls]
    return [{"role": "assistant", "content": draw(st.none() | WORDS), "tool_calls": calls}, *answers]


SYSTEM = WORDS.map(lambda text: [{"role": "system", "content": text}])
SAID = TEXTS.map(lambda text: [{"role": "assistant", "content": text}])


def bodies(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Chat completions with turns of every kind, a user's among them."""
    turns = st.lists(st.one_of(SYSTEM, SAID, _calls(), _user(parts)), max_size=5)
    return st.builds(
        lambda before, last: {"model": "m", "messages": [m for turn in before for m in turn] + last},
        turns,
        _user(parts),
    )


def _shown(part: Part, request: Request) -> Any:
    match part:
        case TextPart(text=text):
            return text
        case MediaPart(media=index):
            return ("medium", request.document.media[index].digest)
        case ToolCallPart(id=identity, name=name, arguments=arguments):
            return ("call", identity, name, json.dumps(json.loads(arguments or "{}"), sort_keys=True))
        case ToolResultPart(call_id=call, parts=parts):
            return ("result", call, tuple(_shown(inner, request) for inner in parts))
        case _:
            return ("reasoning",)


def meaning(request: Request) -> tuple[list[Any], list[Any]]:
    """System texts, then turns: neighbours of one role joined, results of tools first, no empty text."""
    system: list[Any] = []
    turns: list[tuple[str, list[Any]]] = []
    for message in request.messages:
        shown = [value for part in message.parts if (value := _shown(part, request)) != ""]
        if message.role == "system":
            system += shown
        elif shown and turns and turns[-1][0] == message.role:
            turns[-1][1].extend(shown)
        elif shown:
            turns.append((message.role, shown))
    for _, held in turns:
        held.sort(key=lambda value: not (isinstance(value, tuple) and value[0] == "result"))
    return system, turns


def sent(request: Request, dialect: str) -> Request:
    """The request as the upstream of a dialect would read it."""
    raw = DIALECTS[dialect].write_request(request, "m", {}, 64, RULES)
    return DIALECTS[dialect].read_request(_core.scan(raw, _core.Limits()))


@LAW
@given(bodies(CARRIED))
def test_a_chat_means_the_same_in_messages(body: dict[str, Any]) -> None:
    """Texts, media by their bytes, tool calls and results survive, in order."""
    request = read(body)
    assert DIALECTS["anthropic_messages"].obstacles(request) == ()
    assert meaning(request) == meaning(sent(request, "anthropic_messages"))


@LAW
@given(bodies(CARRIED))
def test_and_back_again(body: dict[str, Any]) -> None:
    """Written as Messages and then as a chat again, it is still the same."""
    request = read(body)
    assert meaning(request) == meaning(sent(sent(request, "anthropic_messages"), "openai_chat"))


@LAW
@given(bodies(ANY_PART))
def test_a_relayed_chat_is_unchanged(body: dict[str, Any]) -> None:
    """Between equal dialects the whole body is the same, media and all."""
    request = read(body)
    raw = DIALECTS["openai_chat"].write_request(request, "m", {}, None, RULES)
    assert body == json.loads(raw)


@LAW
@given(bodies(ANY_PART), st.sampled_from(sorted(DIALECTS)))
def test_no_part_is_dropped_in_silence(body: dict[str, Any], dialect: str) -> None:
    """Every medium is sent, or named in an obstacle by its ordinal and kind."""
    request = read(body)
    told = {(obstacle.part, obstacle.kind) for obstacle in DIALECTS[dialect].obstacles(request)} - {
        (None, None)
    }
    parts = [(part.media, request.document.media[part.media].kind) for part in media_parts(request)]
    if not told:
        digests = [medium.digest for medium in request.document.media]
        assert digests == [medium.digest for medium in sent(request, dialect).document.media]
        return
    assert {part for part in parts if part[1] in ("audio", "video")} == told


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 200)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "role",
                    "content",
                    "type",
                    "text",
                    "image_url",
                    "url",
                    "source",
                    "data",
                    "tool_calls",
                    "function",
                    "name",
                    "id",
                    "input",
                    "user",
                    "n",
                    "stop",
                    "tools",
                    "max_tokens",
                    "stream",
                    "model",
                    "messages",
                    "tool_choice",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@LAW
@given(JSON, JSON, st.sampled_from(sorted(DIALECTS)))
def test_any_json_is_read_or_refused(value: Any, turn: Any, dialect: str) -> None:
    """Nothing but a client error with a place leaves a reader of requests."""
    fields = value if isinstance(value, dict) else {"messages": value}
    body = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": turn}, turn], **fields}
    error = refusal(lambda: read(body, dialect))
    assert error is None or (error.row.fault == "client" and error.param is not None)


def refusal(act: Callable[[], object]) -> GatewayError | None:
    """The error an act raises; None if it succeeds."""
    try:
        act()
    except GatewayError as error:
        return error
    return None


def written(events: list[Event]) -> None:
    """Every dialect can write the events."""
    for target in DIALECTS.values():
        target.writer(context()).whole(events, None)


@LAW
@given(JSON, st.sampled_from(sorted(DIALECTS)))
def test_any_answer_is_read_or_refused(value: Any, dialect: str) -> None:
    """Nothing but an upstream error leaves a reader of answers, whole or streamed."""
    codec = DIALECTS[dialect]
    for body in (
        value,
        {"choices": value},
        {"choices": [{"message": value, "delta": value}]},
        {"content": value},
    ):
        data = json.dumps(body).encode()
        for act in (
            lambda data=data: written(codec.reader().whole(data)),
            lambda data=data: written(codec.reader().frame(None, data)),
        ):
            error = refusal(act)
            assert error is None or error.code == "upstream_invalid_answer"


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    """The bytes in pieces."""
    places = [0, *sorted({cut % (len(data) + 1) for cut in cuts}), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


@pytest.mark.parametrize("target", sorted(DIALECTS))
@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.parent.name)
@settings(LAW, max_examples=10)
@given(cuts=st.lists(st.integers(0, 1 << 16), max_size=12))
def test_any_chunking_gives_the_same_answer(path: Path, target: str, cuts: list[int]) -> None:
    """However the network splits a stream, the client gets the same bytes."""
    body, dialect = path.read_bytes(), path.name.split(".")[1]
    ctx = context(relay=target == dialect)
    chunked = write_stream(target, read_stream(dialect, split(body, cuts)), ctx)
    if b"error" in body:
        # A read that fails is not written at all, so how much came before depends on the reads.
        assert chunked.endswith(_expected(path, target).split(b"\n\n")[-2] + b"\n\n")
        return
    assert chunked == _expected(path, target)


@cache
def _expected(path: Path, target: str) -> bytes:
    dialect = path.name.split(".")[1]
    reads = read_stream(dialect, one_by_one(path.read_bytes()))
    return write_stream(target, reads, context(relay=target == dialect))


@pytest.mark.parametrize("path", sorted(ANSWERS.glob("*/in.*")), ids=lambda path: path.parent.name)
def test_a_replay_tells_what_the_plain_answer_tells(path: Path) -> None:
    """A stored answer gathered by the client from a stream is the stored answer as a plain body, and what
    either form is read as says the same again.
    """
    dialect, stream = path.name.split(".")[1], path.suffix == ".sse"
    events = events_of(dialect, path.read_bytes(), stream=stream)
    if any(isinstance(event, Failed) for event in events) or "cut" in path.parent.name:
        return
    for target in DIALECTS:
        whole = DIALECTS[target].writer(context()).whole(events, None)
        streamed = replay(target, events, context())
        again = events_of(target, streamed, stream=True)
        assert _gathered(target, whole, stream=False) == _told(target, again)
        check_whole(target, whole)
        check_stream(target, streamed)
    _client_agrees(events)


def _told(target: str, events: list[Event]) -> Any:
    body = json.loads(DIALECTS[target].writer(context()).whole(events, None))
    body.get("usage", {}).pop("weighbridge", None)
    for choice in body.get("choices", []):
        choice.pop("native_finish_reason", None)
    return body


def _gathered(target: str, body: bytes, *, stream: bool) -> Any:
    return _told(target, events_of(target, body, stream=stream))


def _client_agrees(events: list[Event]) -> None:
    """The OpenAI client gathers the same message from the stream as stands in the plain body."""
    body = json.loads(DIALECTS["openai_chat"].writer(context()).whole(events, None))
    gathered = gathered_chat(replay("openai_chat", events, context()))
    for ours, theirs in zip(body["choices"], gathered["choices"], strict=True):
        assert ours["finish_reason"] == theirs["finish_reason"]
        assert (ours["message"]["content"] or "") == (theirs["message"]["content"] or "")
        assert ours["message"]["refusal"] == theirs["message"]["refusal"]
        calls = [(c["id"], c["function"]["name"]) for c in ours["message"].get("tool_calls") or []]
        assert calls == [(c["id"], c["function"]["name"]) for c in theirs["message"]["tool_calls"] or []]
