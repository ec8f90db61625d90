"""Gathers what the trigger's rule needs in an evaluation: the champion as it was, the promise, the last decision."""

from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl

from backend.domain.jobs import JobKind
from backend.domain.plant import PlantData
from backend.domain.quality import Alert, EstimatedLimits, Severity
from backend.domain.trigger import TriggerAction, TriggerDecision
from backend.iter_training.evaluation.champion import ChampionInTime
from backend.iter_training.evaluation.evaluator import Champion
from backend.iter_training.evaluation.evidence import gather
from backend.iter_training.evaluation.holdout import newest_finish
from backend.iter_training.evaluation.levels import Evidence
from backend.iter_training.evaluation.set_apart import SetApart
from backend.iter_training.evaluation.thresholds import Attainable, breached_causes
from backend.iter_training.task_context import TaskContext
from backend.iter_training.trigger.held_levels import Shifts
from backend.iter_training.trigger.promise_check import Rule
from backend.iter_training.trigger.trigger import CLEAN_SHEET, decide
from backend.ml.model import RoutingModel
from backend.monitoring.cycles import newest_decision
from backend.monitoring.trigger_json import promise_from_json
from backend.settings import Settings
from backend.state.database import open_state_engine, state_url
from backend.state.trigger_requests import newest_came_to_nothing


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the trigger decided, and the evidence for it."""

    decision: TriggerDecision
    evidence: Evidence


def judge_trigger(
    context: TaskContext, history: ChampionInTime, plant: PlantData, best: EstimatedLimits
) -> Judgement | None:
    """Decide what follows from the newest work; None where nothing is finished. `best`: what any model could reach."""
    settings, champion = context.settings, history.now
    apart, until = SetApart.of(plant.work_orders, settings.config), newest_finish(plant.work_orders)
    if apart is None or until is None:
        return None
    before = decision_before(settings, champion.trained_version, until)
    since = max(apart.after, before.judged_from or apart.after)
    then = history.at(since)
    # a champion without cutoff has learnt from all there is
    evidence = gather(then.model, plant, max(since, then.data_cutoff or until), until)
    promise = promise_from_json(champion.promise) if champion.promise else None
    if promise is None:
        decision = _unpromised(before)
    else:
        limits = settings.config.thresholds
        breaches = breached_causes(evidence, Attainable(champion.promised, best), limits)

        def look_back() -> Evidence:
            return _foreseen_if_refreshed(history.at(apart.after), plant, apart)

        decision = decide(evidence, promise, rule_of(settings), before, breaches, look_back)
    context.log(f"trigger: {decision.action.value}: {decision.reason}")
    return Judgement(decision, evidence)


def rule_of(settings: Settings) -> Rule:
    """Return the rule with the configured thresholds."""
    limits = settings.config.trigger
    shifts = Shifts(
        excess=limits.time_excess_pct / 100,
        rate_excess=limits.mismatch_excess_pct / 100,
        segment_shift=limits.segment_shift_pct / 100,
    )
    return Rule(shifts, settings.config.evaluation.min_operations)


def alerts_of(decision: TriggerDecision) -> tuple[Alert, ...]:
    """Return an alert per cause; critical where it has outlived the refresh."""
    severity = Severity.WARNING if decision.action is TriggerAction.REFRESH else Severity.CRITICAL
    return tuple(
        Alert(cause.measure.value, cause.excess, cause.limit, severity, cause.text)
        for cause in decision.causes
        if not cause.is_threshold
    )


def decision_before(settings: Settings, trained_version: str, until: datetime) -> TriggerDecision:
    """Return the decision of the newest stored cycle, a clean sheet where it was about another training or a later day.

    A retraining that was asked for and came to nothing (a full queue, a crash) is not counted, and asked for again.
    """
    engine = open_state_engine(state_url(settings))
    try:
        found, in_vain = newest_decision(engine), newest_came_to_nothing(engine, JobKind.TRAINING)
    finally:
        engine.dispose()
    clean = replace(CLEAN_SHEET, trained_version=trained_version)
    decision = found or clean
    if decision.trained_version != trained_version or (decision.judged_from or until) > until:
        return clean
    alarm = decision.alarm
    if alarm is None or alarm.retrained_at is None or not in_vain:
        return decision
    return replace(decision, alarm=replace(alarm, retrains=alarm.retrains - 1, retrained_at=None))


def _foreseen_if_refreshed(champion: Champion, plant: PlantData, apart: SetApart) -> Evidence:
    """Gather what a champion shows on the days set apart, refreshed up to them first, deployed so or not."""
    cutoff = champion.data_cutoff or apart.until
    if cutoff >= apart.after or not isinstance(champion.model, RoutingModel):
        return gather(champion.model, plant, max(cutoff, apart.after), apart.until)
    finished = pl.col("finished_at")
    seen = plant.work_orders.filter((finished > cutoff) & (finished <= apart.after))
    model, _ = champion.model.refreshed(seen)
    return gather(model, plant, apart.after, apart.until)


def _unpromised(before: TriggerDecision) -> TriggerDecision:
    reason = f"{before.trained_version} has no promised level, an earlier release made it; a new training has one"
    return replace(before, action=TriggerAction.INSUFFICIENT_DATA, reason=reason, causes=())
