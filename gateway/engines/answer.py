"""The reader's text in the shape of an OpenAI chat completion, plain or streamed. Pure.

Usage counts the text as o200k_base tokens and carries the extension `cpu_seconds`: the reader is priced
by the CPU time it took, not by tokens.
"""

import secrets
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from gateway import _core
from gateway.engines import wire

_encode = msgspec.json.Encoder().encode
DONE = b"data: [DONE]\n\n"


class StreamOptions(Struct, frozen=True):
    """`stream_options` of the body."""

    include_usage: bool | None = None


class Ask(Struct, frozen=True):
    """What the reader minds of a chat body; the rest is for other models."""

    model: str = "read"
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None

    @property
    def limit(self) -> int | None:
        """Most tokens of text wanted."""
        return self.max_completion_tokens if self.max_completion_tokens is not None else self.max_tokens

    @property
    def include_usage(self) -> bool:
        """Whether a stream ends with a usage chunk."""
        return bool(self.stream_options and self.stream_options.include_usage)


class Composer:
    """Pages in, text out: a heading a medium when there are several, words where nothing was found.

    `limit`: tokens after which the text is cut; `full` says that it was.
    """

    def __init__(self, media: Sequence[wire.Medium], limit: int | None) -> None:
        self._media = list(media)
        self._limit = limit
        self._current: int | None = None
        self._any = False
        self._found = False
        self.tokens = 0
        self.full = False

    def add(self, page: wire.Page) -> str:
        """What this page adds to the answer."""
        text = ""
        if page.index != self._current:
            text = self._close() + self._open(page.index)
        if page.text:
            text += ("\n\n" if self._found else "") + page.text
            self._found = True
        return self._take(text)

    def finish(self) -> str:
        """What is still to be said when every page was read."""
        return self._take(self._close())

    def _open(self, index: int) -> str:
        self._current, self._found = index, False
        if len(self._media) == 1:
            return ""
        place = next(place for place, medium in enumerate(self._media, 1) if medium.index == index)
        kind = self._media[place - 1].kind
        gap = "\n\n" if self._any else ""
        self._any = True
        return f"{gap}[{kind} {place} of {len(self._media)}]\n"

    def _close(self) -> str:
        if self._current is None or self._found:
            return ""
        kind = next(medium.kind for medium in self._media if medium.index == self._current)
        return f"No text found in this {kind}."

    def _take(self, text: str) -> str:
        if not text or self.full:
            return ""
        tokens = _core.count_tokens(text, "o200k_base")
        if self._limit is not None and self.tokens + tokens > self._limit:
            text, tokens = _cut(text, self._limit - self.tokens)
            self.full = True
        self.tokens += tokens
        return text


def _cut(text: str, limit: int) -> tuple[str, int]:
    """The longest prefix of at most `limit` tokens, by halving, and its tokens."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if _core.count_tokens(text[:middle], "o200k_base") <= limit:
            low = middle
        else:
            high = middle - 1
    return text[:low], _core.count_tokens(text[:low], "o200k_base")


class Envelope(Struct, frozen=True):
    """What every piece of one answer shares."""

    id: str
    model: str
    created: int

    @classmethod
    def new(cls, model: str) -> "Envelope":
        """A fresh id, now."""
        return cls(f"chatcmpl-{secrets.token_hex(12)}", model, int(time.time()))

    def whole(self, text: str, finish_reason: str, usage: dict[str, Any]) -> bytes:
        """A plain chat completion."""
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
        return _encode(self._body("chat.completion") | {"choices": [choice], "usage": usage})

    def delta(self, delta: dict[str, str], finish_reason: str | None = None) -> bytes:
        """One chunk of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return _event(self._body("chat.completion.chunk") | {"choices": [choice]})

    def usage(self, usage: dict[str, Any]) -> bytes:
        """The usage chunk of a stream."""
        return _event(self._body("chat.completion.chunk") | {"choices": [], "usage": usage})

    def _body(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def usage(tokens: int, cpu_seconds: float) -> dict[str, Any]:
    """Usage in OpenAI's shape; `cpu_seconds` to the millisecond."""
    return {
        "prompt_tokens": 0,
        "completion_tokens": tokens,
        "total_tokens": tokens,
        "cpu_seconds": round(cpu_seconds, 3),
    }


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + _encode(body) + b"\n\n"
