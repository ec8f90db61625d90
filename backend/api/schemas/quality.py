"""What the quality endpoints give: cycles as they were stored."""

from typing import Any

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer
from backend.domain.plant import QuarantineCount
from backend.domain.quality import Alert, CycleStatus, EstimatedLimits
from backend.domain.sampling import Sampling


class SampleCount(Answer):
    """What was really compared."""

    items: int
    operations: int


class Window(Answer):
    """When the judged work orders finished (UTC)."""

    start: str | None
    end: str | None


class CycleSummary(Answer):
    """One quality evaluation; a metric is null where nothing was there to compute it from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "cycle_id": "cycle_20251022T140000_1a2b",
                    "created_at": "2025-10-22T14:00:00Z",
                    "status": "ok",
                    "message": "",
                    "model_version": "version_20251022T140000Z_g000017",
                    "data_cutoff": "2025-09-24T00:00:00Z",
                    "mae": 4.2,
                    "trim_mae": 3.1,
                    "rmse": 7.9,
                    "wape": 0.12,
                    "routing_mae": 11.0,
                    "process_match": 0.91,
                    "exact_match": 0.83,
                    "exact_route": 0.74,
                    "work_centre_match": 0.88,
                    "outsourcing_success": 0.99,
                    "cv": 0.21,
                    "actual_cv": 0.18,
                    "coverage": 0.81,
                    "limits": {"mae_floor": 3.9, "process_match_ceiling": 0.96, "exact_match_ceiling": 0.9},
                    "sample_count": {"items": 480, "operations": 3120},
                    "window": {"start": "2025-09-24T00:00:00Z", "end": "2025-10-22T00:00:00Z"},
                    "sampling": {"sample_size": 500, "strategy": "random", "seed": 0},
                    "alerts": [],
                    "excluded": {"booked at plan": 31},
                    "quarantine": [],
                }
            ]
        }
    )

    cycle_id: str
    created_at: str
    status: CycleStatus
    message: str
    model_version: str
    data_cutoff: str | None
    mae: float | None = Field(description="minutes per operation and lot")
    trim_mae: float | None
    rmse: float | None
    wape: float | None
    routing_mae: float | None
    process_match: float | None
    exact_match: float | None
    exact_route: float | None
    work_centre_match: float | None
    outsourcing_success: float | None
    cv: float | None
    actual_cv: float | None
    coverage: float | None
    limits: EstimatedLimits | None = Field(
        default=None,
        description="the best that any model could reach on the judged work, as far as repeat orders and items that "
        "nothing tells apart show; null in cycles of earlier releases",
    )
    sample_count: SampleCount
    window: Window
    sampling: Sampling
    alerts: list[Alert]
    excluded: dict[str, int]
    quarantine: list[QuarantineCount]


class Cycle(CycleSummary):
    """One quality evaluation with its segments, worst first."""

    segments: list[dict[str, Any]]


class CycleList(Answer):
    """Cycles, newest first, without segments."""

    cycles: list[CycleSummary]


class StoredAlert(Answer):
    """A threshold that a cycle breached."""

    alert_id: int
    created_at: str
    cycle_id: str | None
    metric: str
    value: float | None
    threshold: float | None
    severity: str
    message: str


class AlertList(Answer):
    """Alerts, newest first."""

    alerts: list[StoredAlert]
