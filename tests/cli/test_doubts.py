"""Marks beside prices that are to be doubted."""

from typing import Any

import pytest

from gateway.cli.doubts import legend, marks
from gateway.routing.grounds import grounds
from tests.catalog.samples import CATALOG, TODAY, facts

SURE: dict[str, Any] = {
    "since": "2026-01-01",
    "confidence": "documented",
    "confirmed": True,
    "source": "price page",
    "stale": False,
    "ends_soon": False,
}
MAP = {"confidence": "price_map", "confirmed": False}
GUESS = {"confidence": "inferred", "confirmed": False}


def candidate(model: str = "x/y", **changes: Any) -> dict[str, Any]:
    """A candidate with sure facts but for these."""
    return {"model": model, "facts": {**SURE, **changes}}


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({}, ""),
        (MAP, "~"),
        (GUESS, "?"),
        ({"stale": True}, "!"),
        ({"ends_soon": True, "until": "2026-12-11"}, ">"),
        ({**MAP, "stale": True, "ends_soon": True, "until": "2026-12-11"}, "~!>"),
    ],
)
def test_each_doubt_has_its_mark(changes: dict[str, Any], sign: str) -> None:
    """What the provider says itself, lately and for long, has none."""
    assert sign == marks(candidate(**changes))


def test_what_is_not_known_is_not_marked() -> None:
    """A candidate that was not weighed has no facts, and none is made up for it."""
    assert "" == marks({"model": "x/y"})
    assert [] == legend([{"model": "x/y"}, candidate()])


def test_the_legend_says_what_is_there() -> None:
    """One line for each mark that shows; age and end are told with the model and the day."""
    told = legend(
        [
            candidate("a/old", stale=True, checked="2026-02-01"),
            candidate("a/older", stale=True),
            candidate("a/undated", stale=True, since=None),
            candidate("a/map", **MAP),
            candidate("a/going", ends_soon=True, until="2026-12-11"),
        ]
    )
    assert ["~", "!", ">"] == [sign for sign, _ in told]
    assert told[1][1].endswith(
        ": a/old (of 2026-02-01), a/older (of 2026-01-01), a/undated (of no known day)"
    )
    assert told[2][1].endswith("within 30 days: a/going (on 2026-12-11)")


def test_every_shipped_doubt_has_a_mark() -> None:
    """No fact of the catalog that is not confirmed goes unmarked, and none that is confirmed is marked so."""
    for name in CATALOG.names():
        known = grounds(facts(name), TODAY)
        signs = marks({"model": name, "facts": known})
        assert known["confirmed"] == (not {*signs} & {"~", "?"}), name
