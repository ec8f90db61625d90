"""Scores the champion on work orders that finished after its data cutoff: one quality cycle."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from backend.domain.durations import unit_for
from backend.domain.plant import PlantData
from backend.domain.progress import ProgressReport, no_progress
from backend.domain.quality import UNKNOWN_LIMITS, CycleReport, CycleStatus, QualityMetrics
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.iter_training.evaluation.floor_and_ceiling import estimate_limits
from backend.iter_training.evaluation.holdout import JudgeableWork, mature_work, newest_finish
from backend.iter_training.evaluation.item_choice import choose_items
from backend.iter_training.evaluation.judging import (
    HISTORY,
    STRATUM,
    JudgedLots,
    PredictsRoutings,
    item_labels,
    judge_lots,
)
from backend.iter_training.evaluation.thresholds import Attainable, breaches
from backend.ml.judging.comparison import Comparison, summarise
from backend.ml.judging.intervals import metric_intervals
from backend.ml.judging.segments import worst_segments
from backend.settings import Settings

NOTHING: Final = QualityMetrics(*(None,) * 13, 0, 0)
SEGMENT_DIMENSIONS: Final = {
    "part_type": STRATUM,
    "history": HISTORY,
    "operation": "operation_code",
    "work_centre": "work_centre",
}
"""The name of each kind of segment and the column it is made of."""


@dataclass(frozen=True, slots=True)
class CycleRequest:
    """What one evaluation was asked for."""

    cycle_id: str
    created_at: datetime
    sampling: Sampling
    backtest: bool = False


@dataclass(frozen=True, slots=True)
class Champion:
    """The model that is judged and where it comes from."""

    version: str
    data_cutoff: datetime | None
    model: PredictsRoutings
    family: str | None = None
    plant_database: str | None = None
    trained_version: str = ""
    """The version itself, or the training that it is a refresh of."""
    promised: Mapping[str, float | None] = field(default_factory=dict)
    """The metrics at its gate."""
    promise: Mapping[str, Any] | None = None
    """The level that the trigger holds it to, as promise_to_json wrote it."""


def sampling_of(parameters: Mapping[str, Any], settings: Settings) -> Sampling:
    """Return the sampling that a job was asked for; what it leaves open is the settings'."""
    chosen = settings.config.sampling
    size, strategy, seed = (parameters.get(name) for name in ("sample_size", "strategy", "seed"))
    return Sampling(
        int(chosen.sample_size if size is None else size),
        SamplingStrategy(chosen.strategy if strategy is None else strategy),
        int(chosen.seed if seed is None else seed),
    )


def evaluate(  # noqa: PLR0913 - who, on what, how, and who is told
    champion: Champion,
    plant: PlantData,
    request: CycleRequest,
    settings: Settings,
    report: ProgressReport = no_progress,
    *,
    keep: Callable[[JudgedLots], None] | None = None,
) -> CycleReport:
    """Return the cycle: what was judged, how well, where worst, and which thresholds it breaches.

    `keep` is given what each figure is made of, where enough could be judged; it is not held on to afterwards.
    """
    empty = _empty_cycle(champion, plant, request)
    until = newest_finish(plant.work_orders)
    if until is None:
        return replace(empty, message="The plant has no finished work order.")
    holdout = timedelta(days=settings.config.training.holdout_days)
    after = until - holdout if request.backtest else champion.data_cutoff
    if after is None:
        return replace(empty, message="The model has learnt from every work order; a backtest can be asked for.")
    window = mature_work(plant.work_orders, after, until)
    labels = item_labels(plant, after)
    chosen = choose_items(window.items().join(labels, on="item_code", how="left"), request.sampling)
    work = window.of_items(chosen)
    judged = judge_lots(champion.model, work, plant, labels, report)
    comparison = judged.comparison
    if keep and comparison.operations.height >= settings.config.evaluation.min_operations:
        keep(judged)
    del judged  # the predictions of a whole plant are not needed while it is scored
    windowed = replace(empty, window_start=work.after, window_end=work.until, excluded=work.excluded)
    limits = estimate_limits(champion.model, plant.work_orders, work, comparison)
    scored = _scored(replace(windowed, limits=limits), comparison, work, request.backtest, settings)
    if scored.status is not CycleStatus.OK:
        return scored
    thresholds, factor = settings.config.thresholds, settings.config.evaluation.critical_factor
    attainable = Attainable(champion.promised, limits)
    return replace(scored, alerts=breaches(scored.metrics, scored.intervals, attainable, thresholds, factor))


def _scored(
    empty: CycleReport, comparison: Comparison, work: JudgeableWork, backtest: bool, settings: Settings
) -> CycleReport:
    metrics = summarise(comparison)
    needed = settings.config.evaluation.min_operations
    if metrics.operation_count < needed:
        counts = replace(NOTHING, item_count=metrics.item_count, operation_count=metrics.operation_count)
        return replace(empty, metrics=counts, limits=UNKNOWN_LIMITS, message=_too_few(metrics, needed, work))
    return replace(
        empty,
        status=CycleStatus.BACKTEST if backtest else CycleStatus.OK,
        message=_message(metrics, empty.limits.mae_floor, work, backtest),
        metrics=metrics,
        intervals=metric_intervals(comparison),
        segments=worst_segments(comparison, SEGMENT_DIMENSIONS),
    )


def _empty_cycle(champion: Champion, plant: PlantData, request: CycleRequest) -> CycleReport:
    return CycleReport(
        cycle_id=request.cycle_id,
        created_at=request.created_at,
        status=CycleStatus.INSUFFICIENT_DATA,
        message="",
        model_version=champion.version,
        data_cutoff=champion.data_cutoff,
        window_start=None,
        window_end=None,
        sampling=request.sampling,
        metrics=NOTHING,
        limits=UNKNOWN_LIMITS,
        segments=(),
        alerts=(),
        excluded={},
        quarantine=plant.quarantine,
    )


def _message(metrics: QualityMetrics, floor: float | None, work: JudgeableWork, backtest: bool) -> str:
    seen = (
        "BACKTEST on work orders that the model may have learnt from"
        if backtest
        else "on work orders that the model has not seen"
    )
    unit = unit_for([metrics.mae])
    best = "" if floor is None else f" (estimated floor {unit.of(floor):.2f})"
    mae = "–" if metrics.mae is None else f"{unit.of(metrics.mae):.2f} {unit.name}"
    return (
        f"MAE {mae}{best}, process_match {metrics.process_match:.3f}, {seen}: "
        f"{metrics.operation_count:,} operations of {metrics.item_count:,} items{_cohorts(work)}."
    )


def _cohorts(work: JudgeableWork) -> str:
    if work.maturity_days is None:
        return f", finished {work.after:%Y-%m-%d} to {work.until:%Y-%m-%d}"
    mature = work.until - timedelta(days=work.maturity_days)
    return f", started {work.after:%Y-%m-%d} to {mature:%Y-%m-%d} and finished by {work.until:%Y-%m-%d}"


def _too_few(metrics: QualityMetrics, needed: int, work: JudgeableWork) -> str:
    text = f"{metrics.operation_count:,} operations could be judged, {needed:,} are needed (evaluation.min_operations)."
    left_out = ", ".join(f"{count:,} {reason.replace('_', ' ')}" for reason, count in work.excluded.items())
    if left_out:
        text += f" Rows left out: {left_out}."
    if work.maturity_days is not None:
        text += f" Lots take up to {work.maturity_days:.1f} days (19 in 20 of them); younger cohorts are not judged."
    return text + " Wait for more work orders, raise the sample size, or ask for a backtest."
