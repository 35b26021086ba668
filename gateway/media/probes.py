"""A small fixed set of requests whose tokens a rule foretells, drawn here: nothing of anybody's is sent.

Texts in several scripts and of several kinds, images at the edges of the model's own rule, a PDF.
"""

import json
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from gateway import _core
from gateway.catalog import ModelFacts
from gateway.catalog.demand import Amount, demand
from gateway.catalog.sizes import cell_of
from gateway.dialects import DIALECTS
from gateway.dialects.counting import Asked
from gateway.media.weigh import weigh
from gateway.types.money import Modality

BASE: Final = Asked("What is this?")
"""What stands beside each medium; it is counted alone as well, and taken off."""
_SENTENCES: Final[dict[str, str]] = {
    "English": "The bridge weighs every cart before it may cross, and the keeper writes the toll in a book. ",
    "German": "Die Brücke wiegt jeden Wagen, bevor er hinüber darf, und der Wärter schreibt den Zoll auf. ",
    "Greek": "Η γέφυρα ζυγίζει κάθε κάρο πριν περάσει, και ο φύλακας γράφει τα διόδια σε ένα βιβλίο. ",  # noqa: RUF001
    "Russian": "Мост взвешивает каждую повозку, прежде чем она проедет, и сторож пишет плату в книгу. ",
    "Arabic": "يزن الجسر كل عربة قبل أن تعبر ويكتب الحارس الرسوم في دفتر كبير. ",
    "Hindi": "पुल हर गाड़ी को पार करने से पहले तौलता है और पहरेदार शुल्क को किताब में लिखता है। ",
    "Chinese": "每辆马车过桥之前都要称重，看守人把过桥费记在账本上。",  # noqa: RUF001
    "Japanese": "橋は荷車が渡る前に必ず重さを量り、番人が通行料を帳面に書き留めます。",
    "Korean": "다리는 모든 수레가 건너기 전에 무게를 재고 파수꾼은 통행료를 장부에 적습니다. ",
    "code": "def toll(weight: int) -> int:\n    return max(weight * 3 // 100, 1)  # whole coins\n\n",
    "figures": "2026-11-27 | 12,480 kg | $374.40 | 0x5f3a | +49 30 901820 | 3.14159 | 99.5 %\n",
}
_REPEATS: Final = 12
# Between the edges: a screen, a scan, a phone's picture, a banner.
_SHAPES: Final = ((1000, 1000), (1920, 1080), (1700, 2200), (3000, 2000), (200, 1600))
# A rule that charges by small cells has its edge some cells out, where a picture is not too small for it.
_SMALL_CELL, _CELLS = 100, 12
_GEMINI_EDGE: Final = 384
_PAGES: Final = 2


class Probe(Struct, frozen=True):
    """One request. `modality`: what is looked at; of a medium its own tokens, of text the whole prompt."""

    name: str
    modality: Modality
    asked: Asked


def probes(facts: ModelFacts) -> tuple[Probe, ...]:
    """The set for a model: of what it takes, within its limits."""
    found = [Probe(name, "text", Asked(words * _REPEATS)) for name, words in _SENTENCES.items()]
    if "image" in facts.modalities_in and facts.image_rule is not None:
        found += [
            Probe(f"image {width}x{height}", "image", Asked(BASE.text, draw(width, height), "image/png"))
            for width, height in _sizes(facts)
        ]
    if "document" in facts.modalities_in and facts.page_tokens is not None:
        found.append(Probe(f"PDF, {_PAGES} pages", "document", Asked(BASE.text, pdf(), "application/pdf")))
    return tuple(found)


def foretold(facts: ModelFacts, probe: Probe) -> Amount:
    """What the catalog says of a probe, by the very path that a request takes."""
    body = json.dumps({"model": facts.name, "messages": [{"role": "user", "content": _content(probe.asked)}]})
    request = DIALECTS["openai_chat"].read_request(_core.scan(body.encode(), _core.Limits()))
    amounts = demand(facts, weigh(request, frozenset({facts.encoding})))
    return next(a for a in amounts if (a.modality, a.direction) == (probe.modality, "in"))


def _content(asked: Asked) -> list[dict[str, object]]:
    content: list[dict[str, object]] = [{"type": "text", "text": asked.text}]
    url = f"data:{asked.mime};base64,{b64encode(asked.medium).decode()}"
    if asked.mime.startswith("image/"):
        content.append({"type": "image_url", "image_url": {"url": url}})
    elif asked.mime:
        content.append({"type": "file", "file": {"filename": "probe.pdf", "file_data": url}})
    return content


def _sizes(facts: ModelFacts) -> Iterator[tuple[int, int]]:
    cell = (cell_of(facts.image_rule) if facts.image_rule else None) or _GEMINI_EDGE
    edge = cell * _CELLS if cell < _SMALL_CELL else cell
    limit = facts.limits["image"].side if "image" in facts.limits else None
    for width, height in ((edge, edge), (edge + 1, edge), (edge + 1, edge + 1), *_SHAPES):
        if limit is None or max(width, height) <= limit:
            yield width, height


def draw(width: int, height: int) -> bytes:
    """A PNG that fades from left to right; each row says that it equals the one above."""
    row = bytes(channel for x in range(width) for channel in (x * 255 // width, 96, 160))
    rows = b"\0" + row + (b"\2" + bytes(len(row))) * (height - 1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def pdf() -> bytes:
    """Two pages of a few lines each."""
    lines = "".join(f"(Line {number}: the cart weighed 1,240 kg.) Tj T*\n" for number in range(1, 25))
    text = f"BT /F1 11 Tf 14 TL 60 760 Td\n{lines}ET".encode()
    first = 4
    kids = " ".join(f"{first + number} 0 R" for number in range(1, _PAGES + 1))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {_PAGES} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
    objects += [page + b"/Resources << /Font << /F1 3 0 R >> >> >>"] * _PAGES
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start, count = len(out), len(objects) + 1
    out += f"xref\n0 {count}\n0000000000 65535 f \n{table}trailer << /Size {count} /Root 1 0 R >>\n".encode()
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)
