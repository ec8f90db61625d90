"""Loads the active version for judging."""

from typing import Final

from backend.domain.plant import PlantData
from backend.errors import NoModelError
from backend.iter_training.evaluator import Champion
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import Settings

LEAST_KNOWN_SHARE: Final = 0.01
"""Of another plant's items a model knows none, or a few whose codes are alike by chance (ITEM001)."""


def load_champion(settings: Settings) -> Champion | None:
    """Return the active version's model, None where nothing is active; raises BundleError."""
    try:
        found = ModelStore(settings).load_active()
    except NoModelError:
        return None
    model = RoutingModel.from_parts(found.parts)
    record = found.record
    return Champion(found.version, record.data_cutoff, model, record.family, record.extra.get("plant_database"))


def is_of_another_plant(champion: Champion, plant: PlantData) -> bool:
    """Tell whether the champion knows next to none of the plant's items: there is nothing to compare it on."""
    codes = plant.items["item_code"]
    known = sum(champion.model.knows(code) for code in codes)
    return known < LEAST_KNOWN_SHARE * len(codes)
