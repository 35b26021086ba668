"""Pages: tokens of them, and what services call one."""

import pytest

from gateway.catalog.documents import (
    DocumentTokens,
    Format,
    PageRule,
    PageTokens,
    billable_pages,
    page_tokens,
)

AZURE = PageRule(by_characters=("docx", "html"), by_sheets=("xlsx", "pptx"))
LEVELS = {"MEDIA_RESOLUTION_LOW": 280, "MEDIA_RESOLUTION_HIGH": 1120}


@pytest.mark.parametrize(
    ("form", "given", "expected"),
    [
        ("docx", {"characters": 7000}, 3),
        ("docx", {"characters": 6000}, 2),
        ("html", {"characters": 1}, 1),
        ("docx", {}, 1),
        ("xlsx", {"sheets": 3}, 3),
        ("pptx", {"sheets": 12, "characters": 90_000}, 12),
        ("pdf", {"pages": 17, "characters": 90_000}, 17),
        ("tiff", {"pages": 5}, 5),
        ("image", {}, 1),
    ],
)
def test_a_page_is_what_the_service_calls_one(form: Format, given: dict[str, int], expected: int) -> None:
    """Blocks of 3,000 characters where there are no pages, a sheet or a slide each, else pages."""
    assert expected == billable_pages(AZURE, form, **given)


@pytest.mark.parametrize(
    ("level", "counted", "expected"),
    [
        (None, True, DocumentTokens(1120, 1000, 1120, "estimated")),
        ("MEDIA_RESOLUTION_LOW", True, DocumentTokens(560, 500, 560, "estimated")),
        ("MEDIA_RESOLUTION_HIGH", True, DocumentTokens(2240, 2000, 2240, "estimated")),
        # OpenAI's word for a detail is none of Google's.
        ("low", True, DocumentTokens(1120, 1000, 1120, "estimated")),
    ],
)
def test_tokens_of_two_pages(level: str | None, counted: bool, expected: DocumentTokens) -> None:
    """The page's tokens at the level asked for, times the pages."""
    rule = PageTokens(low=500, expected=560, high=560, levels=LEVELS)
    assert expected == page_tokens(rule, (2, 2, 2), level, counted=counted)


def test_pages_of_one_price_are_exact_once_they_are_counted() -> None:
    """258 a page leaves nothing to doubt but the number of pages."""
    rule = PageTokens(low=258, expected=258, high=258)
    assert DocumentTokens(1032, 1032, 1032, "exact") == page_tokens(rule, (4, 4, 4))
    assert DocumentTokens(516, 258, 1032, "estimated") == page_tokens(rule, (1, 2, 4), counted=False)
