"""Keys that clients show, and the budgets of their tenants."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from gateway.config import schema
from gateway.config.mistakes import Notes, Place, did_you_mean, one_of
from gateway.config.secrets import Vault
from gateway.config.settings import NOBODY, KeySettings
from gateway.types.principal import Principal, Secret

SHORT = 16


class Names(Struct, frozen=True):
    """Every model name that answers. Not `sure` when there may be others, whose entries are broken."""

    known: frozenset[str]
    sure: bool = True


def budgets(
    entries: Mapping[int, schema.Budget], tenants: Collection[str], notes: Notes, *, sure: bool
) -> dict[str, int]:
    """Nanodollars by tenant. Not `sure` when there may be other tenants, whose keys are broken."""
    found: dict[str, int] = {}
    for index, entry in entries.items():
        place: Place = ("budgets", index, "tenant")
        if entry.lost("tenant"):
            continue
        if entry.tenant in found:
            notes.mistake(place, "has a budget already")
        elif entry.tenant not in tenants:
            hint = did_you_mean(entry.tenant, tenants)
            if hint or sure:
                words = f"is no tenant of `keys`: {hint or f'there are: {one_of(tenants)}'}"
                notes.mistake(place, words)
        found.setdefault(entry.tenant, entry.usd)
    return found


def tenants(entries: Mapping[int, schema.Key]) -> frozenset[str]:
    """Who spends."""
    named = {
        entry.tenant or entry.name
        for entry in entries.values()
        if not entry.lost("tenant") and (entry.tenant or not entry.lost("name"))
    }
    return frozenset(named) if entries else frozenset({NOBODY})


def anonymous(limits: Mapping[str, int]) -> Principal:
    """Who a caller is when no keys are configured."""
    return Principal(tenant=NOBODY, key="anonymous", models=None, budget=limits.get(NOBODY))


def keys(
    entries: Mapping[int, schema.Key],
    limits: Mapping[str, int],
    names: Names,
    vault: Vault,
    notes: Notes,
    *,
    need_secrets: bool,
) -> tuple[KeySettings, ...]:
    """The keys, those of which the file tells the whole."""
    found: list[KeySettings] = []
    named: dict[str, int] = {}
    shown: dict[Secret, int] = {}
    for index, entry in entries.items():
        place: Place = ("keys", index)
        unnamed = entry.lost("name")
        if not unnamed and entry.name in named:
            notes.mistake((*place, "name"), f"is the name of keys[{named[entry.name]}] too")
        if not unnamed:
            named.setdefault(entry.name, index)
        _models(entry, names, place, notes)
        if entry.lost("key"):
            continue
        secret = vault.resolve(entry.key)
        if isinstance(secret, str):
            (notes.mistake if need_secrets else notes.warning)((*place, "key"), secret)
            continue
        if secret in shown:
            notes.mistake((*place, "key"), f"is the same key as keys[{shown[secret]}] has")
        shown.setdefault(secret, index)
        if len(secret.reveal()) < SHORT:
            notes.warning((*place, "key"), f"is shorter than {SHORT} characters: it can be guessed")
        found.append(KeySettings(secret=secret, principal=_principal(entry, limits)))
    _shared(entries, notes)
    return tuple(found)


def _principal(entry: schema.Key, limits: Mapping[str, int]) -> Principal:
    tenant = entry.tenant or entry.name
    amounts = [amount for amount in (entry.budget_usd, limits.get(tenant)) if amount is not None]
    return Principal(
        tenant=tenant,
        key=entry.name,
        models=None if entry.models is None else frozenset(entry.models),
        budget=min(amounts, default=None),
    )


def _models(entry: schema.Key, names: Names, place: Place, notes: Notes) -> None:
    for index, name in entry.numbered("models"):
        hint = did_you_mean(name, names.known) if name not in names.known else ""
        if name not in names.known and (hint or names.sure):
            words = f"is no model name that answers here: {hint or 'add it under `models`'}"
            notes.mistake((*place, "models", index), words)


def _shared(entries: Mapping[int, schema.Key], notes: Notes) -> None:
    """A budget is held against what the tenant spends, not the key: say so where that may surprise."""
    by_tenant: dict[str, list[int]] = {}
    for index, entry in entries.items():
        by_tenant.setdefault(entry.tenant or entry.name, []).append(index)
    for indexes in by_tenant.values():
        for index in indexes:
            if len(indexes) > 1 and entries[index].budget_usd is not None:
                notes.warning(
                    ("keys", index, "budget_usd"), "counts what all keys of this tenant spend together"
                )
