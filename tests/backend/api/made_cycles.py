"""Quality cycles for the API tests."""

from datetime import datetime, timedelta

from backend.domain.plant import QuarantineCount
from backend.domain.quality import Alert, CycleReport, CycleStatus, EstimatedLimits, QualityMetrics, Severity
from backend.domain.sampling import Sampling, SamplingStrategy

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere inside


def cycle(name: str, hours_ago: float, mae: float) -> CycleReport:
    return CycleReport(
        cycle_id=name,
        created_at=NOON - timedelta(hours=hours_ago),
        status=CycleStatus.OK,
        message="",
        model_version="version_20260201T000000Z_g000001",
        data_cutoff=NOON - timedelta(days=28),
        window_start=NOON - timedelta(days=28),
        window_end=NOON,
        sampling=Sampling(500, SamplingStrategy.RANDOM, 0),
        metrics=QualityMetrics(mae, 3.0, 8.0, 0.1, 11.0, 0.9, 0.8, 0.7, 0.9, 1.0, 0.2, None, 0.81, 480, 3000),
        limits=EstimatedLimits(3.9, 0.96, 0.9),
        segments=(),
        alerts=(Alert("mae", mae, 5.0, Severity.WARNING, "mae is above 5 minutes"),),
        excluded={"booked at plan": 31},
        quarantine=(QuarantineCount("items", "no code", 7),),
    )
