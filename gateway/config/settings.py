"""What a configuration comes to: frozen values that the composition root hands to the rooms."""

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from gateway.config.mistakes import Mistake
from gateway.providers import Provider
from gateway.types.call import Deadlines
from gateway.types.plan import Deployment, Group, Policy
from gateway.types.principal import Principal, Secret

Credentials: TypeAlias = Literal["present", "missing"]
AUTO = "auto"
NOBODY = "default"


class ProviderSettings(Struct, frozen=True):
    """A provider's row with what the operator laid over it.

    `credentials` is present also where none are needed. `headers`: lower-case names, the operator's own,
    sent besides the row's.
    """

    row: Provider
    credentials: Credentials
    api_key: Secret | None = None
    headers: tuple[tuple[str, str | Secret], ...] = ()
    deadlines: Deadlines = Deadlines()


class KeySettings(Struct, frozen=True):
    """A key that clients show, and who they are then."""

    secret: Secret
    principal: Principal


class CacheSettings(Struct, frozen=True):
    """`url` may hold a password; `address` may be shown. `ttl` in seconds, `max_bytes` of memory."""

    store: Literal["memory", "redis", "off"] = "memory"
    url: Secret | None = None
    address: str = "memory"
    ttl: float = 3600.0
    max_bytes: int = 268_435_456


class AccountsSettings(Struct, frozen=True):
    """`path`: of the SQLite file, None in memory."""

    store: Literal["memory", "sqlite"] = "memory"
    path: str | None = None


class LimitSettings(Struct, frozen=True):
    """Caps of a request, named as `_core.Limits` names them."""

    body_bytes: int = 52_428_800
    depth: int = 128
    nodes: int = 100_000
    media: int = 64
    media_bytes: int = 26_214_400
    pixels: int = 50_000_000
    side: int = 16_384
    frames: int = 1_000
    ancillary_bytes: int = 16_777_216


class MediaSettings(Struct, frozen=True):
    """`remember_bytes`: of pictures kept from earlier requests, as they came and as they were prepared."""

    remember_bytes: int = 134_217_728


class ServerSettings(Struct, frozen=True):
    """Where to listen. `open`: others may come without a key. Times in seconds."""

    host: str = "127.0.0.1"
    port: int = 8080
    workers: int = 1
    open: bool = False
    drain: float = 30.0
    keep_alive: float = 75.0
    body_timeout: float = 30.0


class Settings(Struct, frozen=True):
    """Everything that is configured.

    `source`: the file, None when all was discovered. `providers`: every known row and every configured
    one, by name. `deployments`: every model known, whether or not its provider has credentials.
    `groups`: every name that answers: the configured ones, each usable `provider/model`, and `auto`.
    `auto_named`: whether the file says which models `auto` may take, by naming candidates.
    `facts`: the operator's, by model name, for the catalog. `anonymous`: who a caller without a key is;
    None when keys are configured.
    """

    source: str | None
    providers: dict[str, ProviderSettings]
    deployments: tuple[Deployment, ...]
    groups: dict[str, Group]
    policies: dict[str, Policy]
    facts: dict[str, dict[str, object]]
    auto_named: bool = False
    keys: tuple[KeySettings, ...] = ()
    anonymous: Principal | None = None
    cache: CacheSettings = CacheSettings()
    accounts: AccountsSettings = AccountsSettings()
    limits: LimitSettings = LimitSettings()
    media: MediaSettings = MediaSettings()
    server: ServerSettings = ServerSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    warnings: tuple[Mistake, ...] = ()

    def usable(self, deployment: Deployment) -> bool:
        """Whether a deployment's provider has the credentials it needs."""
        return self.providers[deployment.provider].credentials == "present"

    def to_weigh(self) -> "Settings":
        """The same, to weigh a request at every model known and to keep nothing.

        Every model answers to its own name, and `auto` means them all, unless the file says which it means.
        Those without credentials are still refused, so what is chosen is what the server would choose.
        """
        policy = self.policies["default"]
        direct = {item.name: Group(item.name, (item,), policy) for item in self.deployments}
        every = {} if self.auto_named else {AUTO: Group(AUTO, self.deployments, policy, gathered=True)}
        return msgspec.structs.replace(
            self,
            groups=direct | self.groups | every,
            cache=CacheSettings(store="off", address="off"),
            accounts=AccountsSettings(),
        )

    def as_if_usable(self) -> "Settings":
        """`to_weigh` with every credential taken for given: what a request would cost anywhere."""
        providers = {
            name: msgspec.structs.replace(provider, credentials="present")
            for name, provider in self.providers.items()
        }
        return msgspec.structs.replace(self.to_weigh(), providers=providers)
