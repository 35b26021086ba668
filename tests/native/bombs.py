"""Hostile media, made here: small files that claim much, inflate much, nest much, or are two things at once.

A bomb is a whole request body with one such medium, and what becomes of it: the code of the one error row
that refuses it; or `cleaned`, when the medium is drawn anew as what it truly is and nothing hostile is left;
or `carried`: a document of which nothing is inflated or believed goes on as it came, its pages unknown.
"""

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable, Iterator

from msgspec import Struct
from PIL import Image

MANY = 30_000
# Few pixels that gpt-4o has drawn anew all the same, so that what is measured is the bomb.
LONG = (2_100, 40)
CLEANED, CARRIED = "cleaned", "carried"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class Bomb(Struct, frozen=True):
    """`make` builds the body. `expected`: a row's code, `cleaned` or `carried`. `says`: what the row's
    message names. `marks`: what may not leave.
    """

    name: str
    make: Callable[[], bytes]
    expected: str
    says: str = ""
    marks: tuple[bytes, ...] = ()


def bombs() -> Iterator[Bomb]:
    """All of them."""
    yield from _claims()
    yield from _pngs()
    yield from _animations()
    yield from _jpegs()
    yield from _containers()
    yield from _bodies()
    yield from _polyglots()


def body(data: bytes, mime: str, count: int = 1) -> bytes:
    """A chat completion with this medium, so many times."""
    if mime == "application/pdf":
        part = {"type": "file", "file": {"filename": "a.pdf", "file_data": _url(data, mime)}}
    elif mime.startswith("audio/"):
        sound = {"data": base64.b64encode(data).decode(), "format": "wav"}
        part = {"type": "input_audio", "input_audio": sound}
    elif mime.startswith("video/"):
        part = {"type": "video_url", "video_url": {"url": _url(data, mime)}}
    else:
        part = {"type": "image_url", "image_url": {"url": _url(data, mime)}}
    message = {"role": "user", "content": [part] * count}
    return json.dumps({"model": "vision", "messages": [message]}).encode()


def _url(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"


def _image(name: str, make: Callable[[], bytes], expected: str, says: str = "", *marks: bytes) -> Bomb:
    return Bomb(name, lambda: body(make(), f"image/{name.partition(' ')[0]}"), expected, says, marks)


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int, height: int, idat: bytes = b"", *extra: bytes, depth: int = 8, colour: int = 0, laced: int = 0
) -> bytes:
    """A PNG whose header claims this, with these chunks before its pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, laced))
    return _SIGNATURE + head + b"".join(extra) + chunk(b"IDAT", idat) + chunk(b"IEND", b"")


def pixels(width: int, height: int) -> bytes:
    """Black rows of grey, deflated."""
    return zlib.compress(bytes((width + 1) * height), 9)


def inflating(size: int) -> bytes:
    """A thousandth of that, which inflates to it."""
    packer = zlib.compressobj(9)
    return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)), packer.flush()])


def jpeg(size: tuple[int, int] = (1000, 800), **options: object) -> bytes:
    """A sound JPEG."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, "JPEG", **options)
    return out.getvalue()


def _frame(data: bytes) -> int:
    """Where the header of the frame starts in a JPEG."""
    return min(at for marker in (b"\xff\xc0", b"\xff\xc2") if (at := data.find(marker)) > 0)


def claiming(data: bytes, width: int, height: int) -> bytes:
    """The same JPEG with another size in its header."""
    at = _frame(data) + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def riff(form: bytes, *chunks: tuple[bytes, bytes], size: int | None = None) -> bytes:
    """A RIFF file; `size` lies about its length."""
    inner = b"".join(
        name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", len(inner) + 4 if size is None else size) + form + inner


def _vp8x(width: int, height: int, flags: int = 0) -> tuple[bytes, bytes]:
    sides = struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3]
    return b"VP8X", bytes([flags, 0, 0, 0]) + sides


def _webp(size: tuple[int, int]) -> tuple[bytes, bytes]:
    """The lossless chunk of a small WebP."""
    out = io.BytesIO()
    Image.new("RGB", size, "grey").save(out, "WEBP", lossless=True)
    data = out.getvalue()
    return b"VP8L", data[20 : 20 + struct.unpack("<I", data[16:20])[0]]


def gif(width: int, height: int, *blocks: bytes) -> bytes:
    """A GIF with this screen and two colours."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6) + b"".join(blocks) + b";"


def gif_frame(width: int, height: int, data: bytes = b"\x02\x4c\x01") -> bytes:
    """One frame of a GIF: two bits a code, these codes."""
    return b"," + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02" + bytes([len(data)]) + data + b"\0"


def _tiff(width: int, height: int, following: int = 0) -> bytes:
    entries = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    entries += [(273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height), (279, 4, 1, 1)]
    fields = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + fields + struct.pack("<I", following)


def _bmp(width: int, height: int, packing: int = 0) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, packing, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 16, 0, 0, 54) + info + bytes(16)


def _claims() -> Iterator[Bomb]:
    """Headers alone: what they claim is refused before anything is allocated."""
    code = "image_too_large"
    photo = jpeg()
    yield _image("png of 30,000 px a side", lambda: png(MANY, MANY), code, "side")
    yield _image("jpeg of 30,000 px a side", lambda: claiming(photo, MANY, MANY), code, "side")
    yield _image("webp of 30,000 px a side", lambda: riff(b"WEBP", _vp8x(MANY, MANY)), code, "side")
    yield _image("gif of 30,000 px a side", lambda: gif(MANY, MANY, gif_frame(MANY, MANY)), code, "side")
    yield _image("tiff of 30,000 px a side", lambda: _tiff(MANY, MANY), code, "side")
    yield _image("bmp of 30,000 px a side", lambda: _bmp(MANY, MANY), code, "side")
    yield _image("bmp of a negative height", lambda: _bmp(MANY, -MANY), code, "side")
    yield _image("png of 2^31 - 1 px a side", lambda: png(2**31 - 1, 2**31 - 1), code, "side")
    yield _image("png of one row of 2^31 - 1", lambda: png(2**31 - 1, 1), code, "side")
    yield _image("png of 16,384 px a side", lambda: png(16_384, 16_384), code, "pixels")
    yield _image("jpeg of 65,535 px a side", lambda: claiming(photo, 65_535, 65_535), code, "side")
    yield _image("jpeg of one column of 65,535", lambda: claiming(photo, 1, 65_535), code, "side")
    yield _image("gif with a frame beyond its screen", lambda: gif(9, 9, gif_frame(60_000, 60_000)), code)
    yield _image(
        "webp whose length lies",
        lambda: riff(b"WEBP", (b"VP8L", b"\x2f\xff\xff\xff\x0f"), size=2**32 - 2),
        code,
        "side",
    )


def _pngs() -> Iterator[Bomb]:
    """Few bytes that inflate to many, and few that are said to be many."""
    corrupt, size = "media_corrupt", LONG

    def with_chunks(kind: bytes, data: bytes, times: int = 1) -> bytes:
        return png(*size, pixels(*size), chunk(kind, data) * times)

    yield _image("png of 48 megapixels without data", lambda: png(8_000, 6_000, inflating(0)), corrupt)
    yield _image(
        "png of 48 megapixels of 16 bit, cut",
        lambda: png(8_000, 6_000, pixels(9, 9), depth=16, colour=6),
        corrupt,
    )
    yield _image(
        "png laced, of 48 megapixels, cut", lambda: png(8_000, 6_000, pixels(9, 9), laced=1), corrupt
    )
    yield _image("png whose rows go on for 200 MB", lambda: png(*size, inflating(200 << 20)), CLEANED)
    yield _image(
        "png with 100 MB of text",
        lambda: with_chunks(b"zTXt", b"Comment\0\0" + inflating(100 << 20)),
        CLEANED,
        "",
        b"zTXt",
    )
    yield _image(
        "png with 100 MB of profile",
        lambda: with_chunks(b"iCCP", b"icc\0\0" + inflating(100 << 20)),
        CLEANED,
        "",
        b"iCCP",
    )
    yield _image(
        "png with 100,000 notes", lambda: with_chunks(b"tEXt", b"a\0b", 100_000), CLEANED, "", b"tEXt"
    )
    yield _image(
        "png of 2^32 - 1 frames", lambda: with_chunks(b"acTL", b"\xff" * 8), "image_too_many_frames", "frames"
    )
    yield _image(
        "png with a chunk of 2^31 bytes",
        lambda: _SIGNATURE + png(*size)[8:33] + b"\x7f\xff\xff\xffIDAT",
        corrupt,
        "png",
    )


def _animations() -> Iterator[Bomb]:
    """Frames without end, and pictures that are not there."""
    frames, corrupt = "image_too_many_frames", "media_corrupt"
    yield _image("gif of 100,000 frames", lambda: gif(1, 1, gif_frame(1, 1) * 100_000), frames, "frames")
    yield _image(
        "gif of 49 megapixels without codes", lambda: gif(7_000, 7_000, gif_frame(7_000, 7_000)), corrupt
    )
    yield _image("webp of 2,000 frames", _moving_webp, frames, "frames")
    yield _image(
        "webp whose canvas lies", lambda: riff(b"WEBP", _vp8x(7_000, 7_000), _webp((1, 1))), corrupt, "webp"
    )


def _moving_webp() -> bytes:
    name, data = _webp((1, 1))
    frame = (b"ANMF", bytes(16) + name + struct.pack("<I", len(data)) + data)
    return riff(b"WEBP", _vp8x(1, 1, 2), (b"ANIM", bytes(6)), *[frame] * 2_000)


def _jpegs() -> Iterator[Bomb]:
    """Scans, segments and samplings beyond reason; data that ends."""
    corrupt = "media_corrupt"
    yield _image("jpeg of 1,000 scans", _scans, corrupt)
    segment = b"\xff\xe1\xff\xff" + bytes(65_533)
    yield _image("jpeg of 4 MB of APP1, cut", lambda: b"\xff\xd8" + segment * 60, corrupt, "jpeg")
    yield _image("jpeg of 48 megapixels, cut", lambda: claiming(jpeg(), 8_000, 6_000), corrupt)
    yield _image(
        "jpeg of 48 megapixels, progressive, cut",
        lambda: claiming(jpeg(progressive=True), 8_000, 6_000),
        corrupt,
    )
    yield _image("jpeg of 4 x 4 sampling", _sampled, corrupt)
    yield _image("jpeg of no height", lambda: claiming(jpeg(), 1_000, 0), corrupt, "zero")
    yield _image("jpeg cut in its tables", lambda: jpeg()[:100], corrupt, "jpeg")


def _scans() -> bytes:
    whole = jpeg(progressive=True)
    return whole[:-2] + whole[whole.rfind(b"\xff\xda") : -2] * 1_000 + b"\xff\xd9"


def _sampled() -> bytes:
    data = jpeg()
    at = _frame(data) + 10
    return data[:at] + b"".join(bytes([number, 0x44, 0]) for number in (1, 2, 3)) + data[at + 9 :]


def _pdf(*objects: bytes) -> bytes:
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start)
    return bytes(out)


def _packed_pdf() -> bytes:
    packed = inflating(100 << 20)
    for _ in range(3):
        packed = zlib.compress(packed, 9)
    head = b"<< /Type /ObjStm /N 1000000 /First 10 /Filter [" + b"/FlateDecode " * 4
    return _pdf(_ROOT, head + b"] /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed))


_ROOT = b"<< /Type /Catalog /Pages 2 0 R >>"


def _endless_pdf() -> bytes:
    """Two kilobytes, a tree without fault: a hundred times a hundred times a hundred times the same page."""

    def node(count: int, kid: int) -> bytes:
        return b"<< /Type /Pages /Count %d /Kids [%s] >>" % (count, b"%d 0 R " % kid * 100)

    page = b"<< /Type /Page /MediaBox [0 0 9 9] >>"
    return _pdf(_ROOT, node(10**6, 3), node(10**4, 4), node(100, 5), page)


def _containers() -> Iterator[Bomb]:
    """Never decoded here. Pages are counted; sound and film are no kind that the candidates take."""
    nobody = "no_suitable_model"

    def boxes(*rest: bytes) -> bytes:
        return struct.pack(">I4s4sI4s", 20, b"ftyp", b"isom", 0, b"isom") + b"".join(rest)

    def kept(name: str, make: Callable[[], bytes], mime: str, says: str, expected: str = nobody) -> Bomb:
        return Bomb(name, lambda: body(make(), mime), expected, says)

    pdf, mp4 = "application/pdf", "video/mp4"
    yield kept("pdf of 10^6 pages", _endless_pdf, pdf, "1,000,000 pages")
    yield kept("pdf nested 100,000 deep", lambda: _pdf(_ROOT, b"[" * 100_000), pdf, "", CARRIED)
    yield kept("pdf of nested streams", _packed_pdf, pdf, "", CARRIED)
    nest = (struct.pack(">I4s", 8 * (10_000 - depth), b"moov") for depth in range(10_000))
    yield kept("mp4 nested 10,000 deep", lambda: boxes(*nest), mp4, "video")
    yield kept(
        "mp4 with a box of 2^63 bytes", lambda: boxes(struct.pack(">I4sQ", 1, b"moov", 2**63)), mp4, "video"
    )
    ebml, segment = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm", b"\x18\x53\x80\x67\x01" + b"\xff" * 7
    clusters = b"\x1f\x43\xb6\x75\x01" * 9_000
    yield kept("matroska nested 9,000 deep", lambda: ebml + segment + clusters, "video/webm", "video")
    form = (b"fmt ", struct.pack("<HHIIHH", 1, 1, 8_000, 8_000, 1, 8))
    lying = b"data\xff\xff\xff\xff" + bytes(64)
    yield kept("wav of 4 GB, it says", lambda: riff(b"WAVE", form) + lying, "audio/wav", "audio")


def _bodies() -> Iterator[Bomb]:
    """The JSON round it."""
    tiny = png(1, 1, pixels(1, 1))
    large = "media_too_large"
    yield Bomb("30 MB of base64", lambda: body(bytes(30 << 20), "image/png"), large, "26214400")
    yield Bomb("65 pictures", lambda: body(tiny, "image/png", 65), "media_too_many", "64")
    yield Bomb(
        "base64 that is none",
        lambda: body(tiny, "image/png").replace(b"base64,", b"base64,*"),
        "media_invalid_base64",
    )
    yield Bomb("a body 100,000 deep", lambda: b'{"messages":' + b"[" * 100_000, "body_too_deep", "128")
    yield Bomb(
        "a body of 200,000 values",
        lambda: b'{"a":[' + b"0," * 200_000 + b"0]}",
        "body_too_many_values",
        "100000",
    )


def _polyglots() -> Iterator[Bomb]:
    """Two things in one file: drawn anew as the picture it is, so that no tail leaves."""
    size = LONG
    archive = b"PK\x03\x04" + b"x" * 5_000 + b"PK\x05\x06" + bytes(18)
    page = b"<html><script>alert(1)</script></html>"
    yield _image("jpeg and a zip", lambda: jpeg(size) + archive, CLEANED, "", b"PK\x03\x04")
    yield _image("jpeg with a page in it", lambda: jpeg(size, comment=page), CLEANED, "", b"<script>")
    yield _image("png and a page", lambda: png(*size, pixels(*size)) + page, CLEANED, "", b"<script>")
    yield _image("gif and a script", lambda: _still_gif(size) + page, CLEANED, "", b"<script>")
    yield _image("jpeg that is a png", lambda: png(*size, pixels(*size)), CLEANED)


def _still_gif(size: tuple[int, int]) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(out, "GIF")
    return out.getvalue()
