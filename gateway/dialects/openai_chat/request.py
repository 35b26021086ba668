"""Reading a chat completion request. Strict wherever a mistake would cost money or lose meaning."""

from typing import Any, Final

from gateway._core import Document
from gateway.dialects.fields import Body, Fields, invalid, missing, unsupported
from gateway.dialects.openai_chat.content import read_message
from gateway.types.request import Request, ResponseSchema, Tool, ToolChoice
from gateway.types.terms import Wish

_MOST_TOKENS: Final = 1 << 31
_MOST_CHOICES: Final = 128
_MOST_STOPS: Final = 4
# `auto` leaves it to the account's settings. What we do not know stays an obstacle: it may cost anything.
TIERS: Final[dict[str, Wish | None]] = {
    "auto": None,
    "default": "default",
    "flex": "flex",
    "priority": "priority",
}


def read_request(document: Document) -> Request:
    """The hub's request; a body that is wrong raises `ClientError` with the place as `param`."""
    top = Body(document).members()
    model = top.name("model")
    entries = top.array(top.need("messages"), "messages")
    if not entries:
        raise invalid("messages", "must hold at least one message")
    messages = tuple(read_message(entry) for entry in entries)
    tools = _tools(top)
    include_usage, options = _stream_options(top)
    return Request(
        operation="chat",
        dialect="openai_chat",
        model=model,
        messages=messages,
        document=document,
        stream=top.boolean("stream") or False,
        include_usage=include_usage,
        max_output_tokens=_max_output_tokens(top),
        temperature=top.number("temperature", 0, 2),
        top_p=top.number("top_p", 0, 1),
        stop=top.strings("stop", _MOST_STOPS),
        choices=top.integer("n", 1, _MOST_CHOICES) or 1,
        tools=tools,
        tool_choice=_tool_choice(top, tools),
        response_schema=_response_schema(top),
        tier=top.tier(TIERS),
        rest=top.rest() | options,
    )


def _stream_options(top: Fields) -> tuple[bool, dict[str, Any]]:
    """Whether usage was asked for, and the other options for the rest."""
    options = top.child("stream_options")
    if options is None:
        return False, {}
    include_usage = options.boolean("include_usage") or False
    others = options.rest()
    return include_usage, {"stream_options": others} if others else {}


def _max_output_tokens(top: Fields) -> int | None:
    old = top.integer("max_tokens", 1, _MOST_TOKENS)
    new = top.integer("max_completion_tokens", 1, _MOST_TOKENS)
    if old is not None and new is not None:
        raise invalid("max_tokens", "must not stand beside max_completion_tokens; send one of them")
    return old if new is None else new


def _tools(top: Fields) -> tuple[Tool, ...]:
    value = top.take("tools")
    entries = [] if value is None else top.array(value, "tools")
    tools = []
    for entry in entries:
        if entry.name("type") != "function":
            raise unsupported(entry.place("type"), "must be function; other tools are not carried")
        function = entry.nested(entry.need("function"), "function")
        tools.append(
            Tool(
                name=function.name("name"),
                description=function.string("description"),
                schema=function.schema("parameters"),
                strict=function.boolean("strict"),
            )
        )
    return tuple(tools)


def _tool_choice(top: Fields, tools: tuple[Tool, ...]) -> ToolChoice | None:
    value = top.take("tool_choice")
    parallel = top.boolean("parallel_tool_calls")
    match value:
        case None:
            return None if parallel is None else ToolChoice("auto", parallel=parallel)
        case "auto" | "none":
            return ToolChoice(value, parallel=parallel)
        case "required":
            choice = ToolChoice("required", parallel=parallel)
        case {"type": "function"}:
            named = top.nested(value, "tool_choice")
            function = named.nested(named.need("function"), "function")
            choice = ToolChoice("tool", function.name("name"), parallel)
        case {"type": str()}:
            raise unsupported("tool_choice.type", "must be function; other choices are not carried")
        case _:
            raise invalid("tool_choice", "must be none, auto, required or a named function")
    if not tools:
        raise missing("tools")
    return choice


def _response_schema(top: Fields) -> ResponseSchema | None:
    wanted = top.child("response_format")
    if wanted is None:
        return None
    kind = wanted.name("type")
    if kind == "text":
        return None
    if kind == "json_object":
        return ResponseSchema(name="", schema=None)
    if kind != "json_schema":
        raise invalid(wanted.place("type"), "must be text, json_object or json_schema")
    inner = wanted.nested(wanted.need("json_schema"), "json_schema")
    return ResponseSchema(
        name=inner.name("name"), schema=inner.schema("schema") or {}, strict=inner.boolean("strict")
    )
