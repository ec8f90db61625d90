"""Fits one challenger, writes its bundle, and loads it again: what is judged is what may be deployed."""

import importlib.metadata
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from backend.domain.models import VersionRecord
from backend.domain.plant import PlantData
from backend.domain.prediction import PredictionQuery
from backend.domain.progress import ProgressReport
from backend.errors import BundleError
from backend.iter_training.evaluation.judging import PredictsRoutings
from backend.iter_training.gate.gate import BundleFacts
from backend.ml.model import Family, ModelFitting, RoutingModel
from backend.registry.bundle import (
    PART_FILES,
    VERSION_FILE,
    read_bundle,
    read_own_version_file,
    version_file,
    write_bundle,
)
from backend.registry.durable_files import replace_durable

TIMED_PREDICTIONS: Final = 20
LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "lightgbm", "polars", "routing-ml")


@dataclass(frozen=True, slots=True)
class Origin:
    """What is known of a training before any model is fitted."""

    job_id: str | None
    created_at: datetime
    plant_profile: str
    cutoff: datetime
    seed: int
    candidates_per_answer: int


@dataclass(frozen=True, slots=True)
class Challenger:
    """A candidate as its written bundle gives it back; model is None where that failed."""

    family: str
    folder: Path
    model: RoutingModel | None
    facts: BundleFacts


def build_challenger(
    fitting: ModelFitting, family: Family, origin: Origin, folder: Path, report: ProgressReport
) -> Challenger:
    """Fit one family on the work orders finished by the cutoff and return it as re-loaded from disk."""
    # the fitted model is kept no longer than it takes to write it: two at once would not fit everywhere
    write_bundle(folder, fitting.model(family, report).to_parts(), _record(fitting.plant, family, origin))
    codes = fitting.plant.items["item_code"].head(TIMED_PREDICTIONS).to_list()
    return Challenger(family, folder, *reload_bundle(folder, codes, origin.candidates_per_answer))


def reload_bundle(folder: Path, codes: Sequence[str], candidates: int) -> tuple[RoutingModel | None, BundleFacts]:
    """Load a written bundle again and time single predictions; no model where that failed."""
    try:
        parts, _ = read_bundle(folder)
        model = RoutingModel.from_parts(parts)
    except (BundleError, KeyError, TypeError, ValueError) as error:
        return None, BundleFacts(f"the bundle does not load: {error}", 0.0, 0.0)
    megabytes = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    return model, BundleFacts(None, megabytes, cpu_milliseconds(model, codes, candidates))


def library_versions() -> dict[str, str]:
    """Return the versions of what a model is computed with."""
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return versions | {"python": platform.python_version()}


def _record(plant: PlantData, family: Family, origin: Origin) -> VersionRecord:
    return VersionRecord(
        created_at=origin.created_at,
        data_cutoff=origin.cutoff,
        family=family,
        job_id=origin.job_id,
        plant_profile=origin.plant_profile,
        seed=origin.seed,
        rows={
            "items": plant.items.height,
            "routings": plant.routings.height,
            "work_orders": plant.finished_until(origin.cutoff, "finished_at").height,
        },
        metrics={},
        library_versions=library_versions(),
    )


def promise(
    folder: Path, metrics: Mapping[str, float | None], extra: Mapping[str, Any], replaced: str | None = None
) -> None:
    """Write the level measured at the gate into a bundle's record; the model's files stay as judged."""
    _, own = read_own_version_file(folder)
    record = replace(own.record, metrics=dict(metrics), extra=dict(extra), replaced=replaced)
    replace_durable(folder / VERSION_FILE, version_file(record, {name: own.digests[name] for name in PART_FILES}))


def cpu_milliseconds(model: PredictsRoutings, codes: Sequence[str], candidates: int) -> float:
    """Return what a single prediction costs, with all that an answer contains, as a planner asks for it.

    CPU time: a machine that is busy with other work makes no model slower. The first answer, which warms up, is free.
    """
    for code in codes[:1]:
        model.predict([PredictionQuery(code)], candidates=candidates, evidence=True)
    started = time.process_time()
    for code in codes:
        model.predict([PredictionQuery(code)], candidates=candidates, evidence=True)
    return 1000 * (time.process_time() - started) / max(len(codes), 1)
