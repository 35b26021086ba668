"""From a file, or from the environment alone, to `Settings`: all mistakes at once, each with its place.

Environment and facts are arguments, and so are the servers that run on this machine; `load_settings` alone
looks at the world, and asks those servers.
"""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from gateway.catalog import Catalog, CatalogError
from gateway.catalog import load as load_catalog
from gateway.config import clients, litellm, models, providers, schema, values
from gateway.config.mistakes import ConfigError, Mistake, Notes, Place
from gateway.config.probe import Found, probe
from gateway.config.secrets import Vault, is_reference
from gateway.config.settings import (
    AUTO,
    AccountsSettings,
    CacheSettings,
    LimitSettings,
    MediaSettings,
    ServerSettings,
    Settings,
)
from gateway.config.text import MOST_BYTES, Source, read
from gateway.config.validate import Validation
from gateway.providers import PROVIDERS, Provider
from gateway.types.principal import Secret

FILE_NAME: Final = "weighbridge.yaml"
VARIABLE: Final = "WEIGHBRIDGE_CONFIG"
SQLITE: Final = "sqlite:"
# Where the catalog names the key that is wrong.
_KEY: Final = re.compile("(?:unknown key )?`([^`]+)`")
# Values that it repeats, which may be anything, and keys that look like no key.
_QUOTED: Final = re.compile(" '.*'")


def find(asked: Path | None, environment: Mapping[str, str], folder: Path) -> Path | None:
    """The file to load: the one asked for, that of `WEIGHBRIDGE_CONFIG`, `weighbridge.yaml`, or none."""
    if asked is not None:
        return asked
    named = environment.get(VARIABLE)
    if named:
        return Path(named)
    usual = folder / FILE_NAME
    return usual if usual.exists() else None


def load_settings(asked: Path | None = None, *, need_secrets: bool = True) -> Settings:
    """Settings as `serve` takes them: a file if there is one, else discovery; of today, in this folder.

    Raises `ConfigError`.
    """
    catalog = load_catalog(on=datetime.now(UTC).date())
    path = find(asked, os.environ, Path())
    if path is None:
        return discover(environment=os.environ, catalog=catalog, servers=probe(os.environ))
    return load(path, environment=os.environ, catalog=catalog, need_secrets=need_secrets)


def load(
    path: Path,
    *,
    environment: Mapping[str, str],
    catalog: Catalog,
    rows: Mapping[str, Provider] = PROVIDERS,
    need_secrets: bool = True,
) -> Settings:
    """Settings of a file. Raises `ConfigError` with every mistake in it.

    Without `need_secrets` a reference that leads nowhere is a warning, and what needs it is left out.
    """
    try:
        with path.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        message = "there is no such file" if missing else "is no file that may be read"
        raise ConfigError([Mistake(str(path), None, "", message)]) from None
    source, notes = read(data, str(path))
    if litellm.recognised(source):
        theirs = litellm.convert(source, notes, environment, catalog, rows, need_secrets=need_secrets)
        source, environment = theirs.source, theirs.environment
    vault = Vault(environment, path.parent)
    return _settle(source, notes, vault, catalog, rows, need_secrets=need_secrets)


def discover(
    *,
    environment: Mapping[str, str],
    catalog: Catalog,
    rows: Mapping[str, Provider] = PROVIDERS,
    servers: Sequence[Found] = (),
) -> Settings:
    """Settings without a file: providers whose usual environment variables are set, engines, `servers`."""
    vault = Vault(environment, Path())
    notes = Notes("", {})
    present = providers.shipped(rows, vault) | providers.found(servers, rows)
    laid = {
        name: facts for server in servers if server.name not in rows for name, facts in server.facts.items()
    }
    world = models.World(providers=present, named=models.NOTHING, catalog=catalog.merged(laid))
    rules = models.policies({})
    built = models.build({}, rules, laid, world, notes)
    return Settings(
        source=None,
        providers=dict(world.providers),
        deployments=built.deployments,
        groups=built.groups,
        policies=built.policies,
        facts=laid,
        anonymous=clients.anonymous({}),
    )


class _File(Struct, frozen=True):
    """All entries of one file, those with mistakes without what is wrong."""

    providers: dict[str, schema.Provider]
    models: dict[int, schema.Model]
    policies: dict[str, schema.Policy]
    keys: dict[int, schema.Key]
    budgets: dict[int, schema.Budget]
    limits: schema.Limits
    media: schema.Media
    cache: schema.Cache
    accounts: schema.Accounts
    telemetry: schema.Telemetry
    server: schema.Server


def _settle(
    source: Source,
    notes: Notes,
    vault: Vault,
    catalog: Catalog,
    rows: Mapping[str, Provider],
    *,
    need_secrets: bool,
) -> Settings:
    seen = Validation(source, notes)
    file = _shaped(seen)
    named = _named(source, seen)
    found = providers.configured(file.providers, rows, vault, notes, need_secrets=need_secrets)
    world = models.World(providers=found, named=named, catalog=catalog)
    laid = models.facts(file.models, world, notes)
    world = models.World(providers=found, named=named, catalog=_overlaid(catalog, laid, file, notes))
    providers.regions(file.providers, world.catalog, notes)
    built = models.build(file.models, models.policies(file.policies), laid, world, notes)
    models.floors(built.groups.values(), world.catalog, notes)
    spenders = clients.tenants(file.keys)
    amounts = clients.budgets(file.budgets, spenders, notes, sure="keys" not in named.uncertain)
    names = clients.Names(
        frozenset({*built.groups, *(item.name for item in built.deployments), *named.models, AUTO}),
        sure="models" not in named.uncertain,
    )
    keys = clients.keys(file.keys, amounts, names, vault, notes, need_secrets=need_secrets)
    cache = _cache(file.cache, vault, notes, need_secrets=need_secrets)
    _remarks(file, notes)
    notes.check()
    return Settings(
        source=source.file,
        providers=found,
        deployments=built.deployments,
        groups=built.groups,
        policies=built.policies,
        facts=laid,
        auto_named=built.auto_named,
        keys=keys,
        anonymous=None if file.keys else clients.anonymous(amounts),
        cache=cache,
        accounts=_accounts(file.accounts, Path(source.file).parent),
        limits=_limits(file.limits),
        media=MediaSettings(remember_bytes=file.media.remember),
        server=ServerSettings(**file.server.model_dump()),
        log_level=file.telemetry.log_level,
        warnings=notes.warnings,
    )


def _shaped(seen: Validation) -> _File:
    return _File(
        providers=seen.named("providers", schema.Provider, values.PROVIDER_NAME),
        models=seen.listed("models", schema.Model),
        policies=seen.named("policies", schema.Policy, values.LABEL),
        keys=seen.listed("keys", schema.Key),
        budgets=seen.listed("budgets", schema.Budget),
        limits=seen.section("limits", schema.Limits),
        media=seen.section("media", schema.Media),
        cache=seen.section("cache", schema.Cache),
        accounts=seen.section("accounts", schema.Accounts),
        telemetry=seen.section("telemetry", schema.Telemetry),
        server=seen.section("server", schema.Server),
    )


def _named(source: Source, seen: Validation) -> models.Named:
    """All names that the file gives, also in entries with a mistake: what refers to them is no second one."""

    def names(section: str) -> frozenset[str]:
        value = source.value.get(section)
        return frozenset(value) if isinstance(value, dict) else frozenset()

    listed: Any = source.value.get("models")
    entries = listed if isinstance(listed, list) else []
    spoken = {
        entry["name"] for entry in entries if isinstance(entry, dict) and isinstance(entry.get("name"), str)
    }
    return models.Named(
        providers=names("providers"),
        policies=names("policies"),
        models=frozenset(spoken),
        uncertain=frozenset(seen.uncertain),
    )


def _overlaid(
    catalog: Catalog, laid: Mapping[str, Mapping[str, object]], file: _File, notes: Notes
) -> Catalog:
    """The catalog with the operator's facts; those with a mistake are left out."""
    places = {entry.name: index for index, entry in file.models.items() if entry.name in laid}
    for name, index in places.items():
        try:
            catalog = catalog.merged({name: laid[name]})
        except CatalogError as error:
            for mistake in error.mistakes:
                message = mistake.removeprefix(f"models: {name}: facts: ")
                key = _KEY.match(message)
                place: Place = ("models", index, "facts")
                notes.mistake((*place, key[1]) if key else place, _QUOTED.sub("", message))
    return catalog


def _cache(entry: schema.Cache, vault: Vault, notes: Notes, *, need_secrets: bool) -> CacheSettings:
    ttl, size = entry.ttl, entry.max_size
    if entry.store in {"memory", "off"}:
        off = entry.store == "off"
        return CacheSettings(store="off" if off else "memory", address=entry.store, ttl=ttl, max_bytes=size)
    url = vault.resolve(entry.store) if is_reference(entry.store) else Secret(entry.store)
    if isinstance(url, str):
        (notes.mistake if need_secrets else notes.warning)(("cache", "store"), url)
        return CacheSettings(store="off", address="off", ttl=ttl, max_bytes=size)
    address = _address(url)
    if address is None:
        notes.mistake(("cache", "store"), "leads to no address such as redis://host:6379/0")
        return CacheSettings(store="off", address="off", ttl=ttl, max_bytes=size)
    return CacheSettings(store="redis", url=url, address=address, ttl=ttl, max_bytes=size)


def _address(url: Secret) -> str | None:
    """A Redis address as it may be shown, without user, password and options."""
    try:
        parts = urlsplit(url.reveal())
        port = parts.port or 6379
    except ValueError:
        return None
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname}:{port}{parts.path}"


def _accounts(entry: schema.Accounts, folder: Path) -> AccountsSettings:
    if entry.store == "memory":
        return AccountsSettings()
    return AccountsSettings(store="sqlite", path=str(folder / entry.store.removeprefix(SQLITE)))


def _limits(entry: schema.Limits) -> LimitSettings:
    return LimitSettings(
        body_bytes=entry.body,
        depth=entry.depth,
        nodes=entry.values,
        media=entry.media,
        media_bytes=entry.media_size,
        pixels=entry.pixels,
        side=entry.side,
        frames=entry.frames,
        ancillary_bytes=entry.metadata_size,
    )


def _remarks(file: _File, notes: Notes) -> None:
    """What works, but hardly as meant."""
    budgeted = bool(file.budgets) or any(key.budget_usd is not None for key in file.keys.values())
    if budgeted and file.accounts.store == "memory":
        notes.warning(("accounts",), "budgets begin anew at every start: `store: sqlite:PATH` keeps them")
    if file.server.workers > 1 and file.accounts.store == "memory":
        notes.warning(
            ("server", "workers"), "each worker keeps its own ledger: `accounts: {store: sqlite:PATH}`"
        )
    for index, entry in file.models.items():
        if entry.name == "auto":
            notes.warning(("models", index), "`auto` now means these candidates only")
    used = {entry.policy for entry in file.models.values()} | {"default"}
    for name in file.policies:
        if name not in used:
            notes.warning(("policies", name), "is used by no model: only a request's header can ask for it")
