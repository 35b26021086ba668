"""Quantities to money: a quote before the call, line items after it. Pure; integer nanodollars."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, Decimal

from msgspec import structs

from gateway.catalog.demand import Amount, demand, prompt_tokens
from gateway.catalog.facts import STEADY, ModelFacts, Rate
from gateway.catalog.split import split
from gateway.types.learned import NOTHING, Learned
from gateway.types.money import Certainty, Direction, Freshness, LineItem, Modality, Quote, Unit, nanodollars
from gateway.types.outcome import Usage
from gateway.types.plan import Step
from gateway.types.weight import Requirements

_MICRO = Decimal("0.000001")
_ONE = Decimal(1)
_RATE_DIGITS = 20


def quote(
    facts: ModelFacts, load: Requirements, steps: Sequence[Step] = (), learned: Learned = NOTHING
) -> Quote:
    """What a model would charge for a request after its preparation, one line item a modality.

    A context threshold is a cliff: the expected prompt decides the expected rate, the most it can be the
    rate of the upper bound. A quantity without a price makes the quote unpriced, never free; so does one that
    nothing here counts, the tokens that a service draws or says.

    Nothing is taken to be in the provider's prompt cache already, since nobody promises a hit; where what is
    not there is written at a price of its own, the prompt is quoted at that.
    """
    if facts.output_uncounted:
        return Quote((), priced=False)
    return price(facts, demand(facts, load, steps, learned))


def price(facts: ModelFacts, amounts: Sequence[Amount]) -> Quote:
    """The quote for quantities that are known already; see `quote`."""
    prompt = prompt_tokens(amounts)
    items = [_quoted(facts, amount, prompt) for amount in amounts]
    priced = [item for item in items if item is not None]
    if len(priced) != len(items):
        return Quote((), priced=False)
    return Quote(tuple(priced))


def _quoted(facts: ModelFacts, amount: Amount, prompt: tuple[int, int, int]) -> LineItem | None:
    if facts.swing is STEADY and facts.tariff.flat and amount.kind == "fresh":
        return _at_one_rate(facts, amount, prompt[1])
    costs: list[tuple[Rate, int]] = []
    asked = zip((amount.low, amount.expected, amount.high), prompt, strict=True)
    for (quantity, tokens), swing in zip(asked, (facts.swing.low, _ONE, facts.swing.high), strict=True):
        rate = _rate(facts, amount, tokens)
        if rate is None:
            return None
        rated = rate.rate_usd
        if swing != 1:
            # What was multiplied and is divided again is the rate that it was.
            rated = str(round(Decimal(rate.rate_usd) * swing, _RATE_DIGITS))
        costs.append((rate, nanodollars(billed(rate, quantity), rated, rate.per)))
    (_, low), (rate, expected), (_, high) = costs
    # A cheaper rate beyond a threshold would turn the bounds round; they still bound.
    return _line(amount, rate, (min(low, expected), expected, max(high, expected)), rate.kind)


def _at_one_rate(facts: ModelFacts, amount: Amount, prompt: int) -> LineItem | None:
    """The line where no length of the prompt and no hour changes the rate: most of them."""
    rate = _rate(facts, amount, prompt)
    if rate is None:
        return None
    low = expected = high = nanodollars(billed(rate, amount.expected), rate.rate_usd, rate.per)
    if amount.low != amount.expected:
        low = nanodollars(billed(rate, amount.low), rate.rate_usd, rate.per)
    if amount.high != amount.expected:
        high = nanodollars(billed(rate, amount.high), rate.rate_usd, rate.per)
    return _line(amount, rate, (low, expected, high), rate.kind)


def _rate(facts: ModelFacts, amount: Amount, prompt: int) -> Rate | None:
    """What a quantity is charged at in a prompt of so many tokens, none of which the provider has kept."""
    tariff = facts.tariff
    fresh = tariff.rate(amount.modality, amount.direction, unit=amount.unit, prompt_tokens=prompt)
    least = facts.selling.caching.least_tokens if facts.selling.caching else None
    if amount.kind == "fresh" or fresh is None or prompt < (least or 0):
        return fresh
    written = tariff.rate(
        amount.modality, amount.direction, kind=amount.kind, unit=amount.unit, prompt_tokens=prompt
    )
    # A medium that is dearer than text may be cheaper to write, and need not be written.
    return max((fresh, written or fresh), key=lambda rate: Decimal(rate.rate_usd) / rate.per)


def _line(amount: Amount, rate: Rate, costs: tuple[int, int, int], kind: Freshness = "fresh") -> LineItem:
    """A quoted line from (least, expected, most) nanodollars, at the rate of what is expected."""
    low, expected, high = costs
    return LineItem(
        modality=amount.modality,
        direction=amount.direction,
        unit=amount.unit,
        quantity=_plain(billed(rate, amount.expected)),
        rate_usd=rate.rate_usd,
        per=rate.per,
        nanodollars=expected,
        low=low,
        high=high,
        # A count that is certain makes no certain sum where the rate may still change.
        certainty="bounded" if amount.certainty == "exact" and low != high else amount.certainty,
        kind=kind,
        basis=amount.basis,
    )


def billed(rate: Rate, quantity: Decimal) -> Decimal:
    """What is charged of a quantity: whole steps of the rate, its least at least; of nothing nothing."""
    if quantity <= 0:
        return Decimal(0)
    if rate.step == rate.least == "0":
        return quantity
    step = Decimal(rate.step)
    if step:
        quantity = (quantity / step).to_integral_value(rounding=ROUND_CEILING) * step
    return max(quantity, Decimal(rate.least))


def added(
    facts: ModelFacts, amounts: Sequence[Amount], options: Iterable[str]
) -> tuple[LineItem, ...] | None:
    """The lines that options (annotations, who speaks) add; None when one of them has no price here."""
    items: list[LineItem] = []
    for option in options:
        rates = [rate for rate in facts.rates if rate.option == option]
        if not rates:
            return None
        items += [
            _added(amount, rate)
            for amount in amounts
            for rate in rates
            if (rate.modality, rate.direction, rate.unit) == (amount.modality, amount.direction, amount.unit)
        ]
    return tuple(items)


def _added(amount: Amount, rate: Rate) -> LineItem:
    low, expected, high = (
        nanodollars(billed(rate, quantity), rate.rate_usd, rate.per)
        for quantity in (amount.low, amount.expected, amount.high)
    )
    return _line(amount, rate, (low, expected, high), "added")


def settle_items(facts: ModelFacts, usage: Usage | None, predicted: Quote) -> tuple[LineItem, ...]:
    """The line items of what was used.

    Reported input is split by modality as the provider splits it, else by the prediction (`split`); cached
    and written tokens, where they are not split, are taken from the text first; reasoning is part of the
    output. What was not reported (`usage`, its `input` or `output` None) stands as predicted.
    The context threshold looks at the reported prompt. Lines without a quantity are left out; an unpriced
    model has none.
    """
    if not predicted.priced or not facts.priced:
        return ()
    kept = usage or Usage()
    items: list[LineItem] = []
    if kept.input is None:
        items += _predicted(predicted, "in", "token")
    else:
        items += _input(facts, kept, kept.input, predicted)
    items += _work(facts, kept, predicted)
    if kept.output is None:
        items += _predicted(predicted, "out", "token")
    else:
        prompt = kept.input or sum(_quantities(predicted, "token").values())
        items += _output(facts, kept, kept.output, prompt)
    return tuple(items)


def _predicted(predicted: Quote, direction: Direction, unit: Unit) -> Iterator[LineItem]:
    """What was expected, as a settled amount: its bounds close on it."""
    for item in predicted.items:
        if item.direction == direction and item.unit == unit:
            yield structs.replace(item, low=item.nanodollars, high=item.nanodollars, basis=None)


def _quantities(predicted: Quote, unit: Unit) -> dict[Modality, int]:
    found = [item for item in predicted.items if item.direction == "in" and item.unit == unit]
    return {item.modality: int(Decimal(item.quantity)) for item in found}


def _input(facts: ModelFacts, usage: Usage, total: int, predicted: Quote) -> Iterator[LineItem]:
    pages_as = facts.page_tokens.reported_as if facts.page_tokens else "document"
    found = split(total, usage, predicted, pages_as)
    certainty: Certainty = "estimated" if found.guessed else "exact"
    fresh = dict(found.tokens)
    long = min(usage.cache_write_long, usage.cache_write)
    # What is known of the cached tokens' modality comes first, then text.
    kinds: tuple[tuple[Freshness, int, tuple[Modality, ...]], ...] = (
        ("cached", usage.cached_image, ("image",)),
        ("cached", usage.cached_audio, ("audio",)),
        ("cached", usage.cached - usage.cached_image - usage.cached_audio, tuple(fresh)),
        ("cache_write", usage.cache_write - long, tuple(fresh)),
        ("cache_write_long", long, tuple(fresh)),
    )
    for kind, wanted, order in kinds:
        rest = max(wanted, 0)
        for modality in order:
            taken = min(rest, fresh[modality])
            fresh[modality] -= taken
            rest -= taken
            yield from _item(
                facts, modality, "in", Decimal(taken), prompt=total, kind=kind, certainty=certainty
            )
    for modality, count in fresh.items():
        yield from _item(facts, modality, "in", Decimal(count), prompt=total, certainty=certainty)


def _output(facts: ModelFacts, usage: Usage, total: int, prompt: int) -> Iterator[LineItem]:
    audio = min(usage.output_audio, total)
    reasoning = min(usage.reasoning, total - audio)
    text = total - audio - reasoning
    yield from _item(facts, "text", "out", Decimal(text), prompt=prompt)
    yield from _item(facts, "text", "out", Decimal(reasoning), prompt=prompt, kind="reasoning")
    yield from _item(facts, "audio", "out", Decimal(audio), prompt=prompt)


def _work(facts: ModelFacts, usage: Usage, predicted: Quote) -> Iterator[LineItem]:
    """CPU seconds as measured, shared between modalities as predicted; the last takes the remainder."""
    items = [item for item in predicted.items if item.unit == "cpu_second"]
    if usage.cpu_seconds is None or not items:
        yield from _predicted(predicted, "in", "cpu_second")
        return
    measured = Decimal(str(usage.cpu_seconds)).quantize(_MICRO)
    whole = sum(Decimal(item.quantity) for item in items) or Decimal(1)
    left = measured
    for item in items[:-1]:
        share = (measured * Decimal(item.quantity) / whole).quantize(_MICRO)
        left -= share
        yield from _item(facts, item.modality, "in", share, unit="cpu_second")
    yield from _item(facts, items[-1].modality, "in", left, unit="cpu_second")


def _item(
    facts: ModelFacts,
    modality: Modality,
    direction: Direction,
    quantity: Decimal,
    *,
    prompt: int = 0,
    kind: Freshness = "fresh",
    unit: Unit = "token",
    certainty: Certainty = "exact",
) -> Iterator[LineItem]:
    """One settled line, or none where there is no quantity."""
    if quantity <= 0:
        return
    rate = facts.tariff.rate(modality, direction, kind=kind, unit=unit, prompt_tokens=prompt)
    if rate is None:
        return
    cost = nanodollars(quantity, rate.rate_usd, rate.per)
    yield LineItem(
        modality=modality,
        direction=direction,
        unit=unit,
        quantity=_plain(quantity),
        rate_usd=rate.rate_usd,
        per=rate.per,
        nanodollars=cost,
        low=cost,
        high=cost,
        certainty=certainty,
        kind=kind,
    )


def _plain(quantity: Decimal) -> str:
    """A decimal string without exponent and without trailing zeros."""
    text = format(quantity, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
