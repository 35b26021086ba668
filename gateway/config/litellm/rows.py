"""`model_list`: rows to providers, candidates and facts."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from msgspec import Struct

from gateway.catalog import Catalog
from gateway.config import values
from gateway.config.litellm import facts
from gateway.config.litellm.servers import KINDS, Kind, Server, Servers
from gateway.config.litellm.tree import Desk, Section
from gateway.config.mistakes import Place, is_credential
from gateway.providers import Provider

# A row with several candidates of which one has no price: LiteLLM would send to it, so we may.
UNPRICED: Final = "unpriced"
_SERVED: Final = frozenset({None, "chat", "responses"})
_OTHER: Final = re.compile(
    r"(?:.*/)?(?:text-embedding|embed-|dall-e|gpt-image|imagen|whisper|tts-|omni-moderation|text-moderation|rerank)"
)
_SECRET: Final = re.compile(r"auth|key|token|secret|cookie|password|credential", re.IGNORECASE)
# A provider's name at its longest.
_LONGEST: Final = 32


class Candidate(Struct, frozen=True):
    """One row: the deployment it came to."""

    deployment: str
    place: Place
    priced: bool


class Rows:
    """Reads rows one by one; `groups` and `facts` hold what they came to, in the order of the file."""

    def __init__(
        self,
        desk: Desk,
        servers: Servers,
        catalog: Catalog,
        rows: Mapping[str, Provider],
        wait: Decimal | None,
    ) -> None:
        self._desk = desk
        self._servers = servers
        self._catalog = catalog
        self._shipped = rows
        self._wait = wait
        self._told: dict[str, facts.Told] = {}
        self.groups: dict[str, list[Candidate]] = {}
        self.facts: dict[str, tuple[dict[str, Any], Place]] = {}
        self.served = 0

    def read(self, value: object, place: Place) -> None:
        """One row."""
        row = Section(value, place, self._desk)
        name, params, info = row.text("model_name"), row.section("litellm_params"), row.section("model_info")
        model = params.known("model")
        if name is None or (model is None and params.take("model") is None):
            lacks = row.at("model_name") if name is None else params.at("model")
            self._desk.notes.mistake(lacks, "is missing")
            return
        if model is None:
            return
        prefix, rest = _split(model, params.text("custom_llm_provider"))
        reason = self._unfit(name, prefix, rest, params, info)
        if reason is not None:
            self._desk.notes.warning(params.at("model"), f"is left out: {reason}")
            return
        base = self._base(KINDS[prefix], params)
        if isinstance(base, Unset):
            return
        self._serve(name, Served(prefix, rest, base), params, info)
        for section in (params, info, row):
            section.close()
        self.served += 1

    def _unfit(self, name: str, prefix: str, rest: str, params: Section, info: Section) -> str | None:
        """Why a row cannot be served here."""
        if prefix not in KINDS:
            shown = values.matches(values.PROVIDER_NAME, prefix) and not is_credential(prefix)
            return (
                f"{prefix if shown else 'its provider'} is not spoken here; a server that speaks OpenAI's "
                "chat is `openai/...` with an `api_base`"
            )
        kind, address = KINDS[prefix], params.take("api_base") or params.take("base_url")
        every, mode = "*" in rest, info.text("mode")
        elsewhere = params.text("litellm_credential_name") is not None
        named = values.matches(values.MODEL_NAME, name) and not is_credential(name)
        fits = values.matches(values.MODEL_NAME, f"{'x' * _LONGEST}/{rest}")
        plain = kind.row is not None and address is None and name in {"*", rest, f"{prefix}/{rest}"}
        reasons = (
            (mode not in _SERVED or _OTHER.match(rest), "only chat is served here, no other mode"),
            (elsewhere, "a credential's name is not followed: write its `api_key` and `api_base` here"),
            (address is not None and not kind.movable, f"{prefix} is reached at its usual address alone"),
            (address is None and self._nowhere(kind), "it needs an `api_base`, the address of the server"),
            (every and not plain, "a `*` stands for a shipped provider's models, under their own names"),
            (not every and not named, "model_name may hold letters, digits and . _ : / @ + -, at most 128"),
            (not every and not fits, "its name may hold letters, digits and . _ : / @ + -, at most 95"),
        )
        return next((words for holds, words in reasons if holds), None)

    def _nowhere(self, kind: Kind) -> bool:
        """Whether a server of this kind has no address unless its row says one."""
        named = any(self._desk.environment.get(name, "").strip() for name in kind.bases)
        return not (kind.row or kind.base or named)

    def _base(self, kind: Kind, params: Section) -> "str | Unset | None":
        """Where the server is; None: at its usual address."""
        for key in ("api_base", "base_url"):
            if params.text(key):
                return params.known(key) or Unset()
        named = (self._desk.environment.get(name, "").strip() for name in kind.bases)
        return next((found for found in named if found), kind.base)

    def _key(self, served: "Served", params: Section, *, private: bool) -> str | None:
        kind = KINDS[served.prefix]
        given = params.take("api_key")
        if given is not None:
            # Also one that only fills the place says that no other is meant.
            return self._desk.secret(given, params.at("api_key"), placeholder=private)
        address = params.take("api_base") or params.take("base_url")
        if address is not None and served.base != kind.base and not kind.own:
            # A usual key belongs to the usual address.
            return None
        names = kind.keys
        if kind.row is not None and served.base is not None:
            # The environment moved the provider, and its key with it.
            names = self._shipped[kind.row].api_key_env
        present = next((name for name in names if self._desk.environment.get(name, "").strip()), None)
        # A private server may need none; a hosted one does, and its absence is told by the usual check.
        return f"env/{present or names[0]}" if present or (names and kind.base) else None

    def _headers(self, params: Section) -> tuple[tuple[str, str], ...]:
        headers: dict[str, str] = {}
        for key in ("headers", "extra_headers"):
            section = params.section(key)
            for name in section:
                value = section.text(name)
                if value is not None and _SECRET.search(name):
                    value = self._desk.secret(value, section.at(name))
                if value is not None:
                    headers[name] = value
        organization = params.known("organization")
        if organization:
            headers["openai-organization"] = organization
        return tuple(sorted(headers.items()))

    def _serve(self, name: str, served: "Served", params: Section, info: Section) -> None:
        kind, rest = KINDS[served.prefix], served.rest
        private = served.base is not None and (kind.row is not None or not kind.keys or kind.own)
        key = self._key(served, params, private=private)
        wait = params.number("timeout", "a number of seconds")
        wait = self._wait if wait is None else wait
        server = Server(served.prefix, kind, served.base, key, self._headers(params))
        provider = self._servers.name(server, params.place, None if wait is None else float(wait))
        if "*" in rest:
            return
        deployment = f"{provider}/{rest}"
        known = self._facts(deployment, served, params, info)
        found = self.groups.setdefault(name, [])
        if deployment in {candidate.deployment for candidate in found}:
            self._desk.notes.warning(
                params.place, f"is the same as another row of this model_name: it is {deployment} once"
            )
            return
        found.append(Candidate(deployment, params.place, known.priced))

    def _facts(self, deployment: str, served: "Served", params: Section, info: Section) -> facts.Told:
        provider, _, rest = deployment.partition("/")
        kind = KINDS[served.prefix]
        base_model = info.text("base_model")
        names = [f"{kind.row or served.prefix}/{rest}"]
        names += [base_model, f"openai/{base_model.rpartition('/')[2]}"] if base_model else []
        own = kind.own or (kind.row == "openai" and (served.base or "").startswith("http:"))
        told = facts.told(facts.Asked(tuple(names), provider, own), self._catalog, params, info)
        before = self._told.setdefault(deployment, told)
        if before.facts != told.facts:
            self._desk.notes.warning(
                params.place, f"says other facts of {deployment} than a row before: those hold"
            )
            return before
        if told.assumed and deployment not in self.facts:
            self._desk.notes.warning(params.at("model"), "is not in the catalog: " + "; ".join(told.assumed))
        if told.facts:
            self.facts.setdefault(deployment, (told.facts, params.place))
        return before


class Served(Struct, frozen=True):
    """What a row's `model` and address come to."""

    prefix: str
    rest: str
    base: str | None


class Unset(Struct, frozen=True):
    """An address that the environment should say and does not."""


def _split(model: str, provider: str | None) -> tuple[str, str]:
    """The provider's prefix, and what it calls the model."""
    prefix, slash, rest = model.partition("/")
    if provider is not None:
        return provider, rest if slash and prefix == provider else model
    if slash:
        return prefix, rest.removeprefix("responses/")
    if model.startswith("claude"):
        return "anthropic", model
    # LiteLLM takes a bare `gemini-...` for Google's cloud, which has other credentials.
    return ("vertex_ai" if model.startswith("gemini") else "openai"), model
