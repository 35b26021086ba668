"""Money: integer nanodollars, decimal rates, one rounding per line item."""

from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias

from msgspec import Struct

Modality: TypeAlias = Literal["text", "image", "audio", "video", "document", "request"]
Direction: TypeAlias = Literal["in", "out"]
Certainty: TypeAlias = Literal["exact", "bounded", "estimated"]
# `cache_write_long`: kept for the longer of a provider's two times; `added`: an option asked for on top.
Freshness: TypeAlias = Literal["fresh", "cached", "cache_write", "cache_write_long", "reasoning", "added"]
Unit: TypeAlias = Literal[
    "token",
    "image",
    "second",
    "session_second",
    "page",
    "character",
    "credit",
    "cpu_second",
    "request",
]

NANO = 1_000_000_000
_DIGITS = 3


def nanodollars(quantity: Decimal | int, rate_usd: str, per: int) -> int:
    """Cost of `quantity` units at `rate_usd` dollars for `per` units; the one rounding of a line item."""
    above, below = _per_unit(rate_usd, per)
    whole, parts = quantity.as_integer_ratio()
    below *= parts
    # Half of the last nanodollar rounds away from zero.
    twice, sign = 2 * abs(whole) * above + below, -1 if whole < 0 else 1
    return sign * (twice // (2 * below))


@lru_cache(maxsize=4096)
def _per_unit(rate_usd: str, per: int) -> tuple[int, int]:
    """Nanodollars of one unit as a fraction."""
    dollars, parts = Decimal(rate_usd).as_integer_ratio()
    return dollars * NANO, parts * per


def reported_usd(ticks: int) -> Decimal:
    """Dollars that the provider itself reports: xAI's `cost_in_usd_ticks`, of 1e-10 dollars each."""
    return Decimal(ticks).scaleb(-10)


def reported_nanodollars(ticks: int) -> int:
    """The same in nanodollars, rounded once."""
    return nanodollars(reported_usd(ticks), "1", 1)


def usd(nano: int) -> str:
    """Nanodollars as a plain decimal string of dollars, without trailing zeros: 1912500 -> "0.0019125"."""
    sign, nano = ("-", -nano) if nano < 0 else ("", nano)
    whole, fraction = divmod(nano, NANO)
    digits = f"{fraction:09d}".rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def short_usd(amount: Decimal | str) -> str:
    """Dollars for people, to three digits that count: "0.0049425" -> "$0.00494". Exact amounts are `usd`."""
    value = Decimal(amount)
    if value:
        value = round(value, max(_DIGITS - 1 - value.adjusted(), 0))
    return f"${value:f}"


class LineItem(Struct, frozen=True):
    """One priced quantity. `nanodollars` is the expected cost; `low` and `high` bound it.

    `quantity` is a decimal string of `unit`s; `rate_usd` dollars buy `per` units. `basis`: where a quoted
    quantity comes from when it is not from the catalog's rules alone.
    """

    modality: Modality
    direction: Direction
    unit: Unit
    quantity: str
    rate_usd: str
    per: int
    nanodollars: int
    low: int
    high: int
    certainty: Certainty
    kind: Freshness = "fresh"
    basis: str | None = None


class Quote(Struct, frozen=True):
    """What one candidate would charge. `priced` is False when a price is unknown: never taken for zero."""

    items: tuple[LineItem, ...]
    priced: bool = True

    @property
    def low(self) -> int:
        """The least this can cost, in nanodollars."""
        return sum(item.low for item in self.items)

    @property
    def expected(self) -> int:
        """What this will probably cost, in nanodollars; routing compares it."""
        return sum(item.nanodollars for item in self.items)

    @property
    def high(self) -> int:
        """The most this can cost, in nanodollars; reservations hold it."""
        return sum(item.high for item in self.items)
