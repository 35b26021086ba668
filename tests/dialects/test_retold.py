"""A client's messages told again with other parts in the place of some."""

import json

from gateway import _core
from gateway.dialects.retold import replaced, retold
from gateway.types.request import MediaPart, TextPart, ToolResultPart
from tests.dialects.samples import PNG_URL, b64, pdf, read, user

IMAGE = {"type": "image_url", "image_url": {"url": PNG_URL}}


def test_parts_are_replaced_wherever_they_stand() -> None:
    """In a turn and in the result of a tool; what is not named stays the same."""
    tool = {"role": "tool", "tool_call_id": "c", "content": [IMAGE]}
    request = read({"model": "m", "messages": [{"role": "user", "content": [IMAGE, IMAGE]}, tool]})
    done = replaced(request, {0: MediaPart(0, "low"), 2: TextPart("seen")})
    assert (MediaPart(0, "low"), request.messages[0].parts[1]) == done.messages[0].parts
    result = done.messages[1].parts[0]
    assert isinstance(result, ToolResultPart)
    assert (TextPart("seen"),) == result.parts
    assert request is replaced(request, {})


def test_what_nobody_changes_is_the_same_body() -> None:
    """Media come back in the form they had, a data URL or bare base64, and every other value as it was."""
    bare = {"type": "file", "file": {"file_data": b64(pdf())}}
    body = user(IMAGE, bare, {"type": "text", "text": "a\u0000\U0001f600"}, {"type": "text", "text": ""})
    document = read(body).document
    template = retold(json.loads(document.skeleton)["messages"], document, lambda _: None)
    assert body["messages"] == json.loads(_core.fill(json.dumps(template).encode(), document.media))
