"""The body path: from a chat body with one picture to its digest and to the body that is sent on.

Ours is `scan` (strict parse, UTF-8, duplicate keys, caps, base64, BLAKE3) and `splice` with a new model name.
The rivals are what Python programs do: parse, split the data URL, decode, hash, put the model in, write.

The first table is the targets, line by line. What of it needs an explanation:

- parse + locate: the same body under a header that does not say base64, so that neither side decodes; ours
  checks the UTF-8 and the control characters of the long string all the same.
- base64: the native module has no entry for it alone, so ours is `scan` of the body less `scan` of the body
  that is not decoded. That is too little by the check of UTF-8, which base64 makes needless; so beyond doubt
  `scan` as a whole stands against the rival's decoding alone. `cargo bench --bench preprocess` has it pure.
- per MB: of the picture, a third less than its text.
"""

# ruff: noqa: T201 - what it prints is what it is for

import base64
import functools
import hashlib
import importlib
import json
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any, Final

import msgspec

from gateway import _core
from tests.benchmarks.corpus import SEED
from tests.benchmarks.measure import interleaved, table
from tests.benchmarks.peak import CLEAR, resident

ROUNDS: Final = 25
LIMITS: Final = _core.Limits()
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


def hidden(raw: bytes) -> bytes:
    """The body with its picture under a header that is not base64's."""
    return raw.replace(b";base64,", b";base63,")


def ours(raw: bytes, seen: _core.Seen | None = None, limits: _core.Limits = LIMITS) -> bytes:
    """Scan, digest and splice."""
    document = _core.scan(raw, limits, seen, "tenant")
    assert document.media[0].digest
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


def installed(name: str) -> Any:
    """A rival, or None."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def ways() -> dict[str, Callable[[bytes], bytes]]:
    """Ours, the standard library, and what is installed of the rest."""
    found: dict[str, Callable[[bytes], bytes]] = {
        "scan + splice": ours,
        "the same, seen before": functools.partial(ours, seen=_core.Seen(1 << 26)),
        "json, base64, sha256": naive,
    }
    pybase64, orjson = installed("pybase64"), installed("orjson")
    if pybase64 is None or orjson is None:
        print("pybase64 and orjson are not installed, so not measured (make bench-media installs them)")
        return found
    decode = functools.partial(pybase64.b64decode, validate=True)
    found["msgspec, pybase64, blake2b"] = best_of_wheels(decode)
    found["orjson, pybase64, sha256"] = with_orjson(orjson, decode)
    return found


def targets(size: int) -> list[list[str]]:
    """A line a target: what it took, how it stands to the rival, and what was wanted."""
    raw = body(size)
    plain, text = hidden(raw), raw.partition(b";base64,")[2].partition(b'"')[0]
    pybase64, seen = installed("pybase64"), _core.Seen(1 << 26)
    contenders: dict[str, Callable[[], object]] = {
        "locate": functools.partial(_core.scan, plain, LIMITS),
        "msgspec": functools.partial(msgspec.json.decode, plain, type=Chat),
        "scan": functools.partial(_core.scan, raw, LIMITS),
        "b64decode": functools.partial(base64.b64decode, text),
        "seen": functools.partial(ours, raw, seen),
    }
    if pybase64 is not None:
        contenders["pybase64"] = functools.partial(pybase64.b64decode, text, validate=True)
    best = {name: time.best for name, time in interleaved(contenders, ROUNDS * 4).items()}
    decoding = best["scan"] - best["locate"]
    rows = [
        ("parse + locate / msgspec typed", best["locate"], best["msgspec"], 5.0),
        ("base64 (scan's difference) / b64decode", decoding, best["b64decode"], 40.0),
        ("scan as a whole / b64decode", best["scan"], best["b64decode"], 40.0),
    ]
    if pybase64 is not None:
        rows += [
            ("base64 (scan's difference) / pybase64, validating", decoding, best["pybase64"], 1.0),
            ("scan as a whole / pybase64, validating", best["scan"], best["pybase64"], 1.0),
        ]
    lines = [
        [name, f"{mine * 1e3:.3f} ms", f"{rival / mine:.1f}", f">= {wanted:g}"]
        for name, mine, rival, wanted in rows
    ]
    per_megabyte = best["seen"] * 1e3 / (size / 1e6)
    lines.append(["whole path, picture seen before", f"{per_megabyte:.3f} ms/MB", "", "<= 0.25"])
    if CLEAR.exists():
        command = [sys.executable, "-m", "tests.benchmarks.body", "copies"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        lines.append(["copies of the image text on it", done.stdout.strip(), "", "<= 1"])
    return lines


def copies() -> float:
    """Peak of memory over the path of a picture that was seen before, in sizes of its text.

    The text is larger than anything that malloc keeps: freed memory that is used again would not show.
    """
    limits = _core.Limits(body_bytes=1 << 27, media_bytes=1 << 26)
    raw, seen = body(40_000_000), _core.Seen(1 << 26)
    _core.scan(raw, limits, seen, "tenant")
    CLEAR.write_text("5")  # the peak begins anew
    before = resident("VmRSS")
    ours(raw, seen, limits)
    return (resident("VmHWM") - before) * 1024 / len(raw)


def main() -> None:
    """Prints two tables."""
    # As the server does.
    _core.tune_allocator()
    print(f"\ntargets, a picture of 1 MB, best of {ROUNDS * 4} rounds in turn")
    print(table(["target", "ours", "times", "wanted"], targets(1_000_000)))
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
    if sys.argv[1:] == ["copies"]:
        print(f"{copies():.2f}")
    else:
        main()
