"""The free counters of three providers, by formulas of the rig's own: tiktoken, Pillow and loops.

A text is o200k_base's tokens, times a half more at Anthropic; a message has 7 more. A picture is tiles of
512 px at OpenAI (85 and 170 each, shrunk to 2048 and 768 first), cells of 28 px at Anthropic (4,784 within
2,576 px), 1,100 at Gemini. A page is 850, at Anthropic 5,000, at Gemini 530. `Program.count_times` times all.
"""

import base64
import io
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any, Final, Literal, TypeAlias

from PIL import Image

from tests.native.vocabulary import tiktoken_encodings
from tests.rig.answers import Answer
from tests.rig.programs import Program

Counting: TypeAlias = Literal["openai", "anthropic", "gemini"]
COUNTERS: Final[dict[str, Counting]] = {
    "/responses/input_tokens": "openai",
    "/messages/count_tokens": "anthropic",
    ":countTokens": "gemini",
}
_MESSAGE: Final = 7
_PAGE: Final[dict[Counting, int]] = {"openai": 850, "anthropic": 5_000, "gemini": 530}


def answer(counting: Counting, body: bytes, program: Program) -> Answer:
    """The counter's answer to a request."""
    if program.body is not None:
        return Answer([program.body.encode()], "application/json")
    if program.status >= 300:
        return Answer([json.dumps({"error": {"message": "no", "type": "x"}}).encode()], "application/json")
    tokens = _MESSAGE + sum(_tokens(counting, part) for part in _parts(json.loads(body)))
    tokens = round(tokens * program.count_times)
    key = "totalTokens" if counting == "gemini" else "input_tokens"
    return Answer([json.dumps({key: tokens}).encode()], "application/json", tokens, 0)


def _parts(value: Any) -> Iterator[str | bytes]:
    """Texts, and media decoded, wherever they stand."""
    if isinstance(value, list):
        for item in value:
            yield from _parts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "data":
                yield base64.b64decode(item)
            elif key in {"image_url", "file_data"}:
                yield base64.b64decode(item.partition(",")[2])
            elif key == "text":
                yield item
            else:
                yield from _parts(item)


def _tokens(counting: Counting, part: str | bytes) -> int:
    if isinstance(part, str):
        words = len(_encoding().encode(part))
        return words * 3 // 2 if counting == "anthropic" else words
    if part.startswith(b"%PDF"):
        return _PAGE[counting] * len(re.findall(rb"/Type /Page\b(?!s)", part))
    with Image.open(io.BytesIO(part)) as picture:
        width, height = picture.size
    if counting == "gemini":
        return 1_100
    return _tiles(width, height) if counting == "openai" else _grid(width, height)


@cache
def _encoding() -> Any:
    return tiktoken_encodings()["o200k_base"]


def _tiles(width: int, height: int) -> int:
    times = min(Fraction(1), Fraction(2048, max(width, height)), Fraction(768, min(width, height)))
    across, down = (len(range(0, int(side * times), 512)) for side in (width, height))
    return 85 + 170 * across * down


def _grid(width: int, height: int) -> int:
    long, short = max(width, height), min(width, height)
    for edge in range(long, 0, -1):
        cells = len(range(0, edge, 28)), len(range(0, max(round(Fraction(short * edge, long)), 1), 28))
        if cells[0] * cells[1] <= 4_784 and max(cells) * 28 <= 2_576:
            return cells[0] * cells[1]
    return 1
