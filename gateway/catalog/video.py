"""What video costs at a model: frames taken from it, tokens of a frame, and its sound where that is heard.

Sources: Google's video, tokens and media-resolution guides (September 2026), the Qwen and Gemma 4 video
processors, vLLM, the Amazon Nova user guide (providers.md 3). Sizes are (width, height) in pixels.
"""

from decimal import ROUND_CEILING, Decimal
from math import isqrt
from typing import TypeAlias

from msgspec import Struct

from gateway.catalog.audio import AudioRule, Decimals, audio_tokens
from gateway.catalog.images.google import TokenBudget, budget_tokens
from gateway.catalog.images.sizes import Size
from gateway.types.money import Certainty

# A video whose size nobody read has the shape of a screen, where the shape counts.
_ASSUMED_SIZE = (1920, 1080)
# Hundredths of a frame's budget that usual shapes fill at least: 60 of 70 at 3:2.
_LEAST_OF_BUDGET = 85


class Sampled(Struct, frozen=True, forbid_unknown_fields=True, tag="frames", tag_field="kind"):
    """`fps` frames a second, from `least` to `most`, each of `frame` tokens.

    `levels`: tokens of a frame at other media resolutions, by the provider's word. `budget`: `frame` is a
    maximum that the sizing rule of Gemma 4 fills by the video's shape. `stamp`: tokens of the text that
    names a frame. `most_second`: what another page of the provider's says a second with sound costs at one
    frame a second, `most_levels` the same at a media resolution. `sound`: it is heard, at the model's audio
    rule.
    """

    frame: int
    fps: Decimals = "1"
    least: int = 1
    most: int | None = None
    levels: dict[str, int] = {}
    budget: bool = False
    stamp: int = 0
    most_second: int | None = None
    most_levels: dict[str, int] = {}
    sound: bool = False


class QwenVideo(Struct, frozen=True, forbid_unknown_fields=True, tag="qwen_video", tag_field="kind"):
    """Frames in pairs, each pair a grid of `factor` px cells, all pairs within a budget of pixels.

    `pixels`: the checkpoint's most pixels of frames / 2 * width * height; `markers` and `stamp`: tokens
    round a pair, and of its time as text. An operator's checkpoint may differ: the count is an estimate.
    """

    factor: int
    pixels: int
    fps: Decimals = "2"
    least: int = 4
    most: int = 768
    markers: int = 2
    stamp: int = 0


VideoRule: TypeAlias = Sampled | QwenVideo
RULES: dict[str, type[VideoRule]] = {str(kind.__struct_config__.tag): kind for kind in (Sampled, QwenVideo)}


class VideoTokens(Struct, frozen=True):
    """Tokens of one video, its sound among them."""

    tokens: int
    low: int
    high: int
    certainty: Certainty
    frames: int


def frames_of(rule: VideoRule, seconds: Decimal, fps: str | None = None) -> int:
    """Frames taken: ceil(seconds * fps) within the rule's bounds; pairs are filled up for Qwen.

    `fps`: as asked for, where the provider lets one ask.
    """
    taken = int((seconds * Decimal(fps or rule.fps)).to_integral_value(rounding=ROUND_CEILING))
    taken = max(taken, rule.least)
    if rule.most is not None:
        taken = min(taken, rule.most)
    return taken + taken % 2 if isinstance(rule, QwenVideo) else taken


def video_tokens(
    rule: VideoRule,
    seconds: float | Decimal,
    size: Size | None = None,
    *,
    sound: AudioRule | None = None,
    level: str | None = None,
    fps: str | None = None,
) -> VideoTokens:
    """What a video of so many seconds costs. `sound`: the model's audio rule, None if there is no sound."""
    exact = Decimal(str(seconds))
    if isinstance(rule, QwenVideo):
        return _qwen(rule, exact, size or _ASSUMED_SIZE)
    frames = frames_of(rule, exact, fps)
    frame = rule.levels.get(level or "", rule.frame)
    seen = frame
    if rule.budget and size is not None:
        seen = budget_tokens(TokenBudget(budget=frame, bounded=False), *size, None).tokens
    tokens, high = frames * (seen + rule.stamp), frames * (frame + rule.stamp)
    low = tokens
    if rule.budget and size is None:
        # Of a shape nobody read the maximum is expected, and a screen's shape at the least.
        low = frames * (frame * _LEAST_OF_BUDGET // 100 + rule.stamp)
    if rule.sound:
        # A silent video is read as one, but whether it is silent is not in what we know of it.
        heard = audio_tokens(sound, exact) if sound is not None else None
        tokens += heard.tokens if heard else 0
        high += heard.high if heard else 0
    most = rule.most_levels.get(level or "", None if level else rule.most_second)
    if fps is None and most is not None and sound is not None:
        high = max(high, frames * most)
    certainty: Certainty = "exact" if low == tokens == high else "bounded"
    return VideoTokens(tokens=tokens, low=low, high=high, certainty=certainty, frames=frames)


def qwen_frame_size(rule: QwenVideo, frames: int, size: Size) -> Size:
    """The size of a frame: both sides to whole cells, made smaller so that all frames fit the budget.

    With `frames` frames in pairs the budget binds frames * width * height, as the processor counts it.
    """
    width, height = size
    cell = rule.factor
    rows, columns = max(round(height / cell), 1), max(round(width / cell), 1)
    if frames * rows * columns * cell * cell > rule.pixels:
        # floor(side / beta / cell) with beta = sqrt(frames * w * h / pixels), by integer roots.
        rows = max(isqrt(rule.pixels * height // (frames * width)) // cell, 1)
        columns = max(isqrt(rule.pixels * width // (frames * height)) // cell, 1)
    return columns * cell, rows * cell


def _qwen(rule: QwenVideo, seconds: Decimal, size: Size) -> VideoTokens:
    frames = frames_of(rule, seconds)
    width, height = qwen_frame_size(rule, frames, size)
    cells = (width // rule.factor) * (height // rule.factor)
    pairs = frames // 2
    tokens = pairs * (cells + rule.markers + rule.stamp)
    return VideoTokens(
        tokens=tokens,
        low=pairs * (cells // 2 + 1),
        high=2 * tokens,
        certainty="estimated",
        frames=frames,
    )
