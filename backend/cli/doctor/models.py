"""Checks of the model files on disk."""

from collections.abc import Iterator

from backend.cli.doctor.finding import Finding, Verdict
from backend.errors import BundleError
from backend.registry.store import ModelStore
from backend.settings import Settings


def check_models(settings: Settings) -> Iterator[Finding]:
    """Compare every model file with its hash, and say whether a version is active at all."""
    store = ModelStore(settings)
    try:
        manifest = store.manifest()
        problems = store.verify()
    except BundleError as error:
        yield Finding("model", Verdict.FAULT, str(error), "'routing-ml backup restore' puts the last backup back.")
        return
    if manifest.active_version is None:
        yield Finding("model", Verdict.WARNING, "none is active; every prediction is refused", "routing-ml train")
        return
    detail = f"{manifest.active_version} is active, generation {manifest.generation}, {len(manifest.versions)} kept"
    yield Finding("model", Verdict.OK, detail)
    for problem in problems:
        verdict = Verdict.FAULT if problem.severe else Verdict.WARNING
        yield Finding("model files", verdict, f"{problem.version}: {problem.cause}", problem.remedy)
