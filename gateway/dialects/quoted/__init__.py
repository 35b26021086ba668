"""Bodies that can be weighed, whether or not they are served: told apart by their shape, read into the hub.

| body | is told by | read as |
|---|---|---|
| chat completion | `messages` | a chat |
| Anthropic message | `messages`, and what only Messages has: `system`, `input_schema`, a `source` | a chat |
| response | `input`, `instructions` | a chat |
| speech | `input` and `voice` | speech |
| embedding | `input` that is a list of texts, or `encoding_format`, `dimensions` | an embedding |
| transcription, translation | `file` | a transcription |

A request that was read here is for a quote alone: only chat completions and messages have a writer.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from gateway._core import Document
from gateway.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from gateway.dialects.fields import invalid
from gateway.dialects.openai_chat import OPENAI_CHAT
from gateway.dialects.quoted.audio import read_speech, read_transcription
from gateway.dialects.quoted.embedding import read_embedding
from gateway.dialects.quoted.responses import read_response
from gateway.types.request import Request

READERS: Final[Mapping[str, Callable[[Document], Request]]] = {
    "chat": OPENAI_CHAT.read_request,
    "messages": ANTHROPIC_MESSAGES.read_request,
    "responses": read_response,
    "speech": read_speech,
    "embedding": read_embedding,
    "transcription": read_transcription,
}
"""By the name that `x-weighbridge-body` gives a body whose shape misleads."""

# What a chat completion does not have, at the top and in a part.
_MESSAGES_ALONE: Final = frozenset({"system", "stop_sequences", "anthropic_version"})
_PARTS_ALONE: Final = frozenset({"image", "document", "tool_use", "tool_result", "thinking"})


def read_quoted(document: Document, name: str | None = None) -> Request:
    """The hub's request of a body of any known shape; `name`: which one it is, if its sender says so.

    Raises `ClientError` with the place that is wrong, or with the shapes that there are.
    """
    if name is not None:
        if name not in READERS:
            raise invalid("x-weighbridge-body", f"must be one of {', '.join(READERS)}")
        return READERS[name](document)
    return READERS[shape(msgspec.json.decode(document.skeleton))](document)


def shape(body: Mapping[str, Any]) -> str:
    """Which body it is, a key of `READERS`."""
    if "messages" in body:
        return "messages" if _is_anthropic(body) else "chat"
    if "file" in body:
        return "transcription"
    given = body.get("input")
    if given is None and "instructions" not in body:
        known = "messages (chat or Anthropic), input (response, speech, embedding) or file (transcription)"
        raise invalid("The body", f"must hold {known}")
    if "voice" in body:
        return "speech"
    texts = isinstance(given, list) and all(isinstance(item, str) for item in given)
    told = not body.keys().isdisjoint({"encoding_format", "dimensions"})
    return "embedding" if texts or told else "responses"


def _is_anthropic(body: Mapping[str, Any]) -> bool:
    if not body.keys().isdisjoint(_MESSAGES_ALONE):
        return True
    tools = _objects(body.get("tools"))
    if any("input_schema" in tool for tool in tools):
        return True
    contents = (message.get("content") for message in _objects(body.get("messages")))
    kinds = (part.get("type") for content in contents for part in _objects(content))
    return any(isinstance(kind, str) and kind in _PARTS_ALONE for kind in kinds)


def _objects(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
