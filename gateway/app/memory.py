"""What a gateway has learned, for whoever asks from outside its process."""

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
    known = anyio.run(recalled, accounts)
    return None if known is None else known.ratios(facts)


async def recalled(accounts: AccountsSettings) -> Experience | None:
    """What a store knows, read once; None where there is none. Raises `ledger_unavailable`."""
    if accounts.path is None or not await anyio.Path(accounts.path).exists():
        return None
    store = SqliteAccounts(accounts.path, SystemClock())
    try:
        experience = Experience(store)
        await experience.recall()
        return experience
    finally:
        await store.aclose()
