"""Providers: the shipped rows, what the operator lays over them, and private servers."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from gateway.catalog import Catalog
from gateway.config import schema
from gateway.config.mistakes import Notes, Place, did_you_mean, one_of
from gateway.config.probe import Found
from gateway.config.secrets import Vault, is_reference
from gateway.config.settings import ProviderSettings
from gateway.providers import Auth, Provider
from gateway.types.call import Deadlines
from gateway.types.principal import Secret

DIALECTS: Final = {
    "openai": "openai_chat",
    "openai_chat": "openai_chat",
    "anthropic": "anthropic_messages",
    "anthropic_messages": "anthropic_messages",
}
_AUTH: Final[dict[str, Auth]] = {"openai_chat": "bearer", "anthropic_messages": "x-api-key"}

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}")
_TEXT: Final = re.compile(r"[!-~](?:[ -~]*[!-~])?")
_OURS: Final = frozenset(
    {"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection",
     "accept", "accept-encoding", "expect", "upgrade", "te", "trailer", "keep-alive"}
)  # fmt: skip
_SECRET: Final = re.compile(r"auth|key|token|secret|cookie|password|credential")


def shipped(rows: Mapping[str, Provider], vault: Vault | None) -> dict[str, ProviderSettings]:
    """Every shipped row. With a vault a row's usual environment variables count; else nothing does."""
    settings = {}
    for name, row in rows.items():
        key = None if vault is None else _usual(row, vault)
        present = isinstance(key, Secret) or not row.api_key_env
        settings[name] = ProviderSettings(
            row=row,
            credentials="present" if present else "missing",
            api_key=key if isinstance(key, Secret) else None,
        )
    return settings


def found(servers: Iterable[Found], rows: Mapping[str, Provider]) -> dict[str, ProviderSettings]:
    """Servers that answered on this machine; they ask for no key. A shipped row keeps its name."""
    return {
        server.name: ProviderSettings(
            row=Provider(name=server.name, dialect="openai_chat", base_url=server.base_url, auth="none"),
            credentials="present",
        )
        for server in servers
        if server.name not in rows
    }


def configured(
    entries: Mapping[str, schema.Provider],
    rows: Mapping[str, Provider],
    vault: Vault,
    notes: Notes,
    *,
    need_secrets: bool,
) -> dict[str, ProviderSettings]:
    """The shipped rows, and over them the entries of the file. Mistakes go to the notes.

    Without `need_secrets` a secret that cannot be resolved leaves the provider without credentials.
    """
    settings = shipped(rows, None)
    for name, entry in entries.items():
        place: Place = ("providers", name)
        row = _row(name, entry, rows, notes)
        if row is None and name in rows and rows[name].embedded:
            continue
        said = notes.mistake if need_secrets else notes.warning
        key = _key(row, entry, vault)
        if isinstance(key, str):
            said((*place, "api_key") if entry.api_key else place, key)
        headers = []
        for header, value in entry.headers.items():
            found = _header(header, value, vault)
            if isinstance(found, str):
                (notes.mistake if not is_reference(value) else said)((*place, "headers", header), found)
            else:
                headers.append(found)
        if row is None:
            continue
        settings[name] = ProviderSettings(
            row=row,
            credentials="missing" if isinstance(key, str) or len(headers) < len(entry.headers) else "present",
            api_key=key if isinstance(key, Secret) else None,
            headers=tuple(headers),
            deadlines=Deadlines(**entry.timeout.model_dump()),
        )
    return settings


def regions(entries: Mapping[str, schema.Provider], catalog: Catalog, notes: Notes) -> None:
    """A word for every region in which no model of its provider is known to be sold."""
    for name, entry in entries.items():
        if entry.region is None:
            continue
        models = (catalog.get(model) for model in catalog.names() if model.startswith(f"{name}/"))
        sold = {region for facts in models if facts is not None for region in facts.selling.regions}
        if entry.region not in sold:
            there = f"they are in {one_of(sold)}" if sold else "give their `regions` under `facts`"
            words = f"no model of this provider is known to be sold there, so all are rejected: {there}"
            notes.warning(("providers", name, "region"), words)


def _row(name: str, entry: schema.Provider, rows: Mapping[str, Provider], notes: Notes) -> Provider | None:
    place: Place = ("providers", name)
    known = rows.get(name) if entry.like is None else _like(name, entry, rows, notes)
    if entry.lost("like") or (entry.like is not None and known is None):
        return None
    if known is None:
        return _private(name, entry, rows, notes)
    if known.embedded:
        if entry.base_url or entry.dialect or entry.api_key or entry.headers or entry.region:
            notes.mistake(
                place, "runs on this machine: only `timeout` can be set; name a server of yours otherwise"
            )
            return None
        return known
    changes = {
        "dialect": DIALECTS[entry.dialect] if entry.dialect else known.dialect,
        "base_url": entry.base_url or known.base_url,
        "region": entry.region,
    }
    return msgspec.structs.replace(known, **changes)


def _private(
    name: str, entry: schema.Provider, rows: Mapping[str, Provider], notes: Notes
) -> Provider | None:
    """The row of a server that nobody knows but the operator."""
    said = {"dialect": entry.dialect, "base_url": entry.base_url}
    lacks = " and ".join(f"`{key}`" for key, value in said.items() if value is None and not entry.lost(key))
    if lacks:
        hint = did_you_mean(name, rows)
        also = f"; {hint}" if hint else ""
        notes.mistake(("providers", name), f"is not a provider we know, so it needs {lacks}{also}")
    if entry.dialect is None or entry.base_url is None:
        return None
    dialect = DIALECTS[entry.dialect]
    return Provider(
        name=name, dialect=dialect, base_url=entry.base_url, auth=_AUTH[dialect], region=entry.region
    )


def _like(name: str, entry: schema.Provider, rows: Mapping[str, Provider], notes: Notes) -> Provider | None:
    """A known provider's row under another name. At another address its usual key is not shown."""
    place: Place = ("providers", name, "like")
    usable = {key: row for key, row in rows.items() if not row.embedded}
    if name in rows:
        notes.mistake(place, "stands at a provider we know: choose another name for the second")
        return None
    known = usable.get(entry.like or "")
    if known is None:
        hint = did_you_mean(entry.like or "", usable) or one_of(usable)
        notes.mistake(place, f"must be a provider we know: {hint}")
        return None
    keys = () if entry.base_url or entry.lost("base_url") else known.api_key_env
    return msgspec.structs.replace(known, name=name, api_key_env=keys)


def _key(row: Provider | None, entry: schema.Provider, vault: Vault) -> Secret | str | None:
    """The credential, None where none is needed or nobody knows, or what is wrong."""
    if entry.api_key is not None:
        return vault.resolve(entry.api_key)
    if row is None or not row.api_key_env or entry.lost("api_key"):
        return None
    return _usual(row, vault) or f"has no credential: set {row.api_key_env[0]}, or write api_key: env/NAME"


def _usual(row: Provider, vault: Vault) -> Secret | None:
    found = (vault.variable(name) for name in row.api_key_env)
    return next((secret for secret in found if isinstance(secret, Secret)), None)


def _header(name: str, value: str, vault: Vault) -> tuple[str, str | Secret] | str:
    """One header ready to send, or what is wrong with it."""
    low = name.lower()
    if not _TOKEN.fullmatch(name):
        return "is not a header name"
    if low in _OURS:
        return "is set by the gateway itself: leave it out"
    if is_reference(value):
        found = vault.resolve(value)
        return found if isinstance(found, str) else (low, found)
    if _SECRET.search(low):
        return "looks like a credential, which may not stand in the file: write env/NAME or file/PATH"
    if not _TEXT.fullmatch(value):
        return "must be one line of visible ASCII text"
    return low, value
