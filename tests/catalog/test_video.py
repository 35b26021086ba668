"""Videos as frames and sound."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.catalog.video import VideoRule, video_tokens

GEMINI = VideoRule(frame=258, levels={"LOW": 64}, sound_per_second="32", rounded_per_second=300)


@given(seconds=st.decimals(0, 20_000, places=2, allow_nan=False), fps=st.integers(1, 24))
def test_bounds_are_ordered(seconds: Decimal, fps: int) -> None:
    """Without sound is the least; the round number of the documentation is not below what is expected."""
    rule = VideoRule(frame=258, frames_per_second=str(fps), sound_per_second="32", rounded_per_second=300)
    found = video_tokens(rule, seconds)
    assert found.low <= found.expected <= found.high
    assert found.frames >= 1


def test_a_level_changes_the_frames_alone() -> None:
    """At a media resolution a frame has that level's tokens, the sound its own."""
    assert video_tokens(GEMINI, 10).expected - video_tokens(GEMINI, 10, "LOW").expected == 10 * (258 - 64)


def test_frames_are_bounded() -> None:
    """Nova looks at 960 frames at most, Gemma at 32 whatever the length."""
    assert video_tokens(VideoRule(frame=288, most_frames=960), 3600).expected == 960 * 288
    assert video_tokens(VideoRule(frame=70, least_frames=32, most_frames=32), 5).expected == 32 * 70
