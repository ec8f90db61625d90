"""The task that accuracy and ranges are measured on: a demo plant, what is learnt from, and which lots are judged."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.domain.prediction import AttributeValue, ItemPrediction, PredictionQuery
from backend.domain.progress import no_progress
from backend.erp.demo.array_types import IntArray
from backend.erp.demo.block_truth import Plant
from backend.erp.demo.generating import make_plant
from backend.erp.demo.item_codes import item_codes
from backend.erp.demo.item_traits import draw_item_traits
from backend.erp.demo.truth import TruthState, truth_json
from backend.erp.reading import PlantReader
from backend.iter_training.evaluation.holdout import newest_finish, unseen_work
from backend.ml.judging.comparison import ActualLot
from backend.ml.model import RoutingModel
from backend.settings import Settings

WINDOW: Final = timedelta(days=28)
NEW_WINDOW: Final = timedelta(days=60)
HELD_OUT_SHARE: Final = 0.1
MAX_LOTS: Final = 8_000
"""By chance alone a perfectly calibrated predictor shows an error of about 0.018 on 3,000 lots, 0.011 on 8,000."""
KNOWN, UNMADE, NEW_ITEM, NEW_FAMILY = "known", "not made before", "new, known family", "new, new family"
GROUPS: Final = (KNOWN, UNMADE, NEW_ITEM, NEW_FAMILY)
NEW: Final = (NEW_ITEM, NEW_FAMILY)

PROTOCOL: Final = f"""\
A demo plant is read as the product reads it, dirt included. {HELD_OUT_SHARE:.0%} of the code families are held out
whole ("{NEW_FAMILY}"), and {HELD_OUT_SHARE:.0%} of the other items one by one ("{NEW_ITEM}"): their items, routings
and work orders are removed before anything is learnt. Work finished in the plant's last {WINDOW.days} days is not
learnt from either. Judged are, of the remaining items, lots whose operations all finished in those days (of items
finished before: "{KNOWN}"; of items never finished before: "{UNMADE}"), and of the held-out items lots whose
operations all finished in the last {NEW_WINDOW.days} days, which lie after the plant's last change of machines.
At most {MAX_LOTS:,} lots per group are drawn by the seed. The draw of families, items and lots depends on the
plant's seed alone. Held-out items are predicted from their attributes and code, all from the lot's quantity."""


@dataclass(frozen=True)
class DemoTask:
    """What is learnt from, and which lots are judged under which heading."""

    plant: PlantData
    """Without held-out items; what finished after the cutoff is still in it, as in the product."""
    cutoff: datetime
    """Naive UTC."""
    local_cutoff: datetime
    """In the plant's own time."""
    hidden: frozenset[str]
    """Codes of held-out items."""
    groups: dict[str, list[ActualLot]]
    setup_minutes: dict[str, dict[int, float]]
    """Per group: measured set-up minutes by the lots' row numbers."""
    attributes: dict[str, dict[str, AttributeValue]]
    """Of the held-out items that are judged."""
    truth: TruthState

    @property
    def lots(self) -> list[ActualLot]:
        """Return the lots of all groups."""
        return [lot for lots in self.groups.values() for lot in lots]

    def predict(self, model: RoutingModel, lots: Sequence[ActualLot]) -> list[ItemPrediction]:
        """Ask for every lot's item and quantity."""
        queries = [PredictionQuery(lot.item_code, self.attributes.get(lot.item_code), lot.quantity) for lot in lots]
        return model.predict(queries, evidence=False)


def read_task(settings: Settings, max_lots: int = MAX_LOTS) -> DemoTask:
    """Read a demo plant and set items and lots aside."""
    truth = read_truth(settings.plant_database_path)
    reader = PlantReader(settings)
    plant = reader.read_plant(no_progress)
    newest = newest_finish(plant.work_orders)
    if newest is None:
        raise ValueError(f"{settings.plant_database_path}: no work order is finished; nothing can be judged")
    cutoff = newest - WINDOW
    zone = ZoneInfo(reader.profile.rules.time_zone)
    new_family, new_item = held_out_items(truth)
    hidden = new_family | new_item
    concealed = pl.col("item_code").is_in(sorted(hidden))
    learnt = PlantData(
        plant.items.filter(~concealed),
        plant.routings.filter(~concealed),
        plant.work_orders.filter(~concealed),
        plant.attributes,
    )
    made = set(learnt.work_orders.filter(pl.col("finished_at") <= cutoff)["item_code"])
    rng = np.random.default_rng([truth.options.seed, 28])
    recent = unseen_work(learnt.work_orders, cutoff, newest)
    of_new = unseen_work(plant.work_orders.filter(concealed), newest - NEW_WINDOW, newest)
    lots, new_lots = recent.lots(), of_new.lots()
    groups = {
        KNOWN: [lot for lot in lots if lot.item_code in made],
        UNMADE: [lot for lot in lots if lot.item_code not in made],
        NEW_ITEM: [lot for lot in new_lots if lot.item_code in new_item],
        NEW_FAMILY: [lot for lot in new_lots if lot.item_code in new_family],
    }
    chosen = {name: _draw(each, max_lots, rng) for name, each in groups.items()}
    setup = {name: _setups((of_new if name in NEW else recent).rows) for name in groups}
    return DemoTask(
        learnt,
        cutoff,
        cutoff.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).replace(tzinfo=None),
        frozenset(hidden),
        chosen,
        setup,
        _attributes(plant, {lot.item_code for name in NEW for lot in chosen[name]}),
        truth,
    )


def read_truth(database: Path) -> TruthState:
    """Return the truth that the generator wrote beside a demo plant."""
    return TruthState.from_json(json.loads(truth_json(database).read_text(encoding="utf-8")))


def held_out_items(truth: TruthState) -> tuple[set[str], set[str]]:
    """Return codes of items whose whole family is held out, and of items held out alone."""
    plant = make_plant(truth.options, [advance.expansion for advance in truth.advances])
    codes, family = _codes_and_families(plant)
    rng = np.random.default_rng([truth.options.seed, 10])
    families = np.unique(family)
    gone = rng.choice(families, int(len(families) * HELD_OUT_SHARE), replace=False)
    with_family = np.isin(family, gone)
    alone = ~with_family & (rng.random(len(codes)) < HELD_OUT_SHARE)
    return set(codes.filter(pl.Series(with_family))), set(codes.filter(pl.Series(alone)))


def _codes_and_families(plant: Plant) -> tuple[pl.Series, IntArray]:
    codes, families = [], []
    for block in plant.blocks:
        traits = draw_item_traits(plant.parameters, plant.families, block)
        codes.append(item_codes(traits.family, np.arange(block.count) + block.first_item, traits.named))
        families.append(traits.family)
    return pl.concat(codes), np.concatenate(families)


def _draw(lots: list[ActualLot], most: int, rng: np.random.Generator) -> list[ActualLot]:
    chosen = np.sort(rng.permutation(len(lots))[:most])
    return [lots[i] for i in chosen.tolist()]


def _setups(rows: pl.DataFrame) -> dict[int, float]:
    measured = rows.filter(~pl.col("booked_at_plan")).drop_nulls("setup_minutes")
    return dict(measured.select("row", "setup_minutes").iter_rows())


def _attributes(plant: PlantData, codes: set[str]) -> dict[str, dict[str, AttributeValue]]:
    names = [attribute.name for attribute in plant.attributes]
    rows = plant.items.filter(pl.col("item_code").is_in(sorted(codes)))
    return {row["item_code"]: {name: row[name] for name in names} for row in rows.iter_rows(named=True)}
