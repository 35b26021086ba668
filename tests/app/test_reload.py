"""What a reload decides and tells, apart from doing it. `tests/e2e/test_reload.py` does it."""

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from gateway.app.reload import named, sections, waiting
from gateway.catalog import load as load_catalog
from gateway.config import (
    AccountsSettings,
    CacheSettings,
    LimitSettings,
    MediaSettings,
    Mistake,
    ServerSettings,
    Settings,
    discover,
)
from gateway.types.plan import Policy


@pytest.fixture(scope="module")
def settings() -> Settings:
    """What an empty environment offers."""
    return discover(environment={}, catalog=load_catalog(on=date(2026, 11, 21)))


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("cache", {"cache": CacheSettings(ttl=1.0)}),
    ("limits", {"limits": LimitSettings(media=1)}),
    ("keys", {"anonymous": None}),
    ("models", {"groups": {}}),
    ("policies", {"policies": {"default": Policy(max_attempts=1)}}),
    ("providers", {"providers": {}}),
    ("telemetry", {"log_level": "debug"}),
    ("accounts", {"accounts": AccountsSettings("sqlite", "ledger.db")}),
    ("server", {"server": ServerSettings(body_timeout=1.0)}),
]


@pytest.mark.parametrize(("section", "change"), CHANGES, ids=[section for section, _ in CHANGES])
def test_sections_are_named_as_in_the_file(settings: Settings, section: str, change: dict[str, Any]) -> None:
    """Who reads the log sees what of the file took effect."""
    assert [section] == sections(settings, structs.replace(settings, **change))


def test_every_field_belongs_to_a_section(settings: Settings) -> None:
    """A new setting cannot change unseen; where it stood and what was warned of are no settings."""
    fields = {field for field in Settings.__struct_fields__ if field not in {"source", "warnings"}}
    emptied = structs.replace(settings, **dict.fromkeys(fields, "another"))
    seen = {
        field
        for field in fields
        if sections(settings, structs.replace(settings, **{field: getattr(emptied, field)}))
    }
    assert fields == seen


def test_what_only_a_start_can_change(settings: Settings) -> None:
    """The socket, the processes, the ledger and its memory wait; what a request is held to does not."""
    server = ServerSettings(port=9, drain=1.0, body_timeout=1.0, open=True)
    ledger = AccountsSettings("sqlite", "ledger.db")
    now = structs.replace(
        settings, server=server, accounts=ledger, cache=CacheSettings(ttl=1.0), media=MediaSettings(9)
    )
    assert ("accounts.store", "media.remember", "server.port", "server.drain") == waiting(settings, now)
    assert () == waiting(settings, settings)


def test_mistakes_are_told_without_folders() -> None:
    """Where the file lies on the machine is left out."""
    mistake = Mistake("/etc/somewhere/weighbridge.yaml", 3, "keys[0]", "is wrong")
    assert "weighbridge.yaml:3: keys[0]: is wrong" == str(named(mistake))
