"""The catalog against another price map, field by field. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from gateway.catalog.facts import ModelFacts
from gateway.catalog.load import Catalog
from gateway.catalog.maps import Fields
from gateway.catalog.schema import price_key

# Prices of seconds are rounded in maps that state them as floats.
_ROUNDED = Decimal("0.001")
# A cliff's side is told as 199,999 or 200,000 by those who mean the same.
_CLIFF = 1


class Difference(Struct, frozen=True):
    """A field of a model on which both do not agree; None: not said."""

    model: str
    field: str
    ours: str | None
    theirs: str | None


class Comparison(Struct, frozen=True):
    """`absent`: models of the catalog that the map does not have. `compared`: those that both have."""

    differences: tuple[Difference, ...]
    compared: tuple[str, ...]
    absent: tuple[str, ...]


def fields(facts: ModelFacts) -> Fields:
    """What the catalog says of a model, in the words of `maps`."""
    said: Fields = {}
    for rate in facts.rates:
        key = price_key(rate)
        if key is None:
            continue
        if rate.tier != "standard":
            place = f"tiers.{rate.tier}.{key}"
        else:
            place = f"above.{rate.above}.price.{key}" if rate.above else f"price.{key}"
        said[place] = rate.rate_usd
    for limit in ("input_tokens", "max_output_tokens"):
        value = getattr(facts, limit)
        if value is not None:
            said[limit] = str(value)
    if facts.input_tokens is None and facts.context_tokens is not None:
        said["input_tokens"] = str(facts.context_tokens)
    return said


def compare(catalog: Catalog, theirs: Mapping[str, Fields]) -> Comparison:
    """Every model that both know. What only the catalog says of it is no difference: maps say less."""
    found: list[Difference] = []
    compared, absent = [], []
    for name in catalog.names():
        facts = catalog.get(name)
        other = theirs.get(f"{facts.provider}/{facts.upstream_model}") if facts else None
        if facts is None or other is None:
            absent.append(name)
            continue
        compared.append(name)
        found += _between(name, fields(facts), other)
    return Comparison(tuple(found), tuple(compared), tuple(absent))


def _between(name: str, ours: Fields, theirs: Fields) -> Iterator[Difference]:
    for field, said in theirs.items():
        mine = ours.get(field) or _moved(field, ours)
        if mine is None or not _same(field, mine, said):
            yield Difference(name, field, mine, said)


def _moved(field: str, ours: Fields) -> str | None:
    """The price beyond a cliff that stands one token off; an hour's price for a minute's."""
    head, _, rest = field.partition(".price.")
    if head.startswith("above."):
        step = int(head.removeprefix("above."))
        near = (ours.get(f"above.{step + off}.price.{rest}") for off in (-_CLIFF, _CLIFF))
        return next((price for price in near if price is not None), None)
    hour = ours.get("price.audio_hour") if field == "price.audio_minute" else None
    return None if hour is None else format(Decimal(hour) / 60, "f")


def _same(field: str, ours: str, theirs: str) -> bool:
    mine, other = Decimal(ours), Decimal(theirs)
    if field == "price.audio_minute":
        return abs(mine - other) <= _ROUNDED * max(mine, other)
    return mine == other
