"""Checks of the model files on disk."""

import json
from collections.abc import Iterator

from backend.cli.doctor.finding import Finding, Verdict
from backend.cli.ordinary_faults import file_error
from backend.errors import BundleError
from backend.ml.bundle_schema import check_schema
from backend.registry.bundle import FEATURE_FILE
from backend.registry.store import ModelStore
from backend.serving.plant_change import plant_change
from backend.settings import Settings


def check_models(settings: Settings) -> Iterator[Finding]:
    """Repair what a crash or a restore left, compare every model file with its hash, and say what is active."""
    store = ModelStore(settings)
    try:
        repaired = store.recover()
        manifest = store.manifest()
        problems = store.verify()
    except (BundleError, OSError) as error:
        unusable = file_error(error) if isinstance(error, OSError) else None
        remedy = f"{unusable.remedy}." if unusable else "'routing-ml backup restore' puts the last backup back."
        yield Finding("model", Verdict.FAULT, str(unusable or error), remedy)
        return
    for line in repaired:
        yield Finding("model files", Verdict.NOTE, f"repaired just now: {line}")
    if forgotten := _forgotten(store):
        yield forgotten
        return
    if manifest.active_version is None:
        yield Finding("model", Verdict.WARNING, "none is active; every prediction is refused", "routing-ml train")
        return
    detail = f"{manifest.active_version} is active, generation {manifest.generation}, {len(manifest.versions)} kept"
    yield Finding("model", Verdict.OK, detail)
    yield from _schema(store, manifest.active_version)
    change = plant_change(settings, manifest.active.record) if manifest.active else None
    if change:
        yield Finding("model's plant", Verdict.WARNING, change.problem, change.command)
    for problem in problems:
        verdict = Verdict.FAULT if problem.severe else Verdict.WARNING
        yield Finding("model files", verdict, f"{problem.version}: {problem.cause}", problem.remedy)


def _forgotten(store: ModelStore) -> Finding | None:
    """Say so where versions are there and the manifest, which alone knows them and their hashes, is not."""
    folders = sorted(path.name for path in store.layout.models_dir.glob("version_*"))
    if store.stamp() is not None or not folders:
        return None
    detail = f"models/manifest.json is gone, though {', '.join(folders)} is there: nothing is served"
    remedy = "Put the file back from a backup ('routing-ml backup restore'), or make a new model: routing-ml train"
    return Finding("model", Verdict.FAULT, detail, remedy)


def _schema(store: ModelStore, version: str) -> Iterator[Finding]:
    """Say so where this release cannot read the active version, damage apart: that is found by its hash."""
    try:
        config = json.loads((store.layout.version_dir(version) / FEATURE_FILE).read_bytes())
        check_schema(config, version)
    except BundleError as error:
        yield Finding("model's schema", Verdict.FAULT, f"{version}: {error.cause}", error.remedy)
    except (OSError, ValueError):
        return
