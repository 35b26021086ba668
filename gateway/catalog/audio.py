"""What a second of sound comes to at a model: tokens, or seconds that are billed as such.

Sources: the tokens and media-resolution guides of Google, OpenAI's realtime guide, mistral-common, Groq's
speech guide (providers.md 2).
"""

from decimal import ROUND_CEILING, Decimal

from msgspec import Struct

Seconds = Decimal | float


class AudioRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Rates are decimal strings, tokens per second.

    `tokens_per_second`: of sound that is heard; None: seconds are billed, not tokens. `spoken_per_second`: of
    sound that is answered, where it differs. `begin`: tokens once a part. `least_seconds`: what is billed of
    a shorter part.
    """

    tokens_per_second: str | None = None
    spoken_per_second: str | None = None
    begin: int = 0
    least_seconds: int = 0


def heard_tokens(rule: AudioRule, seconds: Seconds) -> int:
    """Tokens of one part of the input, a begun token counted whole; `begin` not among them."""
    return _tokens(rule.tokens_per_second, seconds)


def spoken_tokens(rule: AudioRule, seconds: Seconds) -> int:
    """Tokens of sound in the answer."""
    return _tokens(rule.spoken_per_second or rule.tokens_per_second, seconds)


def billed_seconds(rule: AudioRule, seconds: Seconds) -> Decimal:
    """Seconds that are charged of one part."""
    return max(Decimal(str(seconds)), Decimal(rule.least_seconds))


def _tokens(per_second: str | None, seconds: Seconds) -> int:
    if per_second is None:
        return 0
    return int((Decimal(str(seconds)) * Decimal(per_second)).to_integral_value(rounding=ROUND_CEILING))
