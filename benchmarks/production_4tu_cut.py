"""The machine shop's log cut in two: what had finished by then, and the work orders that began later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.iter_training.evaluation.holdout import unseen_work
from backend.ml.judging.alignment import sequence_match
from backend.ml.judging.comparison import ActualLot
from backend.ml.judging.metrics import process_match

ALWAYS: Final = (datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 - naive UTC, as everywhere in a plant
MINUTES: Final = ("run_minutes", "setup_minutes")
KEY: Final = ("work_order_code", "operation_code")
Route: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Future:
    """What had finished by the cut, and the lots that began later."""

    plant: PlantData
    cut: datetime
    past: pl.DataFrame
    operations: pl.DataFrame
    """Operations of the judged lots."""
    lots: list[ActualLot]


def split(plant: PlantData, share: float) -> Future:
    """Cut the log where the last share of the finished work orders begins."""
    orders = plant.work_orders.group_by("work_order_code").agg(
        began=pl.col("released_at").min(), still_open=pl.col("finished_at").null_count() > 0
    )
    finished = orders.filter(~pl.col("still_open")).sort("began", "work_order_code")
    judged = finished.tail(round(share * len(finished)))
    cut = judged["began"][0]
    operations = plant.work_orders.join(judged, on="work_order_code", how="semi")
    return Future(plant, cut, plant.finished_until(cut), operations, lots_of(operations))


def lots_of(operations: pl.DataFrame) -> list[ActualLot]:
    """Return whole lots as the metrics take them."""
    return unseen_work(operations, *ALWAYS).lots()


def time_errors(future: Future, predicted: pl.DataFrame) -> tuple[float, float]:
    """Return the mean |error| of run and set-up minutes; what is not predicted is the median of all operations."""
    errors = [
        (predicted[name].fill_null(future.past[name].median()) - future.operations[name]).abs().to_numpy().mean()
        for name in MINUTES
    ]
    return float(errors[0]), float(errors[1])


def matches(future: Future, routes: Sequence[Route]) -> tuple[float, ...]:
    """Return process_match, the share of exact sequences and the mean match of the judged lots."""
    pairs = list(zip(routes, future.lots, strict=True))
    items = [lot.item_code for lot in future.lots]
    matches = [sequence_match(route, lot.operation_codes) for route, lot in pairs]
    exact = float(np.mean([route == lot.operation_codes for route, lot in pairs]))
    return process_match(matches, items) or 0.0, exact, float(np.mean(matches))
