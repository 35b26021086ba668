"""The metrics as Prometheus reads them."""

import threading
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from gateway.adapters.prometheus import PrometheusMeters

SPEND = "weighbridge_spend_usd_total"
LABELS = ("openai", "openai/gpt-4o", "image", "in", "t", "reported")


def samples(meters: PrometheusMeters) -> list[Sample]:
    """The plain exposition, as a scraper reads it."""
    body, _ = meters.render("")
    return [sample for family in text_string_to_metric_families(body.decode()) for sample in family.samples]


def value(meters: PrometheusMeters, name: str, **labels: str) -> float:
    """The one sample with that name and those labels."""
    (found,) = [s.value for s in samples(meters) if s.name == name and labels.items() <= s.labels.items()]
    return found


modalities = st.sampled_from(["text", "image", "audio", "video", "document", "request"])
amounts = st.integers(0, 10**15)


@settings(deadline=None)
@given(st.lists(st.tuples(modalities, amounts), max_size=40))
def test_spend_sums_to_the_ledger_to_the_nanodollar(spent: list[tuple[str, int]]) -> None:
    """Each rendered series, and their sum, rounds back to the integers that were added."""
    meters = PrometheusMeters("1")
    by_modality: dict[str, int] = {}
    for modality, nano in spent:
        meters.add(SPEND, nano, ("p", "m", modality, "in", "t", "reported"))
        by_modality[modality] = by_modality.get(modality, 0) + nano
    # Up to 2**52 nanodollars in a series a double still holds every one of them.
    shown = {s.labels["modality"]: s.value for s in samples(meters) if s.name == SPEND}
    small = {name: nano for name, nano in by_modality.items() if nano < 2**52}
    assert small == {name: round(shown[name] * 1e9) for name in small}
    # And every series is the double nearest to the exact decimal.
    assert {name: float(Decimal(nano).scaleb(-9)) for name, nano in by_modality.items()} == shown
    assert sum(nano for _, nano in spent) == meters.nanodollars(SPEND)


def test_many_small_amounts_do_not_drift() -> None:
    """A tenth of a cent added a hundred thousand times is exactly a hundred dollars: floats would drift."""
    meters = PrometheusMeters("1")
    for _ in range(100_000):
        meters.add(SPEND, 1_000_001, LABELS)
    assert 100.0001 == value(meters, SPEND)


def test_an_amount_past_double_precision_is_kept_exactly() -> None:
    """The sum stays an integer beyond 2**53."""
    meters = PrometheusMeters("1")
    meters.add(SPEND, 2**53, LABELS)
    meters.add(SPEND, 1, LABELS)
    assert 2**53 + 1 == meters.nanodollars(SPEND)


@pytest.mark.parametrize("wrong", [-1, 0.5])
def test_money_is_whole_and_grows(wrong: float) -> None:
    """A fraction of a nanodollar or a negative amount is a mistake of ours, and raises."""
    with pytest.raises(ValueError, match="whole nanodollars"):
        PrometheusMeters("1").add(SPEND, wrong, LABELS)


def test_no_created_series() -> None:
    """No `_created` series doubles the exposition."""
    meters = PrometheusMeters("1")
    meters.add("weighbridge_cache_lookups_total", 1, ("hit",))
    meters.observe("weighbridge_event_loop_lag_seconds", 0.1)
    assert [] == [sample.name for sample in samples(meters) if sample.name.endswith("_created")]


def test_registries_are_apart() -> None:
    """Two meters in one process share nothing."""
    one, two = PrometheusMeters("1"), PrometheusMeters("2")
    one.add("weighbridge_cache_lookups_total", 1, ("hit",))
    assert [] == [s for s in samples(two) if s.name == "weighbridge_cache_lookups_total"]
    assert 1 == value(two, "weighbridge_build_info", version="2")


def test_openmetrics_is_spoken() -> None:
    """A scraper that asks for OpenMetrics gets it, with its end mark."""
    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    body, content_type = PrometheusMeters("1").render(accept)
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


def test_series_are_bounded() -> None:
    """A label that runs away ends in `other`; nothing is lost from the sum."""
    meters = PrometheusMeters("1", max_series=10)
    for number in range(1000):
        meters.add("weighbridge_fallbacks_total", 1, ("p", f"model{number}", "r"))
        meters.add(SPEND, 5, ("p", f"model{number}", "text", "in", "t", "reported"))
    for name in ("weighbridge_fallbacks_total", SPEND):
        found = [sample.value for sample in samples(meters) if sample.name == name]
        assert len(found) <= 11
    assert 990 == value(meters, "weighbridge_fallbacks_total", model="other")
    assert 5000 == meters.nanodollars(SPEND)
    assert len(meters._children) < 100


def test_counting_while_rendering() -> None:
    """A scrape in another thread disturbs nothing, and nothing is lost."""
    meters = PrometheusMeters("1")
    stop = threading.Event()
    errors: list[BaseException] = []

    def scrape() -> None:
        try:
            while not stop.is_set():
                meters.render("")
        except BaseException as error:  # noqa: BLE001
            # The test tells whatever happened in the thread.
            errors.append(error)

    thread = threading.Thread(target=scrape)
    thread.start()
    for number in range(3000):
        labels = ("p", "m", f"{number % 500}", "in", "t", "reported")
        meters.add(SPEND, 1, labels)
        meters.add("weighbridge_cache_lookups_total", 1, (f"{number % 500}",))
    stop.set()
    thread.join()
    assert [] == errors
    assert 3000 == meters.nanodollars(SPEND)


def test_adders_in_threads_lose_nothing() -> None:
    """Amounts added by several threads all count."""
    meters = PrometheusMeters("1")

    def add() -> None:
        for _ in range(5000):
            meters.add(SPEND, 1, LABELS)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 20_000 == meters.nanodollars(SPEND)


def test_label_values_are_escaped() -> None:
    """Quotes, backslashes and line ends in a configured name break no line."""
    meters = PrometheusMeters("1")
    meters.add("weighbridge_cache_lookups_total", 1, ('a"b\\c\nd',))
    assert 1 == value(meters, "weighbridge_cache_lookups_total", result='a"b\\c\nd')
