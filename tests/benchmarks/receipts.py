"""Receipts and pages with known fields, drawn here: seeded, in the one typeface that Pillow carries.

Styles stand in for typefaces: bold, narrow, wide, slanted, typewriter (one advance for all), and a dot-matrix
bitmap. `height` is that of capital letters of the body in pixels; titles are taller, the small print is two
thirds of it.
"""

import io
import random
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Style: TypeAlias = Literal["plain", "bold", "narrow", "wide", "slanted", "typewriter", "matrix"]
Kind: TypeAlias = Literal["receipt", "page"]
STYLES: tuple[Style, ...] = ("plain", "bold", "narrow", "wide", "slanted", "typewriter", "matrix")
SMALL_PRINT = 0.67
# Capitals of the typeface are this share of its size.
_CAPITAL = 0.7
# Letters are drawn this much larger; a bold stem gains this share of a capital's height on either side.
_FINER = 4
_BOLD = 0.04
_PHOTO = (3024, 4032)

_MERCHANTS = (
    "Hafenkontor",
    "Brotmanufaktur",
    "Nordlicht Optik",
    "Alpine Supply",
    "Green Grocer",
    "Kaffeehaus",
)
_ITEMS_DE = ("Roggenbrot", "Apfelsaft", "Milch", "Kerzen", "Briefpapier", "Schrauben", "Lampe", "Seife")
_ITEMS_EN = ("Rye bread", "Apple juice", "Oat milk", "Candles", "Notepaper", "Screws", "Desk lamp", "Soap")
_WORDS = (
    "Delivery follows within ten days of the order",
    "Goods stay ours until they are paid in full",
    "Bitte geben Sie bei Zahlung die Nummer an",
    "Lieferung frei Haus ab einem Wert von 50",
)


class Paper(Struct, frozen=True):
    """One picture as a file, its size, and what it says by name of field."""

    name: str
    data: bytes
    size: tuple[int, int]
    fields: dict[str, str]


class Look(Struct, frozen=True):
    """How one picture is drawn, and what happens to it until it is a file."""

    kind: Kind
    style: Style
    height: int
    german: bool
    blur: float
    noise: int
    turn: float
    photographed: bool
    form: Literal["PNG", "JPEG"]


class _Line(Struct, frozen=True):
    left: str
    right: str = ""
    scale: float = 1.0


def papers(count: int = 40, seed: int = 20261127) -> Iterator[Paper]:
    """So many pictures, always the same ones."""
    rng = random.Random(seed)
    for number in range(count):
        yield draw(number, _look(number, rng), rng)


def _look(number: int, rng: random.Random) -> Look:
    photographed = number % 5 == 4
    return Look(
        kind="receipt" if number % 2 == 0 else "page",
        style=STYLES[number % len(STYLES)],
        height=rng.choice((30, 38, 48, 60) if photographed else (12, 14, 17, 20, 24, 30, 38, 48, 60)),
        german=number % 3 == 0,
        blur=rng.choice((0.0, 0.4, 0.7)),
        noise=rng.choice((0, 4, 8)),
        turn=rng.uniform(-0.7, 0.7) if photographed else 0.0,
        photographed=photographed,
        form="JPEG" if photographed or number % 4 else "PNG",
    )


def draw(number: int, look: Look, rng: random.Random) -> Paper:
    """The picture of a look."""
    fields, lines = _says(look, rng)
    sheet = _sheet(lines, look)
    if look.photographed:
        sheet = _on_a_desk(sheet, look, rng)
    sheet = _aged(sheet, look, rng)
    held = io.BytesIO()
    sheet.save(held, look.form, **({"quality": 85} if look.form == "JPEG" else {}))
    where = "photo" if look.photographed else "scan"
    name = f"{number:02} {look.kind} {where} {look.style} {look.height}px"
    return Paper(name, held.getvalue(), sheet.size, fields)


def _says(look: Look, rng: random.Random) -> tuple[dict[str, str], list[_Line]]:
    """What stands on the paper: fields by name, and all lines from top to bottom."""
    point = "," if look.german else "."
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2021, 2026)
    count = rng.randint(3, 6) if look.kind == "receipt" else rng.randint(6, 12)
    names = rng.choices(_ITEMS_DE if look.german else _ITEMS_EN, k=count)
    prices = [rng.randint(120, 9_900) for _ in names]
    fields = {
        "merchant": rng.choice(_MERCHANTS),
        "date": f"{day:02}.{month:02}.{year}" if look.german else f"{year}-{month:02}-{day:02}",
        "number": f"{rng.choice('RBK')}{rng.randint(10_000, 99_999)}",
        "total": _money(sum(prices), point),
        "tax id": f"DE{rng.randint(100_000_000, 999_999_999)}",
        **{f"item {at}": _money(price, point) for at, price in enumerate(prices)},
    }
    words = ("Datum", "Rechnung Nr", "Summe EUR") if look.german else ("Date", "Invoice no", "Total EUR")
    items = [_Line(name, _money(price, point)) for name, price in zip(names, prices, strict=True)]
    prose = [_Line(line) for line in rng.choices(_WORDS, k=6)] if look.kind == "page" else []
    small = [
        _Line(rng.choice(_WORDS), scale=SMALL_PRINT),
        _Line(f"VAT {fields['tax id']}", scale=SMALL_PRINT),
    ]
    return fields, [
        _Line(fields["merchant"], scale=1.6),
        _Line(words[0], fields["date"]),
        _Line(words[1], fields["number"]),
        *prose,
        *items,
        _Line(words[2], fields["total"], scale=1.2),
        *small,
    ]


def _money(cents: int, point: str) -> str:
    return f"{cents // 100}{point}{cents % 100:02}"


def _sheet(lines: Sequence[_Line], look: Look) -> Image.Image:
    """White paper with these lines, as wide as they need."""
    height, margin = look.height, 2 * look.height
    drawn = [(_written(line.left, line, look), _written(line.right, line, look), line) for line in lines]
    width = 2 * margin + max(left.width + right.width + 3 * height for left, right, _ in drawn)
    if look.kind == "page":
        width = max(width, 44 * height)
    steps = [int(2.1 * height * line.scale) for line in lines]
    paper = Image.new("L", (width, 2 * margin + sum(steps)), 250)
    top = margin
    for (left, right, _), step in zip(drawn, steps, strict=True):
        paper.paste(20, (margin, top), left)
        paper.paste(20, (width - margin - right.width, top), right)
        top += step
    return paper.convert("RGB")


def _written(text: str, line: _Line, look: Look) -> Image.Image:
    """The ink of one line, as a mask."""
    height = look.height * line.scale
    if look.style == "matrix":
        return _matrix(text, height)
    mask = _ink(text, _FINER * height, look.style)
    if look.style == "slanted":
        slope, drop = 0.2, mask.height
        matrix = (1, slope, -slope * drop, 0, 1, 0)
        box = (mask.width + int(slope * drop), drop)
        mask = mask.transform(box, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)
    across = {"narrow": 0.85, "wide": 1.25}.get(look.style, 1.0)
    size = max(int(mask.width * across / _FINER), 1), max(mask.height // _FINER, 1)
    return mask.resize(size, Image.Resampling.BOX)


def _ink(text: str, height: float, style: Style) -> Image.Image:
    """Letters with capitals of this height. Bold: stems a half thicker."""
    size = height / _CAPITAL
    font = ImageFont.load_default(size)
    stroke = round(height * _BOLD) if style == "bold" else 0
    advance = 0.62 * size
    width = int(len(text) * advance if style == "typewriter" else font.getlength(text)) + 4 * stroke + 4
    mask = Image.new("L", (max(width, 1), int(1.5 * size) + 1), 0)
    ink = ImageDraw.Draw(mask)
    if style == "typewriter":
        for at, letter in enumerate(text):
            ink.text((2 + (at + 0.5) * advance, 0), letter, fill=255, font=font, anchor="ma")
    else:
        ink.text((2 + stroke, 0), text, fill=255, font=font, stroke_width=stroke)
    return mask


def _matrix(text: str, height: float) -> Image.Image:
    """Pillow's old bitmap letters, seven dots tall, blown up."""
    font = ImageFont.load_default_imagefont()
    left, top, right, bottom = font.getbbox(text or " ")
    mask = Image.new("L", (int(right - left) + 2, int(bottom - top)), 0)
    ImageDraw.Draw(mask).text((1, -top), text, fill=255, font=font)
    by = height / 7
    return mask.resize((int(mask.width * by) + 1, int(mask.height * by) + 1), Image.Resampling.BILINEAR)


def _on_a_desk(sheet: Image.Image, look: Look, rng: random.Random) -> Image.Image:
    """A phone's picture of it, 12 megapixels: turned a little, on wood, the light from one side."""
    width, height = _PHOTO
    room = min((width - 300) / sheet.width, (height - 300) / sheet.height)
    if room < 1:
        sheet = sheet.resize((int(sheet.width * room), int(sheet.height * room)), Image.Resampling.LANCZOS)
    grain = Image.frombytes("L", (96, 8), rng.randbytes(96 * 8)).resize(_PHOTO, Image.Resampling.BICUBIC)
    desk = Image.merge("RGB", [grain.point(lambda v, b=base: b + v // 8) for base in (120, 90, 60)])
    ground = Image.new("L", sheet.size, 255).rotate(look.turn, expand=True)
    turned = sheet.rotate(look.turn, Image.Resampling.BICUBIC, expand=True)
    corner = (rng.randint(0, width - turned.width), rng.randint(0, height - turned.height))
    desk.paste(turned, corner, ground)
    light = Image.linear_gradient("L").rotate(90).resize(_PHOTO).point(lambda v: 190 + v // 4)
    return ImageChops.multiply(desk, light.convert("RGB"))


def _aged(sheet: Image.Image, look: Look, rng: random.Random) -> Image.Image:
    """Blurred a little, with the noise of a sensor."""
    if look.blur:
        sheet = sheet.filter(ImageFilter.GaussianBlur(look.blur))
    if not look.noise:
        return sheet
    tile = Image.frombytes("L", (256, 256), rng.randbytes(256 * 256))
    tile = tile.point(lambda v: 128 + (v - 128) * look.noise // 64)
    noise = Image.new("L", sheet.size)
    for left in range(0, sheet.width, 256):
        for top in range(0, sheet.height, 256):
            noise.paste(tile.transpose(Image.Transpose((left + top) // 256 % 7)), (left, top))
    return ImageChops.add(sheet, noise.convert("RGB"), offset=-128)
