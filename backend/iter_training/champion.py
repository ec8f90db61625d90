"""Loads the active version for judging."""

from backend.errors import NoModelError
from backend.iter_training.evaluator import Champion
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import Settings


def load_champion(settings: Settings) -> Champion | None:
    """Return the active version's model, None where nothing is active; raises BundleError."""
    try:
        found = ModelStore(settings).load_active()
    except NoModelError:
        return None
    model = RoutingModel.from_parts(found.parts)
    return Champion(found.version, found.record.data_cutoff, model, found.record.family)
