"""Durations, sizes, money, references and addresses."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.config import values
from gateway.types.money import usd

SECONDS = TypeAdapter(values.Deadline)
SIZE = TypeAdapter(values.Size)
MONEY = TypeAdapter(values.Money)


def refused(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    (error,) = caught.value.errors()
    return error["msg"]


@pytest.mark.parametrize(
    ("text", "seconds"), [("250ms", 0.25), ("30s", 30.0), ("1.5m", 90.0), ("1h", 3600.0), ("1d", 86_400.0)]
)
def test_durations(text: str, seconds: float) -> None:
    """A duration is a number and its unit."""
    assert seconds == SECONDS.validate_python(text)


@pytest.mark.parametrize("value", [30, Decimal("1.5"), "30", "s", "1 h", "-1s", "1w", "1e3s", True, None, []])
def test_a_duration_needs_its_unit(value: Any) -> None:
    """A bare number could be seconds or milliseconds, so it is refused with an example."""
    assert "250ms" in refused(values.Deadline, value)


def test_a_deadline_is_bounded() -> None:
    """Zero would refuse everything, and years would never end."""
    assert refused(values.Deadline, "0s").startswith("must be between")
    assert refused(values.Deadline, "999d").startswith("must be between")


@pytest.mark.parametrize(
    ("text", "count"),
    [("1024B", 1024), ("512KiB", 2**19), ("256MiB", 2**28), ("1.5GiB", 3 * 2**29), ("20MB", 2 * 10**7)],
)
def test_sizes(text: str, count: int) -> None:
    """A size is a number and its unit, of 1024 or of 1000."""
    assert count == SIZE.validate_python(text)


@pytest.mark.parametrize("value", [50, "50", "50 MiB", "50mib", "-1MiB", True])
def test_a_size_needs_its_unit(value: Any) -> None:
    """A bare number is refused with an example."""
    assert "50MiB" in refused(values.Size, value)


@given(st.integers(0, 10**20))
def test_money_is_exact(nano: int) -> None:
    """An amount written as decimal text, or as a number, is the same nanodollars, to the last."""
    assert nano == MONEY.validate_python(usd(nano))
    assert nano == MONEY.validate_python(Decimal(usd(nano)))


@pytest.mark.parametrize(
    "value", [-1, "-1", "1,5", "", "1e3", Decimal("1e99"), Decimal("0.0000000001"), 0.5, True, None]
)
def test_money_is_plain(value: Any) -> None:
    """No sign, no exponent, no binary float, nothing finer than a nanodollar."""
    assert "dollars" in refused(values.Money, value)


@pytest.mark.parametrize("text", ["env/A", "os.environ/OPENAI_API_KEY", "file/key", "file//run/secrets/key"])
def test_references(text: str) -> None:
    """The three forms of a reference."""
    assert text == TypeAdapter(values.Reference).validate_python(text)


@pytest.mark.parametrize("text", ["sk-THIS", "env/", "env/A-B", "$OPENAI_API_KEY", "file/", "", "THIS env/A"])
def test_a_literal_secret_is_refused_unseen(text: str) -> None:
    """What is no reference is refused with both ways that work, and is not repeated."""
    message = refused(values.Reference, text)
    assert "env/NAME" in message
    assert "THIS" not in message


@pytest.mark.parametrize(
    "text",
    [
        "host",
        "ftp://host",
        "http://",
        "http://u:p@host",
        "http://host?k=v",
        "http://host#x",
        "http://a b",
        "http://h:99999",
        "http://[::",
    ],
)
def test_base_url(text: str) -> None:
    """An address without scheme or host, or with anything that could hold a credential, is refused."""
    assert "https://host/v1" in refused(values.BaseUrl, text)


def test_base_url_has_no_slash_at_its_end() -> None:
    """A path is appended to it, so one slash is enough."""
    assert "http://host/v1" == TypeAdapter(values.BaseUrl).validate_python("http://host/v1/")


@pytest.mark.parametrize("text", ["redis://:pw@host", "rediss://user@host:1", "redis://host?password=x"])
def test_a_cache_address_holds_no_password(text: str) -> None:
    """A password in the address belongs in an environment variable."""
    assert "env/REDIS_URL" in refused(values.CacheStore, text)


@pytest.mark.parametrize(
    "text", ["redis", "redis://", "http://host", "redis://host/db", "redis://host:x", "disk"]
)
def test_cache_store(text: str) -> None:
    """What is no store is refused with all that are."""
    assert refused(values.CacheStore, text).startswith("must be memory, off, an address")


@pytest.mark.parametrize("text", ["sqlite:", "postgres://h/db", "sqlite", "", "sqlite:a\0b"])
def test_accounts_store(text: str) -> None:
    """The ledger is in memory or in an SQLite file."""
    assert "sqlite:PATH" in refused(values.AccountsStore, text)
