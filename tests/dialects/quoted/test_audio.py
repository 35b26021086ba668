"""What is to be said, and what is to be heard."""

from typing import Any

import pytest

from gateway.errors import GatewayError
from tests.dialects.quoted.test_shape import RECORDING, read


def test_a_recording_is_one_medium() -> None:
    """The file is a part, the prompt a text before it; the format of the answer stays in the rest."""
    request = read(
        {"model": "whisper-1", "file": RECORDING, "prompt": "names: Ada", "response_format": "srt"}
    )
    text, media = request.messages[0].parts
    assert ("transcription", "whisper-1", "names: Ada", 0) == (
        request.operation,
        request.model,
        text.text,
        media.media,
    )
    assert {"response_format": "srt"} == request.rest


def test_a_speech_is_its_text() -> None:
    """Text and instructions are weighed."""
    request = read({"model": "m", "input": "Good morning", "voice": "alloy", "instructions": "gently"})
    assert ["Good morning", "gently"] == [part.text for part in request.messages[0].parts]
    assert {"voice": "alloy"} == request.rest


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"file": "audio.mp3"}, "file"),
        ({"file": {}}, "file.file_data"),
        ({"file": {"file_data": "https://example.com/a.mp3"}}, "file.file_data"),
        ({"input": "", "voice": "alloy"}, "input"),
        ({"input": 5, "voice": "alloy"}, "input"),
    ],
)
def test_what_is_wrong_has_its_place(body: dict[str, Any], place: str) -> None:
    """Each mistake by the member it stands in."""
    with pytest.raises(GatewayError) as refusal:
        read({"model": "m", **body})
    assert place == refusal.value.param
