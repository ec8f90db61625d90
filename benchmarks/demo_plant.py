"""Accuracy beside the noise floor on a demo plant: python -m benchmarks.demo_plant [--items 20000 --seed 0].

Protocol: a demo plant is written (or taken from --folder, where it stays for the next run). 5 % of the items
are removed whole (new items), and all work finished in the last 28 days is not learnt from. Judged are lots
whose operations all finished in those 28 days: of items with work orders before, of items never made
before, and all lots of the new items, which are predicted from their attributes and code. The floor is what
the best possible predictor reaches, from the truth file that the generator writes beside the plant.
"""

import argparse
import json
import pickle
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from backend.domain.plant import PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, write_demo_plant
from backend.erp.demo.truth import truth_json
from backend.erp.reading import PlantReader
from backend.iter_training.holdout import unseen_work
from backend.ml.comparison import ActualLot, compare, summarise
from backend.ml.model import FAMILIES, FitOptions, RoutingModel, fit_model
from backend.settings import load_settings

WINDOW = timedelta(days=28)
NEW_SHARE = 0.05
MAX_LOTS = 4000


@dataclass(frozen=True)
class Task:
    """What is learnt from, and which lots are judged under which heading."""

    plant: PlantData
    cutoff: datetime
    groups: dict[str, list[ActualLot]]
    attributes: dict[str, dict[str, Any]]
    """Attributes of the new items."""
    floor: dict[str, Any]


def read_task(folder: Path, items: int, seed: int) -> Task:
    """Write the plant unless it is there, read it, and set lots aside."""
    settings = load_settings(folder)
    database = settings.plant_database_path
    if not database.exists():
        database.parent.mkdir(parents=True, exist_ok=True)
        write_demo_plant(database, DemoOptions(items=items, seed=seed), no_progress)
    plant = PlantReader(settings).read_plant(no_progress)
    floor = json.loads(truth_json(database).read_text(encoding="utf-8"))["noise_floor"]
    finished = sorted(plant.work_orders["finished_at"].drop_nulls().unique().to_list())
    oldest, newest = finished[0], finished[-1]
    codes = plant.items["item_code"].sort().to_numpy()
    new = set(np.random.default_rng(5).choice(codes, int(len(codes) * NEW_SHARE), replace=False).tolist())
    keep = ~pl.col("item_code").is_in(list(new))
    cutoff = newest - WINDOW
    learnt = PlantData(
        plant.items.filter(keep),
        plant.routings.filter(keep),
        plant.work_orders.filter(keep),
        plant.attributes,
    )
    made = set(plant.work_orders.filter(pl.col("finished_at") <= cutoff)["item_code"])
    lots = unseen_work(plant.work_orders.filter(keep), cutoff, newest).lots()
    all_new = unseen_work(plant.work_orders.filter(~keep), oldest, newest).lots()
    groups = {
        "known, made before": [lot for lot in lots if lot.item_code in made][:MAX_LOTS],
        "known, never made": [lot for lot in lots if lot.item_code not in made][:MAX_LOTS],
        "new": all_new[:MAX_LOTS],
    }
    names = [attribute.name for attribute in plant.attributes]
    rows = plant.items.filter(~keep).iter_rows(named=True)
    return Task(learnt, cutoff, groups, {row["item_code"]: {name: row[name] for name in names} for row in rows}, floor)


def predict(model: RoutingModel, task: Task, lots: Sequence[ActualLot]) -> list[ItemPrediction]:
    """Ask for every lot's item and quantity."""
    queries = [PredictionQuery(lot.item_code, task.attributes.get(lot.item_code), lot.quantity) for lot in lots]
    return model.predict(queries, evidence=False)


def calibration(lots: Sequence[ActualLot], answers: Sequence[ItemPrediction]) -> tuple[float, float, float]:
    """Return the share of answers given at least 90 %, how many of these are right, and the calibration error."""
    sure = np.array([a.best.probability if a.best else 0.0 for a in answers])
    codes = [tuple(op.operation_code for op in a.best.operations) if a.best else () for a in answers]
    right = np.array([code == lot.operation_codes for code, lot in zip(codes, lots, strict=True)])
    bins = np.minimum((sure * 10).astype(int), 9)
    error = sum(abs(right[bins == b].sum() - sure[bins == b].sum()) for b in range(10)) / len(sure)
    high = sure >= 0.9
    return float(high.mean()), float(right[high].mean()) if high.any() else float("nan"), float(error)


def main() -> None:
    """Print one table per family of models."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--items", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--folder", type=Path)
    arguments.add_argument("--families", nargs="*", choices=FAMILIES, default=list(FAMILIES))
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        task = read_task(options.folder or Path(scratch), options.items, options.seed)
    console = Console(width=160)
    floor = {name: task.floor[name] for name in ("mae_minutes", "exact_match_ceiling")}
    console.print("floor of the demo plant:", floor)
    for family in options.families:
        console.print(_table(task, family))


def _table(task: Task, family: Any) -> Table:
    begun = time.perf_counter()
    model = fit_model(task.plant, task.cutoff, FitOptions(family), no_progress)
    seconds = time.perf_counter() - begun
    bundle = pickle.dumps(model.to_parts(), 5)
    model = RoutingModel.from_parts(pickle.loads(bundle))  # noqa: S301 - made one line above
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    title = f"{family}: fitted in {seconds:.0f} s, peak {peak:.0f} MB, bundle {len(bundle) / 1e6:.1f} MB"
    table = Table(title=title)
    names = ("lots", "exact", "process", "route", "centre", "in-house", "MAE", "WAPE", "coverage")
    for name in ("", *names, ">= 90 %", "of these right", "ECE", "ms / item"):
        table.add_column(name, justify="right")
    for name, lots in task.groups.items():
        if lots:
            table.add_row(name, *_row(model, task, lots))
    return table


def _row(model: RoutingModel, task: Task, lots: Sequence[ActualLot]) -> list[str]:
    begun = time.perf_counter()
    answers = predict(model, task, lots)
    milliseconds = (time.perf_counter() - begun) * 1000 / len(lots)
    m = summarise(compare(lots, answers))
    parts = (m.exact_match, m.process_match, m.exact_route, m.work_centre_match, m.outsourcing_success, m.mae, m.wape)
    values = [*parts, m.coverage, *calibration(lots, answers), milliseconds]
    return [str(len(lots)), *("-" if value is None else f"{value:.3f}" for value in values)]


if __name__ == "__main__":
    main()
