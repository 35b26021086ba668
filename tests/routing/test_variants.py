"""Documents as files or as text: what is weighed, and which way is taken."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.catalog import quote
from gateway.routing import Surroundings, route, survey
from gateway.routing.variants import narrower, to_read, ways
from gateway.types.plan import Attempt, Policy, Rejection, Step
from gateway.types.weight import MediaFacts, Requirements, TextLayer
from tests.catalog.samples import CATALOG, CHATS, carried, facts, medium
from tests.routing.samples import codes, group, judged, order, told

FILES, WORDS, FLAT = "openai/gpt-4o", "deepseek/deepseek-v4-flash", "gemini/gemini-2.5-flash"
TEXT = Policy(transform=frozenset({"pdf_text"}))


def layer(tokens: int, *, pictures: bool = False, pages: int = 1) -> TextLayer:
    """A layer of so many tokens."""
    counts: Any = {"o200k_base": tokens, "cl100k_base": tokens}
    return TextLayer(counts, {}, {}, 4 * tokens, pages, pictures)


def document(index: int = 0, pages: int = 4, **changes: Any) -> MediaFacts:
    """A PDF."""
    usual = {"index": index, "pages": pages, "size": 90_000}
    return medium("document", "application/pdf", **{**usual, **changes})


def only(load: Requirements, model: str, policy: Policy = TEXT) -> Attempt | Rejection:
    """The one candidate, judged."""
    found = judged(load, model, policy=policy)
    return found.attempts[0] if found.attempts else found.rejections[0]


def texts(found: Attempt | Rejection) -> list[int]:
    """Documents that leave as text."""
    return [step.part for step in found.steps if step.step == "pdf_text"]


def test_a_model_without_documents_gets_the_text() -> None:
    """What only models of documents could carry, others carry as text, quoted as the text."""
    load = carried(document(layer=layer(2_000)))
    found = only(load, WORDS)
    assert isinstance(found, Attempt)
    assert (Step(0, "pdf_text"),) == found.steps
    expected = quote(facts(WORDS), carried(tokens=2_004))
    assert (expected, expected) == (found.quote, found.unprepared)
    assert {WORDS: "modality_unsupported"} == codes(judged(load, WORDS))


@pytest.mark.parametrize(("tokens", "sent"), [(900, [0]), (1_100, [])])
def test_the_cheaper_way_is_taken(tokens: int, sent: list[int]) -> None:
    """Gemini charges 258 a page: four pages are dearer than 900 tokens of text and cheaper than 1,100."""
    found = only(carried(document(layer=layer(tokens))), FLAT)
    assert isinstance(found, Attempt)
    assert sent == texts(found)
    assert found.unprepared.expected >= found.quote.expected
    assert 2 == len(found.variants)


def test_each_document_goes_its_own_way() -> None:
    """Media do not depend on each other: the sparse one leaves as text, the dense one as it is."""
    load = carried(document(0, layer=layer(300)), document(1, layer=layer(9_000)))
    found = only(load, FLAT)
    assert [0] == texts(found)
    assert 3 == len(found.variants)


def test_what_does_not_fit_as_a_file_fits_as_text() -> None:
    """A file that is too long for the context lets its text through, and says so."""
    long = document(pages=900, layer=layer(60_000, pages=900))
    found = only(carried(long), FILES)
    assert isinstance(found, Attempt)
    assert [0] == texts(found)
    refused = [variant.reason.code for variant in found.variants if variant.reason is not None]
    assert ["context_exceeded"] == refused
    # What could not be sent is no measure of what was saved.
    assert found.unprepared == found.quote
    assert {FILES: "context_exceeded"} == codes(judged(carried(long), FILES))


def test_what_does_not_fit_as_text_goes_as_a_file() -> None:
    """The other way round: text beyond every context leaves the file alone."""
    dense = document(pages=1, layer=layer(2_000_000))
    assert [] == texts(only(carried(dense), FLAT))
    both = judged(carried(dense), FLAT, WORDS, policy=TEXT)
    assert [FLAT] == order(both)
    # Text would have got round what it takes, and not round this.
    assert {WORDS: "context_exceeded"} == codes(both)


def test_a_scan_is_not_offered_as_text() -> None:
    """Where no text is, the reason says why; who takes documents gets the file."""
    scan = carried(document(layer_missing="page 2 of 4 is drawn and has no text layer"))
    found = judged(scan, FILES, WORDS, policy=TEXT)
    assert [FILES] == order(found)
    (rejection,) = found.rejections
    assert ("no_text_layer", 0, "document") == (
        rejection.reason.code,
        rejection.reason.part,
        rejection.reason.kind,
    )
    assert "page 2 of 4" in rejection.reason.message


def test_pictures_keep_the_file_where_files_are_taken() -> None:
    """Text would lose them: it is sent only to a model that could not see them either way."""
    load = carried(document(layer=layer(10, pictures=True)))
    found = judged(load, FILES, WORDS, policy=TEXT)
    assert {FILES: [], WORDS: [0]} == {one.deployment.name: texts(one) for one in found.attempts}
    # A dialect that has no word for a file is no model of documents.
    assert [frozenset(), frozenset({0})] == list(ways(facts(FLAT), load, TEXT, [0]))
    assert [frozenset()] == list(ways(facts(FLAT), load, TEXT))


def test_without_the_policy_nothing_is_read_or_sent_as_text() -> None:
    """Neither looked into nor weighed."""
    load = carried(document(layer=layer(10)))
    assert () == to_read(load, group(FILES, WORDS), CATALOG)
    assert (0,) == to_read(load, group(FILES, policy=TEXT), CATALOG)
    assert () == to_read(load, group("local/read", policy=TEXT), CATALOG)
    assert () == to_read(carried(medium()), group(WORDS, policy=TEXT), CATALOG)
    assert [] == texts(only(load, FILES, Policy()))


def test_an_image_beside_it_is_prepared_as_ever() -> None:
    """A picture of the same request keeps its own step."""
    found = only(carried(document(layer=layer(9)), medium(index=1)), FILES)
    assert (Step(0, "pdf_text"), Step(1, "downscale", (4000, 3000), (1024, 768))) == found.steps


def test_the_quote_tells_what_each_way_costs() -> None:
    """Every way that was weighed is told with its price or its reason, each once; a plan tells no more."""
    load = carried(document(layer=layer(900)), medium(index=1))
    found = survey(load, group(FLAT, WORDS, policy=TEXT), CATALOG, Surroundings(), told=True)
    first, second = told(load, found)["candidates"]
    steps = [[step["step"] for step in way["preparation"]] for way in first["variants"]]
    assert [["strip"], ["pdf_text", "strip"], ["pdf_text"]] == steps
    costs = [way["cost_usd"] for way in first["variants"]]
    assert first["cost_usd"]["expected"] == costs[1] == costs[2]
    assert "modality_unsupported" == second["reason"]["code"]
    plain = route(load, group(FLAT, policy=Policy()), CATALOG, Surroundings())
    assert () == plain.attempts[0].variants


def test_losses_are_told_apart() -> None:
    """With several losses allowed, each is priced by itself beside what loses nothing."""
    everything = Policy(prepare=frozenset({"strip", "downscale", "near_lossless", "legible"}))
    assert [0, 2, 3, 3] == [len(less.prepare) for less in narrower(everything)]
    load = carried(medium(width=1920, height=1080, text_score=0.9, glyph_height=30.0))
    known = group("anthropic/claude-haiku-5-5", policy=everything)
    (attempt,) = survey(load, known, CATALOG, Surroundings(), told=True).attempts
    names = [[step.step for step in variant.steps] for variant in attempt.variants]
    assert [["legible"], [], ["strip"], ["near_lossless"]] == names
    costs = [variant.quote.expected for variant in attempt.variants if variant.quote is not None]
    assert costs[0] == min(costs) == attempt.quote.expected


@settings(max_examples=150, deadline=None)
@given(
    model=st.sampled_from([name for name in CHATS if not facts(name).needs_media]),
    documents=st.lists(
        st.tuples(st.integers(1, 400), st.one_of(st.none(), st.integers(0, 300_000)), st.booleans()),
        min_size=1,
        max_size=4,
    ),
    prompt=st.integers(1, 250_000),
)
def test_prepared_is_never_dearer(
    model: str, documents: list[tuple[int, int | None, bool]], prompt: int
) -> None:
    """Of the ways that fit the cheapest is taken, so never a dearer one than the request as it came."""
    media = [
        document(index, pages, layer=None if tokens is None else layer(tokens, pictures=pictures))
        for index, (pages, tokens, pictures) in enumerate(documents)
    ]
    load = carried(*media, tokens=prompt)
    found, before = only(load, model), only(load, model, Policy())
    if isinstance(before, Attempt):
        assert isinstance(found, Attempt)
        assert found.quote.expected <= before.quote.expected
        assert found.unprepared == before.unprepared
    if isinstance(found, Attempt):
        assert found.quote == quote(facts(model), load, found.steps)
        assert found.quote.expected <= min(
            (variant.quote.expected for variant in found.variants if variant.quote and not variant.reason),
            default=found.quote.expected,
        )
