"""Keys to principals. A key is found by its digest alone: nothing compares secrets, so how long a look-up
takes says nothing about them, and the table holds no key that could leak.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from msgspec import Struct

from gateway.errors import failure
from gateway.types.principal import Principal, Secret

# Who everybody is where no keys are configured.
ANONYMOUS: Final = Principal(tenant="default", key="anonymous")

_SCHEME: Final = "bearer"


class KeyEntry(Struct, frozen=True):
    """One key of the configuration. `name` is what logs call it. `models` None: every configured model.

    `budget`: nanodollars of the key's tenant, None: no budget.
    """

    name: str
    secret: Secret
    tenant: str = "default"
    models: frozenset[str] | None = None
    budget: int | None = None


class Keys:
    """All keys. Without any the gateway is open, and everybody is `anonymous`."""

    def __init__(self, entries: Iterable[KeyEntry] = (), anonymous: Principal = ANONYMOUS) -> None:
        self._anonymous = anonymous
        self._principals: dict[bytes, Principal] = {}
        for entry in entries:
            digest = _digest(entry.secret.reveal())
            if digest in self._principals:
                raise ValueError(f"key {entry.name!r} has the same secret as another key")
            self._principals[digest] = Principal(
                tenant=entry.tenant, key=entry.name, models=entry.models, budget=entry.budget
            )

    def identify(self, authorization: str | None, x_api_key: str | None = None) -> Principal:
        """The caller, by `Authorization: Bearer KEY` or `x-api-key: KEY`; the first wins if both are there.

        Raises `api_key_missing`, `api_key_invalid`.
        """
        if not self._principals:
            return self._anonymous
        presented = _bearer(authorization) or (x_api_key or "").strip()
        if not presented:
            raise failure(
                "api_key_missing", "no API key came; send it as Authorization: Bearer KEY or as x-api-key"
            )
        principal = self._principals.get(_digest(presented))
        if principal is None:
            raise failure("api_key_invalid", "the API key is not known here; ask the operator for one")
        return principal


def _bearer(header: str | None) -> str:
    scheme, _, rest = (header or "").strip().partition(" ")
    return rest.strip() if scheme.lower() == _SCHEME else ""


def _digest(key: str) -> bytes:
    return sha256(key.encode("utf-8", "surrogateescape")).digest()
