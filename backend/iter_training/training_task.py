"""The training job's work in its child process."""

from dataclasses import asdict
from typing import Any, Final

from backend._connection_pool import plant_name
from backend.domain.plant import PlantData
from backend.domain.progress import part_of
from backend.erp.embedded import is_elsewhere
from backend.erp.reading import PlantReader
from backend.errors import BundleError
from backend.iter_training.evaluation.champion import ChampionInTime, is_of_another_plant, load_champion
from backend.iter_training.evaluation.evaluator import Champion, sampling_of
from backend.iter_training.evaluation.record_until import record_until
from backend.iter_training.gate.gate_figures import FIGURES
from backend.iter_training.plant_facts import plant_facts, set_aside
from backend.iter_training.task_context import TaskContext
from backend.iter_training.training.trainer import Trainer, TrainingOutcome, TrainingRequest
from backend.registry.store import ModelStore

READING_SHARE: Final = 0.1


def run(context: TaskContext) -> dict[str, Any]:
    """Read the plant, train, judge; return what the finisher stores and, if promoted, deploys."""
    active = ModelStore(context.settings).manifest().active_version
    reader = PlantReader(context.settings)
    read = reader.read_plant(part_of(context.report, 0.0, READING_SHARE))
    context.log(f"read {', '.join(f'{rows:,} {table}' for table, rows in read.rows_read.items())}")
    for sentence in set_aside(read):
        context.log(sentence)
    plant = record_until(read, context.parameters, reader.profile.rules.time_zone, context.log)
    for name, how in reader.inferred_attributes.items():
        context.log(f"attribute {name} is not in profile.yaml; read as {how}")
    request = TrainingRequest(
        job_id=context.job_id,
        created_at=context.clock(),
        sampling=sampling_of(context.parameters, context.settings),
        folder=context.folder,
        plant_profile=reader.profile.name,
        plant_database=plant_name(context.settings),
    )
    trainer = Trainer(plant, _champion(context, plant), context.settings, request, context.log)
    outcome = trainer.run(part_of(context.report, READING_SHARE, 1.0))
    told = {"plant": plant_facts(plant, request.created_at), "set_aside": set_aside(plant)}
    return _result(outcome, context, active) | told


def _champion(context: TaskContext, plant: PlantData) -> Champion | None:
    """Return the champion, None where there is none or it cannot be compared with: it must not bar its successor."""
    try:
        champion = load_champion(context.settings)
    except BundleError as error:
        context.log(f"{error}. It is judged as if there were none")
        return None
    if champion is None:
        return None
    if is_elsewhere(context.settings, champion.plant_database) or is_of_another_plant(champion, plant):
        context.log(f"{champion.version} was made for another plant. It is judged as if there were none")
        return None
    return ChampionInTime(context.settings, champion, plant, context.log).before_its_refreshes()


def _result(outcome: TrainingOutcome, context: TaskContext, active: str | None) -> dict[str, Any]:
    decision = outcome.decision
    return {
        "promoted": decision.promote,
        "reason": decision.reason,
        "version": None,
        "family": outcome.challenger.family,
        "champion_version": active,
        "metrics": decision.challenger_metrics,
        "champion_metrics": decision.champion_metrics,
        "checks": [asdict(check) for check in decision.checks],
        "compared_operations": decision.compared_operations,
        "data_seen": outcome.data_seen,
        FIGURES: outcome.figures,
        "bundle": outcome.challenger.folder.relative_to(context.folder).as_posix(),
        "decided_at": context.clock().isoformat() + "Z",
    }
