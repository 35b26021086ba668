"""How a duration, a size, an amount of money and a reference to a secret are written.

Each type reads what a person writes, refuses with what would work, and never repeats the input: a
credential pasted into the wrong place must not come back in a message.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Annotated, Any, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from gateway.config.mistakes import is_credential
from gateway.types.money import NANO

DURATION: Final = r"^[0-9]{1,9}(?:\.[0-9]{1,6})?(?:ms|s|m|h|d)$"
SIZE: Final = r"^[0-9]{1,9}(?:\.[0-9]{1,6})?(?:B|KiB|MiB|GiB|KB|MB|GB)$"
MONEY: Final = r"^[0-9]{1,12}(?:\.[0-9]{1,9})?$"
REFERENCE: Final = r"^(?:env/[A-Za-z_][A-Za-z0-9_]*|os\.environ/[A-Za-z_][A-Za-z0-9_]*|file/.+)$"
MODEL_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,127}$"
PROVIDER_NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,31}$"
NO_NAME: Final = "looks like a credential: a name stands here, which is not kept secret"
LABEL: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

_SECONDS: Final = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86_400),
}
_BYTES: Final = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_DIGITS: Final = 30
_UNIT: Final = re.compile(r"([0-9.]+)([A-Za-z]+)")


def _refuse(message: str) -> PydanticCustomError:
    return PydanticCustomError("config", message)


def _quantity(
    value: Any, pattern: str, units: Mapping[str, Decimal] | Mapping[str, int], hint: str
) -> Decimal:
    match = _UNIT.fullmatch(value) if isinstance(value, str) and matches(pattern, value) else None
    if match is None:
        raise _refuse(hint)
    return Decimal(match[1]) * units[match[2]]


def _seconds(value: Any) -> float:
    return float(
        _quantity(value, DURATION, _SECONDS, "must be a duration with its unit, such as 250ms, 30s, 5m, 1h")
    )


def _bytes(value: Any) -> int:
    return int(_quantity(value, SIZE, _BYTES, "must be a size with its unit, such as 512KiB, 50MiB, 1GiB"))


def _nanodollars(value: Any) -> int:
    written = isinstance(value, (str, int, Decimal)) and not isinstance(value, bool)
    text = (
        format(value, "f") if isinstance(value, Decimal) and abs(value.adjusted()) < _DIGITS else str(value)
    )
    if not written or not matches(MONEY, text):
        raise _refuse('must be an amount of dollars, such as 25 or "0.50", with at most nine decimals')
    return int(Decimal(text) * NANO)


def _between(lowest: float, highest: float, unit: str) -> Callable[[float], float]:
    def check(value: float) -> float:
        if not lowest <= value <= highest:
            raise _refuse(f"must be between {lowest:g} and {highest:g} {unit}")
        return value

    return check


def _reference(value: str) -> str:
    if not matches(REFERENCE, value):
        raise _refuse(
            "a secret may not stand in the file: set an environment variable and write env/NAME, "
            "or put it in a file of its own and write file/PATH"
        )
    return value


def _base_url(value: str) -> str:
    hint = "must be an address such as https://host/v1, without user, query or fragment"
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise _refuse(hint) from None
    if not good or "@" in parts.netloc or parts.query or parts.fragment or not re.fullmatch(r"[!-~]+", value):
        raise _refuse(hint)
    return value.rstrip("/")


def _cache_store(value: str) -> str:
    if value in {"memory", "off"} or matches(REFERENCE, value):
        return value
    hint = "must be memory, off, an address such as redis://host:6379/0, or a reference to one: env/REDIS_URL"
    try:
        parts = urlsplit(value)
        good = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        raise _refuse(hint) from None
    if good and ("@" in parts.netloc or parts.query):
        raise _refuse(
            "an address with a user, a password or options may not stand in the file: "
            "set an environment variable and write store: env/REDIS_URL"
        )
    if not good or not re.fullmatch(r"/?[0-9]{0,3}", parts.path):
        raise _refuse(hint)
    return value


def _accounts_store(value: str) -> str:
    path = value.removeprefix("sqlite:")
    if value != "memory" and (path == value or not path or not path.isprintable()):
        raise _refuse("must be memory, or sqlite:PATH such as sqlite:weighbridge.db")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", value):
        raise _refuse("must be a host name or an address, such as 127.0.0.1 or 0.0.0.0")
    return value


def _text(pattern: str | None = None, examples: list[str] | None = None) -> WithJsonSchema:
    schema: dict[str, Any] = {"type": "string"}
    schema |= {"pattern": pattern} if pattern else {}
    schema |= {"examples": examples} if examples else {}
    return WithJsonSchema(schema)


def _name(value: str) -> str:
    if is_credential(value):
        raise _refuse(NO_NAME)
    return value


_Seconds = Annotated[float, BeforeValidator(_seconds)]

# Seconds. A deadline is never zero; a wait may be.
Deadline: TypeAlias = Annotated[_Seconds, AfterValidator(_between(0.001, 86_400, "seconds")), _text(DURATION)]
Wait: TypeAlias = Annotated[_Seconds, AfterValidator(_between(0, 3600, "seconds")), _text(DURATION)]
Age: TypeAlias = Annotated[_Seconds, AfterValidator(_between(1, 30 * 86_400, "seconds")), _text(DURATION)]
# Bytes.
Size: TypeAlias = Annotated[
    int, BeforeValidator(_bytes), AfterValidator(_between(1024, 2**36, "bytes")), _text(SIZE)
]
# Nanodollars.
Money: TypeAlias = Annotated[
    int,
    BeforeValidator(_nanodollars),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": MONEY}, {"type": "number", "minimum": 0}]}),
]
Reference: TypeAlias = Annotated[str, AfterValidator(_reference), _text(REFERENCE)]
BaseUrl: TypeAlias = Annotated[str, AfterValidator(_base_url), _text("^https?://")]
CacheStore: TypeAlias = Annotated[
    str, AfterValidator(_cache_store), _text(r"^(?:memory|off|rediss?://.+|env/.+|os\.environ/.+|file/.+)$")
]
AccountsStore: TypeAlias = Annotated[str, AfterValidator(_accounts_store), _text("^(?:memory|sqlite:.+)$")]
Host: TypeAlias = Annotated[str, AfterValidator(_host), _text()]
ModelName: TypeAlias = Annotated[str, Field(pattern=MODEL_NAME), AfterValidator(_name)]
ProviderName: TypeAlias = Annotated[str, Field(pattern=PROVIDER_NAME), AfterValidator(_name)]
Label: TypeAlias = Annotated[str, Field(pattern=LABEL), AfterValidator(_name)]


def matches(pattern: str, text: str) -> bool:
    """Whether all of the text is written so."""
    return re.fullmatch(pattern, text) is not None
