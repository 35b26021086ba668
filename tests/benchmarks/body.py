"""The body path: from a chat body with one picture to its digest and to the body that is sent on.

Ours is `scan` (strict parse, UTF-8, duplicate keys, caps, base64, BLAKE3) and `splice` with a new model name.
The rivals are what Python programs do: parse, split the data URL, decode, hash, put the model in, write.
"""

# ruff: noqa: T201 - what it prints is what it is for

import base64
import functools
import hashlib
import importlib
import json
import random
from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway import _core
from tests.benchmarks.corpus import SEED
from tests.benchmarks.measure import interleaved, table

ROUNDS: Final = 25
SIZES: Final = (200_000, 1_000_000, 5_000_000)


class Url(msgspec.Struct):
    """An image of a chat body."""

    url: str = ""


class Part(msgspec.Struct):
    """A part of a message."""

    type: str
    text: str | None = None
    image_url: Url | None = None


class Turn(msgspec.Struct):
    """A message."""

    role: str
    content: list[Part]


class Chat(msgspec.Struct):
    """The body as msgspec reads it typed."""

    model: str
    messages: list[Turn]


def body(size: int) -> bytes:
    """A question about a picture of so many random bytes."""
    picture = base64.b64encode(b"\0" + random.Random(SEED).randbytes(size)).decode()
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": f"data:application/octet-stream;base64,{picture}"}},
    ]
    return json.dumps({"model": "vision", "messages": [{"role": "user", "content": parts}]}).encode()


def ours(raw: bytes) -> bytes:
    """Scan and splice."""
    document = _core.scan(raw, _core.Limits())
    return document.splice({"model": b'"gpt-4o"'}, {})


def naive(raw: bytes) -> bytes:
    """The standard library."""
    document = json.loads(raw)
    url = document["messages"][0]["content"][1]["image_url"]["url"]
    hashlib.sha256(base64.b64decode(url.split(",")[1])).hexdigest()
    document["model"] = "gpt-4o"
    return json.dumps(document).encode()


def best_of_wheels(decode: Callable[[bytes], Any]) -> Callable[[bytes], bytes]:
    """Msgspec typed, pybase64 validating, BLAKE2b of the standard library, msgspec again."""

    def run(raw: bytes) -> bytes:
        chat = msgspec.json.decode(raw, type=Chat)
        image = chat.messages[0].content[1].image_url
        assert image is not None
        hashlib.blake2b(decode(image.url.partition(",")[2].encode()), digest_size=32).hexdigest()
        chat.model = "gpt-4o"
        return msgspec.json.encode(chat)

    return run


def with_orjson(orjson: Any, decode: Callable[[bytes], Any]) -> Callable[[bytes], bytes]:
    """Orjson both ways."""

    def run(raw: bytes) -> bytes:
        document = orjson.loads(raw)
        url = document["messages"][0]["content"][1]["image_url"]["url"]
        hashlib.sha256(decode(url.split(",")[1].encode())).hexdigest()
        document["model"] = "gpt-4o"
        return bytes(orjson.dumps(document))

    return run


def ways() -> dict[str, Callable[[bytes], bytes]]:
    """Ours, the standard library, and what is installed of the rest."""
    found: dict[str, Callable[[bytes], bytes]] = {"scan + splice": ours, "json, base64, sha256": naive}
    try:
        pybase64: Any = importlib.import_module("pybase64")
        orjson: Any = importlib.import_module("orjson")
    except ImportError:
        print("pybase64 and orjson are not installed, so not measured (make bench-media installs them)")
        return found
    decode = functools.partial(pybase64.b64decode, validate=True)
    found["msgspec, pybase64, blake2b"] = best_of_wheels(decode)
    found["orjson, pybase64, sha256"] = with_orjson(orjson, decode)
    return found


def main() -> None:
    """Prints one table."""
    out: list[list[str]] = []
    for size in SIZES:
        raw = body(size)
        timing = interleaved({name: functools.partial(way, raw) for name, way in ways().items()}, ROUNDS)
        for name, time in timing.items():
            numbers = [f"{time.best * 1e3:.3f}", f"{time.median * 1e3:.3f}"]
            ratio = f"{time.median / timing['scan + splice'].median:.1f}"
            out.append([f"{size / 1e6:.1f} MB: {name}", *numbers, ratio])
    print(f"\na chat body with one picture, in and out again, {ROUNDS} rounds in turn")
    print(table(["way", "best ms", "median ms", "times ours"], out))


if __name__ == "__main__":
    main()
