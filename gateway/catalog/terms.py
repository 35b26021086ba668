"""The facts of a model under the terms it is bought on: service tier, region, the hour. Pure.

Batch, flex and priority queues, residency in a region and off-peak hours are multiples of the usual rates
(providers.md 6.1, 6.3), so the facts under other terms are the same facts at other rates, and `quote` and
`settle_items` need to know nothing of them but the `swing`: what may still change until the bill is made.

| terms | expected | least | most |
|---|---|---|---|
| off-peak hours | this hour's | the off-peak rate | the peak rate |
| priority | the tier's | the usual rate | the tier's |

A window may begin or end before the call lands, and who asks for priority may be served as usual.
"""

from datetime import UTC, datetime, time
from decimal import Decimal

from msgspec import structs

from gateway.catalog.facts import ModelFacts, OffPeak, Swing, Window
from gateway.types.outcome import Usage
from gateway.types.terms import USUAL, Terms

_ONE = Decimal(1)


def under(facts: ModelFacts, terms: Terms = USUAL) -> ModelFacts | None:
    """The facts at the rates of these terms; None when the model is not sold on them.

    It is never the usual price that stands for one nobody knows.
    """
    times = low = high = _ONE
    tier = None if terms.tier == "default" else terms.tier
    for wanted, sold in ((tier, facts.selling.tiers), (terms.region, facts.selling.regions)):
        if wanted is None:
            continue
        multiple = {str(name): amount for name, amount in sold.items()}.get(wanted)
        if multiple is None:
            return None
        times *= Decimal(multiple)
        if wanted == "priority":
            low = min(_ONE, _ONE / Decimal(multiple))
    off_peak = facts.selling.off_peak
    if off_peak is not None and terms.at is not None:
        cheap = Decimal(off_peak.times)
        if is_off_peak(off_peak, terms.at):
            times, high = times * cheap, _ONE / cheap
        else:
            low *= cheap
    return _at_rates(facts, times, Swing(low, high))


def served(facts: ModelFacts, terms: Terms, usage: Usage | None) -> tuple[ModelFacts, bool]:
    """The facts to settle with, and whether they are those that the answer names.

    Where the provider tells on which tier or in which region it served, that counts and not what was asked
    for. What it names and does not sell, as far as anybody knows, is settled as asked, and False says so.
    """
    told = terms
    if usage is not None and usage.tier is not None:
        told = structs.replace(told, tier=usage.tier)
    if usage is not None and usage.region is not None:
        told = structs.replace(told, region=usage.region)
    found = under(facts, told)
    return (found, True) if found is not None else (under(facts, terms) or facts, False)


def is_off_peak(off_peak: OffPeak, at: datetime) -> bool:
    """Whether a moment lies within one of the windows. Starts belong to them, ends do not."""
    moment = at.astimezone(UTC)
    return any(_within(window, moment) for window in off_peak.windows)


def _at_rates(facts: ModelFacts, times: Decimal, swing: Swing) -> ModelFacts:
    if times == 1 and swing == facts.swing:
        return facts
    # A model has a handful of terms, and every request of a day asks for the same.
    known = facts.under_terms.get((times, swing))
    if known is None:
        rates = facts.rates
        if times != 1:
            rates = tuple(
                structs.replace(rate, rate_usd=format((Decimal(rate.rate_usd) * times).normalize(), "f"))
                for rate in facts.rates
            )
        known = facts.under_terms[times, swing] = structs.replace(facts, rates=rates, swing=swing)
    return known


def _within(window: Window, moment: datetime) -> bool:
    if moment.weekday() not in window.days:
        return False
    now = moment.time()
    return time.fromisoformat(window.start) <= now and (
        window.end == "24:00" or now < time.fromisoformat(window.end)
    )
