"""The native half: everything that touches the bytes of a body, of media, or of a token.

All calls release the GIL round real work. Every refusal is a `Refusal` whose `code` is a row of
`gateway.errors`; a panic inside is caught and raised as `RuntimeError` (one 500, never a dead worker).
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias, final

__version__: Final[str]

Buffer: TypeAlias = bytes | bytearray | memoryview
MediaKind: TypeAlias = Literal["image", "audio", "video", "document", "other"]
Encoding: TypeAlias = Literal["o200k_base", "o200k_harmony", "cl100k_base"]
Script: TypeAlias = Literal[
    "latin",
    "digits",
    "marks",
    "data",
    "greek",
    "arabic",
    "indic",
    "asian",
    "han",
    "kana",
    "hangul",
    "symbols",
    "other",
]

class Refusal(ValueError):  # noqa: N818 - named for what it says
    """Input that is refused. `code`: row of `gateway.errors`. `part`: ordinal of the medium among the
    media of the body, or None. `path`: JSON pointer of the offending value, or None. `offset`: byte
    offset in the body, or None. `message`: what was wrong and what would work; never echoes input.
    """

    code: str
    part: int | None
    path: str | None
    offset: int | None
    message: str

@final
class Limits:
    """Caps of one scan or fit. All are inclusive; units are in the names.

    `ancillary_bytes`: of a picture file beside its pixels, as its header walk meets them: metadata, profiles,
    comments, unknown chunks (in a JPEG those before its first scan).
    """

    def __new__(
        cls,
        *,
        body_bytes: int = 52_428_800,
        depth: int = 128,
        nodes: int = 100_000,
        media: int = 64,
        media_bytes: int = 26_214_400,
        pixels: int = 50_000_000,
        side: int = 16_384,
        frames: int = 1_000,
        scans: int = 100,
        decode_seconds: float = 30.0,
        ancillary_bytes: int = 16_777_216,
    ) -> Limits: ...

@final
class Media:
    """One decoded medium. Immutable; the bytes live outside Python until asked for.

    `digest`: hex BLAKE3 of the decoded bytes. `mime`: by magic bytes, `application/octet-stream` when
    unknown. `declared`: MIME the client named, or None. `width`, `height`: as stored, before
    orientation; of a film, those of its first track of pictures. `orientation`: EXIF 1..8. `path`: JSON
    pointer of the lifted string, "" if none.

    What a header tells without a sample being decoded; None wherever it cannot be known. `seconds`: how
    long sound or film plays, as its container says (to the sample for WAV, FLAC, Ogg and MP3 with a
    summary; to a frame of codec run-up elsewhere); of a file cut short, the seconds it still holds.
    `audio_codec`, `channels`, `sample_rate` (Hz): of the first track of sound. `video_codec`, `frame_rate`
    (frames a second): of the first track of pictures. Codecs by short name ("pcm", "mp3", "opus", "h264").
    `pages`: of a PDF that is neither encrypted nor broken. `page_sizes`: (width, height) of its first 16
    pages at most, upright, in points of 1/72 inch.
    """

    def __new__(cls, data: Buffer, *, declared: str | None = None, limits: Limits | None = None) -> Media: ...
    @property
    def digest(self) -> str: ...
    @property
    def kind(self) -> MediaKind: ...
    @property
    def mime(self) -> str: ...
    @property
    def declared(self) -> str | None: ...
    @property
    def size(self) -> int: ...
    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def frames(self) -> int | None: ...
    @property
    def orientation(self) -> int: ...
    @property
    def seconds(self) -> float | None: ...
    @property
    def audio_codec(self) -> str | None: ...
    @property
    def channels(self) -> int | None: ...
    @property
    def sample_rate(self) -> int | None: ...
    @property
    def video_codec(self) -> str | None: ...
    @property
    def frame_rate(self) -> float | None: ...
    @property
    def pages(self) -> int | None: ...
    @property
    def page_sizes(self) -> tuple[tuple[float, float], ...] | None: ...
    @property
    def path(self) -> str: ...
    def at(self, path: str) -> Media:
        """The same medium, lifted from there. All but the path is shared."""
    def data(self) -> bytes: ...

@final
class Document:
    """A scanned JSON body. `skeleton` is the same JSON with every lifted string replaced by a
    placeholder, itself a JSON string that no client can forge (it holds a per-process random key).
    `media[i]` is the i-th lifted medium in document order.
    """

    @property
    def skeleton(self) -> bytes: ...
    @property
    def media(self) -> tuple[Media, ...]: ...
    @property
    def refused(self) -> tuple[Refusal, ...]:
        """Why media were not read, each with its `part`; empty unless the scan was to go on."""
    def media_index(self, value: str) -> int | None:
        """Index of the medium a decoded skeleton string stands for; None for an ordinary string."""
    def splice(
        self,
        members: Mapping[str, bytes | None],
        media: Mapping[int, Media] | None = None,
    ) -> bytes:
        """The client's own bytes with top-level members set (JSON text), added, or removed (None),
        and media replaced in the form the client used (data URL or bare base64). One copy.
        """

@final
class Seen:
    """Media of earlier bodies: at most `max_bytes` of them, the least recently used going first.

    `size`: bytes held, `len()`: media held. Safe to share between threads.
    """

    def __new__(cls, max_bytes: int) -> Seen: ...
    @property
    def size(self) -> int: ...
    def __len__(self) -> int: ...

def scan(
    body: Buffer, limits: Limits, seen: Seen | None = None, owner: str = "", *, go_on: bool = False
) -> Document:
    """One strict pass: refuses duplicate keys, bad UTF-8, lone surrogates, NaN, depth, size.

    The top level must be an object. Lifts data URLs (`data:...;base64,...`) of any length and bare
    base64 strings of `file_data`, `data` members of 64 characters or more.

    A medium of 16 KiB of text or more that `seen` has from an earlier body of the same `owner`, read under
    the same limits, is that very medium; it is compared in full, and one owner's never serve another.

    `go_on`: for a report on all of a body. A medium that is refused leaves its place to an empty one of the
    kind that its sender named, and `Document.refused` tells why; such a document must not be sent.
    """

def placeholder(index: int, form: Literal["data_url", "base64"]) -> str:
    """The string that `fill` replaces by medium `index` in that form."""

def fill(template: bytes, media: Sequence[Media]) -> bytes:
    """A JSON text written by us, with every placeholder string replaced by its medium's base64."""

def fit(
    media: Media,
    width: int,
    height: int,
    *,
    format: Literal["keep", "plain", "jpeg", "png", "webp"] = "keep",  # noqa: A002 - the field's word
    quality: int = 85,
    crop: tuple[int, int, int, int] | None = None,
    turn: Literal[0, 90, 180, 270] = 0,
    limits: Limits | None = None,
) -> Media:
    """Decode, orient, crop, turn, downscale (Lanczos, never up) to exactly width x height as then seen,
    flatten or keep alpha by output format, re-encode, strip all metadata. Colours of another space than sRGB
    are brought there: who serves models reads numbers, not profiles.

    `plain` is JPEG or PNG, whatever came: what `keep` makes of a picture that it has to draw anew.
    `crop` is (x, y, width, height) in pixels of the upright picture, before the turn; `turn` is degrees
    clockwise. A crop that does not lie in the picture is refused as `media_unsupported`.
    """

def split(
    media: Media,
    height: int,
    overlap: int = 0,
    *,
    format: Literal["keep", "plain", "jpeg", "png", "webp"] = "keep",  # noqa: A002 - the field's word
    quality: int = 85,
    limits: Limits | None = None,
) -> list[Media]:
    """The picture, upright and unscaled, in pieces of at most `height` pixels from top to bottom.

    Neighbours share `overlap` pixels (at most half of `height`). There are as few pieces as can be, equally
    tall but for the last; more than `limits.media` are refused as `media_unsupported`. A picture
    that is low enough comes back alone, as `fit` leaves it at its own size.
    """

@final
class Signals:
    """What a picture is like, read off a grey copy of at most 512 x 512 pixels' worth of it, upright.

    Levels are luma (BT.601), 0 to 255; lengths are pixels of the file.

    `text_score`: share of glyph-like parts that stand in lines of three or more, 0 to 1; from 0.5 on the
    picture is mostly text (pipelines.md 1.3). `glyph_height`: median height of those parts (letters without
    their accents, digits) in pixels, None when there are none. `sharpness`: variance of the Laplacian,
    squared levels. `brightness`, `contrast`: mean and standard deviation of the levels. `shadows`,
    `highlights`: share of pixels of the five darkest and of the five lightest levels, 0 to 1. `entropy`: bits
    of the histogram, 0 to 8. `phash`: 64 bits, `(a.phash ^ b.phash).bit_count()` is the distance. `cells`:
    mean levels of 80 x 44 cells, for `changed_tiles`.
    """

    @property
    def text_score(self) -> float: ...
    @property
    def glyph_height(self) -> float | None: ...
    @property
    def sharpness(self) -> float: ...
    @property
    def brightness(self) -> float: ...
    @property
    def contrast(self) -> float: ...
    @property
    def shadows(self) -> float: ...
    @property
    def highlights(self) -> float: ...
    @property
    def entropy(self) -> float: ...
    @property
    def phash(self) -> int: ...
    @property
    def cells(self) -> bytes: ...

def signals(media: Media, limits: Limits | None = None) -> Signals:
    """Of a picture, or of its first frame. Refuses what `fit` refuses. A JPEG of more than 6 megapixels is
    decoded at a half, a quarter or an eighth of its size.
    """

def frame_cells(luma: Buffer, width: int, height: int, *, stride: int | None = None) -> bytes:
    """Mean levels of the 80 x 44 cells of a video frame: `height` rows of `width` luma bytes, `stride` bytes
    apart (`width` when None). ValueError when `luma` is shorter than that.
    """

def changed_tiles(before: bytes, after: bytes, *, levels: int = 6) -> int:
    """How many of the 40 x 22 tiles (2 x 2 cells each) of two frames differ by more than `levels`, in the
    mean over their cells. Three or more make a frame worth keeping (pipelines.md 1.5): another number on a
    slide changes that many, one digit of it at least one, compression none. 880 when an argument is not
    what `frame_cells` gives.
    """

def strip(media: Media) -> Media:
    """Metadata cut out without decoding pixels (JPEG, PNG, WebP); the same object if nothing to cut.
    An EXIF orientation other than 1 is kept as a minimal tag; ICC profiles stay.
    """

def count_tokens(text: str, encoding: Encoding) -> int: ...
def count_tokens_batch(texts: Sequence[str], encoding: Encoding) -> int:
    """Sum over texts, in one GIL release."""

def count_until(text: str, encoding: Encoding, most: int) -> int | None:
    """The count, None when it is more than `most`: the text is then not read to its end."""

@final
class TextCount:
    """Texts weighed together. `error`: how far `tokens` may be off either way, 0 where all was counted.

    `scripts`: about how many of the tokens each script makes (`latin`, `digits`, `marks`, `data`, `greek`,
    `arabic`, `indic`, `asian`, `han`, `kana`, `hangul`, `symbols`, `other`), those with none left out.
    """

    @property
    def tokens(self) -> int: ...
    @property
    def error(self) -> int: ...
    @property
    def scripts(self) -> dict[Script, int]: ...

def weigh_texts(texts: Sequence[str], encoding: Encoding, *, cap: int) -> TextCount:
    """Counts texts while their UTF-8 bytes add up to `cap` at most, estimates the others, in one GIL release.

    An estimate is one pass over the bytes, weighted as `make calibrate` fitted it; its error is stated.
    """

def text_features(text: str) -> list[int]:
    """What an estimate is made from, for `make calibrate`."""

def digest(*parts: Buffer) -> str:
    """Hex BLAKE3 over length-prefixed parts, so that `ab` + `c` is not `a` + `bc`."""

@final
class SseReader:
    """Server-sent events from bytes in any chunking: LF, CRLF or CR, comments skipped, BOM skipped.

    `feed` gives (event name or None, data) per dispatched event. Data lines are joined by LF.
    `pending` is True when bytes of an undispatched event are held: EOF then means a cut stream.
    """

    def __new__(cls, *, max_event_bytes: int = 1_048_576) -> SseReader: ...
    def feed(self, chunk: Buffer) -> list[tuple[str | None, bytes]]: ...
    @property
    def pending(self) -> bool: ...

def tune_allocator() -> bool:
    """Raise malloc's mmap and trim thresholds (big bodies then fault no fresh pages). False when
    the C library has no such knob.
    """
