"""What a gateway has learned, for whoever asks from outside its process."""

from pathlib import Path

import anyio

from gateway.adapters.clock import SystemClock
from gateway.adapters.sqlite import SqliteAccounts
from gateway.billing import Experience
from gateway.catalog import ModelFacts
from gateway.config import AccountsSettings
from gateway.types.learned import Tally
from gateway.types.money import Modality


def ratios(accounts: AccountsSettings, facts: ModelFacts) -> dict[Modality, Tally] | None:
    """Reported over documented tokens of a model, by modality; None when nothing keeps them.

    Raises `ledger_unavailable`.
    """
    if accounts.path is None or not Path(accounts.path).exists():
        return None
    return anyio.run(_ratios, accounts.path, facts)


async def _ratios(path: str, facts: ModelFacts) -> dict[Modality, Tally]:
    store = SqliteAccounts(path, SystemClock())
    try:
        experience = Experience(store)
        await experience.recall()
        return experience.ratios(facts)
    finally:
        await store.aclose()
