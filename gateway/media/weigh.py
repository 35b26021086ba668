"""Weigh: what is in a request, as facts that every candidate is held against. Pure; nothing is decoded."""

from collections.abc import Iterator

from msgspec import Struct, field

from gateway import _core
from gateway.catalog.text import EXACT_BYTES, Function, render_tools
from gateway.types.money import Modality
from gateway.types.request import (
    MediaPart,
    Message,
    Part,
    ReasoningPart,
    Request,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from gateway.types.weight import Encoding, Fault, Feature, MediaFacts, Requirements, TextWeight

_MODALITIES: dict[str, Modality] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "document": "document",
    # A file of no known kind is a document that no model lists: it is refused by its format.
    "other": "document",
}
# EXIF orientations 5 to 8 stand on their side.
_SIDEWAYS = 5


class _Contents(Struct):
    """What a walk over the messages finds: every text, every medium in its place."""

    texts: list[str] = field(default_factory=list)
    media: list[MediaFacts] = field(default_factory=list)
    messages: int = 0
    names: int = 0


def weigh(request: Request, encodings: frozenset[Encoding]) -> Requirements:
    """The requirements of a request; text is counted once for each tokenizer family asked for.

    Raises nothing of its own: a request that was read can be weighed.
    """
    found = _Contents()
    for message in request.messages:
        _message(message, request, found)
    schema = request.response_schema
    functions = [Function(tool.name, tool.description, tool.schema) for tool in request.tools]
    rendered = render_tools(functions, schema.schema if schema else None)
    choice = request.tool_choice
    texts = {encoding: _core.weigh_texts(found.texts, encoding, cap=EXACT_BYTES) for encoding in encodings}
    tools = {encoding: _core.weigh_texts(rendered.texts, encoding, cap=EXACT_BYTES) for encoding in encodings}
    return Requirements(
        text=TextWeight(
            tokens={encoding: texts[encoding].tokens for encoding in encodings},
            tools={
                encoding: tools[encoding].tokens + rendered.framing[encoding] if rendered.texts else 0
                for encoding in encodings
            },
            errors={encoding: texts[encoding].error + tools[encoding].error for encoding in encodings},
            # Shares of scripts hardly depend on the encoding: the first in order speaks for all.
            scripts=texts[min(encodings)].scripts if encodings else {},
            messages=found.messages,
            names=found.names,
            characters=sum(map(len, found.texts)),
            tools_flat=rendered.flat,
            tools_forced=choice is not None and choice.mode in {"required", "tool"},
        ),
        media=tuple(found.media),
        features=frozenset(_features(request)),
        max_output_tokens=request.max_output_tokens,
        choices=request.choices,
    )


def _features(request: Request) -> Iterator[Feature]:
    if request.tools:
        yield "tools"
    if request.response_schema is not None:
        yield "schema"
    if request.stream:
        yield "streaming"
    if request.choices > 1:
        yield "choices"
    if any(message.role == "system" for message in request.messages):
        yield "system"


def _message(message: Message, request: Request, found: _Contents) -> None:
    """Tool results are messages of their own on the wire; the hub keeps them in a user message."""
    results = sum(isinstance(part, ToolResultPart) for part in message.parts)
    count = results if results and results == len(message.parts) else results + 1
    found.messages += count
    found.texts += [message.role] * count
    if message.name is not None:
        found.names += 1
        found.texts.append(message.name)
    for part in message.parts:
        _part(part, request, found, in_tool_result=False)


def _part(part: Part, request: Request, found: _Contents, *, in_tool_result: bool) -> None:
    match part:
        case TextPart() | ReasoningPart():
            found.texts.append(part.text)
        case MediaPart():
            found.media.append(_facts(request, part, in_tool_result=in_tool_result))
        case ToolCallPart():
            found.texts += [part.name, part.arguments]
        case ToolResultPart():
            for inner in part.parts:
                _part(inner, request, found, in_tool_result=True)


def _facts(request: Request, part: MediaPart, *, in_tool_result: bool) -> MediaFacts:
    media = request.document.media[part.media]
    width, height = media.width, media.height
    if media.orientation >= _SIDEWAYS:
        width, height = height, width
    return MediaFacts(
        index=part.media,
        modality=_MODALITIES[media.kind],
        mime=media.mime,
        digest=media.digest,
        size=media.size,
        width=width,
        height=height,
        frames=media.frames,
        orientation=media.orientation,
        seconds=media.seconds,
        pages=media.pages,
        detail=part.detail,
        path=media.path,
        in_tool_result=in_tool_result,
        fault=_fault(request, part.media),
    )


def _fault(request: Request, index: int) -> Fault | None:
    refused = (refusal for refusal in request.document.refused if refusal.part == index)
    return next((Fault(refusal.code, refusal.message) for refusal in refused), None)
