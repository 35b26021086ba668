"""What a client asks, in no dialect: the hub in which client and upstream dialects meet."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from gateway._core import Document
from gateway.types.terms import Wish

Operation: TypeAlias = Literal["chat"]
Role: TypeAlias = Literal["system", "user", "assistant"]
PartKind: TypeAlias = Literal["text", "image", "audio", "video", "document", "other"]
Rest: TypeAlias = Mapping[str, Any]


class TextPart(Struct, frozen=True, tag="text"):
    """Plain text. `rest`: fields of the part that we do not use (cache markers, annotations)."""

    text: str
    rest: Rest = {}


class MediaPart(Struct, frozen=True, tag="media"):
    """A medium that left the JSON. `media` is its ordinal in `Request.document.media`.

    `detail`: the client's level of detail, None if unsaid. `name`: its file name, if any.
    """

    media: int
    detail: str | None = None
    name: str | None = None
    rest: Rest = {}


class ToolCallPart(Struct, frozen=True, tag="tool_call"):
    """The assistant called a tool. `arguments` is JSON text, as the model wrote it."""

    id: str
    name: str
    arguments: str


class ToolResultPart(Struct, frozen=True, tag="tool_result"):
    """What a tool answered; sits in a user message of the hub, whatever role the dialect gives it."""

    call_id: str
    parts: tuple["TextPart | MediaPart", ...]
    is_error: bool = False


class ReasoningPart(Struct, frozen=True, tag="reasoning"):
    """A model's earlier thinking, resent. Only the dialect that signed it can take it back."""

    text: str
    signature: str | None
    dialect: str


Part: TypeAlias = TextPart | MediaPart | ToolCallPart | ToolResultPart | ReasoningPart


class Message(Struct, frozen=True):
    """One turn. System turns stay in place; a dialect that wants them apart collects them."""

    role: Role
    parts: tuple[Part, ...]
    name: str | None = None
    rest: Rest = {}


class Tool(Struct, frozen=True):
    """A function the model may call. `schema`: JSON Schema of its arguments, None if it takes none."""

    name: str
    description: str | None
    schema: Mapping[str, Any] | None
    strict: bool | None = None


class ToolChoice(Struct, frozen=True):
    """`mode` auto, none, required, or tool with its `name`. `parallel` None: the provider's default."""

    mode: Literal["auto", "none", "required", "tool"]
    name: str | None = None
    parallel: bool | None = None


class ResponseSchema(Struct, frozen=True):
    """Structured output. `schema` None means any JSON object."""

    name: str
    schema: Mapping[str, Any] | None
    strict: bool | None = None


class Request(Struct, frozen=True):
    """One request. `rest` holds every top-level field we do not use, untouched.

    `document` is the client's own body: when client and upstream speak the same dialect its bytes are
    spliced, not rebuilt. `max_output_tokens` None: the model's own limit applies. `tier`: the queue asked
    for, None when that is left to the gateway.
    """

    operation: Operation
    dialect: str
    model: str
    messages: tuple[Message, ...]
    document: Document
    stream: bool = False
    include_usage: bool = False
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    stop: tuple[str, ...] = ()
    choices: int = 1
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    response_schema: ResponseSchema | None = None
    tier: Wish | None = None
    rest: Rest = {}
