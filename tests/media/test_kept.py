"""What a body asks of the provider's prompt cache, wherever in it the mark stands."""

import json
from typing import Any

import pytest

from gateway import _core
from gateway.media.kept import kept

MARK = {"type": "ephemeral"}
HOUR = {"type": "ephemeral", "ttl": "1h"}
EXPLICIT = {"mode": "explicit"}


def block(**more: Any) -> dict[str, Any]:
    """A body with one block of text."""
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": "cache_control", **more}]}]}


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (block(), None),
        (block(cache_control=MARK), "short"),
        (block(cache_control=None), None),
        (block(cache_control=HOUR), "long"),
        ({**block(cache_control=MARK), "tools": [{"name": "f", "cache_control": HOUR}]}, "long"),
        ({**block(), "cache_control": MARK}, "short"),
        ({**block(), "prompt_cache_options": {"mode": "implicit"}}, None),
        ({**block(), "prompt_cache_options": {"ttl": "12h"}}, "long"),
        ({**block(), "prompt_cache_options": {"ttl": []}}, None),
        ({**block(), "prompt_cache_options": EXPLICIT}, "never"),
        ({**block(prompt_cache_breakpoint={}), "prompt_cache_options": EXPLICIT}, "short"),
    ],
)
def test_a_mark_is_found_anywhere(body: dict[str, Any], wanted: str | None) -> None:
    """Blocks, tools and the body itself can carry one; a text that names it is none."""
    assert kept(_core.scan(json.dumps(body).encode(), _core.Limits())) == wanted


def test_an_escaped_mark_is_found() -> None:
    """JSON may spell a key with escapes, and a budget is not passed by spelling."""
    body = json.dumps(block(cache_control=HOUR)).replace('"cache_control":', '"\\u0063ache_control":')
    assert kept(_core.scan(body.encode(), _core.Limits())) == "long"
