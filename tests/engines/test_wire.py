"""Frames between the gateway and its processes."""

import msgspec
import pytest

from gateway.engines import wire


@pytest.mark.parametrize(
    "frame",
    [
        wire.Ready(8080),
        wire.Page(0, 1, 2, "ä", "ocr", 0.5),
        wire.Refused(3, "too_many_pages", 51),
        wire.Done(1.25),
        wire.Failed("ValueError"),
    ],
)
def test_answers_survive_the_line(frame: wire.Answer) -> None:
    """What a process says is what the gateway hears; the head holds the length."""
    sent = wire.encode(frame)
    assert len(sent) - wire.HEAD == wire.length(sent[: wire.HEAD], wire.MAX_ANSWER)
    assert frame == wire.answer(sent[wire.HEAD :])


def test_media_survive_the_line() -> None:
    """Any bytes of a medium arrive unchanged."""
    job = wire.Job((wire.Medium(0, "image", "image/png", bytes(range(256))),), 60)
    assert job == wire.question(wire.encode(job)[wire.HEAD :])


def test_a_frame_above_the_cap_is_refused() -> None:
    """A length beyond the cap is refused before anything is read."""
    with pytest.raises(ValueError, match="too long"):
        wire.length(b"\xff\xff\xff\xff", wire.MAX_ANSWER)


@pytest.mark.parametrize("payload", [b"", b"\x80", b"\x81\xa4type\xa3job", b"\xc1"])
def test_nonsense_is_refused(payload: bytes) -> None:
    """Bytes that are no known answer are an error, never a guess."""
    with pytest.raises(msgspec.MsgspecError):
        wire.answer(payload)
