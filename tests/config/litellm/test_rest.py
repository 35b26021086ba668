"""LiteLLM's settings beside the rows."""

from typing import Any

import pytest

from gateway.types.principal import Secret
from tests.config.conftest import ENVIRONMENT, MARK, Loader
from tests.config.litellm.writing import document, row


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({}, {}, ("off", "off", 3600)),
        ({"cache": False, "cache_params": {"type": "redis", "host": "h"}}, {}, ("off", "off", 3600)),
        ({"cache": True}, {}, ("memory", "memory", 3600)),
        ({"cache": True, "cache_params": {"type": "local", "ttl": 60}}, {}, ("memory", "memory", 60)),
        ({"cache": True}, {"REDIS_HOST": "r", "REDIS_PORT": "7"}, ("redis", "redis://r:7/0", 3600)),
        ({"cache": True, "cache_params": {"type": "redis", "host": "h", "ssl": True, "db": 2}}, {},
         ("redis", "rediss://h:6379/2", 3600)),
        ({"cache": True, "cache_params": {"type": "redis"}}, {"REDIS_URL": "redis://u:p@h/3"},
         ("redis", "redis://h:6379/3", 3600)),
        ({"cache": True, "cache_params": {"type": "redis", "url": "redis://h:1/0"}}, {},
         ("redis", "redis://h:1/0", 3600)),
        ({"cache": True, "cache_params": {"type": "s3"}}, {}, ("memory", "memory", 3600)),
        ({"cache": True, "cache_params": {"mode": "default_off"}}, {}, ("off", "off", 3600)),
        ({"cache": True, "cache_params": {"supported_call_types": ["aembedding"]}}, {}, ("off", "off", 3600)),
    ],
)  # fmt: skip
def test_the_cache(
    settle: Loader, settings: dict[str, Any], environment: dict[str, str], expected: tuple[str, str, float]
) -> None:
    """The cache is kept where LiteLLM kept it, and off where it was off, as by default."""
    text = document(row("a", "openai/gpt-4o"), litellm_settings=settings)
    cache = settle(text, {"OPENAI_API_KEY": f"sk-{MARK}", **environment}).cache
    assert expected == (cache.store, cache.address, cache.ttl)


def test_an_address_with_a_password_never_shows(settle: Loader) -> None:
    """A Redis address with a password is a secret; the settings show host and port alone."""
    params = {"type": "redis", "url": f"redis://:{MARK}@h:1/0"}
    text = document(row("a", "openai/gpt-4o"), litellm_settings={"cache": True, "cache_params": params})
    settings = settle(text)
    assert "redis://h:1/0" == settings.cache.address
    assert MARK not in repr(settings)


def test_the_master_key_of_the_environment(settle: Loader) -> None:
    """LiteLLM asks for `LITELLM_MASTER_KEY` where the file names none, and so do we."""
    settings = settle(document(row("a", "gpt-4o")), {**ENVIRONMENT, "LITELLM_MASTER_KEY": f"sk-{MARK}"})
    assert Secret(f"sk-{MARK}") == settings.keys[0].secret
    assert settings.anonymous is None
