"""The values that a quality evaluation produces; formulas are in backend.ml.judging.metrics."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from backend.domain.drift import DriftReport
from backend.domain.models import WatchVerdict
from backend.domain.plant import QuarantineCount
from backend.domain.sampling import Sampling
from backend.domain.trigger import TriggerDecision


@dataclass(frozen=True, slots=True)
class QualityMetrics:
    """One number per metric of the design; None where nothing was there to compute it from."""

    mae: float | None
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
    item_count: int
    operation_count: int
    total_coverage: float | None = None
    """None in cycles of earlier releases too."""


@dataclass(frozen=True, slots=True)
class EstimatedLimits:
    """The best that any model could reach on the judged work, as far as the data tells; else None."""

    mae_floor: float | None
    process_match_ceiling: float | None
    exact_match_ceiling: float | None


UNKNOWN_LIMITS: Final = EstimatedLimits(None, None, None)
LIMIT_OF: Final = {
    "mae": "mae_floor",
    "process_match": "process_match_ceiling",
    "exact_match": "exact_match_ceiling",
}
"""Which limit belongs to which metric."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The metrics of one part of the sample: a part type, an operation, known or new items."""

    dimension: str
    value: str
    metrics: QualityMetrics


class CycleStatus(StrEnum):
    """What a cycle could measure."""

    OK = "ok"
    INSUFFICIENT_DATA = "insufficient_data"
    """Too few work orders finished after the data cutoff; no headline number is given."""
    BACKTEST = "backtest"
    """Asked for on purpose: scored on work orders that the model may have learnt from."""


class Severity(StrEnum):
    """How bad a breach is."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Alert:
    """A configured threshold that a cycle breached."""

    metric: str
    value: float
    threshold: float
    severity: Severity
    message: str


@dataclass(frozen=True, slots=True)
class CycleReport:
    """One quality evaluation, complete. Timestamps are naive UTC."""

    cycle_id: str
    created_at: datetime
    status: CycleStatus
    message: str
    model_version: str
    data_cutoff: datetime | None
    window_start: datetime | None
    window_end: datetime | None
    sampling: Sampling
    metrics: QualityMetrics
    limits: EstimatedLimits
    segments: tuple[Segment, ...]
    alerts: tuple[Alert, ...]
    excluded: dict[str, int]
    """Work-order rows left out of judging, by reason (booked at plan, still open …)."""
    quarantine: tuple[QuarantineCount, ...]
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)
    """95 % interval of each metric that has one."""
    trigger: TriggerDecision | None = None
    """What follows from it; None for a backtest, and where nothing was promised."""
    drift: DriftReport | None = None
    """What has changed in the plant; None for a backtest, and where nothing new has finished."""
    watch: WatchVerdict | None = None
    """How a promoted version does beside the one it replaced; None where there is nothing to watch."""
