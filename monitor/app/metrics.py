"""The daemon's figures as Prometheus reads them. Labels name sources and states, never a customer or a channel."""

from __future__ import annotations

import platform
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from monitor import __version__
from monitor.edge.store.figures import Figures
from monitor.edge.store.read import SourceState
from monitor.edge.store.schema import HEAD
from monitor.model import Alert

if TYPE_CHECKING:
    from monitor.app.daemon import Daemon

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (1.0, 2.0, 5.0, 15.0, 45.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 21600.0)  # seconds


@dataclass(slots=True)
class Latency:
    """How long alerts took from the commit that made them to the yes of where they went, in seconds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    seconds: float = 0.0

    def note(self, alert: Alert, now: datetime) -> None:
        """Note an alert that has arrived; a clock set back meanwhile counts as no time."""
        took = max(timedelta(0), now - (alert.created_at or now)).total_seconds()
        self.counts[bisect_left(BOUNDS, took)] += 1
        self.seconds += took

    def buckets(self) -> list[tuple[str, float]]:
        names = [*(f"{bound:g}" for bound in BOUNDS), "+Inf"]
        return [(name, float(count)) for name, count in zip(names, accumulate(self.counts), strict=True)]


@dataclass(frozen=True, slots=True)
class Stored:
    """What was read from the store for one answer."""

    figures: Figures
    sources: Sequence[SourceState]
    now: datetime


class Meter:
    """One daemon's figures, in a registry of their own."""

    def __init__(self, daemon: Daemon, latency: Latency) -> None:
        self._daemon, self._latency = daemon, latency
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)

    def text(self, *, well: bool, stored: Stored | None) -> bytes:
        """Return all figures; without those of the store if it cannot be read."""
        registry = CollectorRegistry()
        registry.register(_Once([*self._own(well=well), *(self._stored(stored) if stored else ())]))
        return generate_latest(registry) + generate_latest(self._process)

    def _own(self, *, well: bool) -> Iterator[Metric]:
        daemon, desk = self._daemon, self._daemon.desk
        about = {"version": __version__, "python": platform.python_version(), "schema": HEAD}
        yield InfoMetricFamily("counterwatch_build", "Which program this is.", about)
        yield _gauge("counterwatch_healthy", "1 if /healthz says so.", well)
        yield _gauge("counterwatch_customers", "Customers on the watchlist.", len(desk.customers))
        yield _gauge("counterwatch_watches", "Watches: a customer or a stream at a source.", desk.assignments.size)
        looks = CounterMetricFamily("counterwatch_looks", "Looks since the start.", labels=("source", "outcome"))
        for (source, outcome), count in sorted(daemon.engine.looks.items()):
            looks.add_metric((source, outcome), count)
        yield looks
        yield _gauge("counterwatch_turns_running", "Looks under way.", daemon.engine.running)
        yield from self._delivery()
        yield from self._store()

    def _delivery(self) -> Iterator[Metric]:
        sender = self._daemon.deliverer
        yield _gauge("counterwatch_delivery_up", "0 while Slack refuses our token.", sender.sender_trouble is None)
        yield _gauge("counterwatch_delivery_doubts", "Posts of which nobody knows yet if they arrived.", sender.doubts)
        yield _gauge("counterwatch_delivery_routes_closed", "Channels closed to us.", len(sender.route_troubles))
        latency = HistogramMetricFamily(
            "counterwatch_delivery_latency_seconds", "From the commit of an alert to its arrival, since the start."
        )
        latency.add_metric((), self._latency.buckets(), self._latency.seconds)
        yield latency

    def _store(self) -> Iterator[Metric]:
        store = self._daemon.desk.store
        yield _gauge("counterwatch_store_up", "0 while the database cannot be written.", store.trouble is None)
        yield _gauge("counterwatch_store_queue", "Jobs and looks that wait to be written.", store.queued)
        yield _gauge("counterwatch_store_wal_bytes", "Size of SQLite's write-ahead log.", store.wal_bytes())
        commits = SummaryMetricFamily("counterwatch_store_commit_seconds", "Transactions, with waiting for locks.")
        commits.add_metric((), store.commits, store.commit_seconds)
        yield commits

    def _stored(self, stored: Stored) -> Iterator[Metric]:
        found = stored.figures
        yield _gauge("counterwatch_watches_due", "Watches that are due and not claimed.", found.due)
        yield _gauge("counterwatch_sources_in_trouble", "Sources that cannot be seen or believed.", found.troubled)
        yield _gauge("counterwatch_changes_held", "Changes that wait for a person's decision.", found.held)
        yield _gauge("counterwatch_audit_unsealed", "Audit rows that are not chained yet.", found.unsealed)
        yield _labelled("counterwatch_alerts", "Alerts by state.", "state", found.alerts)
        sources = {one.source: one for one in stored.sources}
        yield _labelled("counterwatch_source_watches", "Watches.", "source", {n: s.watches for n, s in sources.items()})
        yield _labelled(
            "counterwatch_source_watches_failing",
            "Watches whose last look was not good.",
            "source",
            {name: one.failing for name, one in sources.items()},
        )
        ages = {n: (stored.now - s.last_good_at).total_seconds() for n, s in sources.items() if s.last_good_at}
        says = "Since the last good look at any of a source's watches."
        yield _labelled("counterwatch_source_last_good_look_age_seconds", says, "source", ages)


class _Once(Collector):
    """Gives what was gathered."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        return iter(self._metrics)


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, float(value))


def _labelled(name: str, says: str, label: str, values: Mapping[str, float]) -> Metric:
    found = GaugeMetricFamily(name, says, labels=(label,))
    for key, value in sorted(values.items()):
        found.add_metric((key,), value)
    return found
