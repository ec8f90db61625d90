"""The refresh job's work in its child process."""

from typing import Any, Final

from backend.domain.progress import part_of
from backend.erp.embedded import is_elsewhere
from backend.erp.reading import PlantReader
from backend.errors import BundleError, InsufficientDataError
from backend.iter_training.evaluation.record_until import record_until
from backend.iter_training.task_context import TaskContext
from backend.iter_training.training.refresher import Parent, Refresher, result_of
from backend.iter_training.training.trainer import refuse_bad_data
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore

READING_SHARE: Final = 0.5


def run(context: TaskContext) -> dict[str, Any]:
    """Carry the active version on over the work orders finished after its data cutoff.

    Raises NoModelError without one, BundleError where it cannot be used or was made for another plant,
    InsufficientDataError where it has learnt from no work order yet, and TooMuchBadDataError.
    """
    parent = _parent(context)
    cutoff = parent.record.data_cutoff
    if cutoff is None:
        raise InsufficientDataError("work orders that the active version learnt from", 0, 1, "Run 'routing-ml train'")
    reader = PlantReader(context.settings)
    read = reader.read_work_orders_since(cutoff, part_of(context.report, 0.0, READING_SHARE))
    plant = record_until(read, context.parameters, reader.profile.rules.time_zone, context.log)
    context.log(
        f"read {len(plant.work_orders):,} rows that are open or were finished after {cutoff:%Y-%m-%d %H:%M} UTC"
    )
    refuse_bad_data(plant, context.settings.config.training.max_bad_row_share)
    refresher = Refresher(
        parent, context.settings, context.job_id, context.clock(), context.folder / "refreshed", context.log
    )
    outcome = refresher.run(plant.work_orders, part_of(context.report, READING_SHARE, 1.0))
    return result_of(outcome, parent, context.folder, context.clock())


def _parent(context: TaskContext) -> Parent:
    found = ModelStore(context.settings).load_active()
    if is_elsewhere(context.settings, found.record.extra.get("plant_database")):
        raise BundleError(found.version, "it was made for another plant", "Run 'routing-ml train'")
    return Parent(found.version, found.record, RoutingModel.from_parts(found.parts, found.version))
