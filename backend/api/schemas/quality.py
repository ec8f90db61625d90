"""What the quality endpoints give: cycles as they were stored."""

from typing import Any

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer
from backend.api.schemas.drift import DriftView
from backend.api.schemas.trigger import TriggerView, WatchView
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
                    "total_coverage": 0.79,
                    "limits": {"mae_floor": 3.9, "process_match_ceiling": 0.96, "exact_match_ceiling": 0.9},
                    "intervals": {"mae": [3.9, 4.5], "process_match": [0.89, 0.93]},
                    "sample_count": {"items": 480, "operations": 3120},
                    "window": {"start": "2025-09-24T00:00:00Z", "end": "2025-10-22T00:00:00Z"},
                    "sampling": {"sample_size": 500, "strategy": "random", "seed": 0},
                    "alerts": [],
                    "drift": {
                        "since": "2025-09-24",
                        "until": "2025-10-21",
                        "operations": 9120,
                        "errors": [
                            {
                                "dimension": "work_centre",
                                "value": "CNC-04",
                                "change_pct": 22.2,
                                "low_pct": 16.8,
                                "high_pct": 27.9,
                                "since": "2025-10-03",
                                "began_before": False,
                                "operations": 61,
                                "items": 20,
                                "sentence": "work centre CNC-04 takes 22 % longer since 2025-10-03 (17 to 28 %; "
                                "61 operations of 20 items)",
                            }
                        ],
                        "inputs": [],
                    },
                    "trigger": {
                        "action": "refresh",
                        "reason": "alarm, the fast layers are refreshed first: work centre CNC-04 takes 22 % longer "
                        "than was to be expected",
                        "trained_version": "version_20251022T140000Z_g000017",
                        "judged_operations": 9120,
                        "judged_from": "2025-10-21T14:59:00Z",
                        "causes": [
                            {
                                "measure": "bias",
                                "dimension": "work_centre",
                                "value": "CNC-04",
                                "excess": 0.2,
                                "chance": 2e-7,
                                "operations": 61,
                                "days": 7.0,
                                "text": "work centre CNC-04 takes 22 % longer than was to be expected",
                                "limit": 0.1,
                            }
                        ],
                        "alarm": {
                            "opened_at": "2025-10-21T14:59:00Z",
                            "causes": [["bias", "work_centre", "CNC-04"]],
                            "retrains": 0,
                            "retrained_at": None,
                        },
                        "request": {
                            "kind": "refresh",
                            "job_id": "job_20251022T140105_1a2b3c4d",
                            "outcome": "started",
                        },
                    },
                    "watch": None,
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
    total_coverage: float | None = Field(
        default=None,
        description="share of whole lots, made by the proposed sequence, inside the 80 % range of their total; null in "
        "cycles of earlier releases",
    )
    limits: EstimatedLimits | None = Field(
        default=None,
        description="the best that any model could reach on the judged work, as far as repeat orders and items that "
        "nothing tells apart show; null in cycles of earlier releases",
    )
    intervals: dict[str, tuple[float, float]] = Field(
        default_factory=dict, description="95 % interval of each metric, from resampled items; empty in earlier cycles"
    )
    sample_count: SampleCount
    window: Window
    sampling: Sampling
    alerts: list[Alert]
    drift: DriftView | None = Field(
        default=None,
        description="null for a backtest, where nothing new has finished, and in cycles of earlier releases",
    )
    trigger: TriggerView | None = Field(
        default=None, description="null for a backtest, where nothing has finished, and in cycles of earlier releases"
    )
    watch: WatchView | None = Field(default=None, description="null where no promoted version is watched")
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


class StaleStandardView(Answer):
    """An operation of an item whose valid standard is wrong by more than chance explains."""

    item_code: str
    operation_code: str
    operation_name: str | None
    work_centre: str | None
    setup_minutes: float = Field(description="the standard, per lot")
    run_minutes_per_unit: float = Field(description="the standard")
    factor: float = Field(description="what it takes / the standard")
    low: float = Field(description="the factor's 80 % range")
    high: float
    lots: int = Field(description="measured lots of the last year")
    standard_minutes_per_lot: float = Field(description="at the quantities that were made")
    minutes_per_year: float = Field(description="by which the plan was wrong")
    work_order_codes: list[str] = Field(description="the newest of them")


class StaleStandards(Answer):
    """Stale standards as of the newest evaluation, costliest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "until": "2025-10-21T14:59:00Z",
                    "days": 365.0,
                    "compared": 48211,
                    "ambiguous": 0,
                    "found": 6336,
                    "stale": [
                        {
                            "item_code": "ITEM001",
                            "operation_code": "C040",
                            "operation_name": "복합 가공 (Turn-milling)",
                            "work_centre": "W0805",
                            "setup_minutes": 33.0,
                            "run_minutes_per_unit": 30.647,
                            "factor": 0.545,
                            "low": 0.522,
                            "high": 0.57,
                            "lots": 17,
                            "standard_minutes_per_lot": 366.5,
                            "minutes_per_year": 2832.0,
                            "work_order_codes": ["W250919-006677-35", "W250902-006677-34"],
                        }
                    ],
                }
            ]
        }
    )

    until: str | None = Field(description="the newest work order that counts")
    days: float = Field(description="how far back lots were looked at")
    compared: int = Field(description="operations of items that have one valid standard and measured lots")
    ambiguous: int = Field(description="left out: operations of items with several valid standards")
    found: int
    stale: list[StaleStandardView]
