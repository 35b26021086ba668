"""Model names: deployments, groups, policies, and the operator's facts."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from gateway.catalog import Catalog
from gateway.config import schema
from gateway.config.mistakes import Notes, Place, did_you_mean, one_of
from gateway.config.settings import AUTO, ProviderSettings
from gateway.types.plan import Deployment, Group, Policy


class Models(Struct, frozen=True):
    """The part of `Settings` that names models."""

    deployments: tuple[Deployment, ...]
    groups: dict[str, Group]
    policies: dict[str, Policy]
    facts: dict[str, dict[str, object]]
    auto_named: bool


class Named(Struct, frozen=True):
    """The names that the file gives, those of entries with a mistake too.

    `uncertain`: sections of which some names could not be read, so that one that is missed may be theirs.
    """

    providers: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    uncertain: frozenset[str] = frozenset()


NOTHING = Named()


class World(Struct, frozen=True):
    """What a name may refer to."""

    providers: Mapping[str, ProviderSettings]
    named: Named
    catalog: Catalog


def policies(entries: Mapping[str, schema.Policy]) -> dict[str, Policy]:
    """Policies by name; `default` is always among them."""
    found = {
        name: Policy(
            name=name,
            prepare=frozenset(entry.prepare),
            transform=frozenset(entry.transform),
            glyph_height=entry.glyph_height,
            unpriced=entry.unpriced,
            max_attempts=entry.max_attempts,
            tier=entry.tier,
            quality_floor=entry.quality_floor,
        )
        for name, entry in entries.items()
    }
    return {"default": Policy(), **found}


def facts(entries: Mapping[int, schema.Model], world: World, notes: Notes) -> dict[str, dict[str, object]]:
    """The operator's facts by model name."""
    found: dict[str, dict[str, object]] = {}
    for index, entry in entries.items():
        if entry.facts is None or entry.lost("name"):
            continue
        place: Place = ("models", index)
        if entry.candidates is not None and entry.name not in entry.candidates:
            notes.mistake(place, "has both `candidates` and `facts`: facts belong to one provider/model")
        elif "/" not in entry.name:
            notes.mistake((*place, "name"), "must be provider/model, since it has facts")
        elif _provider_known(entry.name, world, notes, (*place, "name")):
            found[entry.name] = {key: _plain(value) for key, value in entry.facts.items()}
    return found


def _deployments(world: World) -> dict[str, Deployment]:
    """Every model of the catalog that chats, the operator's among them, whose provider has a row."""
    found = {}
    for name in world.catalog.names():
        model = world.catalog.get(name)
        if model is not None and model.provider in world.providers and "chat" in model.operations:
            found[name] = Deployment(name=name, provider=model.provider, upstream_model=model.upstream_model)
    return found


def build(
    entries: Mapping[int, schema.Model],
    rules: Mapping[str, Policy],
    laid: dict[str, dict[str, object]],
    world: World,
    notes: Notes,
) -> Models:
    """All groups: the configured ones, each usable deployment under its own name, and `auto`."""
    known = _deployments(world)
    own = _Groups(entries, rules, known, world, notes).build()
    usable = [item for item in known.values() if world.providers[item.provider].credentials == "present"]
    default = rules["default"]
    direct = {item.name: Group(item.name, (item,), default) for item in usable}
    named = {item.name: item for group in own.values() for item in group.candidates}
    local = {item.name: item for item in usable if world.providers[item.provider].row.embedded}
    choice = tuple((named | local).values()) if named else tuple(usable)
    auto = {AUTO: Group(AUTO, choice, default, gathered=True)} if choice else {}
    return Models(
        deployments=tuple(known.values()),
        groups=own | {name: group for name, group in (direct | auto).items() if name not in own},
        policies=dict(rules),
        facts=laid,
        auto_named=bool(named),
    )


def floors(groups: Iterable[Group], catalog: Catalog, notes: Notes) -> None:
    """A word for every policy with a floor that no model of any of its names is known to reach."""
    under: dict[str, list[Group]] = {}
    for group in groups:
        if group.policy.quality_floor is not None:
            under.setdefault(group.policy.name, []).append(group)
    for name, bound in under.items():
        models = (catalog.get(candidate.name) for group in bound for candidate in group.candidates)
        if all(facts is None or facts.quality is None for facts in models):
            words = (
                "no model under this policy has a known quality, so none answers: give `quality` in `facts`"
            )
            notes.warning(("policies", name, "quality_floor"), words)


class _Groups:
    """Builds the configured groups, with a mistake for every name that leads nowhere."""

    def __init__(
        self,
        entries: Mapping[int, schema.Model],
        rules: Mapping[str, Policy],
        known: Mapping[str, Deployment],
        world: World,
        notes: Notes,
    ) -> None:
        self._entries = entries
        # Names whose facts this file gives, or tries to.
        self._laid = world.named.models - {
            entry.name for entry in entries.values() if entry.facts is None and not entry.lost("facts")
        }
        self._rules = rules
        self._known = known
        self._world = world
        self._notes = notes

    def build(self) -> dict[str, Group]:
        groups: dict[str, Group] = {}
        seen: dict[str, int] = {}
        for index, entry in self._entries.items():
            place: Place = ("models", index)
            unnamed = entry.lost("name")
            if not unnamed and entry.name in seen:
                self._notes.mistake((*place, "name"), f"is the name of models[{seen[entry.name]}] too")
            if not unnamed:
                seen.setdefault(entry.name, index)
            policy = self._policy(entry, place)
            if entry.candidates is None and _facts_alone(entry):
                continue
            candidates = self._candidates(entry, place)
            if candidates and not unnamed:
                groups[entry.name] = Group(entry.name, candidates, policy)
        return groups

    def _policy(self, entry: schema.Model, place: Place) -> Policy:
        known = {*self._rules, *self._world.named.policies}
        if entry.policy is not None and entry.policy not in known:
            hint = did_you_mean(entry.policy, self._rules)
            if hint or "policies" not in self._world.named.uncertain:
                words = f"names no policy of this file: {hint or f'there are: {one_of(known)}'}"
                self._notes.mistake((*place, "policy"), words)
        return self._rules.get(entry.policy or "default", self._rules["default"])

    def _candidates(self, entry: schema.Model, place: Place) -> tuple[Deployment, ...]:
        if entry.candidates is None:
            if "/" not in entry.name:
                self._notes.mistake(place, "needs `candidates`: a list of provider/model")
                return ()
            found = self._deployment(entry.name, (*place, "name"))
            return () if found is None else (found,)
        chosen: dict[str, Deployment] = {}
        seen: set[str] = set()
        for index, name in entry.numbered("candidates"):
            at = (*place, "candidates", index)
            if name in seen:
                self._notes.mistake(at, "stands in this list twice")
                continue
            seen.add(name)
            found = self._deployment(name, at)
            if found is not None:
                chosen[name] = found
        return tuple(chosen.values())

    def _deployment(self, name: str, place: Place) -> Deployment | None:
        if "/" not in name:
            hint = did_you_mean(name, self._known)
            self._notes.mistake(place, f"must be provider/model{': ' + hint if hint else ''}")
            return None
        if not _provider_known(name, self._world, self._notes, place):
            return None
        found = self._known.get(name)
        model = self._world.catalog.get(name)
        if model is not None and "chat" not in model.operations:
            does = " and ".join(sorted(model.operations)).replace("_", " ")
            self._notes.mistake(place, f"does not chat: it is there for {does}")
            return None
        # Facts with a mistake of their own are no second mistake here.
        if found is None and name not in self._laid:
            hint = did_you_mean(name, self._known)
            way = "or add its facts under `models`" if hint else "add its facts under `models`"
            if hint or "models" not in self._world.named.uncertain:
                self._notes.mistake(place, f"is not in the catalog: {hint + ' ' if hint else ''}{way}")
        return found


def _facts_alone(entry: schema.Model) -> bool:
    """Whether an entry without candidates means no group: it gives facts, or what it means is not known."""
    return entry.lost("name", "candidates", "facts") or (entry.facts is not None and entry.policy is None)


def _provider_known(name: str, world: World, notes: Notes, place: Place) -> bool:
    """Whether the provider of a `provider/model` can be used; a mistake in the notes if it cannot."""
    provider = name.partition("/")[0]
    settings = world.providers.get(provider)
    # A broken entry has its own mistake already.
    if provider in world.named.providers or "providers" in world.named.uncertain:
        return settings is not None
    if settings is None:
        hint = did_you_mean(provider, {*world.providers, *world.named.providers})
        notes.mistake(place, f"names a provider that is not configured: {hint or 'add it under `providers`'}")
        return False
    if settings.credentials == "missing":
        notes.mistake(place, f"its provider is not configured: add `{settings.row.name}:` under `providers`")
        return False
    return True


def _plain(value: Any) -> Any:
    """Facts for the catalog: decimals as text, which is how it reads rates; all else as it is."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {key: _plain(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_plain(child) for child in value]
    return value
