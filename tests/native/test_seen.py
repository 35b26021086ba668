"""`Seen`: media of earlier bodies, as Python holds them."""

import base64
import io
import json
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from gateway import _core

LIMITS = _core.Limits()


def noise(seed: int, size: int = 30_000) -> bytes:
    """Bytes of no known kind."""
    return b"\0" + random.Random(seed).randbytes(size)


def body(*media: bytes) -> bytes:
    """A body with these media."""
    urls = [f"data:;base64,{base64.b64encode(data).decode()}" for data in media]
    return json.dumps({"a": [{"url": url} for url in urls]}).encode()


def test_what_comes_again_is_the_same() -> None:
    """A second scan finds the same bytes, digests and paths as one that has seen nothing."""
    seen, raw = _core.Seen(1_000_000), body(noise(1), noise(2), noise(1))
    first, second = (_core.scan(raw, LIMITS, seen, "t").media for _ in range(2))
    alone = _core.scan(raw, LIMITS).media
    told = [[(one.data(), one.digest, one.path) for one in media] for media in (first, second, alone)]
    assert told[0] == told[1] == told[2]
    assert (2, "<Seen: 2 media,") == (len(seen), repr(seen)[:15])
    assert 60_000 < seen.size < 70_000


def test_owners_are_apart() -> None:
    """The same picture of another owner is another entry."""
    seen = _core.Seen(1_000_000)
    for owner in ("t", "t", "u", ""):
        _core.scan(body(noise(1)), LIMITS, seen, owner)
    assert 3 == len(seen)


def test_threads_share_it() -> None:
    """Scans of many threads meet in one table, which stays within its bytes."""
    seen, bodies = _core.Seen(100_000), [body(noise(seed)) for seed in range(8)]

    def scan(turn: int) -> bool:
        index = turn % len(bodies)
        return _core.scan(bodies[index], LIMITS, seen, "t").media[0].data() == noise(index)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(scan, range(200)))
    assert 0 < seen.size <= 100_000


def test_limits_are_values() -> None:
    """Limits with the same caps are equal and hash alike; any other cap makes others of them."""
    assert _core.Limits() == _core.Limits(frames=1_000)
    assert hash(_core.Limits()) == hash(_core.Limits(frames=1_000))
    assert _core.Limits() != _core.Limits(ancillary_bytes=1)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_metadata_is_capped(form: str) -> None:
    """A picture may carry so much beside its pixels and no more, in what an image library writes."""
    out, note = io.BytesIO(), b"n" * 50
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("note", note.decode())
    known: dict[str, dict[str, Any]] = {"PNG": {"pnginfo": chunks}, "WEBP": {"xmp": note}}
    options = known.get(form, {"comment": note})
    Image.new("RGB", (40, 30), (200, 30, 60)).save(out, form, **options)
    assert 40 == _core.Media(out.getvalue(), limits=_core.Limits(ancillary_bytes=120)).width
    with pytest.raises(_core.Refusal) as caught:
        _core.Media(out.getvalue(), limits=_core.Limits(ancillary_bytes=49))
    assert "media_too_large" == caught.value.code
    assert "save it without metadata" in caught.value.message


def test_another_path_is_the_same_medium() -> None:
    """`at` changes where a medium says it was lifted from, and nothing else."""
    media = _core.Media(noise(1), declared="text/plain")
    moved = media.at("/a/0")
    assert ("", "/a/0") == (media.path, moved.path)
    assert (media.digest, media.declared, media.data()) == (moved.digest, moved.declared, moved.data())
