"""What one attempt really cost."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from gateway.billing.settle import output_tokens_seen, predicted_items, settle, settle_hit
from gateway.types.money import LineItem, Quote
from gateway.types.outcome import End, Outcome, Saving, Settlement, Usage
from gateway.types.plan import Attempt, Step
from tests.billing.attempts import ATTEMPT, GPT, QUOTE, UNPREPARED, outcome, price, tokens

REPORTED = Usage(input=777, output=20)
INPUT_ONLY = QUOTE.items[:2]


def test_reported_usage_is_charged_as_reported() -> None:
    """A finished answer with usage costs what the usage costs, by modality."""
    done = settle(ATTEMPT, outcome(usage=REPORTED), price)
    assert (tokens("text", 12), tokens("image", 765), tokens("text", 20, "out")) == done.items
    assert "reported" == done.source
    assert 12 * 2500 + 765 * 2500 + 20 * 10_000 == done.cost


def test_zero_quantities_make_no_line() -> None:
    """An answer without output has no output line."""
    done = settle(ATTEMPT, outcome(usage=Usage(input=777, output=0)), price)
    assert INPUT_ONLY == done.items


def test_without_usage_output_is_what_was_seen() -> None:
    """A whole answer without usage: input as quoted, output as counted."""
    done = settle(ATTEMPT, outcome(output_tokens_seen=41), price)
    assert (*INPUT_ONLY, 41 * 10_000) == (*done.items[:2], done.items[2].nanodollars)
    assert "predicted" == done.source
    assert () == done.ratios


def test_output_is_estimated_by_characters_when_uncounted() -> None:
    """Four characters a token, rounded up; a count wins over the estimate."""
    seen = [output_tokens_seen(outcome(output_characters=n)) for n in (0, 1, 4, 5)]
    assert [0, 1, 1, 2] == seen
    assert 7 == output_tokens_seen(outcome(output_characters=4000, output_tokens_seen=7))


@pytest.mark.parametrize("end", ["cancelled", "disconnected"])
def test_whoever_leaves_pays_what_came(end: End) -> None:
    """Hung up in the middle: input in full, output as far as it came; before any output, input alone."""
    left = outcome(end=end, complete=False)
    assert (*INPUT_ONLY, tokens("text", 5, "out").nanodollars) == (
        *settle(ATTEMPT, structs.replace(left, output_tokens_seen=5), price).items[:2],
        settle(ATTEMPT, structs.replace(left, output_tokens_seen=5), price).items[2].nanodollars,
    )
    assert INPUT_ONLY == settle(ATTEMPT, structs.replace(left, started=False), price).items


@pytest.mark.parametrize("end", get_args(End))
def test_what_was_never_sent_costs_nothing(end: End) -> None:
    """Refused, cancelled or failed before anything left: no items, no savings."""
    done = settle(ATTEMPT, Outcome(end=end), price, baseline=10**9)
    assert Settlement(items=(), source="predicted", savings=()) == done


@pytest.mark.parametrize("error", ["upstream_overloaded", "upstream_rate_limited", "upstream_error"])
def test_an_error_status_costs_nothing(error: str) -> None:
    """Providers do not bill an answer that is an error."""
    done = settle(ATTEMPT, Outcome(end="failed", sent=True, error=error), price)
    assert () == done.items


@pytest.mark.parametrize("error", ["upstream_timeout", "upstream_reset", "upstream_incomplete"])
def test_silence_is_charged_as_expected(error: str) -> None:
    """Sent and never answered: the provider may have worked, so the quote stands; nothing was saved."""
    done = settle(ATTEMPT, Outcome(end="failed", sent=True, error=error), price, baseline=10**9)
    assert QUOTE.items == done.items
    assert ("predicted", ()) == (done.source, done.savings)


def test_a_stream_that_fails_in_the_middle_costs_what_came() -> None:
    """Started and then failed: input in full, output as seen."""
    broken = outcome(end="failed", complete=False, error="upstream_overloaded", output_tokens_seen=3)
    assert 3 * 10_000 + sum(item.nanodollars for item in INPUT_ONLY) == settle(ATTEMPT, broken, price).cost


def test_an_early_report_is_completed_by_what_was_seen() -> None:
    """Usage sent at the head of a stream is behind when the stream is cut: the output seen counts."""
    cut = outcome(end="disconnected", complete=False, usage=Usage(777, 1), output_tokens_seen=90)
    done = settle(ATTEMPT, cut, price)
    assert tokens("text", 90, "out") == done.items[2]
    assert "predicted" == done.source


def test_a_report_ahead_of_what_was_seen_is_believed() -> None:
    """Reasoning is billed and never seen: a cut answer's larger report stands."""
    cut = outcome(end="disconnected", complete=False, usage=Usage(777, 500), output_tokens_seen=90)
    done = settle(ATTEMPT, cut, price)
    assert (tokens("text", 500, "out"), "reported") == (done.items[2], done.source)


def test_usage_without_input_is_no_report() -> None:
    """Output alone cannot be split by modality: predicted."""
    done = settle(ATTEMPT, outcome(usage=Usage(output=20), output_tokens_seen=20), price)
    assert "predicted" == done.source


def test_an_unpriced_model_has_no_items() -> None:
    """An unknown price is no data, never zero dollars."""
    unpriced = structs.replace(ATTEMPT, quote=Quote((), priced=False))
    done = settle(unpriced, outcome(usage=REPORTED), price, baseline=10)
    assert ((), ()) == (done.items, done.savings)


def test_preparation_saves_by_modality() -> None:
    """What the request as it came would have cost more, in the modality that changed, and only there."""
    done = settle(ATTEMPT, outcome(usage=REPORTED), price)
    assert (Saving("preparation", "image", (1105 - 765) * 2500),) == done.savings


def test_preparation_that_proved_dearer_is_negative() -> None:
    """A preparation that costs more says so."""
    dearer = Attempt(GPT, (), UNPREPARED, QUOTE)
    assert (Saving("preparation", "image", -340 * 2500),) == settle(dearer, outcome(), price).savings


def test_a_modality_that_preparation_removed_is_saved_whole() -> None:
    """A document that became text: the document's cost saved, the text's cost more."""
    before = Quote((tokens("document", 1000),))
    after = Quote((tokens("text", 100),))
    attempt = Attempt(GPT, (Step(0, "pdf_text"),), after, before)
    assert (
        Saving("transformation", "document", 1000 * 2500),
        Saving("transformation", "text", -100 * 2500),
    ) == settle(attempt, outcome(), price).savings


def test_an_unpriced_original_saves_nothing_known() -> None:
    """Without a price for the request as it came there is no saving to tell."""
    unknown = structs.replace(ATTEMPT, unprepared=Quote((), priced=False))
    assert () == settle(unknown, outcome(), price).savings


@pytest.mark.parametrize(("difference", "count"), [(500, 1), (-500, 1), (0, 0)])
def test_routing_saves_against_the_baseline(difference: int, count: int) -> None:
    """Against the operator's first-named candidate, either way; equal is no saving."""
    same = structs.replace(ATTEMPT, unprepared=QUOTE)
    done = settle(same, outcome(), price, baseline=QUOTE.expected + difference)
    assert (Saving("routing", "request", difference),) * count == done.savings


def test_ratios_compare_input_with_the_quote() -> None:
    """Twice the input tokens is a ratio of two in every modality; output has none."""
    done = settle(ATTEMPT, outcome(usage=Usage(input=2 * 777, output=9999)), price)
    assert {"text": 2.0, "image": 2.0} == dict(done.ratios)


def test_a_hit_saves_what_the_answer_had_cost() -> None:
    """Nothing is spent, and what was paid for the answer is saved, by modality."""
    hit = settle_hit(QUOTE.items)
    assert (0, QUOTE.expected) == (hit.cost, hit.saved)
    expected = {"image": 765 * 2500, "text": 12 * 2500 + 300 * 10_000}
    assert expected == {saving.modality: saving.nanodollars for saving in hit.savings}
    assert () == settle_hit(()).savings


def test_prediction_keeps_what_is_not_tokens() -> None:
    """A price per request, per image or per second of input is kept as quoted."""
    fee = structs.replace(tokens("request", 1), unit="request", rate_usd="0.01", per=1)
    quote = Quote((fee, tokens("text", 5, "out")))
    assert (fee, 4 * 10_000) == (
        predicted_items(quote, outcome(output_tokens_seen=4))[0],
        predicted_items(quote, outcome(output_tokens_seen=4))[1].nanodollars,
    )
    assert (fee,) == predicted_items(Quote((fee,)), outcome(output_tokens_seen=4))


counts = st.integers(0, 100_000)
usages = st.none() | st.builds(Usage, st.none() | counts, st.none() | counts)
errors = st.none() | st.sampled_from(["upstream_timeout", "upstream_error", "upstream_reset"])
outcomes = st.builds(
    Outcome,
    end=st.sampled_from(get_args(End)),
    sent=st.booleans(),
    started=st.booleans(),
    complete=st.booleans(),
    usage=usages,
    output_characters=counts,
    output_tokens_seen=counts,
    error=errors,
)
quotes = st.tuples(counts, counts, counts).map(
    lambda n: Quote((tokens("text", n[0] + 1), tokens("image", n[1]), tokens("text", n[2], "out")))
)


@given(quotes, quotes, outcomes, st.none() | counts)
def test_laws_of_settling(quote: Quote, unprepared: Quote, ended: Outcome, baseline: int | None) -> None:
    """Whatever happened: the cost is the sum of the items by modality, no item is negative or empty,
    nothing unsent costs, every output seen in a sent answer is paid, and failure saves nothing.
    """
    done = settle(Attempt(GPT, (), quote, unprepared), ended, price, baseline)
    by_modality: dict[str, int] = {}
    for item in done.items:
        by_modality[item.modality] = by_modality.get(item.modality, 0) + item.nanodollars
        assert item.nanodollars >= 0
        assert int(item.quantity) > 0
    assert sum(by_modality.values()) == done.cost
    if not ended.sent:
        assert () == done.items
    if ended.end == "failed":
        assert () == done.savings
    if done.source == "reported":
        assert ended.usage is not None
    billed = [int(i.quantity) for i in done.items if i.direction == "out"]
    if ended.sent and ended.started and not ended.complete:
        assert sum(billed) >= output_tokens_seen(ended)
    assert settle(Attempt(GPT, (), quote, unprepared), ended, price, baseline) == done


@given(st.lists(st.builds(tokens, st.sampled_from(["text", "image"]), counts)))
def test_a_hit_saves_every_nanodollar(items: list[LineItem]) -> None:
    """The savings of a hit sum to the cost of the answer."""
    assert sum(item.nanodollars for item in items) == settle_hit(tuple(items)).saved
