"""What a document costs at a model: tokens of its pages, or pages that a service bills.

Sources: Google's document and media-resolution guides, captures of usageMetadata that others published,
Azure's service limits for Document Intelligence (providers.md 4).
"""

from typing import Literal, TypeAlias

from msgspec import Struct

from gateway.types.money import Certainty

# What a file is, to a service that bills pages.
Format: TypeAlias = Literal["pdf", "docx", "html", "xlsx", "pptx", "tiff", "image"]


class PageTokens(Struct, frozen=True, forbid_unknown_fields=True):
    """Tokens of a page, least to most. `levels`: most tokens of a page at other media resolutions.

    `reported_as`: what the provider's usage counts pages among. Exact where all three are one.
    """

    low: int
    expected: int
    high: int
    levels: dict[str, int] = {}
    reported_as: Literal["document", "image", "text"] = "document"


class PageRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Which unit of a file is a page to a service. `characters`: of a block, in formats without pages.

    `by_characters`, `by_sheets`: formats billed by blocks, and by sheets or slides. All else has pages.
    """

    characters: int = 3000
    by_characters: tuple[Format, ...] = ()
    by_sheets: tuple[Format, ...] = ()


class DocumentTokens(Struct, frozen=True):
    """Tokens of one document."""

    tokens: int
    low: int
    high: int
    certainty: Certainty


def page_tokens(
    rule: PageTokens, pages: tuple[int, int, int], level: str | None = None, *, counted: bool = True
) -> DocumentTokens:
    """Pages, least to most, times the tokens of a page. `counted`: the number of pages is known."""
    low, expected, high = rule.low, rule.expected, rule.high
    stated = rule.levels.get(level or "")
    if stated is not None:
        low, expected, high = low * stated // max(high, 1), stated, stated
    least, usual, most = pages
    sure = counted and low == high
    return DocumentTokens(
        tokens=expected * usual,
        low=low * least,
        high=high * most,
        certainty="exact" if sure else "estimated",
    )


def billable_pages(
    rule: PageRule, form: Format, *, pages: int = 0, characters: int = 0, sheets: int = 0
) -> int:
    """Pages that a service bills: blocks of characters, sheets or slides, pages or single images.

    A file with nothing in it is a page.
    """
    if form in rule.by_characters:
        return max(-(-characters // rule.characters), 1)
    return max(sheets if form in rule.by_sheets else pages, 1)
