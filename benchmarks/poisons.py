"""Ways to spoil a challenger: its learning data, its bundle, its speed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.iter_training.evaluation.item_choice import stratum_attribute
from backend.iter_training.evaluation.maturity import LOT
from backend.ml.judging.limits import SequenceCeiling
from backend.ml.model import RoutingModel

SLOWDOWN: Final = 10
MINUTES: Final = ("setup_minutes", "run_minutes")
SOUND: Final = "sound"
Poison: TypeAlias = Callable[[PlantData, np.random.Generator], PlantData]


def labels_shuffled(plant: PlantData, rng: np.random.Generator) -> PlantData:
    """Give every row the times of another one."""
    rows = plant.work_orders
    others = rows.select(MINUTES)[rng.permutation(rows.height)]
    return replace(plant, work_orders=rows.with_columns(others.get_columns()))


def routes_shuffled(plant: PlantData, rng: np.random.Generator) -> PlantData:
    """Book each lot's operations on another lot's item."""
    lots = plant.work_orders.select(LOT).unique(maintain_order=True)
    moved = lots.with_columns(other=lots["item_code"].gather(rng.permutation(lots.height)))
    rows = plant.work_orders.join(moved, on=LOT, how="left", maintain_order="left")
    return replace(plant, work_orders=rows.with_columns(item_code="other").select(plant.work_orders.columns))


def in_seconds(plant: PlantData, _rng: np.random.Generator) -> PlantData:
    """Write all times in another unit."""
    return replace(plant, work_orders=plant.work_orders.with_columns(pl.col(MINUTES) * 60))


def one_centre_in_seconds(plant: PlantData, _rng: np.random.Generator) -> PlantData:
    """Write the busiest work centre's times in another unit."""
    busiest = _common(plant.work_orders["work_centre"], 0)
    scaled = pl.when(pl.col("work_centre") == busiest).then(pl.col(MINUTES) * 60).otherwise(pl.col(MINUTES))
    return replace(plant, work_orders=plant.work_orders.with_columns(scaled))


def part_type_missing(plant: PlantData, _rng: np.random.Generator) -> PlantData:
    """Leave out all that is known of the part type with the second most rows."""
    attribute = stratum_attribute(plant.items, plant.attributes)
    if attribute is None:
        raise ValueError("the plant has no attribute to group items by")
    made = plant.work_orders.join(plant.items, on="item_code")
    gone = _common(made[attribute], 1)
    kept = plant.items.filter(pl.col(attribute).ne_missing(gone))
    routings, work_orders = (
        table.join(kept, on="item_code", how="semi") for table in (plant.routings, plant.work_orders)
    )
    return PlantData(kept, routings, work_orders, plant.attributes)


def medians_alone(plant: PlantData, _rng: np.random.Generator) -> PlantData:
    """Level every operation's times to its medians."""
    setup, run = MINUTES
    rate = (pl.col(run) / pl.col("quantity")).median().over("operation_code")
    level = pl.col(setup).median().over("operation_code")
    return replace(plant, work_orders=plant.work_orders.with_columns(level, (rate * pl.col("quantity")).alias(run)))


def _common(values: pl.Series, rank: int) -> str:
    found = values.drop_nulls().value_counts().sort(["count", values.name], descending=[True, False])
    return str(found[values.name][rank])


POISONS: Final[dict[str, Poison]] = {
    SOUND: lambda plant, _rng: plant,
    "labels shuffled": labels_shuffled,
    "routes shuffled": routes_shuffled,
    "units × 60": in_seconds,
    "units × 60 of one work centre": one_centre_in_seconds,
    "one part type missing": part_type_missing,
    "all times the median": medians_alone,
}


def cut(file: Path) -> None:
    """Keep the first half."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip_a_bit(file: Path) -> None:
    """Flip one bit in the middle."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


DAMAGES: Final[dict[str, Callable[[Path], None]]] = {
    "does not load: cut in half": cut,
    "does not load: one bit flipped": flip_a_bit,
    "does not load: a file is gone": Path.unlink,
}


@dataclass(frozen=True, slots=True)
class SlowModel:
    """Answers every question ten times and gives the last answer."""

    model: RoutingModel

    def knows(self, code: str) -> bool:
        """Tell what the model knows."""
        return self.model.knows(code)

    def predict(
        self, queries: Sequence[PredictionQuery], *, candidates: int = 3, evidence: bool = True
    ) -> list[ItemPrediction]:
        """Predict so many times."""
        answers = [self.model.predict(queries, candidates=candidates, evidence=evidence) for _ in range(SLOWDOWN)]
        return answers[-1]

    def twin_ceiling(self) -> SequenceCeiling | None:
        """Estimate what the model estimates."""
        return self.model.twin_ceiling()
