"""Tokens of video: frames taken, and what a frame is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.audio import PerSecond
from gateway.catalog.video import QwenVideo, Sampled, VideoRule, frames_of, qwen_frame_size, video_tokens

GEMINI_2 = Sampled(
    frame=258,
    most_second=300,
    sound=True,
    levels={"MEDIA_RESOLUTION_LOW": 64},
    most_levels={"MEDIA_RESOLUTION_LOW": 100},
)
GEMINI_3 = Sampled(frame=70, budget=True, sound=True, levels={"MEDIA_RESOLUTION_HIGH": 280})
NOVA = Sampled(frame=288, most=960)
QWEN = QwenVideo(factor=32, pixels=25_165_824, stamp=7)


@pytest.mark.parametrize(
    ("rule", "seconds", "fps", "expected"),
    [
        (GEMINI_2, "10", None, 10),
        # A second begun is seen.
        (GEMINI_2, "10.2", None, 11),
        (GEMINI_2, "10", "0.5", 5),
        # Nova's rate goes down once 16 minutes are reached.
        (NOVA, "2000", None, 960),
        # Qwen takes four frames of anything, 768 at most, always pairs.
        (QWEN, "0.1", None, 4),
        (QWEN, "4.6", None, 10),
        (QWEN, "9000", None, 768),
    ],
)
def test_frames(rule: VideoRule, seconds: str, fps: str | None, expected: int) -> None:
    """Seconds times frames a second, within the rule's bounds."""
    assert expected == frames_of(rule, Decimal(seconds), fps)


def test_sound_is_heard_but_may_be_missing() -> None:
    """Gemini 2: 258 a frame, 32 a second of sound, 300 by the guide's round figure; silent, frames alone."""
    counted = video_tokens(GEMINI_2, 10, sound=PerSecond("32"))
    assert (2900, 2580, 3000, "bounded") == (counted.tokens, counted.low, counted.high, counted.certainty)


def test_a_level_of_resolution_changes_the_frames_alone() -> None:
    """At LOW a frame is 64 tokens, a second of sound is what it was."""
    low = video_tokens(GEMINI_2, 10, sound=PerSecond("32"), level="MEDIA_RESOLUTION_LOW")
    assert (10 * (64 + 32), 10 * 64, 10 * 100) == (low.tokens, low.low, low.high)


def test_a_budget_is_filled_by_the_shape() -> None:
    """Gemini 3 promises 70 a frame at most; a screen's shape makes 66 of them, an unknown one all 70."""
    sound = PerSecond("25", most="32")
    screen = video_tokens(GEMINI_3, 10, (1920, 1080), sound=sound)
    assert (10 * (66 + 25), 10 * (70 + 32)) == (screen.tokens, screen.high)
    unread = video_tokens(GEMINI_3, 10, sound=sound)
    assert (10 * (70 + 25), 10 * 59) == (unread.tokens, unread.low)


def test_ten_seconds_at_nova() -> None:
    """2,880 tokens, as the guide says."""
    assert (2880, "exact") == (video_tokens(NOVA, 10).tokens, video_tokens(NOVA, 10).certainty)


@pytest.mark.parametrize(
    ("frames", "size", "expected"),
    [
        # Well within the budget: to whole cells.
        (4, (640, 360), (640, 352)),
        # 240 frames of 1080p are 20 times the budget.
        (240, (1920, 1080), (416, 224)),
    ],
)
def test_qwen_frames_share_a_budget(frames: int, size: tuple[int, int], expected: tuple[int, int]) -> None:
    """All frames together stay within the checkpoint's pixels."""
    found = qwen_frame_size(QWEN, frames, size)
    assert expected == found
    assert frames * found[0] * found[1] <= QWEN.pixels


@given(seconds=st.integers(min_value=1, max_value=20_000), rule=st.sampled_from([GEMINI_2, GEMINI_3, NOVA]))
def test_a_longer_video_never_costs_less(seconds: int, rule: Sampled) -> None:
    """Tokens and bounds are monotone in the seconds, and the bounds hold the tokens."""
    sound = PerSecond("25", most="32")
    shorter, longer = (
        video_tokens(rule, length, (1280, 720), sound=sound) for length in (seconds, seconds + 1)
    )
    assert shorter.tokens <= longer.tokens
    assert shorter.high <= longer.high
    assert longer.low <= longer.tokens <= longer.high
