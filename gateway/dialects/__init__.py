"""A codec per wire format; all of them meet in `types.request` and `types.event`.

To add one: a package beside these, its row in `DIALECTS`, and cases in `tests/golden/dialects`; the
golden and property tests walk the table.
"""

from typing import Final

from gateway.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from gateway.dialects.codec import (
    Bill,
    Dialect,
    Obstacle,
    ParameterRules,
    Reader,
    WriteContext,
    Writer,
    WriteRequest,
)
from gateway.dialects.openai_chat import OPENAI_CHAT
from gateway.dialects.retold import Replacements

DIALECTS: Final[dict[str, Dialect]] = {dialect.name: dialect for dialect in (OPENAI_CHAT, ANTHROPIC_MESSAGES)}

__all__ = [
    "DIALECTS",
    "Bill",
    "Dialect",
    "Obstacle",
    "ParameterRules",
    "Reader",
    "Replacements",
    "WriteContext",
    "WriteRequest",
    "Writer",
]
