"""The providers' own counters of input tokens: an address, a body, a number in the answer. Pure.

They are free and exact, and too slow for the path of a request; `weighbridge catalog calibrate` asks them
whether a rule is right. Sources: Anthropic's and OpenAI's SDKs, Google's API reference (providers.md 5.3).
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import Struct

from gateway.dialects.frames import count


class Asked(Struct, frozen=True):
    """One user message to count: a text, and a medium beside it or none (`mime` empty)."""

    text: str
    medium: bytes = b""
    mime: str = ""


Write: TypeAlias = Callable[[str, Asked], dict[str, Any]]


class Counter(Struct, frozen=True):
    """One wire format. `path`: of a model, below the provider's `base_url` less `beside`.

    `counted`: the member of the answer. `key`: the header a key goes into, None: the provider's usual one.
    `remark`: what the provider says of its own numbers.
    """

    path: str
    write: Write
    counted: str
    beside: str = ""
    key: str | None = None
    remark: str = ""

    def url(self, base_url: str, model: str) -> str:
        """Where to ask."""
        return base_url.rstrip("/").removesuffix(self.beside) + self.path.format(model=model)

    def read(self, body: bytes) -> int | None:
        """The tokens of an answer; None when it holds no such number."""
        try:
            answer = msgspec.json.decode(body)
        except msgspec.DecodeError:
            return None
        return count(answer.get(self.counted)) if isinstance(answer, dict) else None


def _encoded(asked: Asked) -> str:
    return base64.b64encode(asked.medium).decode()


def _is_image(asked: Asked) -> bool:
    return asked.mime.startswith("image/")


def _anthropic(model: str, asked: Asked) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": asked.text}]
    if asked.mime:
        source = {"type": "base64", "media_type": asked.mime, "data": _encoded(asked)}
        content.insert(0, {"type": "image" if _is_image(asked) else "document", "source": source})
    return {"model": model, "messages": [{"role": "user", "content": content}]}


def _responses(model: str, asked: Asked) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "input_text", "text": asked.text}]
    url = f"data:{asked.mime};base64,{_encoded(asked)}"
    if _is_image(asked):
        content.append({"type": "input_image", "image_url": url, "detail": "auto"})
    elif asked.mime:
        content.append({"type": "input_file", "filename": "probe.pdf", "file_data": url})
    return {"model": model, "input": [{"role": "user", "content": content}]}


def _gemini(_: str, asked: Asked) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": asked.text}]
    if asked.mime:
        parts.append({"inline_data": {"mime_type": asked.mime, "data": _encoded(asked)}})
    return {"contents": [{"role": "user", "parts": parts}]}


COUNTERS: Final[Mapping[str, Counter]] = {
    "anthropic_messages": Counter("/messages/count_tokens", _anthropic, "input_tokens"),
    "openai_responses": Counter("/responses/input_tokens", _responses, "input_tokens"),
    "gemini": Counter(
        "/models/{model}:countTokens",
        _gemini,
        "totalTokens",
        beside="/openai",
        key="x-goog-api-key",
        remark="Google says that counts of media may differ from what Gemini 3 bills",
    ),
}
"""By the name that a provider's row says."""
