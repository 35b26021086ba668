"""What an answer says, in no dialect; a plain answer is the same events at once.

`rest` keeps the fields of an answer that we do not use, so that the same dialect can write them again. It
maps a place to fields: "answer" (top level), "choice", "message" (or its delta), "block" (a whole content
block). Places named by no field are absent. Fields that stand alone travel in a `TextDelta` without text.
"""

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from gateway.types.outcome import Usage

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter", "error"]


class Started(Struct, frozen=True, tag="started"):
    """The answer began. `created`: Unix seconds, 0 if unsaid. `dialect`: whose words every `rest` holds."""

    id: str
    model: str
    created: int
    rest: dict[str, Any] = {}
    dialect: str = ""


class TextDelta(Struct, frozen=True, tag="text"):
    """Some text of one choice."""

    text: str
    choice: int = 0
    rest: dict[str, Any] = {}


class RefusalDelta(Struct, frozen=True, tag="refusal"):
    """Some text of a model's refusal."""

    text: str
    choice: int = 0


class ReasoningDelta(Struct, frozen=True, tag="reasoning"):
    """Some visible thinking, or the signature that closes it."""

    text: str
    choice: int = 0
    signature: str | None = None


class ToolCallDelta(Struct, frozen=True, tag="tool_call"):
    """A tool call opened (`id` and `name` set) or continued (`arguments` appended)."""

    index: int
    arguments: str
    id: str | None = None
    name: str | None = None
    choice: int = 0
    # Unlike elsewhere, the unknown fields of the call itself.
    rest: dict[str, Any] = {}


class UsageReported(Struct, frozen=True, tag="usage"):
    """Usage as the provider tells it so far; a later one replaces it. `rest`: the provider's own object."""

    usage: Usage
    rest: dict[str, Any] = {}


class Finished(Struct, frozen=True, tag="finished"):
    """One choice ended. `native`: the provider's own word for the reason."""

    reason: FinishReason
    native: str
    choice: int = 0
    rest: dict[str, Any] = {}


class Ended(Struct, frozen=True, tag="ended"):
    """The upstream said explicitly that nothing follows. Without it a stream was cut."""


class Failed(Struct, frozen=True, tag="failed"):
    """The upstream reported an error inside a 200. `code`: a row of `gateway.errors`."""

    code: str


Event: TypeAlias = (
    Started
    | TextDelta
    | RefusalDelta
    | ReasoningDelta
    | ToolCallDelta
    | UsageReported
    | Finished
    | Ended
    | Failed
)
