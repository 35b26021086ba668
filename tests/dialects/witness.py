"""The official clients as witnesses: what we write must be what their types and gatherers take."""

import json
from typing import Any

import pydantic
from anthropic.types import Message, RawMessageStreamEvent
from openai.lib.streaming.chat import ChatCompletionStreamState
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from gateway import _core

_EVENT: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(RawMessageStreamEvent)


def datas(stream: bytes) -> list[tuple[str | None, dict[str, Any]]]:
    """The JSON events of a stream."""
    frames = _core.SseReader().feed(stream)
    return [(name, json.loads(data)) for name, data in frames if data != b"[DONE]"]


def check_whole(dialect: str, body: bytes) -> None:
    """A plain body fits the client's model, with no type coerced."""
    model = ChatCompletion if dialect == "openai_chat" else Message
    model.model_validate_json(body, strict=True)


def check_stream(dialect: str, stream: bytes) -> None:
    """Every event of a stream fits the client's model, and the order is the one clients rely on."""
    if dialect == "openai_chat":
        for _, value in datas(stream):
            # Azure's nameless first chunk is relayed as it is; its own clients meet it too.
            if "error" not in value and value["object"] != "":
                ChatCompletionChunk.model_validate_json(json.dumps(value), strict=True)
    else:
        _check_events(datas(stream))


def gathered_chat(stream: bytes) -> dict[str, Any]:
    """What the OpenAI client makes of a stream."""
    state: ChatCompletionStreamState[None] = ChatCompletionStreamState()
    for _, value in datas(stream):
        state.handle_chunk(ChatCompletionChunk.model_validate(value))
    # Its final form refuses answers that were cut by a limit or a filter; the snapshot is before that.
    return state.current_completion_snapshot.model_dump()


def _check_events(events: list[tuple[str | None, dict[str, Any]]]) -> None:
    opened: int | None = None
    following = 0
    for name, value in events:
        assert name == value["type"]
        if value["type"] == "error":
            assert {"type", "message"} <= value["error"].keys()
            return
        if value["type"] != "ping":
            _EVENT.validate_json(json.dumps(value), strict=True)
        match value["type"]:
            case "content_block_start":
                assert (None, following) == (opened, value["index"])
                opened = following
                following += 1
            case "content_block_delta":
                assert opened == value["index"]
            case "content_block_stop":
                assert opened == value["index"]
                opened = None
            case "message_delta":
                assert opened is None
            case _:
                pass
    assert [value["type"] for _, value in events if value["type"].startswith("message")] == [
        "message_start",
        "message_delta",
        "message_stop",
    ]
