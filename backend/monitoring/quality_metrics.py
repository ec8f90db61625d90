"""What quality cycles and what followed from them say to Prometheus: figures, alerts, drift, trigger, watch."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from sqlalchemy import Engine, func, select

from backend.domain.clock import Clock
from backend.domain.quality import CycleStatus, Severity
from backend.domain.trigger import TriggerAction
from backend.monitoring.cycles import newest_decision
from backend.monitoring.prometheus import MetricSource, gauge
from backend.state.database import reading
from backend.state.promotion_hold import read_hold
from backend.state.tables import cycles, promotion_holds

_RATIOS: Final = {
    "process_match": "Agreement of operation sequences, 0 to 1",
    "exact_match": "Share of items whose operation sequence is right throughout",
    "exact_route": "Share of items whose operation sequence and work centres are right throughout",
    "work_centre_match": "Share of operations whose work centre is right",
    "outsourcing_success": "Share of operations whose in-house flag is right",
    "wape": "Sum of absolute errors / sum of actual minutes",
    "cv": "Standard deviation of the errors / mean actual minutes",
    "actual_cv": "The shop's own variation between repeat orders",
    "coverage": "Share of actual times inside their 80 % range",
    "total_coverage": "Share of whole lots inside the 80 % range of their total",
}


def quality_source(engine: Engine, clock: Clock) -> MetricSource:
    """Say the figures, alerts and changes of the newest cycle that could measure; absent before the first."""

    def read() -> Iterator[Metric]:
        newest = select(cycles).where(cycles.c.status == CycleStatus.OK).order_by(cycles.c.created_at.desc()).limit(1)
        with reading(engine) as connection:
            row = connection.execute(newest).mappings().first()
        if row is None:
            return
        report = row["report"]
        age_seconds = (clock() - row["created_at"]).total_seconds()
        yield from gauge("routing_ml_quality_mae_minutes", "Mean absolute error per operation and lot", row["mae"])
        for name, words in _RATIOS.items():
            yield from gauge(f"routing_ml_quality_{name}", words, report.get(name))
        yield from gauge(
            "routing_ml_quality_cycle_age_seconds", "Seconds since the newest cycle that measured", age_seconds
        )
        yield _alerts(report)
        yield from _changes(report)

    return read


def loop_source(engine: Engine) -> MetricSource:
    """Say what the trigger decided last, absent before the first time, and what the watch has done."""

    def read() -> Iterator[Metric]:
        decision = newest_decision(engine)
        if decision is not None:
            yield _action(decision.action)
            told = "Whether an alarm of the trigger is open (1) or not"
            yield from gauge("routing_ml_trigger_alarm_open", told, float(decision.alarm is not None))
        yield from _watch(engine)

    return read


def _alerts(cycle: Mapping[str, Any]) -> Metric:
    family = GaugeMetricFamily(
        "routing_ml_quality_alerts", "Alerts of the newest cycle that measured", labels=["severity"]
    )
    for severity in Severity:
        family.add_metric([severity], sum(one["severity"] == severity for one in cycle.get("alerts", ())))
    return family


def _changes(cycle: Mapping[str, Any]) -> Iterator[Metric]:
    """Say how much longer each part of the plant takes; attributes are counted, their values are many."""
    drift = cycle.get("drift")
    if drift is None:
        return
    told = "By how much more a part of the plant takes than foreseen, as a share of its minutes"
    family = GaugeMetricFamily("routing_ml_drift_change_ratio", told, labels=["dimension", "value"])
    for one in drift["errors"]:
        family.add_metric([one["dimension"], one["value"]], one["change_pct"] / 100)
    yield family
    counts = GaugeMetricFamily(
        "routing_ml_drift_findings", "What has changed in the plant beyond chance, by kind", labels=["kind"]
    )
    for kind in ("errors", "inputs"):
        counts.add_metric([kind], len(drift[kind]))
    yield counts


def _action(decided: TriggerAction) -> Metric:
    family = GaugeMetricFamily(
        "routing_ml_trigger_action", "What the trigger decided last: 1 for that action, 0 for others", labels=["action"]
    )
    for action in TriggerAction:
        family.add_metric([action], float(action is decided))
    return family


def _watch(engine: Engine) -> Iterator[Metric]:
    held = float(read_hold(engine) is not None)
    yield from gauge("routing_ml_promotion_held", "Whether automatic promotion is held (1) or not", held)
    with reading(engine) as connection:
        count = connection.execute(select(func.count()).select_from(promotion_holds)).scalar_one()
    yield CounterMetricFamily(
        "routing_ml_watch_alarms", "Promoted versions that the watch found worse than those they replaced", value=count
    )
