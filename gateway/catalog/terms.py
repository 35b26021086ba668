"""The terms that a request is bought on: its service tier, its region, the hour. Pure.

Batch, flex and priority queues, residency in a region and off-peak hours are multiples of the usual rates
(providers.md 6.1, 6.3), so the facts under other terms are the same facts at other rates, and `quote` and
`settle_items` need to know nothing of them.
"""

from datetime import UTC, datetime, time
from decimal import Decimal

from msgspec import Struct, structs

from gateway.catalog.facts import ModelFacts, OffPeak, Tier, Window


class Terms(Struct, frozen=True):
    """None: the usual. `at`: when it is sent, with its zone; None: at the dearest hour."""

    tier: Tier | None = None
    region: str | None = None
    at: datetime | None = None


USUAL = Terms()


def under(facts: ModelFacts, terms: Terms = USUAL) -> ModelFacts | None:
    """The facts at the rates of these terms; None when the model is not sold on them.

    It is never the usual price that stands for one nobody knows.
    """
    times = Decimal(1)
    for wanted, sold in ((terms.tier, facts.selling.tiers), (terms.region, facts.selling.regions)):
        if wanted is None:
            continue
        multiple = {str(name): amount for name, amount in sold.items()}.get(wanted)
        if multiple is None:
            return None
        times *= Decimal(multiple)
    off_peak = facts.selling.off_peak
    if off_peak is not None and terms.at is not None and is_off_peak(off_peak, terms.at):
        times *= Decimal(off_peak.times)
    if times == 1:
        return facts
    rates = tuple(
        structs.replace(rate, rate_usd=format((Decimal(rate.rate_usd) * times).normalize(), "f"))
        for rate in facts.rates
    )
    return structs.replace(facts, rates=rates)


def is_off_peak(off_peak: OffPeak, at: datetime) -> bool:
    """Whether a moment lies within one of the windows. Starts belong to them, ends do not."""
    moment = at.astimezone(UTC)
    return any(_within(window, moment) for window in off_peak.windows)


def _within(window: Window, moment: datetime) -> bool:
    if moment.weekday() not in window.days:
        return False
    now = moment.time()
    return time.fromisoformat(window.start) <= now and (
        window.end == "24:00" or now < time.fromisoformat(window.end)
    )
