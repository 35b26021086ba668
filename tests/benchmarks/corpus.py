"""Material to measure on: made by seeded code, or read from the standard library. No network."""

import base64
import functools
import io
import json
import pathlib
import random
import re
import sysconfig
from pydoc_data import topics
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

SEED: Final = 20_261_122


@functools.cache
def photo(width: int, height: int) -> Image.Image:
    """Like a photograph: colour detail at every scale, an edge of text, sensor noise."""
    rng = np.random.default_rng(SEED)
    pixels = np.full((height, width, 3), 128.0, np.float32)
    for octave in range(2, 11):
        across = 2**octave
        detail = rng.normal(size=(max(2, height * across // width), across, 3)).astype(np.float32)
        for channel in range(3):
            layer = Image.fromarray(detail[..., channel]).resize((width, height), Image.Resampling.BICUBIC)
            pixels[..., channel] += np.asarray(layer) * (90 / across**0.6)
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for line in range(12):
        place = (width // 10, height // 10 + line * height // 40)
        draw.text(
            place, topics.topics["lists"][line * 60 : line * 60 + 60], fill="white", font_size=height / 60
        )
    noisy = np.asarray(image, np.float32) + rng.normal(0, 3, (height, width, 1)).astype(np.float32)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


@functools.cache
def screenshot(width: int, height: int) -> Image.Image:
    """Like a screen: lines of text on flat colours, and one pane with a photograph."""
    image = Image.new("RGB", (width, height), (250, 250, 247))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 6, height), fill=(40, 44, 52))
    words = re.sub(r"\s+", " ", topics.topics["operator-summary"] + topics.topics["typesmapping"])
    for line in range(height // 24):
        text = words[line * 37 : line * 37 + 110]
        draw.text((width // 6 + 20, line * 24), text, fill=(30, 30, 30), font_size=16)
        draw.text((12, line * 24), text[:30], fill=(170, 180, 190), font_size=14)
    pane = photo(4032, 3024).resize((width // 3, height // 2), Image.Resampling.BOX)
    image.paste(pane, (width - width // 3 - 40, height // 4))
    return image


@functools.cache
def scan(width: int, height: int) -> Image.Image:
    """Like a scanned page: lines of small black text on paper, a little noise."""
    image = Image.new("L", (width, height), 250)
    draw = ImageDraw.Draw(image)
    words = re.sub(r"\s+", " ", topics.topics["typesmapping"] + topics.topics["lists"])
    step = height // 70
    for line in range(4, 66):
        text = words[line * 61 : line * 61 + 95]
        draw.text((width // 12, line * step), text, fill=20, font_size=step * 0.62)
    noisy = np.asarray(image, np.float32) + np.random.default_rng(SEED).normal(0, 4, (height, width))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).convert("RGB")


def file(image: Image.Image, form: str, **options: object) -> bytes:
    """The file of this form."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def texts() -> dict[str, str]:
    """A few hundred kilobytes each of what clients send."""
    rng = random.Random(SEED)
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    code = "\n".join(path.read_text("utf-8", "ignore") for path in sorted((library / "asyncio").glob("*.py")))
    prose = " ".join(
        re.sub(r"\s+", " ", re.sub(r"[*`=|~+-]{2,}", "", text)) for text in topics.topics.values()
    )
    rows = [
        {
            "id": n,
            "user": f"user_{rng.randrange(10**6)}",
            "amount": round(rng.random() * 1e4, 2),
            "ok": n % 3 > 0,
        }
        for n in range(6000)
    ]
    encoded = base64.b64encode(rng.randbytes(400_000)).decode()
    return {"prose": prose, "code": code, "JSON": json.dumps(rows), "base64": encoded}


def windows(text: str, size: int, count: int) -> list[str]:
    """At most `count` different pieces of `size` characters."""
    starts = range(0, max(1, len(text) - size), max(size, (len(text) - size) // count or 1))
    return [text[start : start + size] for start in starts][:count]
