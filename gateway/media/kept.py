"""What a request asks of the provider's prompt cache, which writes at a price of its own. Pure.

Anthropic writes up to the blocks that carry `cache_control`, for five minutes or, with `ttl: 1h`, an hour.
OpenAI's models from 5.6 on write every long prompt unless `prompt_cache_options: {mode: explicit}` says that
only blocks with `prompt_cache_breakpoint` are kept. Sources: both prompt caching guides, 2026.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from gateway._core import Document
from gateway.types.weight import Kept

_MARKS: Final = ("cache_control", "prompt_cache_breakpoint", "prompt_cache_options")
# What a body without any mark cannot hold: their common start, or a character that is written escaped.
_TRACES: Final = (b"cache_", b"\\u")
_LONG: Final = frozenset({"1h", "12h"})


def kept(document: Document) -> Kept | None:
    """For how long the client wants prefixes kept, None where it says nothing.

    Any mark anywhere counts, also one that this gateway's reader leaves alone: the body is relayed.
    """
    skeleton = document.skeleton
    if not any(trace in skeleton for trace in _TRACES):
        return None
    marks = list(_marks(msgspec.json.decode(skeleton)))
    if any(isinstance(value, Mapping) and _word(value.get("ttl")) in _LONG for _, value in marks):
        return "long"
    if any(name != "prompt_cache_options" for name, _ in marks):
        return "short"
    explicit = any(isinstance(value, Mapping) and value.get("mode") == "explicit" for _, value in marks)
    return "never" if explicit else None


def _word(value: object) -> str:
    """What a client may put anywhere need not be a word."""
    return value if isinstance(value, str) else ""


def _marks(value: Any) -> Iterator[tuple[str, Any]]:
    """Every mark that says something, with its value. The depth of a scanned body is bounded."""
    if isinstance(value, list):
        for item in value:
            yield from _marks(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _MARKS and item is not None:
                yield key, item
            else:
                yield from _marks(item)
