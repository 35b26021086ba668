"""Small documents made for the tests: printed pages, PDFs written by hand, and broken ones."""

import base64
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFont

from gateway import engines
from gateway.types.call import Deadlines, UpstreamCall

PAGES = Path(__file__).parent.parent / "golden" / "pages"

READY = {row.name: row.ready for row in engines.available()}
needs_read = pytest.mark.skipif(not READY["local/read"], reason="extra `local` is not installed")
needs_llama = pytest.mark.skipif(not READY["local/smollm2"], reason="extra `local` is not installed")

INVOICE = ("Invoice 4711", "Total amount 120.50 EUR", "Due date 2026-12-24")
LETTER = ("Dear reader,", "this text was born digital & stays exact: 0O1lI.", "(page one)")


def printed(lines: Sequence[str], scale: int = 1) -> Image.Image:
    """Lines in Pillow's own font, 28 px high times `scale`, on white paper."""
    image = Image.new("L", (640 * scale, (60 + 52 * len(lines)) * scale), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(28 * scale)
    for row, line in enumerate(lines):
        draw.text((40 * scale, (30 + 52 * row) * scale), line, font=font, fill=0)
    return image


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    """The image as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def _stream(content: bytes, entries: str = "") -> bytes:
    return b"<< %s /Length %d >> stream\n%s\nendstream" % (entries.encode(), len(content), content)


def _text_page(lines: Sequence[str]) -> bytes:
    escaped = (line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines)
    shown = " ".join(f"({line}) Tj 0 -20 Td" for line in escaped)
    return f"BT /F1 12 Tf 72 760 Td {shown} ET".encode("latin-1")


def pdf(pages: Sequence[Sequence[str] | Image.Image], trailer: str = "") -> bytes:
    """A PDF: a page of text lines (uncompressed text object), or of one picture (a scan)."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for page in pages:
        resources = "/Font << /F1 3 0 R >>"
        if isinstance(page, Image.Image):
            size = f"/Width {page.width} /Height {page.height} /ColorSpace /DeviceGray /BitsPerComponent 8"
            objects.append(
                _stream(encoded(page, "JPEG"), f"/Type /XObject /Subtype /Image {size} /Filter /DCTDecode")
            )
            resources = f"/XObject << /I {len(objects)} 0 R >>"
            content = b"q 595 0 0 %d 0 300 cm /I Do Q" % (595 * page.height // page.width)
        else:
            content = _text_page(page)
        objects.append(_stream(content))
        fields = f"/Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R"
        objects.append(f"<< /Type /Page {fields} /Resources << {resources} >> >>".encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _file(objects, trailer)


def _file(objects: Sequence[bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    head = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"{head}trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\n".encode()
    out += b"startxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def form_pdf() -> bytes:
    """A form of one field, filled in."""
    field = "/Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Ada Lovelace) /Rect [200 750 400 780]"
    fonts = "<< /Font << /F1 3 0 R >> >>"
    form = f"/AcroForm << /Fields [6 0 R] /DA (/F1 12 Tf 0 g) /DR {fonts} >>"
    page = f"/Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources {fonts} /Annots [6 0 R]"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {form} >>".encode(),
        b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        _stream(_text_page(["Name of applicant:"])),
        f"<< /Type /Page {page} >>".encode(),
        f"<< {field} /DA (/F1 12 Tf 0 g) /P 5 0 R /F 4 >>".encode(),
    ]
    return _file(objects, "")


def encrypted_pdf() -> bytes:
    """A PDF that asks for a password nobody knows."""
    key = "00" * 32
    encrypt = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{key}> /U <{key}> >> /ID [<00> <00>]"
    return pdf([LETTER], trailer=encrypt)


def image_part(data: bytes, mime: str = "image/png") -> dict[str, Any]:
    """A chat part with an image."""
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return {"type": "image_url", "image_url": {"url": url}}


def file_part(data: bytes, mime: str = "application/pdf") -> dict[str, Any]:
    """A chat part with a file."""
    url = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return {"type": "file", "file": {"filename": "a.pdf", "file_data": url}}


def chat(engine: str, content: Any, *, deadlines: Deadlines | None = None, **fields: Any) -> UpstreamCall:
    """A chat call to an engine, with one user message."""
    body = {"model": engine, "messages": [{"role": "user", "content": content}], **fields}
    return UpstreamCall(
        method="POST",
        url=f"local://{engine}/chat/completions",
        headers=(),
        body=json.dumps(body).encode(),
        deadlines=deadlines or Deadlines(),
    )


def text_of(answer: Mapping[str, Any]) -> str:
    """The assistant's words of a plain answer."""
    words: str = answer["choices"][0]["message"]["content"]
    return words
