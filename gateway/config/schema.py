"""The shape of `weighbridge.yaml`. Pydantic lives here and nowhere else; nothing is taken silently.

`weighbridge check --schema` prints it as a JSON Schema, so every field has a description and an example.
"""

from collections.abc import Iterable
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from gateway.catalog.sizes import LEGIBLE_PIXELS
from gateway.config.values import (
    LABEL,
    PROVIDER_NAME,
    AccountsStore,
    Age,
    BaseUrl,
    CacheStore,
    Deadline,
    Host,
    Label,
    ModelName,
    Money,
    ProviderName,
    Reference,
    Size,
    Wait,
)
from gateway.types.plan import PrepareKind, TransformKind

_REQUIRED: Final = ...


def _field(default: Any, about: str, *examples: Any, **rules: Any) -> Any:
    """A key with its description and examples. Defaults are written as a person writes them."""
    if isinstance(default, type):
        return Field(default_factory=default, description=about, examples=list(examples), **rules)
    return Field(default, description=about, examples=list(examples), **rules)


def _switch(about: str) -> Any:
    """Off unless the operator turns it on."""
    return Field(default=False, description=about, examples=[True])


class Section(BaseModel):
    """A section of the file, or what is left of one with mistakes."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, validate_default=True
    )
    # Of an entry with mistakes, what was left out: (member,), or (member, index) of an item in a list.
    _lost: frozenset[tuple[str | int, ...]] = PrivateAttr(default=frozenset())

    def without(self, lost: Iterable[tuple[str | int, ...]]) -> Self:
        """This entry, remembered as what is left of one from which these places were left out."""
        left = self.model_copy()
        left._lost = frozenset(lost)  # noqa: SLF001 - of this very class
        return left

    def lost(self, *members: str) -> bool:
        """Whether any of these members is not known, because what the file says there is no such value."""
        return any((member,) in self._lost for member in members)

    def numbered(self, member: str) -> list[tuple[int, Any]]:
        """The items of a list, each with its index in the file, where others may stand that were left out."""
        items = getattr(self, member) or []
        gone = {place[1] for place in self._lost if place[0] == member and len(place) > 1}
        kept = [index for index in range(len(items) + len(gone)) if index not in gone]
        return list(zip(kept, items, strict=True))


class Timeout(Section):
    """How long to wait for a provider."""

    connect: Deadline = _field("5s", "Until the connection stands.", "5s")
    first_byte: Deadline = _field("60s", "From sent to the head of the answer.", "60s")
    idle: Deadline = _field("60s", "Between two chunks of an answer.", "30s")
    total: Deadline = _field("600s", "The whole exchange.", "10m")


class Provider(Section):
    """Where models are served.

    Known ones need only `api_key`; any other needs `like`, or `dialect` and `base_url`.
    """

    like: ProviderName | None = _field(
        None, "A known provider whose ways it has, to use that one with a second key or address.", "openai"
    )
    dialect: Literal["openai", "openai_chat", "anthropic", "anthropic_messages"] | None = _field(
        None,
        "The wire format the server speaks: openai (chat completions) or anthropic (messages).",
        "openai",
    )
    base_url: BaseUrl | None = _field(None, "Where the API begins, with its version.", "http://vllm:8000/v1")
    api_key: Reference | None = _field(
        None, "A reference to the credential, never the credential.", "env/OPENAI_API_KEY"
    )
    region: Label | None = _field(
        None,
        "Where its work is kept, by the catalog's word (eu, us): the uplift is quoted and settled, a model"
        " not sold there rejected. A provider with an address for each region needs its `base_url` too.",
        "eu",
    )
    headers: dict[str, str] = _field(
        dict,
        "Headers to send besides; a value may be a reference (env/NAME, file/PATH).",
        {"openai-organization": "org-1"},
    )
    timeout: Timeout = _field(Timeout, "How long to wait for it.", {"total": "120s"})


class Model(Section):
    """A name that clients may ask for, or the facts of a model that the catalog does not know."""

    name: ModelName = _field(_REQUIRED, "What clients ask for.", "vision", "rack/qwen3-vl")
    candidates: list[ModelName] | None = _field(
        None,
        "What may answer, as provider/model; the first is what savings are told against.",
        ["openai/gpt-4o", "openai/gpt-4o-mini"],
        min_length=1,
        max_length=64,
    )
    policy: Label | None = _field(None, "A name under `policies`.", "careful")
    facts: dict[str, Any] | None = _field(
        None, "Facts laid over the catalog's, in the catalog's own words.", {"input": ["text", "image"]}
    )


class Policy(Section):
    """What may be done to a request before it is sent."""

    prepare: list[PrepareKind] = _field(
        ["strip", "downscale"],
        "What loses nothing that the model would see: strip (metadata), downscale (pixels). What loses a"
        " little for fewer tokens, each with leave to downscale: near_lossless (up to 3 % of either side),"
        " legible (down to `glyph_height` where a picture is mostly text). For fewer bytes: recode (an opaque"
        " PNG of a photograph, or over a limit of bytes, as JPEG). For a cheaper level of detail than the"
        " client's: detail (one that shows as much, or, where the client left it open, a picture without text"
        " that would be lost).",
        ["strip", "downscale", "near_lossless"],
        max_length=6,
    )
    glyph_height: float = _field(
        LEGIBLE_PIXELS,
        "Pixels that letters of median height keep under `legible`; more where small print matters.",
        14,
        ge=7,
        le=100,
    )
    transform: list[TransformKind] = _field(
        [],
        "Changes of modality: pdf_text (a PDF with a text layer on every page leaves as its text, where the"
        " model takes no PDF, or text without pictures is cheaper).",
        ["pdf_text"],
        max_length=1,
    )
    quality_floor: float | None = _field(
        None,
        "The least `quality` (a fact of a model, 0 to 1) that may answer; a model without a figure may not.",
        0.8,
        ge=0,
        le=1,
    )
    tier: Literal["flex", "priority"] | None = _field(
        None,
        "The service tier to ask for wherever it is sold, unless the request names one: flex is slower and"
        " cheaper, priority faster and dearer.",
        "flex",
    )
    unpriced: bool = _switch("Whether a model without a known price may answer.")
    max_attempts: int = _field(3, "Deployments to try before giving up, the first included.", 3, ge=1, le=10)


class Key(Section):
    """A key that clients show. Without any, whoever reaches the gateway may use it."""

    name: Label = _field(_REQUIRED, "What logs and the ledger call it.", "team-vision")
    key: Reference = _field(_REQUIRED, "A reference to the key, never the key.", "env/TEAM_VISION_KEY")
    tenant: Label | None = _field(None, "Whose spend it is; the key's own name if unsaid.", "research")
    models: list[ModelName] | None = _field(
        None, "Model names it may ask for; all if unsaid.", ["vision", "auto"], min_length=1
    )
    budget_usd: Money | None = _field(None, "Dollars that its tenant may spend in all.", "25.00")


class Budget(Section):
    """What a tenant may spend, whichever of its keys is used."""

    tenant: Label = _field(_REQUIRED, "A tenant of `keys`, or default when there are no keys.", "research")
    usd: Money = _field(_REQUIRED, "Dollars in all.", "100")


class Limits(Section):
    """What a request may hold. Beyond it the request is refused, before anything is decoded."""

    body: Size = _field("50MiB", "The body as sent.", "50MiB")
    depth: int = _field(128, "Nesting of the JSON.", 128, ge=8, le=512)
    values: int = _field(100_000, "Values in the JSON.", 100_000, ge=100, le=10_000_000)
    media: int = _field(64, "Images, recordings and files in one request.", 64, ge=0, le=4096)
    media_size: Size = _field("25MiB", "One medium, decoded.", "25MiB")
    pixels: int = _field(50_000_000, "Pixels of one image.", 50_000_000, ge=1, le=1_000_000_000)
    side: int = _field(16_384, "Width or height of one image.", 16_384, ge=1, le=65_535)
    frames: int = _field(1_000, "Frames of one animation.", 1_000, ge=1, le=100_000)
    metadata_size: Size = _field("16MiB", "What an image file carries beside its pixels.", "1MiB")


class Cache(Section):
    """Answers kept by the content of their request."""

    store: CacheStore = _field(
        "memory",
        "memory, off, a redis:// address, or a reference to one (env/REDIS_URL).",
        "redis://127.0.0.1:6379/0",
    )
    ttl: Age = _field("1h", "How long an answer is kept.", "1h")
    max_size: Size = _field("256MiB", "What the store `memory` may hold, per worker.", "256MiB")


class Accounts(Section):
    """Where the ledger and the money that is held live."""

    store: AccountsStore = _field(
        "memory",
        "memory (forgotten at the end), or sqlite:PATH, from the folder of this file.",
        "sqlite:weighbridge.db",
    )


class Media(Section):
    """How media are treated."""

    remember: Size = _field(
        "128MiB",
        "Pictures of earlier requests kept in memory, per worker: the next turn of a chat then decodes none.",
        "64MiB",
    )


class Telemetry(Section):
    """What is told about the gateway's work."""

    log_level: Literal["debug", "info", "warning", "error"] = _field(
        "info", "The least level that is logged.", "info"
    )


class Server(Section):
    """Where and how the gateway listens."""

    host: Host = _field("127.0.0.1", "The address to listen on.", "127.0.0.1")
    port: int = _field(8080, "The port; 0 takes a free one.", 8080, ge=0, le=65_535)
    workers: int = _field(1, "Processes that answer.", 1, ge=1, le=64)
    open: bool = _switch("Whether others may reach a gateway that asks for no key.")
    drain: Wait = _field("30s", "How long running answers may go on at the end.", "30s")
    keep_alive: Deadline = _field("75s", "How long an idle connection of a client stays.", "75s")
    body_timeout: Deadline = _field("30s", "How long a client may take for a body.", "30s")


class File(Section):
    """The configuration of Weighbridge. Everything has a default that is right for most."""

    providers: dict[ProviderName, Provider] = _field(
        dict,
        "Where models are served.",
        {"openai": {"api_key": "env/OPENAI_API_KEY"}},
        json_schema_extra={"propertyNames": {"pattern": PROVIDER_NAME}},
    )
    models: list[Model] = _field(
        list,
        "Names that clients may ask for; besides them every provider/model and auto.",
        [{"name": "vision", "candidates": ["openai/gpt-4o"]}],
    )
    policies: dict[Label, Policy] = _field(
        dict,
        "What may be done to a request; `default` is for names without a policy.",
        {"careful": {"prepare": ["strip"]}},
        json_schema_extra={"propertyNames": {"pattern": LABEL}},
    )
    keys: list[Key] = _field(
        list, "Who may ask.", [{"name": "team", "key": "env/TEAM_KEY", "budget_usd": "25"}]
    )
    budgets: list[Budget] = _field(list, "What tenants may spend.", [{"tenant": "research", "usd": "100"}])
    limits: Limits = _field(Limits, "Caps of a request.", {"media": 16})
    cache: Cache = _field(Cache, "Kept answers.", {"store": "memory"})
    accounts: Accounts = _field(Accounts, "The ledger.", {"store": "sqlite:weighbridge.db"})
    media: Media = _field(Media, "What is kept of media.", {"remember": "64MiB"})
    telemetry: Telemetry = _field(Telemetry, "Logs.", {"log_level": "info"})
    server: Server = _field(Server, "Listening.", {"port": 8080})


# Keys that people may expect and that do nothing yet: refused with a word, never taken silently.
NOT_YET: Final[dict[str, str]] = {
    "providers.*.api_keys": "several keys for one provider are not available yet: give one `api_key`",
    "media.fetch": "fetching media by URL is not available yet: clients send data URLs",
    "telemetry.otlp": "OpenTelemetry export is not available yet: /metrics speaks Prometheus",
    "telemetry.traces": "traces are not available yet",
    "keys.*.rate": "rate limits are not available yet: `budget_usd` is",
    "keys.*.rpm": "rate limits are not available yet: `budget_usd` is",
    "keys.*.tpm": "rate limits are not available yet: `budget_usd` is",
    "budgets.*.per": "budgets do not renew yet: `usd` is in all",
}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the configuration file, for editors."""
    schema = File.model_json_schema()
    return {**schema, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "weighbridge.yaml"}
