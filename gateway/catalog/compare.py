"""The catalog against another price map, field by field. Pure."""

from collections.abc import Iterator, Mapping
from decimal import Context, Decimal

from msgspec import Struct

from gateway.catalog.facts import ModelFacts, Rate
from gateway.catalog.load import Catalog
from gateway.catalog.maps import Fields
from gateway.catalog.schema import price_key
from gateway.catalog.terms import under
from gateway.types.terms import Terms

# Maps state prices of a second or a page as floats, rounded to a few digits.
_ROUNDED = Decimal("0.001")
# Digits of a price of one unit that a person reads.
_DIGITS = Context(prec=8)
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
    """What the catalog says of a model, in the words of `maps`: tokens per million, all else by the unit."""
    said = dict(_rates(facts, ""))
    for tier in facts.selling.tiers:
        sold = under(facts, Terms(tier=tier))
        said |= dict(_rates(sold, f"tiers.{tier}.")) if sold is not None else {}
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


def _rates(facts: ModelFacts, before: str) -> Iterator[tuple[str, str]]:
    for rate in facts.rates:
        if rate.option is None and (place := _place(rate)) is not None:
            at = f"above.{rate.above}." if rate.above else ""
            yield f"{before}{at}{place}", _amount(rate)


def _place(rate: Rate) -> str | None:
    if rate.unit == "token":
        key = price_key(rate)
        return None if key is None else f"price.{key}"
    return f"charge.{rate.modality}.{rate.unit}"


def _amount(rate: Rate) -> str:
    """As it is written where it is of tokens; else of one unit."""
    if rate.unit == "token":
        return rate.rate_usd
    return format((Decimal(rate.rate_usd) / rate.per).normalize(_DIGITS), "f")


def _between(name: str, ours: Fields, theirs: Fields) -> Iterator[Difference]:
    for field, said in theirs.items():
        mine = ours.get(field) or _moved(field, ours)
        if mine is None or not _same(field, mine, said):
            yield Difference(name, field, mine, said)


def _moved(field: str, ours: Fields) -> str | None:
    """The price beyond a cliff that stands one token off."""
    before, _, rest = field.partition("above.")
    step, _, place = rest.partition(".")
    if not step.isdigit():
        return None
    near = (ours.get(f"{before}above.{int(step) + off}.{place}") for off in (-_CLIFF, _CLIFF))
    return next((price for price in near if price is not None), None)


def _same(field: str, ours: str, theirs: str) -> bool:
    mine, other = Decimal(ours), Decimal(theirs)
    if field.partition(".")[0] == "charge" or ".charge." in field:
        return abs(mine - other) <= _ROUNDED * max(mine, other)
    return mine == other
