"""What the parent does with a finished child's result; doing it twice changes nothing more."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine

from backend.domain.jobs import JobRecord
from backend.domain.models import WatchVerdict
from backend.domain.quality import CycleReport
from backend.errors import BundleError, StaleGenerationError
from backend.iter_training.deployer import ModelDeployer
from backend.iter_training.evaluation.item_results import ITEMS_FILE
from backend.iter_training.evaluation.record_until import AS_OF
from backend.iter_training.gate.gate_figures import FIGURES
from backend.iter_training.plant_facts import store_plant_facts
from backend.iter_training.watch import WATCH_METRIC, watched
from backend.monitoring.cycle_json import cycle_from_json, cycle_to_json
from backend.monitoring.cycles import get_cycle, store_cycle
from backend.monitoring.quality_log import log_cycle_finished, quality_log
from backend.monitoring.reports import write_reports
from backend.monitoring.standards import store_standards
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.settings import Settings
from backend.state.database import open_state_engine, state_url
from backend.state.gate_decisions import store_decision
from backend.state.promotion_hold import PromotionHold, read_hold, set_hold, was_held

RELEASE_HINT: Final = (
    "'routing-ml models release' (or DELETE /api/models/hold) lets trainings promote by themselves again"
)
_ONLY_FOR_FINISHING: Final = frozenset({"plant", "bundle", FIGURES})
_logger = logging.getLogger(__name__)


def finish_training(settings: Settings, job: JobRecord, folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Deploy what the gate promoted and store the decision as it was carried out; return the job's result."""
    shown = {name: value for name, value in result.items() if name not in _ONLY_FOR_FINISHING}
    with _state(settings) as engine:
        store_plant_facts(engine, result["plant"])
        hold = read_hold(engine) if job.automatic else None
        if result["promoted"] and hold:
            reason = f"automatic promotion is held since {hold.held_at:%Y-%m-%d %H:%M} UTC: {hold.reason}"
            shown |= {"promoted": False, "reason": f"not promoted: {reason}. {RELEASE_HINT}"}
            _logger.warning("the version of %s is not promoted: %s", job.job_id, reason)
        elif result["promoted"]:
            shown |= _deploy(settings, job.job_id, folder, result, refreshed=True)
        figures = {FIGURES: result[FIGURES]} if FIGURES in result else {}  # a child of the release before has none
        store_decision(engine, job.job_id, shown | figures)
    return shown


def finish_refresh(settings: Settings, job: JobRecord, folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Deploy a refreshed version that is not worse than its parent, and store the decision; return the job's result.

    A partial read says nothing about the plant's quarantine as a whole, so those counts stay.
    """
    shown = {name: value for name, value in result.items() if name not in _ONLY_FOR_FINISHING}
    if result["skipped"]:
        return shown
    with _state(settings) as engine:
        if result["promoted"]:
            shown |= _deploy(settings, job.job_id, folder, result, refreshed=False)
        store_decision(engine, job.job_id, shown)
    return shown


def _deploy(
    settings: Settings, job_id: str, folder: Path, result: dict[str, Any], *, refreshed: bool
) -> dict[str, Any]:
    """Deploy, unless somebody changed the active version before the commit: the comparison then no longer holds.

    A training that took hours is not lost to the daily refresh of the champion it was compared with.
    """
    deployer = ModelDeployer(settings, actor=f"job {job_id}")
    while True:
        manifest = ModelStore(settings).manifest()
        if manifest.version_of_job(job_id) is None and not _is_still(manifest, result["champion_version"], refreshed):
            reason = (
                f"not promoted: the active version changed from {result['champion_version']} to "
                f"{manifest.active_version} while this job ran; start it again"
            )
            return {"promoted": False, "reason": reason}
        generation = manifest.generation or None  # a lost manifest goes on from its folders' numbers
        try:
            deployed = deployer.deploy(folder / result["bundle"], result["reason"], expected_generation=generation)
        except StaleGenerationError:
            continue
        return {"version": deployed["version"]}


def _is_still(manifest: Manifest, champion: str | None, refreshed: bool) -> bool:
    """Tell whether the champion is active, or, where that will do, a refresh of it."""
    active = manifest.active_version
    while refreshed and champion is not None and active != champion and active in manifest.versions:
        active = manifest.versions[active].record.parent
    return active == champion


def finish_evaluation(settings: Settings, job: JobRecord, folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Write the reports and log lines, then store the cycle with its alerts; return the job's result."""
    kept = folder / ITEMS_FILE  # none where too little could be judged
    cycle = cycle_from_json(result["cycle"])
    with _state(settings) as engine:
        if cycle.watch and cycle.watch.roll_back:
            _roll_back(settings, engine, cycle.watch, cycle.created_at)
            cycle = _with_outcome(engine, cycle, cycle.watch)
        store_plant_facts(engine, result["plant"])
        paths = write_reports(settings.reports_dir, cycle, kept.read_bytes() if kept.is_file() else None)
        if get_cycle(engine, cycle.cycle_id) is None:  # storing it comes last and so means that all is done
            with quality_log(settings):
                log_cycle_finished(cycle)
            if "standards" in result:  # a child of the release before did not look
                store_standards(engine, result["standards"], cycle.created_at)
            store_cycle(engine, cycle, {name: job.parameters[name] for name in (AS_OF,) if name in job.parameters})
    shown = {name: value for name, value in cycle_to_json(cycle).items() if name != "segments"}
    return shown | {"reports": [path.relative_to(settings.root).as_posix() for path in paths]}


def _roll_back(settings: Settings, engine: Engine, verdict: WatchVerdict, now: datetime) -> None:
    """Let the replaced version serve again and hold automatic promotion; a version changed meanwhile stays.

    A version is rolled back once: whoever activates it again wants it so.
    """
    if was_held(engine, verdict.version):
        return
    reason = verdict.reason
    try:
        _serve_again(settings, verdict, f"rolled back: {reason}")
    except BundleError as error:
        reason = f"{reason}; it still serves, because {error}"
    if ModelStore(settings).manifest().active_version == verdict.replaced or reason != verdict.reason:
        set_hold(engine, PromotionHold(now, verdict.version, reason))
        _logger.warning("automatic promotion is held: %s. %s", reason, RELEASE_HINT)


def _with_outcome(engine: Engine, cycle: CycleReport, verdict: WatchVerdict) -> CycleReport:
    """Add to the verdict and its alert what was done about it, the same however often the cycle is finished."""
    hold = read_hold(engine)
    is_ours = hold is not None and (hold.version, hold.held_at) == (verdict.version, cycle.created_at)
    if hold is None or not is_ours:
        return cycle
    trouble = hold.reason.removeprefix(verdict.reason).removeprefix("; ")
    outcome = f"{trouble or f'{verdict.replaced} serves again'}; automatic promotion is held. {RELEASE_HINT}"
    alerts = tuple(
        replace(one, message=f"{one.message}. {outcome}") if one.metric == WATCH_METRIC else one for one in cycle.alerts
    )
    return replace(cycle, watch=replace(verdict, outcome=outcome), alerts=alerts)


def _serve_again(settings: Settings, verdict: WatchVerdict, reason: str) -> None:
    deployer = ModelDeployer(settings, actor="watch")
    while True:
        manifest = ModelStore(settings).manifest()
        target = watched(manifest)
        if target is None or target.version != verdict.version:
            return
        try:
            deployer.activate(verdict.replaced, reason, expected_generation=manifest.generation)
        except StaleGenerationError:
            continue
        return


@contextmanager
def _state(settings: Settings) -> Iterator[Engine]:
    engine = open_state_engine(state_url(settings))
    try:
        yield engine
    finally:
        engine.dispose()
