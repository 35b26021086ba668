"""What a video comes to at a model: frames taken from it, each of so many tokens, and its sound.

Sources: Google's video and media-resolution guides, Amazon's Nova guide, vLLM's processors
(providers.md 3).
"""

from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from msgspec import Struct


class VideoTokens(NamedTuple):
    """Least, expected and most tokens, and the frames they are of."""

    low: int
    expected: int
    high: int
    frames: int


class VideoRule(Struct, frozen=True, forbid_unknown_fields=True):
    """`frame`: tokens of one, or of one at a media resolution in `levels`; `sound_per_second`: tokens of the
    sound, a decimal string. Frames: `frames_per_second` of the video, at least and at most so many; None: no
    end. `rounded_per_second`: the round number that is documented beside the rule, an upper bound.
    """

    frame: int
    levels: dict[str, int] = {}
    frames_per_second: str = "1"
    sound_per_second: str = "0"
    least_frames: int = 1
    most_frames: int | None = None
    rounded_per_second: int | None = None


def video_tokens(rule: VideoRule, seconds: Decimal | float, level: str | None = None) -> VideoTokens:
    """Tokens of one video of known length; whether it has sound is not known: the least is without."""
    length = Decimal(str(seconds))
    sampled = int((length * Decimal(rule.frames_per_second)).to_integral_value(rounding=ROUND_CEILING))
    frames = max(sampled, rule.least_frames)
    if rule.most_frames is not None:
        frames = min(frames, rule.most_frames)
    seen = frames * rule.levels.get(level or "", rule.frame)
    sound = int((length * Decimal(rule.sound_per_second)).to_integral_value(rounding=ROUND_CEILING))
    rounded = int((length * (rule.rounded_per_second or 0)).to_integral_value(rounding=ROUND_CEILING))
    return VideoTokens(seen, seen + sound, max(seen + sound, rounded if level is None else 0), frames)
