"""What `Meters` promises for every row of the table."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.adapters.prometheus import PrometheusMeters
from gateway.ports import Meters
from gateway.telemetry.instruments import INSTRUMENTS, Instrument

row_ids = [row.name for row in INSTRUMENTS]


@pytest.fixture
def meters() -> Meters:
    return PrometheusMeters("1.2.3")


def shown(meters: Meters) -> dict[str, dict[tuple[str, ...], float]]:
    """Values by sample name and label values, in the order of the row."""
    body, content_type = meters.render("")
    assert content_type.startswith("text/plain")
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(body.decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def test_the_table_and_the_exposition_agree(meters: Meters) -> None:
    """Every row is shown, under its own name, with its help; nothing else is."""
    body, _ = meters.render("")
    helped = {line.split()[2] for line in body.decode().splitlines() if line.startswith("# HELP")}
    assert set(row_ids) == helped


@pytest.mark.parametrize("row", INSTRUMENTS, ids=row_ids)
def test_every_row_takes_its_verb(row: Instrument, meters: Meters) -> None:
    """A row is fed by the verb of its kind, with label values in the row's order."""
    labels = tuple(f"v{number}" for number in range(len(row.labels)))
    keyed = tuple(dict(sorted(zip(row.labels, labels, strict=True))).values())
    if row.kind == "histogram":
        meters.observe(row.name, 0.5, labels)
        assert 1 == shown(meters)[f"{row.name}_count"][keyed]
    elif row.kind == "gauge":
        meters.set(row.name, 7, labels)
        meters.add(row.name, -2, labels)
        assert 5 == shown(meters)[row.name][keyed]
    else:
        meters.add(row.name, 3, labels)
        expected = 3e-9 if row.kind == "money" else 3
        assert expected == shown(meters)[row.name][keyed]


@pytest.mark.parametrize("row", INSTRUMENTS, ids=row_ids)
def test_the_wrong_verb_or_labels_raise(row: Instrument, meters: Meters) -> None:
    """A mistake in the table's use is loud, not a silent series."""
    labels = ("v",) * len(row.labels)
    with pytest.raises(ValueError, match="takes the labels"):
        (meters.observe if row.kind == "histogram" else meters.add)(row.name, 1, (*labels, "one more"))
    if row.kind != "histogram":
        with pytest.raises(TypeError):
            meters.observe(row.name, 1, labels)
    else:
        with pytest.raises(TypeError):
            meters.add(row.name, 1, labels)
    if row.kind != "gauge":
        with pytest.raises(TypeError):
            meters.set(row.name, 1, labels)


def test_a_name_off_the_table_raises(meters: Meters) -> None:
    """Nothing is counted that is not a row."""
    with pytest.raises(KeyError):
        meters.add("weighbridge_secret_total", 1)


def test_metrics_without_labels_are_there_from_the_start(meters: Meters) -> None:
    """A rate over a metric that was never fed is zero, not missing."""
    values = shown(meters)
    assert {(): 0.0} == values["weighbridge_inflight_requests"]
    assert {(): 0.0} == values["weighbridge_event_loop_lag_seconds_count"]
    assert {("1.2.3",): 1.0} == values["weighbridge_build_info"]
