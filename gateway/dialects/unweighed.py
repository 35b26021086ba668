"""Fields that change what a request costs and are not weighed: no candidate may carry them unseen.

A relayed body keeps the fields we do not know. The ones in these tables are known to cost money that
neither quote nor reservation would hold, so they are an obstacle and not a surprise.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.dialects.codec import Obstacle
from gateway.types.request import MediaPart, Request, TextPart

# Name -> the values with which it costs nothing extra. None and empty values never do.
OPENAI_CHAT: Final[Mapping[str, tuple[Any, ...]]] = {
    "audio": (),
    "functions": (),
    "function_call": ("none", "auto"),
    "modalities": (["text"],),
    "prediction": (),
    "service_tier": (),
    "web_search_options": (),
}
ANTHROPIC_MESSAGES: Final[Mapping[str, tuple[Any, ...]]] = {
    "container": (),
    "inference_geo": (),
    "mcp_servers": (),
    "service_tier": (),
    "speed": ("standard",),
}
_LONG_LIVED: Final = "1h"


def unweighed(request: Request, table: Mapping[str, tuple[Any, ...]]) -> Iterator[Obstacle]:
    """One obstacle a field, named by our own word for it."""
    for name, harmless in table.items():
        value = request.rest.get(name)
        if value not in (None, [], {}) and value not in harmless:
            yield _obstacle(name)
    if any("function_call" in message.rest for message in request.messages):
        yield _obstacle("function_call of a message")
    parts = (part for message in request.messages for part in message.parts)
    cached = (part.rest.get("cache_control") for part in parts if isinstance(part, TextPart | MediaPart))
    if any(isinstance(control, Mapping) and control.get("ttl") == _LONG_LIVED for control in cached):
        yield _obstacle("cache_control with ttl 1h")


def _obstacle(name: str) -> Obstacle:
    message = f"{name} changes the price and is not weighed yet; leave it out."
    return Obstacle("parameter_unsupported", message)
