"""Fields that change what a request costs and are not weighed: no candidate may carry them unseen.

A relayed body keeps the fields we do not know. The ones in these tables are known to cost money that
neither quote nor reservation would hold, so they are an obstacle and not a surprise.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gateway.dialects.codec import Obstacle
from gateway.types.request import Request

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


def unweighed(request: Request, table: Mapping[str, tuple[Any, ...]]) -> Iterator[Obstacle]:
    """One obstacle a field, named by our own word for it."""
    for name, harmless in table.items():
        value = request.rest.get(name)
        if value not in (None, [], {}) and value not in harmless:
            yield _obstacle(name)
    if any("function_call" in message.rest for message in request.messages):
        yield _obstacle("function_call of a message")
    # Heard again at the price of sound, for as long as it once was.
    if any(message.rest.get("audio") for message in request.messages):
        yield _obstacle("audio of an earlier answer")


def _obstacle(name: str) -> Obstacle:
    message = f"{name} changes the price and is not weighed yet; leave it out."
    return Obstacle("parameter_unsupported", message)
