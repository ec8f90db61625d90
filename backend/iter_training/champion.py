"""Loads the active version for judging, as it is or as it was at an earlier moment."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

import polars as pl

from backend.domain.plant import PlantData
from backend.errors import BundleError, NoModelError
from backend.iter_training.evaluator import Champion
from backend.iter_training.set_apart import SetApart
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
    model = RoutingModel.from_parts(found.parts, found.version)
    record = found.record
    return Champion(
        found.version,
        record.data_cutoff,
        model,
        record.family,
        record.extra.get("plant_database"),
        record.trained_version or found.version,
        record.metrics,
        record.extra.get("promise"),
    )


def champion_as_of(settings: Settings, champion: Champion, plant: PlantData, moment: datetime) -> Champion:
    """Return a champion that was refreshed past a moment as it would have been then; raises BundleError.

    It has seen the work that it would be judged on, so its own training is refreshed up to the moment.
    A champion that has not, or whose training is no longer kept or younger, is returned as it is.
    """
    versions = ModelStore(settings).versions()
    trained = versions[champion.version].record.trained_version if champion.version in versions else None
    start = versions[trained].record.data_cutoff if trained in versions else None
    if trained is None or start is None or champion.data_cutoff is None:
        return champion
    if champion.data_cutoff <= moment or start > moment:
        return champion
    parts, _ = ModelStore(settings).load(trained)
    finished = pl.col("finished_at")
    seen = plant.work_orders.filter((finished > start) & (finished <= moment))
    model, _ = RoutingModel.from_parts(parts, trained).refreshed(seen)
    return replace(champion, model=model, data_cutoff=moment)


def before_its_refreshes(
    settings: Settings, champion: Champion, plant: PlantData, log: Callable[[str], None]
) -> Champion:
    """Return the champion as it was before the days that a training sets apart; as it is where that cannot be had.

    One that is refreshed every day has seen all the work that it could be judged on.
    """
    apart = SetApart.of(plant.work_orders, settings.config)
    if apart is None:
        return champion
    moment = apart.after
    try:
        then = champion_as_of(settings, champion, plant, moment)
    except BundleError as error:
        log(f"{error}. {champion.version} is judged on what its refreshes have not seen")
        return champion
    if then is not champion:
        log(f"{champion.version} is judged as it was on {moment:%Y-%m-%d}: later refreshes saw what judges it")
    return then


def is_of_another_plant(champion: Champion, plant: PlantData) -> bool:
    """Tell whether the champion knows next to none of the plant's items: there is nothing to compare it on."""
    codes = plant.items["item_code"]
    enough = LEAST_KNOWN_SHARE * len(codes)
    known = islice(filter(champion.model.knows, codes), math.ceil(enough))  # a full count takes seconds
    return sum(1 for _ in known) < enough
