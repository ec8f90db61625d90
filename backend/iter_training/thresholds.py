"""Tells which configured thresholds a cycle breaches, and how badly."""

from backend.domain.quality import Alert, QualityMetrics, Severity
from backend.settings import ThresholdSettings


def breaches(metrics: QualityMetrics, limits: ThresholdSettings, critical_factor: float) -> tuple[Alert, ...]:
    """Return an alert per breached threshold; critical where it is missed by the factor or more.

    For process_match, of which more is better, the mismatch 1 - value is held against the factor.
    """
    found = (
        _at_most("mae", metrics.mae, limits.mae_threshold, critical_factor, " minutes"),
        _at_most("cv", metrics.cv, limits.cv_threshold, critical_factor, ""),
        _at_least("process_match", metrics.process_match, limits.process_match_threshold, critical_factor),
    )
    return tuple(alert for alert in found if alert is not None)


def _at_most(metric: str, value: float | None, limit: float, factor: float, unit: str) -> Alert | None:
    if value is None or value <= limit:
        return None
    severity = Severity.CRITICAL if value >= factor * limit else Severity.WARNING
    return Alert(metric, value, limit, severity, f"{metric} is {value:.3g}{unit}, above the threshold {limit:g}{unit}")


def _at_least(metric: str, value: float | None, limit: float, factor: float) -> Alert | None:
    if value is None or value >= limit:
        return None
    severity = Severity.CRITICAL if 1 - value >= factor * (1 - limit) else Severity.WARNING
    return Alert(metric, value, limit, severity, f"{metric} is {value:.3g}, below the threshold {limit:g}")
