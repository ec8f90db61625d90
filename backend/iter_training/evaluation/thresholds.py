"""Tells which configured absolute thresholds are breached, and how badly; chance and what nobody can keep apart."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from backend.config_keys import ThresholdSettings
from backend.domain.quality import UNKNOWN_LIMITS, Alert, EstimatedLimits, QualityMetrics, Severity
from backend.domain.trigger import Cause, Measure
from backend.iter_training.evaluation.levels import Evidence
from backend.ml.judging.comparison import summarise
from backend.ml.judging.intervals import metric_intervals

INTERVAL_CHANCE: Final = 0.025
"""Of a value beyond one end of its 95 % interval."""
_UNITS: Final = {"mae": " minutes"}


@dataclass(frozen=True, slots=True)
class Attainable:
    """What a threshold must leave room for: the level promised at the gate, and the best that any model could reach.

    Where those breach it already it says nothing about the model, and the promise is watched instead.
    """

    promised: Mapping[str, float | None] = field(default_factory=dict)
    best: EstimatedLimits = UNKNOWN_LIMITS

    def allows(self, metric: str, limit: float, sign: int) -> bool:
        """Tell whether a threshold can be kept. Sign: 1 where less is better, -1 where more is."""
        best = {"mae": self.best.mae_floor, "process_match": self.best.process_match_ceiling}.get(metric)
        return all(value is None or sign * value <= sign * limit for value in (self.promised.get(metric), best))


def breaches(
    metrics: QualityMetrics,
    intervals: Mapping[str, tuple[float, float]],
    attainable: Attainable,
    limits: ThresholdSettings,
    critical_factor: float,
) -> tuple[Alert, ...]:
    """Return an alert per threshold that the whole 95 % interval breaches; critical where missed by the factor.

    For process_match, of which more is better, the mismatch 1 - value is held against the factor.
    """
    return tuple(
        Alert(metric, value, limit, _severity(value, limit, sign, critical_factor), _text(metric, value, limit, sign))
        for metric, value, limit, sign in _breached(metrics, intervals, attainable, limits)
    )


def breached_causes(evidence: Evidence, attainable: Attainable, limits: ThresholdSettings) -> tuple[Cause, ...]:
    """Return a cause of alarm per threshold that the evidence breaches."""
    comparison = evidence.comparison()
    metrics, days = summarise(comparison), (evidence.until - evidence.since) / timedelta(days=1)
    if not any(_breached(metrics, {}, attainable, limits)):
        return ()  # spares the intervals, which cost seconds
    return tuple(
        Cause(
            Measure.THRESHOLD,
            "",
            metric,
            sign * (value - limit),
            INTERVAL_CHANCE,
            metrics.operation_count,
            days,
            f"{_text(metric, value, limit, sign)}, on {metrics.operation_count:,} operations in {days:.3g} days",
            0.0,
        )
        for metric, value, limit, sign in _breached(metrics, metric_intervals(comparison), attainable, limits)
    )


def _breached(
    metrics: QualityMetrics,
    intervals: Mapping[str, tuple[float, float]],
    attainable: Attainable,
    limits: ThresholdSettings,
) -> Iterator[tuple[str, float, float, int]]:
    """Return metric, value, limit and sign; a value without interval stands for itself."""
    for metric, value, limit, sign in (
        ("mae", metrics.mae, limits.mae_threshold, 1),
        ("cv", metrics.cv, limits.cv_threshold, 1),
        ("process_match", metrics.process_match, limits.process_match_threshold, -1),
    ):
        if value is None or not attainable.allows(metric, limit, sign):
            continue
        low, high = intervals.get(metric, (value, value))
        if min(sign * low, sign * high) > sign * limit:
            yield metric, value, limit, sign


def _severity(value: float, limit: float, sign: int, factor: float) -> Severity:
    missed, allowed = (value, limit) if sign > 0 else (1 - value, 1 - limit)
    return Severity.CRITICAL if missed >= factor * allowed else Severity.WARNING


def _text(metric: str, value: float, limit: float, sign: int) -> str:
    unit, beyond = _UNITS.get(metric, ""), "above" if sign > 0 else "below"
    return f"{metric} is {value:.3g}{unit}, {beyond} the threshold {limit:g}{unit}"
