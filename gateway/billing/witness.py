"""The provider's own sum of a call, laid over ours: what it bills is what was spent. Pure.

| the provider's sum is | the lines |
|---|---|
| not told, or nought | ours |
| ours, within the rounding of each line | ours |
| more | ours, and one of modality `request`: something is billed that no rate of ours knows of |
| less | each at a lower rate, in proportion: what was used is known, and it cost less than we believed |

The lines always add up to what is settled, and quantity times rate is what a line costs.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from msgspec import structs

from gateway.types.money import NANO, LineItem, usd

_BASIS: Final = "the provider's own sum"


def as_billed(items: Sequence[LineItem], sum_told: int | None) -> tuple[LineItem, ...]:
    """The lines of a call whose provider says what it cost. `sum_told`: nanodollars."""
    ours = sum(item.nanodollars for item in items)
    if not sum_told or abs(sum_told - ours) <= len(items):
        return tuple(items)
    if sum_told > ours:
        return (*items, _beyond(sum_told - ours))
    return _lowered(items, sum_told, ours)


def _beyond(rest: int) -> LineItem:
    return LineItem(
        modality="request",
        direction="in",
        unit="request",
        quantity="1",
        rate_usd=usd(rest),
        per=1,
        nanodollars=rest,
        low=rest,
        high=rest,
        certainty="exact",
        kind="added",
        basis=_BASIS,
    )


def _lowered(items: Sequence[LineItem], whole: int, ours: int) -> tuple[LineItem, ...]:
    """Shares of the whole as the lines have them; what rounding leaves goes from line to line."""
    lowered, seen, given = [], 0, 0
    for item in items:
        seen += item.nanodollars
        cost = whole * seen // ours - given
        given += cost
        rate = Decimal(cost) * item.per / (Decimal(item.quantity) * NANO)
        lowered.append(
            structs.replace(
                item, rate_usd=format(rate, "f"), nanodollars=cost, low=cost, high=cost, basis=_BASIS
            )
        )
    return tuple(lowered)
