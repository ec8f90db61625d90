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
from backend.iter_training.evaluation.evaluator import Champion
from backend.iter_training.evaluation.set_apart import SetApart
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


class ChampionInTime:
    """A champion as it was at earlier moments: its own training, refreshed up to then.

    A cycle asks for the same moments several times, and playing months of work again takes longer than all the rest:
    each moment is worked out once, and on from the one before it.
    """

    def __init__(self, settings: Settings, champion: Champion, plant: PlantData, log: Callable[[str], None]) -> None:
        self.now = champion
        self._settings = settings
        self._plant = plant
        self._log = log
        self._known: dict[datetime, Champion] = {}
        self._newest: tuple[RoutingModel, datetime] | None = None

    def at(self, moment: datetime) -> Champion:
        """Return the champion as it was at a moment.

        One that has not been refreshed past it, or whose training is younger, no longer kept or damaged (the log
        says so), is returned as it is.
        """
        if moment not in self._known:
            try:
                self._known[moment] = self._as_of(moment)
            except BundleError as error:
                self._log(f"{error}. {self.now.version} is judged on what its refreshes have not seen")
                self._known[moment] = self.now
        return self._known[moment]

    def before_its_refreshes(self) -> Champion:
        """Return the champion as it was before the days that a training sets apart.

        One that is refreshed every day has seen all the work that it could be judged on.
        """
        apart = SetApart.of(self._plant.work_orders, self._settings.config)
        if apart is None:
            return self.now
        then = self.at(apart.after)
        if then is not self.now:
            moment = f"{apart.after:%Y-%m-%d}"
            self._log(f"{self.now.version} is judged as it was on {moment}: later refreshes saw what judges it")
        return then

    def _as_of(self, moment: datetime) -> Champion:
        cutoff, trained = self.now.data_cutoff, self._training()
        if cutoff is None or cutoff <= moment or trained is None or trained[1] > moment:
            return self.now
        model, start = self._begin(moment, *trained)
        finished = pl.col("finished_at")
        seen = self._plant.work_orders.filter((finished > start) & (finished <= moment))
        self._newest = model.refreshed(seen)[0], moment
        return replace(self.now, model=self._newest[0], data_cutoff=moment)

    def _training(self) -> tuple[str, datetime] | None:
        """Return the version that the champion is a refresh of and its cutoff; None where that cannot be had."""
        versions = ModelStore(self._settings).versions()
        name = versions[self.now.version].record.trained_version if self.now.version in versions else None
        start = versions[name].record.data_cutoff if name in versions else None
        return (name, start) if name is not None and start is not None else None

    def _begin(self, moment: datetime, trained: str, start: datetime) -> tuple[RoutingModel, datetime]:
        """Return a model that is no younger than a moment, the newest at hand, and its cutoff."""
        if self._newest and self._newest[1] <= moment:
            return self._newest
        parts, _ = ModelStore(self._settings).load(trained)
        return RoutingModel.from_parts(parts, trained), start


def is_of_another_plant(champion: Champion, plant: PlantData) -> bool:
    """Tell whether the champion knows next to none of the plant's items: there is nothing to compare it on."""
    codes = plant.items["item_code"]
    enough = LEAST_KNOWN_SHARE * len(codes)
    known = islice(filter(champion.model.knows, codes), math.ceil(enough))  # a full count takes seconds
    return sum(1 for _ in known) < enough
