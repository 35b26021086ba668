"""What audio costs at a model, in tokens of its seconds.

Sources: the media-resolution, audio and tokens guides of Google (25 against 32 a second, as yet unsettled),
OpenAI's realtime-costs guide, mistral-common 1.13.1, vLLM's Gemma 4 (providers.md 2).
"""

from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal
from typing import Annotated

from msgspec import Meta, Struct

from gateway.types.money import Certainty

_MICRO = Decimal("0.000001")
Decimals = Annotated[str, Meta(pattern=r"^\d+(\.\d+)?$")]


class PerSecond(Struct, frozen=True, forbid_unknown_fields=True, tag="per_second", tag_field="kind"):
    """`tokens` a second as a decimal string, begun ones whole.

    `most`: what another page of the provider's says a second is; `begin`: marker tokens, always; `special`:
    tokens that may come on top; `padded`: seconds of the pieces that some servers fill up.
    """

    tokens: Decimals
    most: Decimals | None = None
    begin: int = 0
    special: int = 0
    padded: int | None = None


AudioRule = PerSecond
RULES: dict[str, type[AudioRule]] = {str(PerSecond.__struct_config__.tag): PerSecond}


class AudioTokens(Struct, frozen=True):
    """Tokens of one recording; `low` and `high` are the same where nothing is left to doubt."""

    tokens: int
    low: int
    high: int

    @property
    def certainty(self) -> Certainty:
        """Exact, or bounded."""
        return "exact" if self.low == self.high else "bounded"


def audio_tokens(rule: AudioRule, seconds: float | Decimal) -> AudioTokens:
    """ceil(seconds * tokens) + begin. Seconds are taken to the microsecond: a header's are a quotient."""
    exact = Decimal(str(seconds)).quantize(_MICRO, rounding=ROUND_HALF_EVEN)
    tokens = _ceiling(exact * Decimal(rule.tokens)) + rule.begin
    high = max(tokens, _ceiling(exact * Decimal(rule.most or rule.tokens)) + rule.begin) + rule.special
    if rule.padded is not None:
        pieces = _ceiling(exact / rule.padded)
        high = max(high, pieces * _ceiling(rule.padded * Decimal(rule.tokens)) + rule.begin)
    return AudioTokens(tokens=tokens, low=tokens, high=high)


def _ceiling(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_CEILING))
