"""`Meters` over prometheus-client, in a registry of its own.

Money is kept in integers here and divided once when it is rendered: a double that is added to drifts
from the ledger, an integer does not. All other series are prometheus-client's, each resolved once
(`labels()` costs 1.8 us, a kept child 0.5 us). A series beyond `max_series` of its metric is counted as
`other` in every label, so that no mistake in labelling can grow memory.

Each process has its own registry. With several workers a scrape sees the one that answers it.
"""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Final, TypeAlias

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from gateway.telemetry.instruments import INSTRUMENTS, Instrument, Kind
from gateway.types.money import NANO

Child: TypeAlias = Counter | Gauge | Histogram
Series: TypeAlias = tuple[str, tuple[str, ...]]
Feed: TypeAlias = Callable[[float], None]

_OTHER: Final = "other"
_VERBS: Final[dict[Kind, frozenset[str]]] = {
    "counter": frozenset({"inc"}),
    "money": frozenset({"inc"}),
    "gauge": frozenset({"inc", "set"}),
    "histogram": frozenset({"observe"}),
}


class PrometheusMeters:
    """The rows of `telemetry.instruments` as series. A name or a label count off the table raises."""

    def __init__(self, version: str, max_series: int = 1000) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        self._max_series = max_series
        self._rows = {row.name: row for row in INSTRUMENTS}
        self._counts = dict.fromkeys(self._rows, 0)
        self._parents: dict[str, Child | _Money] = {}
        self._money: dict[str, _Money] = {}
        self._children: dict[Series, Child | _Money | _MoneySeries] = {}
        # Bound methods of the children: asking each time what kind a child is costs more than counting.
        self._adders: dict[Series, Feed] = {}
        self._observers: dict[Series, Feed] = {}
        self._setters: dict[Series, Feed] = {}
        for row in INSTRUMENTS:
            if row.kind == "money":
                self._money[row.name] = self._parents[row.name] = _Money(row)
                self._registry.register(self._money[row.name])
            else:
                self._parents[row.name] = _parent(row, self._registry)
            if not row.labels:
                self._child(row.name, ())
        self.set("weighbridge_build_info", 1, (version,))

    def add(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Count up; money in whole nanodollars. Also moves a gauge, down with a negative value."""
        (self._adders.get((name, labels)) or self._made(name, labels, "inc", self._adders))(value)

    def observe(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """One value of a histogram."""
        (self._observers.get((name, labels)) or self._made(name, labels, "observe", self._observers))(value)

    def set(self, name: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """The value of a gauge."""
        (self._setters.get((name, labels)) or self._made(name, labels, "set", self._setters))(value)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The exposition and its content type. Thread-safe, and better called in one: big ones take ms."""
        encode, content_type = choose_encoder(accept)
        return encode(self._registry), content_type

    def nanodollars(self, name: str) -> int:
        """The exact sum of a money metric over all its series."""
        return self._money[name].total()

    def _made(self, name: str, labels: tuple[str, ...], verb: str, kept: dict[Series, Feed]) -> Feed:
        """The series' own method for a verb, kept for the next time."""
        row = self._rows[name]
        if len(labels) != len(row.labels):
            raise ValueError(f"{name} takes the labels {row.labels}")
        if verb not in _VERBS[row.kind]:
            raise TypeError(f"{name} is a {row.kind}, which has no {verb!r}")
        feed: Feed = getattr(self._child(name, labels), verb)
        if (name, labels) in self._children:
            kept[name, labels] = feed
        return feed

    def _child(self, name: str, labels: tuple[str, ...]) -> "Child | _Money | _MoneySeries":
        found = self._children.get((name, labels))
        if found is None and self._counts[name] >= self._max_series:
            # Not kept under its own labels: what runs away must not grow our tables either.
            labels = (_OTHER,) * len(labels)
            found = self._children.get((name, labels))
        if found is None:
            self._counts[name] += 1
            parent = self._parents[name]
            found = parent.labels(*labels) if labels else parent
            self._children[name, labels] = found
        return found


class _MoneySeries:
    """An integer of nanodollars that only grows."""

    __slots__ = ("_lock", "nano")

    def __init__(self) -> None:
        self.nano = 0
        self._lock = Lock()

    def inc(self, value: float) -> None:
        """Add whole nanodollars."""
        whole = int(value)
        if whole != value or whole < 0:
            raise ValueError("money is counted up in whole nanodollars")
        with self._lock:
            self.nano += whole


class _Money(Collector):
    """A counter whose series are integers, divided once on the way out."""

    def __init__(self, row: Instrument) -> None:
        self._row = row
        self._series: dict[tuple[str, ...], _MoneySeries] = {}

    def labels(self, *labels: str) -> _MoneySeries:
        """The series of these label values; named as prometheus-client names it."""
        return self._series.setdefault(labels, _MoneySeries())

    def total(self) -> int:
        """Nanodollars over all series."""
        return sum(series.nano for series in list(self._series.values()))

    def collect(self) -> Iterable[Metric]:
        """For the registry."""
        family = CounterMetricFamily(self._row.name, self._row.help, labels=self._row.labels)
        for labels, series in list(self._series.items()):
            # int / int is rounded once and correctly, which dividing floats would not be.
            family.add_metric(labels, series.nano / NANO)
        return [family]


def _parent(row: Instrument, registry: CollectorRegistry) -> Child:
    if row.kind == "histogram":
        return Histogram(row.name, row.help, row.labels, registry=registry, buckets=row.buckets)
    kind = Counter if row.kind == "counter" else Gauge
    return kind(row.name, row.help, row.labels, registry=registry)
