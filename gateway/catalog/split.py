"""Reported input tokens by modality, where a provider reports one sum, or some of them. Pure.

What the provider tells apart stands. The rest is laid beside the quote: what it is off is given first to
lines whose stated bounds allow it, in proportion to how far they do, since a bounded count is expected to be
off; what is left then breaks a rule. That is laid to the media whose count nobody reported, a medium's
formula being what providers change, and to the text when there are none.
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from msgspec import Struct

from gateway.catalog.demand import MEDIA
from gateway.types.money import NANO, LineItem, Modality, Quote
from gateway.types.outcome import Usage


class Split(Struct, frozen=True):
    """Tokens by modality, text first; their sum is the report. `guessed`: not all were told apart."""

    tokens: Mapping[Modality, int]
    guessed: bool


def split(total: int, usage: Usage, predicted: Quote) -> Split:
    """A report of `total` input tokens by modality. Nobody has more than the report or less than nothing."""
    lines = {
        item.modality: item for item in predicted.items if (item.direction, item.unit) == ("in", "token")
    }
    told: dict[Modality, int] = {}
    left = total
    for modality in MEDIA:
        count: int | None = getattr(usage, modality)
        if count is not None:
            told[modality] = min(count, left)
            left -= told[modality]
    untold = [m for m in MEDIA if m not in told and m in lines and int(Decimal(lines[m].quantity))]
    only: dict[Modality, int] = {"text": left}
    found = {**(_shared(left, lines, untold) if untold else only), **told}
    return Split({name: found.get(name, 0) for name in ("text", *MEDIA)}, guessed=bool(untold))


def _shared(left: int, lines: Mapping[Modality, LineItem], untold: Sequence[Modality]) -> dict[Modality, int]:
    """`left` tokens of text and the media that were not told apart."""
    names: list[Modality] = ["text", *untold]
    counts = {name: int(Decimal(lines[name].quantity)) if name in lines else 0 for name in names}
    off = left - sum(counts.values())
    room = {name: _room(lines[name], more=off > 0) if name in lines else 0 for name in names}
    within = min(abs(off), sum(room.values()))
    sign = 1 if off > 0 else -1
    for shares, amount in ((room, within), ({name: counts[name] for name in untold}, abs(off) - within)):
        for name, share in _in_proportion(amount, shares).items():
            counts[name] += sign * share
    return _none_below_zero(counts)


def _room(line: LineItem, *, more: bool) -> int:
    """Tokens by which a quoted line may be off, to one side."""
    cost = line.high - line.nanodollars if more else line.nanodollars - line.low
    rate = Decimal(line.rate_usd) * NANO
    return int((cost * line.per / rate).to_integral_value(ROUND_HALF_UP)) if rate else 0


def _in_proportion(amount: int, shares: Mapping[Modality, int]) -> dict[Modality, int]:
    """`amount` in whole tokens; the last takes what rounding leaves."""
    whole = sum(shares.values())
    if not amount or not whole:
        return {}
    found: dict[Modality, int] = {}
    rest = amount
    for name, share in shares.items():
        found[name] = min(round(amount * share / whole), rest)
        rest -= found[name]
    found[next(reversed(found))] += rest
    return found


def _none_below_zero(counts: dict[Modality, int]) -> dict[Modality, int]:
    """What one of them is short of is taken from the largest, until nobody is."""
    while min(counts.values()) < 0:
        poorest = min(counts, key=lambda name: counts[name])
        richest = max(counts, key=lambda name: counts[name])
        given = min(-counts[poorest], counts[richest])
        counts[poorest] += given
        counts[richest] -= given
    return counts
