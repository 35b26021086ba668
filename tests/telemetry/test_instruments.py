"""The table of metrics."""

import re

import pytest

from gateway.telemetry.instruments import BY_NAME, INSTRUMENTS, Instrument

# The contract with dashboards, alerts and users: names and labels are not changed, only added to.
CONTRACT = {
    "weighbridge_spend_usd_total": ("provider", "model", "modality", "direction", "tenant", "source"),
    "weighbridge_saved_usd_total": ("reason", "model", "modality"),
    "weighbridge_tokens_total": ("provider", "model", "modality", "direction", "kind"),
    "weighbridge_requests_total": ("operation", "route", "provider", "model", "outcome"),
    "weighbridge_request_duration_seconds": ("operation", "provider", "model"),
    "weighbridge_overhead_seconds": ("operation", "provider", "model"),
    "weighbridge_time_to_first_token_seconds": ("operation", "provider", "model"),
    "weighbridge_quote_ratio": ("provider", "model", "modality"),
    "weighbridge_unpriced_requests_total": ("provider", "model"),
    "weighbridge_cache_lookups_total": ("result",),
    "weighbridge_rejections_total": ("model", "reason"),
    "weighbridge_fallbacks_total": ("provider", "model", "reason"),
    "weighbridge_breaker_open": ("provider", "model", "reason"),
    "weighbridge_media_bytes_total": ("kind", "stage"),
    "weighbridge_budget_remaining_usd": ("budget",),
    "weighbridge_budget_refusals_total": ("budget",),
    "weighbridge_event_loop_lag_seconds": (),
    "weighbridge_inflight_requests": (),
    "weighbridge_config_reloads_total": ("result",),
    "weighbridge_config_stale": (),
}


@pytest.mark.parametrize("name", CONTRACT)
def test_the_contract_holds(name: str) -> None:
    """Every promised metric is there with its labels."""
    assert CONTRACT[name] == BY_NAME[name].labels


def test_names_are_unique() -> None:
    """One row a name."""
    assert len(INSTRUMENTS) == len(BY_NAME)


@pytest.mark.parametrize("row", INSTRUMENTS, ids=[row.name for row in INSTRUMENTS])
def test_rows_follow_the_conventions(row: Instrument) -> None:
    """Snake case under our prefix, `_total` on counters alone, base units, help, sorted buckets."""
    assert re.fullmatch(r"weighbridge_[a-z]+(_[a-z]+)*", row.name)
    assert (row.kind in {"counter", "money"}) == row.name.endswith("_total")
    assert (row.kind == "money") == row.name.endswith("_usd_total")
    assert not re.search(r"_(ms|milliseconds|kb|percent)(_|$)", row.name)
    assert row.help.endswith(".") or "," in row.help
    assert (row.kind == "histogram") == bool(row.buckets)
    assert tuple(sorted(set(row.buckets))) == row.buckets
    assert len(set(row.labels)) == len(row.labels)
