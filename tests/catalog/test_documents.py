"""Pages as tokens and as what is billed."""

import pytest

from gateway.catalog.demand import demand
from gateway.catalog.documents import Counted, PageBilling, PageTokens, billable_pages, page_tokens
from tests.catalog.samples import carried, facts, medium


@pytest.mark.parametrize(
    ("what", "number", "pages"),
    [
        ("characters", 0, 0),
        ("characters", 3000, 1),
        ("characters", 3001, 2),
        ("sheets", 3, 3),
        ("pages", 9, 9),
    ],
)
def test_pages_that_nobody_laid_out(what: Counted, number: int, pages: int) -> None:
    """Flowing text is charged by blocks, a sheet, slide or image as one page."""
    assert billable_pages(PageBilling(), number, what) == pages


def test_a_level_is_one_number() -> None:
    """At a media resolution every page has the level's tokens; else between least and most."""
    rule = PageTokens(500, 532, 560, levels={"LOW": 280})
    assert page_tokens(rule, (2, 3, 4)) == (1000, 1596, 2240)
    assert page_tokens(rule, (2, 3, 4), "LOW") == (560, 840, 1120)


def test_pages_are_paid_by_the_thousand() -> None:
    """A document service charges its pages and nothing that it writes."""
    (found,) = demand(facts("mistral/mistral-ocr-4"), carried(medium("document", "application/pdf", pages=7)))
    assert (found.unit, int(found.expected), found.certainty) == ("page", 7, "exact")
