"""Ledger lines for tests."""

from gateway.types.money import LineItem
from gateway.types.outcome import LedgerLine


def line(operation: str, number: int, amount: int, tenant: str = "t") -> LedgerLine:
    """A line of `amount` nanodollars."""
    item = LineItem(
        modality="image",
        direction="in",
        unit="token",
        quantity="765",
        rate_usd="2.50",
        per=1_000_000,
        nanodollars=amount,
        low=amount,
        high=amount + 1,
        certainty="bounded",
        kind="cached",
    )
    return LedgerLine(
        operation=operation,
        line=number,
        at="2026-01-01T00:00:00.000Z",
        tenant=tenant,
        model="openai/gpt-4o",
        provider="openai",
        item=item,
        source="reported",
        end="finished",
    )
