"""What the metrics are read from: job table, quarantine counts, model manifest, backups.

Quality cycles and what follows from them: quality_metrics.py.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Engine, func, select

from backend.domain.clock import Clock
from backend.domain.jobs import JobKind, JobStatus
from backend.monitoring.found_backups import newest_backup
from backend.monitoring.prometheus import MetricSource, gauge
from backend.settings import Settings
from backend.state.database import reading
from backend.state.tables import jobs, quarantine_counts


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """What the metrics say about the model that serves."""

    generation: int
    version: str | None
    created_at: datetime | None
    data_cutoff: datetime | None


def job_source(engine: Engine) -> MetricSource:
    """Count the jobs of the table: finished ones by final status, waiting and running ones as a queue."""

    def read() -> Iterator[Metric]:
        with reading(engine) as connection:
            counts = connection.execute(
                select(jobs.c.kind, jobs.c.status, func.count()).group_by(jobs.c.kind, jobs.c.status)
            )
            by_state = {(str(kind), str(status)): int(count) for kind, status, count in counts}
            times = connection.execute(
                select(jobs.c.kind, jobs.c.started_at, jobs.c.finished_at).where(
                    jobs.c.started_at.is_not(None), jobs.c.finished_at.is_not(None)
                )
            )
            seconds = [(str(kind), (end - start).total_seconds()) for kind, start, end in times]
        for kind in JobKind:
            yield _finished(kind, by_state)
        yield _queue(by_state)
        yield _durations(seconds)

    return read


def _finished(kind: JobKind, by_state: Mapping[tuple[str, str], int]) -> Metric:
    family = CounterMetricFamily(f"routing_ml_{kind}_jobs", f"Finished {kind} jobs by final status", labels=["status"])
    for status in JobStatus:
        if status.is_final:
            family.add_metric([status], by_state.get((kind, status), 0))
    return family


def _queue(by_state: Mapping[tuple[str, str], int]) -> Metric:
    family = GaugeMetricFamily("routing_ml_queue_size", "Jobs that wait or run", labels=["kind", "status"])
    for kind in JobKind:
        for status in JobStatus:
            if not status.is_final:
                family.add_metric([kind, status], by_state.get((kind, status), 0))
    return family


def _durations(seconds: list[tuple[str, float]]) -> Metric:
    family = SummaryMetricFamily(
        "routing_ml_job_duration_seconds", "Seconds from start to end of jobs", labels=["kind"]
    )
    for kind in JobKind:
        own = [value for name, value in seconds if name == kind]
        if own:
            family.add_metric([kind], count_value=len(own), sum_value=sum(own))
    return family


def quarantine_source(engine: Engine) -> MetricSource:
    """Say how many rows the last full read of the plant set aside; absent before the first."""

    def read() -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "routing_ml_quarantined_rows", "Rows that the last full read set aside", labels=["table", "reason"]
        )
        table = quarantine_counts.c
        with reading(engine) as connection:
            for source, reason, rows in connection.execute(select(table.source_table, table.reason, table["rows"])):
                family.add_metric([source, reason], rows)
        if family.samples:
            yield family

    return read


def model_source(active_model: Callable[[], ActiveModel | None], clock: Clock) -> MetricSource:
    """Say generation and age of the active model; absent while there is none."""

    def read() -> Iterator[Metric]:
        model = active_model()
        if model is None:
            return
        yield from gauge("routing_ml_model_generation", "Generation of the model manifest", float(model.generation))
        if model.version is None:
            return
        info = GaugeMetricFamily("routing_ml_model_info", "The active model version", labels=["version"])
        info.add_metric([model.version], 1)
        yield info
        yield from _age(
            "routing_ml_model_age_seconds", "Seconds since the active model was made", model.created_at, clock
        )
        cutoff_help = "Seconds since the newest result that the active model has learnt from"
        yield from _age("routing_ml_model_data_age_seconds", cutoff_help, model.data_cutoff, clock)

    return read


def backup_source(settings: Settings, clock: Clock) -> MetricSource:
    """Say how old the newest backup is; absent while there is none."""

    def read() -> Iterator[Metric]:
        newest, _passed_over = newest_backup(settings.root)
        told = "Seconds since the newest archive of 'routing-ml backup create' was made"
        yield from _age("routing_ml_backup_age_seconds", told, newest.created_at if newest else None, clock)

    return read


def _age(name: str, documentation: str, since: datetime | None, clock: Clock) -> Iterator[Metric]:
    return gauge(name, documentation, None if since is None else (clock() - since).total_seconds())
