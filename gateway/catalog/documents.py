"""What a document comes to at a model: tokens of its pages, or pages that are billed as such.

Sources: Google's document guide and live captures, OpenAI's file-inputs guide, Azure's page rule
(providers.md 4).
"""

from typing import Literal, TypeAlias

from msgspec import Struct

Counted: TypeAlias = Literal["pages", "characters", "sheets", "slides", "images"]


class PageTokens(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens of one page, least to most. `levels`: at most so many at a media resolution. `bounded`: no page
    has more, as is documented; else the most is an estimate like the rest.
    """

    low: int
    expected: int
    high: int
    bounded: bool = False
    levels: dict[str, int] = {}


class PageBilling(Struct, frozen=True, forbid_unknown_fields=True):
    """How pages are counted that nobody laid out. `characters`: a page of flowing text."""

    characters: int = 3_000


def page_tokens(
    rule: PageTokens, pages: tuple[int, int, int], level: str | None = None
) -> tuple[int, int, int]:
    """(least, expected, most) tokens of (least, expected, most) pages."""
    at_level = rule.levels.get(level or "")
    each = (rule.low, rule.expected, rule.high) if at_level is None else (at_level,) * 3
    low, expected, high = (tokens * number for tokens, number in zip(each, pages, strict=True))
    return low, expected, high


def billable_pages(rule: PageBilling, number: int, what: Counted = "pages") -> int:
    """Pages that are charged: a sheet, slide or image is one, flowing text is cut into blocks."""
    return -(-number // rule.characters) if what == "characters" else number
