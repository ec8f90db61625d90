"""Loads the active version for judging."""

from backend.iter_training.evaluator import Champion
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import Settings


def load_champion(settings: Settings) -> Champion | None:
    """Return the active version's model, None where nothing is active; raises BundleError."""
    store = ModelStore(settings)
    version = store.manifest().active_version
    if version is None:
        return None
    parts, record = store.load(version)
    return Champion(version, record.data_cutoff, RoutingModel.from_parts(parts), record.family)
