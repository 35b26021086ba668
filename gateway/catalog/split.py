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


def split(total: int, usage: Usage, predicted: Quote, pages_as: Modality = "document") -> Split:
    """A report of `total` input tokens by modality. Nobody has more than the report or less than nothing.

    `pages_as`: what the provider counts a document's pages among.
    """
    lines = {
        item.modality: item for item in predicted.items if (item.direction, item.unit) == ("in", "token")
    }
    found: dict[Modality, int] = {}
    left = total
    guessed = False
    for modality in MEDIA:
        count: int | None = getattr(usage, modality)
        if count is None or modality in found:
            continue
        among: list[Modality] = [modality]
        if pages_as == modality != "document" and _quoted(lines, "document"):
            among.append("document")
        shares = _shared(min(count, left), lines, among)
        guessed = guessed or len(shares) > 1
        found |= shares
        left -= sum(shares.values())
    untold = [name for name in MEDIA if name not in found and _quoted(lines, name)]
    found |= _shared(left, lines, ["text", *untold])
    return Split({name: found.get(name, 0) for name in ("text", *MEDIA)}, guessed or bool(untold))


def _quoted(lines: Mapping[Modality, LineItem], name: Modality) -> int:
    return int(Decimal(lines[name].quantity)) if name in lines else 0


def _shared(left: int, lines: Mapping[Modality, LineItem], names: Sequence[Modality]) -> dict[Modality, int]:
    """`left` tokens of those that were not told apart; text, where it is one of them, comes first."""
    if len(names) == 1:
        return {names[0]: left}
    counts = {name: _quoted(lines, name) for name in names}
    off = left - sum(counts.values())
    room = {name: _room(lines[name], more=off > 0) if name in lines else 0 for name in names}
    within = min(abs(off), sum(room.values()))
    blamed: dict[Modality, int] = {name: counts[name] for name in names if name != "text"}
    sign = 1 if off > 0 else -1
    for shares, amount in ((room, within), (blamed, abs(off) - within)):
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
