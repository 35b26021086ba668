"""The configuration: read, checked against its schema, and settled into frozen values.

`load` takes a file, `discover` the environment alone; both give `Settings` or raise `ConfigError` with
every mistake and its place. Of all rooms only this one knows YAML and pydantic.
"""

from gateway.config.load import FILE_NAME, VARIABLE, discover, find, load, load_settings
from gateway.config.mistakes import ConfigError, Mistake
from gateway.config.schema import json_schema
from gateway.config.settings import (
    AccountsSettings,
    CacheSettings,
    KeySettings,
    LimitSettings,
    MediaSettings,
    ProviderSettings,
    ServerSettings,
    Settings,
)

__all__ = [
    "FILE_NAME",
    "VARIABLE",
    "AccountsSettings",
    "CacheSettings",
    "ConfigError",
    "KeySettings",
    "LimitSettings",
    "MediaSettings",
    "Mistake",
    "ProviderSettings",
    "ServerSettings",
    "Settings",
    "discover",
    "find",
    "json_schema",
    "load",
    "load_settings",
]
