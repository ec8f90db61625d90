"""The Prometheus metrics: what server processes do is counted here, the rest is read from the state when scraped.

What is counted is, in multi-process mode, the sum over all workers: a worker that told its own count alone would let
Prometheus see falling counters, one worker's now and another's then, and take each fall for a restart. What is read at
the time of the scrape is the same from every server process and after every restart.
A number that nobody has computed yet is absent, never 0.
"""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

LATENCY_BUCKETS_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_log = logging.getLogger("routing_ml.metrics")

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series beside every counter that Prometheus does not read

MetricSource = Callable[[], Iterator[Metric]]
"""Reads one part of the state and says it as metrics; raises where the part cannot be read."""


def gauge(name: str, documentation: str, value: float | None) -> Iterator[Metric]:
    """Say one number, nothing where nobody has computed it."""
    if value is not None:
        yield GaugeMetricFamily(name, documentation, value=value)


class SourcesCollector(Collector):
    """Asks each source in turn; one that fails is logged and left out, the others still answer."""

    def __init__(self, sources: dict[str, MetricSource]) -> None:
        self._sources = sources

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of every source, and which sources could be read."""
        readable = Metric(
            "routing_ml_metrics_source_up", "Whether a part of the state could be read (1) or not", "gauge"
        )
        for name, source in self._sources.items():
            try:
                metrics = list(source())
            except (SQLAlchemyError, OSError, ValueError) as error:
                _log.warning("metrics of the %s are left out: %s", name, error)
                metrics = []
                readable.add_sample(readable.name, {"source": name}, 0)
            else:
                readable.add_sample(readable.name, {"source": name}, 1)
            yield from metrics
        yield readable


class Metrics:
    """The metrics of one server process; in multi-process mode the counts of all of them."""

    def __init__(self, sources: dict[str, MetricSource]) -> None:
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
        counted = None if folder else CollectorRegistry()
        self._registry = counted or CollectorRegistry()
        if folder:
            MultiProcessCollector(self._registry)  # type: ignore[no-untyped-call]
        self._registry.register(SourcesCollector(sources))
        self._is_multiprocess = bool(folder)
        self.request_seconds = Histogram(
            "routing_ml_api_request_duration_seconds",
            "Seconds from a request's arrival to the end of its answer (event streams: to its start)",
            ("method", "route", "status"),
            buckets=LATENCY_BUCKETS_SECONDS,
            registry=counted,
        )
        self.predicted_items = Counter(
            "routing_ml_predicted_items",
            "Items of predict requests by how they fared",
            ("status",),
            registry=counted,
        )

        self.model_reload_failures = Counter(
            "routing_ml_model_reload_failures", "New model versions that could not be loaded", registry=counted
        )
        self.log_lines_dropped = Counter(
            "routing_ml_log_lines_dropped", "Log lines that could not be written", registry=counted
        )

    def observe_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request under its route template and status class."""
        self.request_seconds.labels(method, route, f"{status // 100}xx").observe(seconds)

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def close(self) -> None:
        """Take this process out of the gauges of multi-process mode."""
        if self._is_multiprocess:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call]
