"""What is in a request: facts that every candidate is weighed against."""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from gateway.types.money import Modality
from gateway.types.request import Operation

Encoding: TypeAlias = Literal["o200k_base", "cl100k_base"]
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
Feature: TypeAlias = Literal["tools", "schema", "streaming", "system", "choices"]
# For how long a client wants the provider's prompt cache to keep what it sends.
Kept: TypeAlias = Literal["short", "long", "never"]

# Pictures that we read and no model takes by right: they are sent as JPEG or PNG.
CONVERTED: Final = frozenset({"image/bmp", "image/tiff", "image/heic"})
# Pictures that most models take, and that are sent as JPEG or PNG to one that says it does not.
REPLACED: Final = frozenset({"image/webp", "image/gif"})


class TextLayer(Struct, frozen=True):
    """What the text that would be sent for a document comes to; see `TextWeight`. `pages`: how many.

    `pictures`: some of its pages have pictures, which the text leaves out.
    """

    tokens: dict[Encoding, int]
    errors: dict[Encoding, int]
    scripts: dict[Script, int]
    characters: int
    pages: int
    pictures: bool = False


class Fault(Struct, frozen=True):
    """Why a medium could not be read. `code`: a row of `gateway.errors`."""

    code: str
    message: str


class MediaFacts(Struct, frozen=True):
    """One medium as its header tells it. `width`, `height`: upright, in pixels (EXIF applied).

    `index`: ordinal among the media of the request. `size`: bytes as decoded. `detail`: as asked.
    `seconds`, `pages`: None when unknown. `text_score`, `glyph_height` (pixels upright), `opaque`: what the
    pixels or the whole file tell, None unless a policy asked for them to be looked at. So `layer`: the text
    of a document, and `layer_missing`: why there is none that could stand for it. `fault`: it is broken, and
    stands here for a report alone.
    """

    index: int
    modality: Modality
    mime: str
    digest: str
    size: int
    width: int | None = None
    height: int | None = None
    frames: int | None = None
    orientation: int = 1
    seconds: float | None = None
    pages: int | None = None
    detail: str | None = None
    path: str = ""
    text_score: float | None = None
    glyph_height: float | None = None
    opaque: bool | None = None
    layer: TextLayer | None = None
    layer_missing: str | None = None
    # Role and place: some targets take images only from the user, none from a tool.
    in_tool_result: bool = False
    fault: Fault | None = None


class Look(Struct, frozen=True):
    """What a header cannot tell of a medium and somebody wants to know: its `glyphs`, its `opacity`."""

    index: int
    glyphs: bool
    opacity: bool


class TextWeight(Struct, frozen=True):
    """The text of a request, counted once per tokenizer family that a candidate uses.

    `tokens[encoding]` counts every string value of the messages; `messages`, `names` feed the chat
    overhead of a family; `tools[encoding]` counts the tool definitions as their family renders them.
    `tools_flat`: every tool has the shape whose rendering is documented; `tools_forced`: the model must
    call one. A response schema counts among the tools. `errors[encoding]`: how many tokens a text too long
    to count may be off, either way. `scripts`: about how many tokens each script makes.
    """

    tokens: dict[Encoding, int]
    tools: dict[Encoding, int]
    messages: int
    names: int
    characters: int
    tools_flat: bool = True
    tools_forced: bool = False
    errors: dict[Encoding, int] = {}
    scripts: dict[Script, int] = {}


class Requirements(Struct, frozen=True):
    """What a candidate must carry. `max_output_tokens` None: the candidate's own limit bounds it.

    `kept` None: the client says nothing of the provider's prompt cache. `operation`: what is asked for.
    """

    text: TextWeight
    media: tuple[MediaFacts, ...]
    features: frozenset[Feature]
    max_output_tokens: int | None
    choices: int = 1
    kept: Kept | None = None
    operation: Operation = "chat"

    @property
    def modalities(self) -> frozenset[Modality]:
        """Input modalities; text is always among them."""
        return frozenset({"text", *(fact.modality for fact in self.media)})
