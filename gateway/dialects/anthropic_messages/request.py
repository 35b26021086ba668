"""Reading a Messages request. Strict wherever a mistake would cost money or lose meaning."""

from typing import Any, Final

from gateway._core import Document
from gateway.dialects.anthropic_messages.content import read_message, read_system
from gateway.dialects.fields import Body, Fields, invalid, missing, unsupported
from gateway.types.request import Message, Request, ResponseSchema, Tool, ToolChoice
from gateway.types.terms import Wish

_MOST_TOKENS: Final = 1 << 31
_MOST_STOPS: Final = 64
# `auto` may take from capacity that was bought beforehand; the other is the usual queue and no other.
TIERS: Final[dict[str, Wish | None]] = {"auto": None, "standard_only": "default"}
_MODES: Final = {"auto": "auto", "any": "required", "none": "none", "tool": "tool"}


def read_request(document: Document) -> Request:
    """The hub's request; a body that is wrong raises `ClientError` with the place as `param`."""
    top = Body(document).members()
    model = top.name("model")
    bound = top.integer("max_tokens", 1, _MOST_TOKENS)
    if bound is None:
        raise missing("max_tokens")
    system = read_system(top)
    entries = top.array(top.need("messages"), "messages")
    if not entries:
        raise invalid("messages", "must hold at least one message")
    messages = tuple(read_message(entry) for entry in entries)
    tools = _tools(top)
    schema, output = _output_config(top)
    return Request(
        operation="chat",
        dialect="anthropic_messages",
        model=model,
        messages=(*((Message("system", system),) if system else ()), *messages),
        document=document,
        stream=top.boolean("stream") or False,
        # A Messages stream always tells its usage.
        include_usage=True,
        max_output_tokens=bound,
        temperature=top.number("temperature", 0, 1),
        top_p=top.number("top_p", 0, 1),
        stop=_stops(top),
        tools=tools,
        tool_choice=_tool_choice(top, tools),
        response_schema=schema,
        tier=top.tier(TIERS),
        rest=top.rest() | output,
    )


def _stops(top: Fields) -> tuple[str, ...]:
    value = top.take("stop_sequences")
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_STOPS:
        raise invalid("stop_sequences", f"must be a list of at most {_MOST_STOPS} strings")
    return tuple(top.text(item, "stop_sequences") for item in value)


def _tools(top: Fields) -> tuple[Tool, ...]:
    value = top.take("tools")
    entries = [] if value is None else top.array(value, "tools")
    tools = []
    for entry in entries:
        if (entry.string("type") or "custom") != "custom":
            raise unsupported(
                entry.place("type"), "must be custom; tools run by the provider are not carried"
            )
        name, schema = entry.name("name"), entry.schema("input_schema")
        if schema is None:
            raise missing(entry.place("input_schema"))
        tools.append(Tool(name, entry.string("description"), schema, entry.boolean("strict")))
    return tuple(tools)


def _tool_choice(top: Fields, tools: tuple[Tool, ...]) -> ToolChoice | None:
    choice = top.child("tool_choice")
    if choice is None:
        return None
    word = choice.name("type")
    if word not in _MODES:
        raise invalid(choice.place("type"), f"must be one of {', '.join(_MODES)}")
    alone = choice.boolean("disable_parallel_tool_use")
    parallel = None if alone is None else not alone
    if word in ("any", "tool") and not tools:
        raise missing("tools")
    match _MODES[word]:
        case "tool":
            return ToolChoice("tool", choice.name("name"), parallel)
        case "required":
            return ToolChoice("required", parallel=parallel)
        case "none":
            return ToolChoice("none", parallel=parallel)
        case _:
            return ToolChoice("auto", parallel=parallel)


def _output_config(top: Fields) -> tuple[ResponseSchema | None, dict[str, Any]]:
    """The structured output asked for, and the other members for the rest."""
    config = top.child("output_config")
    if config is None:
        return None, {}
    wanted = config.child("format")
    schema = None
    if wanted is not None:
        if wanted.name("type") != "json_schema":
            raise invalid(wanted.place("type"), "must be json_schema")
        value = wanted.schema("schema")
        if value is None:
            raise missing(wanted.place("schema"))
        # The format is strict by nature and has no name.
        schema = ResponseSchema(name="response", schema=value, strict=True)
    others = config.rest()
    return schema, {"output_config": others} if others else {}
