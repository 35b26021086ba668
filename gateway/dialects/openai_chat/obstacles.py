"""What a chat completion cannot say of a request that came in another dialect."""

from typing import Any, Final

from gateway.dialects.codec import Obstacle
from gateway.dialects.parts import media_parts
from gateway.dialects.unweighed import OPENAI_CHAT, unweighed
from gateway.types.request import MediaPart, Request
from gateway.types.weight import CONVERTED

# What is written once the picture is prepared; what comes may also be of a format that becomes one of these.
IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
AUDIO: Final = {"audio/wav": "wav", "audio/x-wav": "wav", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
DOCUMENTS: Final = frozenset({"application/pdf"})

# Hints of other dialects that may go unsaid: the answer stays what was asked for.
DROPPED: Final[dict[str, str]] = {
    "metadata": "a label for the provider's own records",
    "cache_control": "other providers find common prefixes by themselves",
}


def obstacles(request: Request) -> tuple[Obstacle, ...]:
    """For a request of this dialect only media where OpenAI takes text alone, and what is not weighed."""
    if request.dialect == "openai_chat":
        return (*_in_tool_messages(request), *unweighed(request, OPENAI_CHAT))
    return (*_media(request), *_parameters(request))


def dropped(request: Request) -> tuple[str, ...]:
    """Names of hints that are not sent."""
    if request.dialect == "openai_chat":
        return ()
    return tuple(name for name in request.rest if name in DROPPED)


def _in_tool_messages(request: Request) -> list[Obstacle]:
    """A relayed body is not rebuilt, so a medium cannot be moved to where the target would take it."""
    return [
        _part(request, part, "a tool message holds text only; send it in the user message that follows")
        for part in media_parts(request, in_results_only=True)
    ]


def _media(request: Request) -> list[Obstacle]:
    return [
        _part(request, part, "chat completions take images, WAV, MP3 and PDF")
        for part in media_parts(request)
        if request.document.media[part.media].mime not in (IMAGES | CONVERTED | AUDIO.keys() | DOCUMENTS)
    ]


def _part(request: Request, part: MediaPart, why: str) -> Obstacle:
    kind = request.document.media[part.media].kind
    return Obstacle(
        "part_unsupported", f"Part {part.media} ({kind}) cannot be sent: {why}.", part.media, kind
    )


def _parameters(request: Request) -> list[Obstacle]:
    return [
        Obstacle("parameter_unsupported", f"Chat completions have no counterpart of {_shown(name)}.")
        for name, value in request.rest.items()
        if name not in DROPPED and not _neutral(name, value)
    ]


# Names shown in messages are ours: a name the client made up is not echoed.
_KNOWN: Final = frozenset(
    {
        "top_k",
        "thinking",
        "container",
        "mcp_servers",
        "context_management",
        "output_config",
        "inference_geo",
        "service_tier",
    }
)


def _shown(name: str) -> str:
    return name if name in _KNOWN else "a parameter of the request"


def _neutral(name: str, value: Any) -> bool:
    """Values that ask for nothing."""
    if value is None or value in ([], {}):
        return True
    return bool(name == "thinking" and value == {"type": "disabled"})
