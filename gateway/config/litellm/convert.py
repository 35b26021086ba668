"""The whole document: LiteLLM's sections to ours, beside the sections of ours that it holds already."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from gateway.catalog import Catalog
from gateway.config import schema
from gateway.config.litellm.rest import Rest, environment, rest
from gateway.config.litellm.rows import UNPRICED, Candidate, Rows
from gateway.config.litellm.servers import KINDS, Servers
from gateway.config.litellm.tree import Desk, Section
from gateway.config.mistakes import Notes, Place
from gateway.config.text import Source
from gateway.providers import Provider

KEYS: Final = frozenset(
    {"model_list", "litellm_settings", "router_settings", "general_settings", "environment_variables"}
)


class Converted(Struct, frozen=True):
    """The document in our shape, and the environment with what the file sets."""

    source: Source
    environment: Mapping[str, str]


def recognised(source: Source) -> bool:
    """Whether a file is LiteLLM's."""
    return not KEYS.isdisjoint(source.value)


def convert(
    source: Source,
    notes: Notes,
    variables: Mapping[str, str],
    catalog: Catalog,
    rows: Mapping[str, Provider],
    *,
    need_secrets: bool,
) -> Converted:
    """A LiteLLM document in our shape. Mistakes and warnings go to the notes, which learn the origins.

    Without `need_secrets` a variable that is not set is a warning, and what needs it is left out.
    """
    desk = Desk(notes, variables, need_secrets=need_secrets)
    document = Section(source.value, (), desk)
    ours = {key: document.take(key) for key in schema.File.model_fields if key in source.value}
    environment(document.section("environment_variables"), desk, _used(source.value, rows))
    settings = rest(
        document.section("litellm_settings"),
        document.section("general_settings"),
        document.section("router_settings"),
        desk,
    )
    own = frozenset(ours["providers"]) if isinstance(ours.get("providers"), dict) else frozenset()
    servers = Servers(rows, _usual(rows, desk.environment), own, notes)
    read = Rows(desk, servers, catalog, rows, settings.wait)
    _rows(document.take("model_list"), read, desk)
    document.close()
    desk.tell()
    value = _Join(ours, notes).joined(servers, read, settings)
    return Converted(Source(source.file, value, source.lines), desk.environment)


def _rows(listed: object, read: Rows, desk: Desk) -> None:
    if listed is None:
        return
    if not isinstance(listed, list):
        desk.notes.mistake(("model_list",), "must be a list: each entry begins with `- `")
        return
    for index, value in enumerate(listed):
        read.read(value, ("model_list", index))
    if listed and not read.served:
        desk.notes.mistake(("model_list",), "holds no row that can be served here")


def _usual(rows: Mapping[str, Provider], variables: Mapping[str, str]) -> dict[str, str]:
    """The environment variable that holds each shipped provider's key, or should."""
    return {
        name: next((key for key in row.api_key_env if variables.get(key, "").strip()), row.api_key_env[0])
        for name, row in rows.items()
        if row.api_key_env
    }


def _used(value: object, rows: Mapping[str, Provider]) -> frozenset[str]:
    """Environment variables that mean something here: those of providers, and those that the file names."""
    names = {name for row in rows.values() for name in row.api_key_env}
    names |= {name for kind in KINDS.values() for name in (*kind.bases, *kind.keys)}
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and item.startswith("os.environ/"):
            names.add(item.removeprefix("os.environ/"))
    return frozenset(names)


class _Join:
    """Our sections of the file with what LiteLLM's came to behind them."""

    def __init__(self, ours: dict[str, Any], notes: Notes) -> None:
        self._value = dict(ours)
        self._notes = notes

    def joined(self, servers: Servers, read: Rows, settings: Rest) -> dict[str, Any]:
        self._named("providers", servers.entries)
        for place, entry in self._models(read, settings):
            self._listed("models", entry, place)
        if any(
            entry.get("policy") == UNPRICED
            for entry in self._value.get("models") or ()
            if isinstance(entry, dict)
        ):
            self._named("policies", {UNPRICED: {"unpriced": True, **_tries(settings)}})
        if settings.tries is not None:
            self._named("policies", {"default": _tries(settings)})
            for name in ("default", UNPRICED):
                self._notes.written(("policies", name), ("litellm_settings", "num_retries"))
        if settings.key is not None:
            self._listed("keys", settings.key, ("general_settings", "master_key"))
        if "cache" in self._value and settings.cache != {"store": "off"}:
            self._notes.warning(("litellm_settings", "cache"), "gives way to `cache:` of this file")
        if "cache" not in self._value:
            self._value["cache"] = settings.cache
            self._notes.written(("cache",), ("litellm_settings", "cache_params"))
        return self._value

    def _named(self, section: str, entries: Mapping[str, Any]) -> None:
        """Entries by name; those that the file has in our words win."""
        given = self._value.get(section)
        if given is None or isinstance(given, dict):
            self._value[section] = {**entries, **(given or {})}

    def _listed(self, section: str, entry: dict[str, Any], origin: Place) -> None:
        given = self._value.get(section)
        if given is None or isinstance(given, list):
            listed = [*(given or []), entry]
            self._value[section] = listed
            self._notes.written((section, len(listed) - 1), origin)
            for index, place in enumerate(entry.pop("_candidates", ())):
                self._notes.written((section, len(listed) - 1, "candidates", index), place)

    def _models(self, read: Rows, settings: Rest) -> list[tuple[Place, dict[str, Any]]]:
        """Entries of `models`: groups in the order of the file, then facts."""
        laid = dict(read.facts)
        found: list[tuple[Place, dict[str, Any]]] = []
        for name, candidates in read.groups.items():
            entry = _group(name, candidates)
            if name in laid and name in entry["candidates"]:
                entry["facts"] = laid.pop(name)[0]
            found.append((candidates[0].place[:-1], entry))
        for alias, (target, place) in settings.aliases.items():
            if target not in read.groups:
                self._notes.warning(place, "is left out: it leads to no model_name that is served here")
            elif alias not in read.groups:
                found.append((place, _group(alias, read.groups[target])))
        found += [(place, {"name": name, "facts": facts}) for name, (facts, place) in laid.items()]
        return found


def _group(name: str, candidates: list[Candidate]) -> dict[str, Any]:
    unpriced = len(candidates) > 1 and not all(candidate.priced for candidate in candidates)
    return {
        "name": name,
        "candidates": [candidate.deployment for candidate in candidates],
        "_candidates": [(*candidate.place, "model") for candidate in candidates],
        **({"policy": UNPRICED} if unpriced else {}),
    }


def _tries(settings: Rest) -> dict[str, Any]:
    return {} if settings.tries is None else {"max_attempts": settings.tries}
