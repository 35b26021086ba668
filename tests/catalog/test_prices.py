"""Every printed price against the catalog, through the rates that a quote would take."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import pytest

from gateway.catalog import ModelFacts
from gateway.catalog.schema import Price, rates
from gateway.catalog.terms import under
from gateway.types.terms import Terms, Tier
from tests.catalog.samples import facts

Told: TypeAlias = tuple[str, Decimal | None, Decimal | None]

PRINTED = [
    [cell.split() for cell in line.split(" | ")]
    for line in Path("tests/golden/prices.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
TIERS = {"batch", "flex", "priority", "fast", "ultrafast"}
# A Saturday: off-peak all day at DeepSeek.
SATURDAY = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def sold(known: ModelFacts | None, key: str, prompt: int = 1) -> Decimal | None:
    """The dollars of a million tokens of one kind, by the catalog's word for it; None without a price."""
    assert known is not None, "it is not sold on these terms"
    (asked,) = rates(msgspec.convert({key: "0"}, Price))
    rate = known.tariff.rate(asked.modality, asked.direction, kind=asked.kind, prompt_tokens=prompt)
    return None if rate is None else Decimal(rate.rate_usd)


def priced(cell: str) -> Decimal | None:
    """A printed figure; a dash is none."""
    return None if cell == "-" else Decimal(cell)


def compared(known: ModelFacts, cell: list[str], *, first: bool) -> Iterator[Told]:
    """What a cell prints and what the catalog has: (which figure, printed, ours)."""
    kind, *figures = ["above", "0", *cell] if first else cell
    if kind in TIERS or kind == "off-peak":
        tier: Any = kind
        terms = Terms(at=SATURDAY) if kind == "off-peak" else Terms(tier=tier)
        for key, figure in zip(("input", "output"), figures, strict=True):
            if figure != "-":
                yield f"{kind} {key}", priced(figure), sold(under(known, terms), key)
    elif kind == "write":
        for key, figure in zip(("cache_write", "cache_write_long"), figures, strict=True):
            yield key, priced(figure), sold(known, key)
    elif kind == "above":
        for key, figure in zip(("input", "cached", "output"), figures[1:], strict=True):
            if figure != "-":
                yield f"{kind} {key}", priced(figure), sold(known, key, int(figures[0]) + 1)
    elif kind == "regions":
        usual = sold(known, "input")
        for region in figures[:-1]:
            ours = sold(under(known, Terms(region=region)), "input")
            yield region, usual and usual * Decimal(figures[-1]), ours
    else:
        yield kind, priced(figures[0]), sold(known, kind)


@pytest.mark.parametrize("line", PRINTED, ids=lambda line: str(line[0][0]))
def test_printed_prices(line: list[list[str]]) -> None:
    """Each figure of a model's line is what the catalog would charge."""
    known = facts(line[0][0])
    found = [told for cell in line[1:] for told in compared(known, cell, first=cell is line[1])]
    assert [(name, printed) for name, printed, _ in found] == [(name, ours) for name, _, ours in found]


@pytest.mark.parametrize("line", PRINTED, ids=lambda line: str(line[0][0]))
def test_tiers_are_those_that_are_printed(line: list[list[str]]) -> None:
    """No tier has a multiple that no source states."""
    stated: set[Tier | str] = {cell[0] for cell in line[2:]} & TIERS
    assert stated == set(facts(line[0][0]).selling.tiers)


@pytest.mark.parametrize("line", PRINTED, ids=lambda line: str(line[0][0]))
def test_a_long_prompt_is_never_cheaper(line: list[list[str]]) -> None:
    """No kind of token costs less beyond a threshold than before it, so none was forgotten there."""
    known = facts(line[0][0])
    cliffs = sorted({rate.above for rate in known.rates})
    for key in ("input", "cached", "cache_write", "cache_write_long", "output"):
        steps = [sold(known, key, cliff + 1) for cliff in cliffs]
        assert steps == sorted(steps, key=lambda step: step or Decimal(0)), key
        assert len(set(steps)) == len(steps) or steps[0] is None, key
