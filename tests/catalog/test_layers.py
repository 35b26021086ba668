"""A request whose documents are text."""

from gateway.catalog.demand import demand
from gateway.catalog.layers import as_text
from gateway.types.plan import Step
from gateway.types.weight import TextLayer
from tests.catalog.samples import carried, facts, medium

LAYER = TextLayer({"o200k_base": 700, "cl100k_base": 800}, {"o200k_base": 1}, {"latin": 700}, 2_800, 2)
PDF = medium("document", "application/pdf", index=1, pages=2, layer=LAYER)
SCAN = medium("document", "application/pdf", index=2, pages=1, layer_missing="page 1 is drawn")


def test_its_tokens_are_text_from_then_on() -> None:
    """Tokens, errors, scripts and characters are added, and the document is gone; others stay."""
    done = as_text(carried(medium(), PDF, SCAN, tokens=4), {1})
    assert [0, 2] == [fact.index for fact in done.media]
    assert {"o200k_base": 704, "cl100k_base": 804} == done.text.tokens
    assert ({"o200k_base": 1}, {"latin": 700}) == (done.text.errors, done.text.scripts)
    assert 16 + 2_800 == done.text.characters


def test_nothing_to_do() -> None:
    """Without parts the load is the same."""
    load = carried(PDF)
    assert load is as_text(load, ())


def test_demand_counts_it_so() -> None:
    """A step says what the load without the document and with its text would say."""
    load, known = carried(PDF, SCAN), facts("openai/gpt-4o")
    assert demand(known, as_text(load, {1})) == demand(known, load, (Step(1, "pdf_text"),))
