"""A provider is a row: where it is, how it is addressed, which dialect it speaks.

To add one: a file with its row, its entry in `PROVIDERS`, its models in `gateway/catalog/data`. A private
server needs no file: the operator's configuration makes the row.
"""

from typing import Final

from gateway.providers.anthropic import ANTHROPIC
from gateway.providers.gemini import GEMINI
from gateway.providers.local import LOCAL
from gateway.providers.mistral import MISTRAL
from gateway.providers.openai import OPENAI
from gateway.providers.row import Auth, Provider, not_carried, parameter_rules
from gateway.providers.xai import XAI

PROVIDERS: Final[dict[str, Provider]] = {
    provider.name: provider for provider in (OPENAI, ANTHROPIC, GEMINI, MISTRAL, XAI, LOCAL)
}

__all__ = ["PROVIDERS", "Auth", "Provider", "not_carried", "parameter_rules"]
