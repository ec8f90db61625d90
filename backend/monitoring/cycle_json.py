"""A quality cycle as plain JSON values and back: the form that is stored, reported and served."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from backend.domain.models import WatchVerdict
from backend.domain.plant import QuarantineCount
from backend.domain.quality import (
    UNKNOWN_LIMITS,
    Alert,
    CycleReport,
    CycleStatus,
    EstimatedLimits,
    QualityMetrics,
    Segment,
    Severity,
)
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.monitoring.drift_json import drift_from_json, drift_to_json
from backend.monitoring.trigger_json import decision_from_json, decision_to_json

METRIC_NAMES = tuple(one.name for one in fields(QualityMetrics) if one.name not in {"item_count", "operation_count"})


def cycle_to_json(report: CycleReport) -> dict[str, Any]:
    """Return a cycle with its metrics at the top level; times are ISO 8601 and end in Z."""
    metrics = asdict(report.metrics)
    return {
        "cycle_id": report.cycle_id,
        "created_at": _to_text(report.created_at),
        "status": report.status.value,
        "message": report.message,
        "model_version": report.model_version,
        "data_cutoff": _to_text(report.data_cutoff),
        **{name: metrics[name] for name in METRIC_NAMES},
        "limits": asdict(report.limits),
        "intervals": {name: list(interval) for name, interval in report.intervals.items()},
        "sample_count": {"items": report.metrics.item_count, "operations": report.metrics.operation_count},
        "window": {"start": _to_text(report.window_start), "end": _to_text(report.window_end)},
        "sampling": asdict(report.sampling),
        "alerts": [asdict(alert) for alert in report.alerts],
        "trigger": decision_to_json(report.trigger) if report.trigger else None,
        "drift": drift_to_json(report.drift) if report.drift else None,
        "watch": asdict(report.watch) if report.watch else None,
        "excluded": dict(report.excluded),
        "quarantine": [asdict(count) for count in report.quarantine],
        "segments": [
            {"dimension": one.dimension, "value": one.value, **asdict(one.metrics)} for one in report.segments
        ],
    }


def cycle_from_json(content: dict[str, Any]) -> CycleReport:
    """Return the cycle that cycle_to_json wrote."""
    counts = content["sample_count"]
    flat = content | {"item_count": counts["items"], "operation_count": counts["operations"]}
    return CycleReport(
        cycle_id=content["cycle_id"],
        created_at=_required_time(content["created_at"]),
        status=CycleStatus(content["status"]),
        message=content["message"],
        model_version=content["model_version"],
        data_cutoff=_from_text(content["data_cutoff"]),
        window_start=_from_text(content["window"]["start"]),
        window_end=_from_text(content["window"]["end"]),
        sampling=_sampling(**content["sampling"]),
        metrics=_metrics(flat),
        limits=EstimatedLimits(**content["limits"]) if "limits" in content else UNKNOWN_LIMITS,
        segments=tuple(Segment(one["dimension"], one["value"], _metrics(one)) for one in content["segments"]),
        alerts=tuple(Alert(**one | {"severity": Severity(one["severity"])}) for one in content["alerts"]),
        excluded=dict(content["excluded"]),
        quarantine=tuple(QuarantineCount(**one) for one in content["quarantine"]),
        intervals={name: (low, high) for name, (low, high) in content.get("intervals", {}).items()},
        trigger=decision_from_json(content["trigger"]) if content.get("trigger") else None,
        drift=drift_from_json(content["drift"]) if content.get("drift") else None,
        watch=WatchVerdict(**content["watch"]) if content.get("watch") else None,
    )


def _sampling(sample_size: int, strategy: str, seed: int) -> Sampling:
    return Sampling(sample_size, SamplingStrategy(strategy), seed)


def _metrics(content: dict[str, Any]) -> QualityMetrics:
    since_then = {"total_coverage": None}  # what cycles of earlier releases do not tell
    known = since_then | content
    return QualityMetrics(**{one.name: known[one.name] for one in fields(QualityMetrics)})


def _to_text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat() + "Z"


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else _required_time(text)


def _required_time(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))
