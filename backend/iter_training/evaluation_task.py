"""The evaluation job's work in its child process."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from backend.domain.models import WatchVerdict
from backend.domain.plant import PlantData
from backend.domain.progress import part_of
from backend.domain.quality import Alert, CycleReport, Severity
from backend.erp.reading import PlantReader
from backend.errors import BundleError, NoModelError
from backend.iter_training.drift.drift_report import long_evidence, report_drift, with_causes
from backend.iter_training.evaluation.champion import ChampionInTime, is_of_another_plant, load_champion
from backend.iter_training.evaluation.evaluator import Champion, CycleRequest, evaluate, sampling_of
from backend.iter_training.evaluation.item_results import ITEMS_FILE, item_results
from backend.iter_training.evaluation.judging import JudgedLots
from backend.iter_training.evaluation.record_until import record_until
from backend.iter_training.plant_facts import plant_facts
from backend.iter_training.task_context import TaskContext
from backend.iter_training.trigger_task import alerts_of, judge_trigger
from backend.iter_training.watch import WATCH_METRIC, WORSE_PCT, watch, watched
from backend.ml.judging.stale_standards import find_stale_standards
from backend.monitoring.cycle_items import items_to_bytes
from backend.monitoring.cycle_json import cycle_to_json
from backend.monitoring.quality_log import log_cycle_started, quality_log
from backend.monitoring.standards import standards_to_json
from backend.registry.store import ModelStore

READING_SHARE: Final = 0.7
MOST_STANDARDS: Final = 1000
"""So many are kept, the costliest; a planner never gets to the end of them before the next evaluation."""


def run(context: TaskContext) -> dict[str, Any]:
    """Score the champion and return the cycle for the finisher.

    Raises NoModelError without one, BundleError where it was made for another plant.
    """
    champion = load_champion(context.settings)
    if champion is None:
        raise NoModelError
    sampling = sampling_of(context.parameters, context.settings)
    request = CycleRequest(
        cycle_id(context.job_id), context.clock(), sampling, bool(context.parameters.get("backtest"))
    )
    _log_start(context, request, champion)
    reader = PlantReader(context.settings)
    read = reader.read_plant(part_of(context.report, 0.0, READING_SHARE))
    plant = record_until(read, context.parameters, reader.profile.rules.time_zone, context.log)
    if is_of_another_plant(champion, plant):
        cause = "it was made for another plant and knows none of this one's items"
        raise BundleError(champion.version, cause, "Run 'routing-ml train'")
    history = ChampionInTime(context.settings, champion, plant, context.log)
    judged = champion if request.backtest else history.before_its_refreshes()
    part = part_of(context.report, READING_SHARE, 1.0)
    cycle = evaluate(judged, plant, request, context.settings, part, keep=partial(_keep_items, context.folder))
    context.log(cycle.message)
    if not request.backtest:
        cycle = _triggered(context, cycle, history, plant, reader.profile.rules.time_zone)
        cycle = _watched(cycle, _watch(context, plant))
    standards = find_stale_standards(plant, MOST_STANDARDS)
    context.log(f"{standards.found:,} of {standards.compared:,} standards that were compared are stale")
    return {
        "cycle": cycle_to_json(cycle),
        "plant": plant_facts(plant, request.created_at),
        "standards": standards_to_json(standards),
    }


def _log_start(context: TaskContext, request: CycleRequest, champion: Champion) -> None:
    with quality_log(context.settings):
        log_cycle_started(
            request.cycle_id,
            champion.version,
            sample_size=request.sampling.sample_size,
            strategy=request.sampling.strategy.value,
            seed=request.sampling.seed,
            backtest=str(request.backtest).lower(),
        )


def _keep_items(folder: Path, judged: JudgedLots) -> None:
    """Leave the items for the finisher, which puts them beside the reports."""
    path = folder / ITEMS_FILE
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(items_to_bytes(item_results(judged)))


def _triggered(
    context: TaskContext, cycle: CycleReport, history: ChampionInTime, plant: PlantData, time_zone: str
) -> CycleReport:
    """Add what follows from the cycle, its alerts, and what has changed in the plant."""
    judgement = judge_trigger(context, history, plant, cycle.limits)
    if judgement is None:
        return cycle
    evidence = long_evidence(context.settings, history, plant, judgement.evidence)
    drift = report_drift(history.now, plant, evidence, time_zone)
    for sentence in drift.sentences if drift else ():
        context.log(f"drift: {sentence}")
    alerts = with_causes((*cycle.alerts, *alerts_of(judgement.decision)), drift)
    return replace(cycle, trigger=judgement.decision, drift=drift, alerts=alerts)


def _watch(context: TaskContext, plant: PlantData) -> WatchVerdict | None:
    """Watch a young version beside the one it replaced; a version that cannot be loaded ends the watch, and is said."""
    target = watched(ModelStore(context.settings).manifest())
    if target is None:
        return None
    try:
        verdict = watch(target, plant, context.settings)
    except BundleError as error:
        context.log(f"{target.version} is not watched: {error}")
        return None
    if verdict:
        context.log(verdict.reason)
    return verdict


def _watched(cycle: CycleReport, verdict: WatchVerdict | None) -> CycleReport:
    cycle = replace(cycle, watch=verdict)
    if verdict is None or not verdict.roll_back:
        return cycle
    alert = Alert(WATCH_METRIC, verdict.loss_pct, WORSE_PCT, Severity.CRITICAL, verdict.reason)
    return replace(cycle, alerts=(*cycle.alerts, alert))


def cycle_id(job_id: str) -> str:
    """Return the cycle's id; one job makes one cycle, however often it is tried or finished.

    >>> cycle_id("job_20251022_140000_ab12")
    'cycle_20251022_140000_ab12'
    """
    return "cycle_" + job_id.removeprefix("job_")
