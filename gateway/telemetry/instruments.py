"""THE table of metrics. Dashboards, alerts and tests read it; nothing is counted that is not a row here.

Label values come from configuration only; the rest is `other`. Money is added in integer nanodollars
and shown in dollars, divided once when it is rendered, so that the sum of a metric's series rounds to
the sum of the ledger, to the nanodollar (up to 8 million dollars in one series: the reach of a double).
"""

from typing import Final, Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["counter", "gauge", "histogram", "money"]


class Instrument(Struct, frozen=True):
    """One metric. `money`: a counter fed in nanodollars, shown in dollars. `buckets`: of a histogram."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    buckets: tuple[float, ...] = ()


# Seconds, from a cached answer to the longest stream.
_DURATION: Final = (
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
)
_FIRST_TOKEN: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
_OVERHEAD: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_LAG: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)
# Finest round 1, where a good table of token rules keeps it.
_RATIO: Final = (
    0.25,
    0.5,
    0.75,
    0.9,
    0.95,
    0.98,
    0.99,
    0.999,
    1.0,
    1.01,
    1.02,
    1.05,
    1.1,
    1.25,
    1.5,
    2.0,
    4.0,
)

_SERVED: Final = ("operation", "provider", "model")

INSTRUMENTS: Final[tuple[Instrument, ...]] = (
    Instrument(
        "weighbridge_spend_usd_total",
        "money",
        ("provider", "model", "modality", "direction", "tenant", "source"),
        "Dollars spent, as the ledger has them.",
    ),
    Instrument(
        "weighbridge_saved_usd_total",
        "money",
        ("reason", "model", "modality"),
        "Dollars not spent, against the request as it came or the first-named candidate.",
    ),
    Instrument(
        "weighbridge_extra_usd_total",
        "money",
        ("reason", "model", "modality"),
        "Dollars spent above that same reference: savings that went the other way.",
    ),
    Instrument(
        "weighbridge_tokens_total",
        "counter",
        ("provider", "model", "modality", "direction", "kind"),
        "Tokens billed.",
    ),
    Instrument(
        "weighbridge_requests_total",
        "counter",
        ("operation", "route", "provider", "model", "outcome"),
        "Requests by how they ended.",
    ),
    Instrument(
        "weighbridge_request_duration_seconds",
        "histogram",
        _SERVED,
        "Time from the request's head to the answer's end.",
        _DURATION,
    ),
    Instrument(
        "weighbridge_overhead_seconds",
        "histogram",
        _SERVED,
        "Time of a request spent in the gateway and not upstream.",
        _OVERHEAD,
    ),
    Instrument(
        "weighbridge_time_to_first_token_seconds",
        "histogram",
        _SERVED,
        "Time from the request's head to the first token of a stream.",
        _FIRST_TOKEN,
    ),
    Instrument(
        "weighbridge_quote_ratio",
        "histogram",
        ("provider", "model", "modality"),
        "Input tokens as reported over input tokens as quoted.",
        _RATIO,
    ),
    Instrument(
        "weighbridge_quote_correction",
        "gauge",
        ("provider", "model", "modality"),
        "Times its documented rule that a modality is quoted at, as answers taught; 1 where it holds again.",
    ),
    Instrument(
        "weighbridge_unpriced_requests_total",
        "counter",
        ("provider", "model"),
        "Requests served by a model without a known price; their spend is not counted.",
    ),
    Instrument(
        "weighbridge_cache_lookups_total", "counter", ("result",), "Answers asked of the cache, by result."
    ),
    Instrument(
        "weighbridge_rejections_total",
        "counter",
        ("model", "reason"),
        "Candidates that were not chosen, by reason.",
    ),
    Instrument(
        "weighbridge_fallbacks_total",
        "counter",
        ("provider", "model", "reason"),
        "Attempts that failed and were followed by another, by reason.",
    ),
    Instrument(
        "weighbridge_breaker_open",
        "gauge",
        ("provider", "model", "reason"),
        "1 while a deployment is skipped.",
    ),
    Instrument(
        "weighbridge_media_bytes_total",
        "counter",
        ("kind", "stage"),
        "Decoded bytes of media received from clients and sent to providers.",
    ),
    Instrument(
        "weighbridge_budget_remaining_usd",
        "gauge",
        ("budget",),
        "Dollars neither spent nor held.",
    ),
    Instrument(
        "weighbridge_budget_refusals_total", "counter", ("budget",), "Requests refused for want of budget."
    ),
    Instrument(
        "weighbridge_event_loop_lag_seconds",
        "histogram",
        (),
        "How late the event loop ran a timer.",
        _LAG,
    ),
    Instrument("weighbridge_inflight_requests", "gauge", (), "Requests being served."),
    Instrument(
        "weighbridge_config_reloads_total",
        "counter",
        ("result",),
        "Configurations read while running: applied, unchanged, or refused for a mistake.",
    ),
    Instrument(
        "weighbridge_config_stale",
        "gauge",
        (),
        "1 while the file cannot be used and the configuration before it is in force.",
    ),
    Instrument("weighbridge_build_info", "gauge", ("version",), "1, with the version of the gateway."),
)

BY_NAME: Final[dict[str, Instrument]] = {row.name: row for row in INSTRUMENTS}
