"""`Media`: what containers of sound and film, and documents, tell without a sample being decoded."""

import io
import struct
import wave
from pathlib import Path

import pypdfium2  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import _core

CONTAINERS = Path(__file__).parent.parent / "golden" / "containers"


def golden(name: str, declared: str | None = None) -> _core.Media:
    """A file that another program made."""
    return _core.Media((CONTAINERS / name).read_bytes(), declared=declared)


@pytest.mark.parametrize(
    ("name", "mime", "seconds", "sound"),
    [
        ("tone.wav", "audio/wav", 0.75, ("pcm", 1, 8_000)),
        ("piped.wav", "audio/wav", 0.75, ("pcm_mulaw", 2, 8_000)),
        ("tone.flac", "audio/flac", 1.3, ("flac", 2, 8_000)),
        ("piped.flac", "audio/flac", 1.3, ("flac", 2, 8_000)),
        ("vbr.mp3", "audio/mpeg", 1.3, ("mp3", 1, 44_100)),
        ("bare-vbr.mp3", "audio/mpeg", 1.404, ("mp3", 1, 16_000)),
        ("tone.aac", "audio/aac", 1.408, ("aac", 1, 16_000)),
        ("tone.opus", "audio/ogg", 1.3, ("opus", 1, 48_000)),
        ("tone.m4a", "audio/mp4", 1.3, ("aac", 1, 44_100)),
        ("fragmented.m4a", "audio/mp4", 1.3, ("aac", 1, 44_100)),
        ("live.webm", "audio/webm", 1.308, ("opus", 1, 48_000)),
    ],
)
def test_sound(name: str, mime: str, seconds: float, sound: tuple[str, int, int]) -> None:
    """Seconds, codec, channels and rate are FFmpeg's own; nothing is said of pictures."""
    media = golden(name)
    assert ("audio", mime) == (media.kind, media.mime)
    assert pytest.approx(seconds, abs=1e-9) == media.seconds
    assert sound == (media.audio_codec, media.channels, media.sample_rate)
    assert (None, None, None) == (media.video_codec, media.width, media.frame_rate)


@pytest.mark.parametrize(
    ("name", "seconds", "codecs"),
    [
        ("film.mp4", 1.3, ("aac", "h264")),
        ("fragmented.mp4", 1.38, ("aac", "h264")),
        ("film.mov", 0.8, ("pcm", "mpeg4")),
        ("film.webm", 1.308, ("opus", "vp9")),
        ("film.mkv", 1.306, ("ac3", "h264")),
        ("film.ogv", 1.3, ("vorbis", "theora")),
    ],
)
def test_film(name: str, seconds: float, codecs: tuple[str, str]) -> None:
    """Seconds, codecs, frame size and frame rate are what FFmpeg says of the same file."""
    media = golden(name)
    assert ("video", codecs) == (media.kind, (media.audio_codec, media.video_codec))
    assert pytest.approx(seconds, abs=1e-9) == media.seconds
    assert (64, 48, 25.0, None) == (media.width, media.height, media.frame_rate, media.frames)


@given(
    channels=st.integers(1, 8),
    rate=st.sampled_from([8_000, 11_025, 16_000, 44_100, 48_000]),
    width=st.integers(1, 4),
    frames=st.integers(1, 3_000),
)
def test_any_wave(channels: int, rate: int, width: int, frames: int) -> None:
    """Whatever the standard library writes has frames / rate seconds; cut short, those that are left."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(channels * width * frames))
    media = _core.Media(out.getvalue())
    assert (frames / rate, channels, rate) == (media.seconds, media.channels, media.sample_rate)
    left = _core.Media(out.getvalue()[: -channels * width]).seconds
    assert ((frames - 1) / rate or None) == left


def test_a_format_that_nobody_can_play_is_refused() -> None:
    """A WAV of no channels is corrupt, and the message says so."""
    head = b"RIFF\x24\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 0, 8_000, 16_000, 2, 16)
    with pytest.raises(_core.Refusal, match="no channel") as caught:
        _core.Media(head)
    assert "media_corrupt" == caught.value.code


@pytest.mark.parametrize(
    "name",
    ["five.pdf", "five-packed.pdf", "five-linear.pdf", "two-hundred-packed.pdf", "eight-saved-twice.pdf"],
)
def test_pages(name: str) -> None:
    """Count and sizes of pages are PDFium's."""
    data = (CONTAINERS / name).read_bytes()
    media = _core.Media(data)
    document = pypdfium2.PdfDocument(data)
    sizes = [document[index].get_size() for index in range(min(len(document), 16))]
    assert len(document) == media.pages
    assert media.page_sizes is not None
    assert len(sizes) == len(media.page_sizes)
    for expected, size in zip(sizes, media.page_sizes, strict=True):
        assert pytest.approx(expected, abs=0.002) == size


def test_encrypted_documents_tell_no_pages() -> None:
    """What is encrypted is not looked into."""
    media = golden("encrypted.pdf")
    assert ("application/pdf", None, None) == (media.mime, media.pages, media.page_sizes)


def test_every_prefix_is_read_without_a_promise() -> None:
    """A file cut anywhere is refused, or tells no more seconds and pages than the whole; nothing crashes."""
    codes = set()
    for path in sorted(CONTAINERS.iterdir()):
        data = path.read_bytes()
        whole = _core.Media(data)
        for length in range(0, len(data), 97):
            try:
                media = _core.Media(data[:length])
            except _core.Refusal as refusal:
                codes.add(refusal.code)
                continue
            # A summary that was cut off can no longer tell the codec's run-up: a tenth of a second.
            assert (media.seconds or 0) <= (whole.seconds or 0) + 0.11
            assert (media.pages or 0) <= (whole.pages or 0)
    assert codes <= {"media_corrupt"}
