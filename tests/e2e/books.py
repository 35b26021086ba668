"""What three witnesses say was spent: the ledger's file, the metrics, and the answers themselves."""

import re
import sqlite3
from collections import Counter
from decimal import Decimal

from tests.rig.gateway import Gateway
from tests.rig.raw import fetch

NANO = 1_000_000_000
_SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


def ledger(gateway: Gateway, operation: str | None = None) -> list[tuple[str, str, int]]:
    """Lines of the ledger, or of one operation: (modality, end, nanodollars)."""
    where, values = ("", ()) if operation is None else (" WHERE operation = ?", (operation,))
    with sqlite3.connect(f"file:{gateway.folder / 'ledger.db'}?mode=ro", uri=True) as base:
        query = f"SELECT modality, end, nanodollars FROM ledger{where}"
        return list(base.execute(query, values))


async def spend(gateway: Gateway, **labels: str) -> int:
    """Nanodollars of `weighbridge_spend_usd_total` over the series with these labels."""
    return (await totals(gateway, "weighbridge_spend_usd_total", **labels))[""]


async def totals(gateway: Gateway, name: str, by: str = "", **labels: str) -> Counter[str]:
    """Nanodollars of a money metric, summed by a label."""
    found: Counter[str] = Counter()
    text = (await fetch(gateway.port, "GET", "/metrics")).body.decode()
    for sample, inside, value in _SAMPLE.findall(text):
        seen = dict(_LABEL.findall(inside))
        if sample == name and labels.items() <= seen.items():
            found[seen.get(by, "")] += round(Decimal(value) * NANO)
    return found


def nano(header: str) -> int:
    """A dollar header in nanodollars, exactly."""
    amount = Decimal(header) * NANO
    assert amount == int(amount)
    return int(amount)
