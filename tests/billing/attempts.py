"""Attempts, quotes and outcomes for tests, with a price function of their own."""

from decimal import Decimal

from msgspec import structs

from gateway.types.money import LineItem, Modality, Quote, nanodollars
from gateway.types.outcome import Outcome, Usage
from gateway.types.plan import Attempt, Deployment

GPT = Deployment("openai/gpt-4o", "openai", "gpt-4o")
RATES = {"in": "2.50", "out": "10"}
MILLION = 1_000_000


def tokens(modality: Modality, count: int, direction: str = "in") -> LineItem:
    """So many tokens at gpt-4o's price; output may be double or nothing."""
    rate = RATES[direction]
    cost = nanodollars(count, rate, MILLION)
    return LineItem(
        modality=modality,
        direction="in" if direction == "in" else "out",
        unit="token",
        quantity=str(count),
        rate_usd=rate,
        per=MILLION,
        nanodollars=cost,
        low=cost if direction == "in" else 0,
        high=cost if direction == "in" else 2 * cost,
        certainty="exact" if direction == "in" else "bounded",
    )


QUOTE = Quote((tokens("text", 12), tokens("image", 765), tokens("text", 300, "out")))
UNPREPARED = Quote((tokens("text", 12), tokens("image", 1105), tokens("text", 300, "out")))
ATTEMPT = Attempt(GPT, (), QUOTE, UNPREPARED)
FINISHED = Outcome(end="finished", sent=True, started=True, complete=True)


def price(usage: Usage, quote: Quote) -> tuple[LineItem, ...]:
    """Reported usage split over input modalities as the quote is: the catalog's rule, in short."""
    inputs = [item for item in quote.items if item.direction == "in"]
    quoted = sum((Decimal(item.quantity) for item in inputs), Decimal(0))
    left, total = usage.input or 0, usage.input or 0
    items = []
    for item in inputs[1:]:
        share = int(total * Decimal(item.quantity) / quoted)
        left -= share
        items.append(tokens(item.modality, share))
    first = tokens(inputs[0].modality, left)
    return (first, *items, tokens("text", usage.output or 0, "out"))


def outcome(**changes: object) -> Outcome:
    """A finished outcome with changes."""
    return structs.replace(FINISHED, **changes)
