"""Keys to principals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.admission.keys import ANONYMOUS, KeyEntry, Keys
from gateway.errors import ClientError
from gateway.types.principal import Principal, Secret

ALICE = KeyEntry("alice", Secret("sk-alice"), tenant="red", models=frozenset({"vision"}), budget=5)
BOB = KeyEntry("bob", Secret("sk-bob"))
KEYS = Keys([ALICE, BOB])


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        ("Bearer sk-alice", None),
        ("bearer   sk-alice ", None),
        (None, "sk-alice"),
        (None, " sk-alice "),
        ("Bearer sk-alice", "sk-bob"),
        ("Basic c2s6", "sk-alice"),
        ("Bearer ", "sk-alice"),
    ],
)
def test_both_headers_are_understood(authorization: str | None, x_api_key: str | None) -> None:
    """A key is found in either header; a bearer token wins."""
    expected = Principal("red", "alice", frozenset({"vision"}), 5)
    assert expected == KEYS.identify(authorization, x_api_key)


@pytest.mark.parametrize(
    ("authorization", "x_api_key"), [(None, None), ("", ""), ("Basic x", None), ("Bearer", None), (None, " ")]
)
def test_no_key_is_missing(authorization: str | None, x_api_key: str | None) -> None:
    """Nothing that could be a key: 401 `api_key_missing`."""
    with pytest.raises(ClientError) as caught:
        KEYS.identify(authorization, x_api_key)
    assert ("api_key_missing", 401) == (caught.value.code, caught.value.row.status)


@given(st.text().filter(lambda text: text.strip() not in {"", "sk-alice", "sk-bob"}))
def test_any_other_key_is_invalid_and_not_echoed(key: str) -> None:
    """Every key but the configured ones: 401 `api_key_invalid`, the same text for all."""
    with pytest.raises(ClientError) as caught:
        KEYS.identify(None, key)
    assert "the API key is not known here; ask the operator for one" == caught.value.message
    assert "api_key_invalid" == caught.value.code


@pytest.mark.parametrize("key", ["sk-alic", "sk-alicee", "SK-ALICE", "sk-alice\x00", "\udcff"])
def test_a_near_miss_is_invalid(key: str) -> None:
    """A prefix, a longer key, another case and broken text are all just unknown."""
    with pytest.raises(ClientError, match="api_key_invalid"):
        KEYS.identify(f"Bearer {key}")


def test_without_keys_everybody_is_anonymous() -> None:
    """An open gateway takes whatever a client library sends along."""
    assert ANONYMOUS == Keys().identify("Bearer anything")
    own = Principal("house", "guest", budget=9)
    assert own == Keys(anonymous=own).identify(None)


def test_one_secret_is_one_key() -> None:
    """Two entries with one secret are refused by name, without the secret."""
    with pytest.raises(ValueError, match="'carol'") as caught:
        Keys([ALICE, KeyEntry("carol", Secret("sk-alice"))])
    assert "sk-alice" not in str(caught.value)


def test_no_key_is_kept() -> None:
    """What is kept shows no key."""
    assert "sk-" not in repr(vars(KEYS)) + repr(ALICE)
