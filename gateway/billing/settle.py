"""One attempt's account: pure, from what was quoted and what happened.

| what happened | items | source |
|---|---|---|
| nothing left for the provider, or it answered with an error status | none | predicted |
| usage reported and the answer ended | priced from the report, or as the provider sums it up | reported |
| usage reported, answer cut | priced from the report, output at least as seen | predicted if it lags |
| no usage, answer ended or cut, or the client left | input as quoted, output as seen | predicted |
| no usage, the provider fell silent before any answer | input as quoted, output as expected | predicted |

Providers do not bill an answer that is an error status. A request that went out and got no answer at
all may well have been worked on and billed, so it is charged as expected: too much shows in the drift
between quote and invoice, too little would not.

A failed attempt saved nothing, whatever it cost. An unpriced model has no items, unless its provider names
the sum: that is no data, counted apart, never zero dollars.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final, TypeAlias

from msgspec import structs

from gateway.billing.witness import as_billed
from gateway.types.money import Certainty, LineItem, Modality, Quote, nanodollars
from gateway.types.outcome import Outcome, Saving, SavingReason, Settlement, Source, Usage
from gateway.types.plan import Attempt

# Reported usage and the quote to priced items: `catalog.cost.settle_items` with its facts bound.
Price: TypeAlias = Callable[[Usage, Quote], tuple[LineItem, ...]]

# Ends without an error status: the provider may have worked, and may bill.
_SILENT: Final = frozenset(
    {"upstream_timeout", "upstream_reset", "upstream_incomplete", "upstream_invalid_answer"}
)
_CHARACTERS_PER_TOKEN: Final = 4


def settle(attempt: Attempt, outcome: Outcome, price: Price, baseline: int | None = None) -> Settlement:
    """The account of one attempt. `baseline`: the plan's, for the attempt that answered; else None."""
    quote = attempt.quote
    if not _billed(outcome):
        return Settlement(items=(), source="predicted", savings=())
    usage, source = _usage(outcome)
    told = usage.cost if usage is not None and source == "reported" else None
    if not quote.priced:
        # Nobody knew a price, and the provider names the sum: then one is known after all.
        return Settlement(items=as_billed((), told), source=source if told else "predicted", savings=())
    if usage is None:
        items = predicted_items(quote, outcome)
    else:
        priced = (item for item in price(usage, quote) if Decimal(item.quantity))
        items = as_billed(tuple(priced), told)
    return Settlement(
        items=items,
        source=source,
        savings=() if outcome.end == "failed" else _savings(attempt, baseline),
        ratios=_ratios(items, quote) if source == "reported" else (),
    )


def settle_hit(items: tuple[LineItem, ...]) -> Settlement:
    """The account of a cache hit: nothing spent, and what the stored answer had cost saved."""
    saved = _by_modality(items)
    return Settlement(
        items=(),
        source="reported",
        savings=tuple(Saving("cache", modality, amount) for modality, amount in saved.items() if amount),
    )


def predicted_items(quote: Quote, outcome: Outcome) -> tuple[LineItem, ...]:
    """Input as quoted; output text as seen, or as expected when the provider fell silent."""
    inputs = tuple(item for item in quote.items if item.direction == "in" and Decimal(item.quantity))
    outputs = [item for item in quote.items if item.direction == "out"]
    if not outcome.started and outcome.error in _SILENT:
        return inputs + tuple(item for item in outputs if Decimal(item.quantity))
    tokens = output_tokens_seen(outcome)
    text = next((item for item in outputs if item.unit == "token" and item.modality == "text"), None)
    if text is None or not tokens:
        return inputs
    cost = nanodollars(tokens, text.rate_usd, text.per)
    seen = structs.replace(
        text,
        quantity=str(tokens),
        nanodollars=cost,
        low=cost,
        high=cost,
        certainty=_counted(quote) if outcome.output_tokens_seen else "estimated",
    )
    return (*inputs, seen)


def _counted(quote: Quote) -> Certainty:
    """How sure a count of ours is at this model: as sure as its input text was."""
    return next(
        (i.certainty for i in quote.items if (i.modality, i.direction) == ("text", "in")), "estimated"
    )


def output_tokens_seen(outcome: Outcome) -> int:
    """Tokens of visible output: as counted, else one per four characters."""
    return outcome.output_tokens_seen or -(-outcome.output_characters // _CHARACTERS_PER_TOKEN)


def _billed(outcome: Outcome) -> bool:
    """Whether the provider can have billed: it was sent, and no error status refused it."""
    if not outcome.sent or outcome.refused:
        return False
    return outcome.end != "failed" or outcome.started or outcome.error in _SILENT


def _usage(outcome: Outcome) -> tuple[Usage | None, Source]:
    """The reported usage, completed by what was seen if the answer was cut after an early report."""
    usage = outcome.usage
    if usage is None or usage.input is None:
        return None, "predicted"
    seen = output_tokens_seen(outcome)
    if outcome.complete and usage.output is not None:
        return usage, "reported"
    if usage.output is not None and usage.output >= seen:
        return usage, "reported"
    return structs.replace(usage, output=seen), "predicted"


def _savings(attempt: Attempt, baseline: int | None) -> tuple[Saving, ...]:
    quote, unprepared = attempt.quote, attempt.unprepared
    savings = []
    if unprepared.priced:
        before, after = _by_modality(_inputs(unprepared)), _by_modality(_inputs(quote))
        for modality in before | after:
            amount = before.get(modality, 0) - after.get(modality, 0)
            if amount:
                savings.append(Saving(_cause(attempt, modality), modality, amount))
    if baseline is not None and baseline != quote.expected:
        savings.append(Saving("routing", "request", baseline - quote.expected))
    return tuple(savings)


def _cause(attempt: Attempt, modality: Modality) -> SavingReason:
    """A document that leaves as text saves tokens of documents and costs some of text."""
    transformed = any(step.step == "pdf_text" for step in attempt.steps)
    return "transformation" if transformed and modality in {"document", "text"} else "preparation"


def _inputs(quote: Quote) -> tuple[LineItem, ...]:
    return tuple(item for item in quote.items if item.direction == "in")


def _by_modality(items: tuple[LineItem, ...]) -> dict[Modality, int]:
    sums: dict[Modality, int] = {}
    for item in items:
        sums[item.modality] = sums.get(item.modality, 0) + item.nanodollars
    return sums


def _ratios(items: tuple[LineItem, ...], quote: Quote) -> tuple[tuple[Modality, float], ...]:
    """Input tokens as settled over input tokens as quoted; output is a guess that no table can mend."""
    settled, quoted = input_tokens(items), input_tokens(quote.items)
    return tuple(
        (modality, float(settled[modality] / tokens))
        for modality, tokens in quoted.items()
        if tokens and modality in settled
    )


def input_tokens(items: tuple[LineItem, ...]) -> dict[Modality, Decimal]:
    """Input tokens by modality, whatever their kind."""
    sums: dict[Modality, Decimal] = {}
    for item in items:
        if item.direction == "in" and item.unit == "token":
            sums[item.modality] = sums.get(item.modality, Decimal(0)) + Decimal(item.quantity)
    return sums
