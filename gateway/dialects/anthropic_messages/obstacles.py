"""What Messages cannot say of a request that came in another dialect."""

from typing import Any, Final

import msgspec

from gateway.dialects.codec import Obstacle
from gateway.dialects.parts import media_parts
from gateway.dialects.unweighed import ANTHROPIC_MESSAGES, unweighed
from gateway.types.request import Message, Request, TextPart, ToolCallPart
from gateway.types.weight import CONVERTED

# What is written once the picture is prepared; what comes may also be of a format that becomes one of these.
IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
DOCUMENTS: Final = frozenset({"application/pdf"})

# Hints that may go unsaid, each with the reason why the answer stays what was asked for.
DROPPED: Final[dict[str, str]] = {
    "user": "a label for the provider's own abuse watch",
    "safety_identifier": "the same",
    "metadata": "a label for the provider's own records",
    "store": "asks another provider to keep a copy",
    "seed": "best effort wherever it exists",
    "prompt_cache_key": "a hint to another provider's cache",
    "prompt_cache_retention": "a hint to another provider's cache",
    "prediction": "speeds the answer up, does not change it",
    "stream_options": "usage is always in a stream; padding is a matter of the wire",
    "verbosity": "a leaning of one model family, no demand",
}

# Values with which a parameter asks for nothing.
_NEUTRAL: Final[dict[str, tuple[Any, ...]]] = {
    "logprobs": (False,),
    "top_logprobs": (0,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "functions": ([],),
}
# Names shown in messages are ours: a name the client made up is not echoed.
_KNOWN: Final = frozenset(_NEUTRAL) | {
    "audio",
    "function_call",
    "reasoning_effort",
    "service_tier",
    "web_search_options",
}


def obstacles(request: Request) -> tuple[Obstacle, ...]:
    """For a request of this dialect only what is not weighed."""
    if request.dialect == "anthropic_messages":
        return tuple(unweighed(request, ANTHROPIC_MESSAGES))
    return (*_media(request), *_parameters(request), *_turns(request))


def dropped(request: Request) -> tuple[str, ...]:
    """Names of hints that are not sent."""
    if request.dialect == "anthropic_messages":
        return ()
    return tuple(name for name in request.rest if name in DROPPED)


def _media(request: Request) -> list[Obstacle]:
    found = []
    for part in media_parts(request):
        medium = request.document.media[part.media]
        if medium.mime not in IMAGES | CONVERTED | DOCUMENTS:
            message = (
                f"Part {part.media} ({medium.kind}) cannot be sent: "
                "Messages takes JPEG, PNG, GIF and WebP images and PDF."
            )
            found.append(Obstacle("part_unsupported", message, part.media, medium.kind))
    return found


def _parameters(request: Request) -> list[Obstacle]:
    reasons = []
    if request.choices > 1:
        reasons.append("Messages gives one answer; n must be 1.")
    if request.temperature is not None and request.temperature > 1:
        reasons.append("Messages takes a temperature from 0 to 1.")
    if request.response_schema is not None and request.response_schema.schema is None:
        reasons.append("Messages has no json_object format; a json_schema would work.")
    for name, value in request.rest.items():
        if name not in DROPPED and value is not None and value not in _NEUTRAL.get(name, ()):
            shown = name if name in _KNOWN else "a parameter of the request"
            reasons.append(f"Messages has no counterpart of {shown}.")
    return [Obstacle("parameter_unsupported", reason) for reason in reasons]


def _turns(request: Request) -> list[Obstacle]:
    """What cannot be said of the turns themselves."""
    reasons = []
    calls = [p for m in request.messages for p in m.parts if isinstance(p, ToolCallPart)]
    if any(not _is_object(call.arguments) for call in calls):
        reasons.append("Messages takes tool arguments that are a JSON object only.")
    if any("audio" in message.rest for message in request.messages):
        reasons.append("Messages has no earlier answers in audio.")
    if any("function_call" in message.rest for message in request.messages):
        reasons.append("Messages has no function_call; send tool_calls.")
    if not any(_says(message) for message in request.messages if message.role != "system"):
        reasons.append("Messages needs a turn of the user that is not empty.")
    return [Obstacle("parameter_unsupported", reason) for reason in reasons]


def _says(message: Message) -> bool:
    return any(not isinstance(part, TextPart) or part.text for part in message.parts)


def _is_object(arguments: str) -> bool:
    if not arguments.strip():
        return True
    try:
        return isinstance(msgspec.json.decode(arguments), dict)
    except (msgspec.DecodeError, RecursionError):
        return False
