"""Pictures for requests: real files, made here."""

import base64
import io
import random

from PIL import Image, ImageDraw, ImageFont


def photo(width: int, height: int, seed: int = 1) -> bytes:
    """A noisy JPEG of this size."""
    noise = Image.frombytes("L", (64, 64), random.Random(seed).randbytes(64 * 64))
    picture = noise.resize((width, height)).convert("RGB")
    held = io.BytesIO()
    picture.save(held, "JPEG", quality=90)
    return held.getvalue()


def heavy(size: int, seed: int = 1) -> bytes:
    """A PNG of at least `size` bytes that no codec can squeeze."""
    side = int((size / 3) ** 0.5) + 8
    held = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(seed).randbytes(side * side * 3)).save(held, "PNG")
    return held.getvalue()


def page(lines: list[str]) -> bytes:
    """A PNG of a printed page."""
    picture = Image.new("RGB", (900, 80 + 60 * len(lines)), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(36)
    for number, line in enumerate(lines):
        draw.text((40, 40 + 60 * number), line, fill="black", font=font)
    held = io.BytesIO()
    picture.save(held, "PNG")
    return held.getvalue()


def data_url(data: bytes, mime: str) -> str:
    """As a message carries it."""
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
