"""Routings of products never seen, on AdventureWorks: python -m benchmarks.adventureworks [--seeds 5].

Protocol: the files of ../shared/data/adventureworks are imported through the shipped profile. Products
with work orders are split at random, 80 % to learn from and 20 % to judge on, once per seed (0, 1, 2 …).
The work orders and routings of the judged products are removed before anything is fitted; they are
predicted from their attributes and product number. Judged is the exact sequence of work centres against
the product's most frequent real one. No setting of the model was chosen
by this score; judged products were looked at, however, while defects were being hunted.

Beside it, in the same run: copying the routing of the nearest product (one-hot categories, standardised
numbers, words of the name; Euclidean), and always proposing the plant's most frequent routing.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from backend.domain.plant import AttributeKind, PlantData
from backend.domain.prediction import PredictionQuery
from backend.domain.progress import no_progress
from backend.erp.importing import import_folder
from backend.erp.reading import PlantReader
from backend.ml.model import FitOptions, fit_model
from backend.ml.tokens import tokens_of
from backend.settings import SOURCE_ROOT, load_settings

DATA = SOURCE_ROOT.parent / "shared" / "data" / "adventureworks"
TEST_SHARE = 0.2
Route: TypeAlias = tuple[str, ...]


def read_adventureworks(folder: Path) -> PlantData:
    """Import the files into a plant of its own and read it."""
    with tempfile.TemporaryDirectory() as root:
        config = Path(root, "config", "iter_training.yaml")
        config.parent.mkdir()
        config.write_text("plant:\n  profile: adventureworks\n", encoding="utf-8")
        settings = load_settings(Path(root))
        import_folder(folder, "adventureworks", settings, no_progress)
        return PlantReader(settings).read_plant(no_progress)


def real_routes(plant: PlantData) -> dict[str, Route]:
    """Return each made product's most frequent sequence of work centres."""
    orders = plant.work_orders.sort("work_order_code", "sequence")
    routes = orders.group_by("item_code", "work_order_code", maintain_order=True).agg(route=pl.col("work_centre"))
    counted = (
        routes.group_by("item_code", "route").len().sort("item_code", "len", "route", descending=[False, True, False])
    )
    best = counted.group_by("item_code", maintain_order=True).first()
    return {item: tuple(route) for item, route in best.select("item_code", "route").iter_rows()}


def without(plant: PlantData, items: Sequence[str]) -> PlantData:
    """Return the plant without some items and all that was ever done for them."""
    keep = ~pl.col("item_code").is_in(list(items))
    return PlantData(
        plant.items.filter(keep), plant.routings.filter(keep), plant.work_orders.filter(keep), plant.attributes
    )


def judge_model(plant: PlantData, test: Sequence[str], truth: dict[str, Route], seed: int) -> float:
    """Return the share of test items whose proposed sequence of work centres is right."""
    model = fit_model(without(plant, test), None, FitOptions(seed=seed), no_progress)
    names = [attribute.name for attribute in plant.attributes]
    rows = {row["item_code"]: row for row in plant.items.iter_rows(named=True)}
    queries = [PredictionQuery(code, {name: rows[code][name] for name in names}) for code in test]
    answers = model.predict(queries, evidence=False)
    routes = [tuple(op.work_centre for op in answer.best.operations) if answer.best else () for answer in answers]
    return float(np.mean([route == truth[code] for route, code in zip(routes, test, strict=True)]))


def judge_nearest(plant: PlantData, train: Sequence[str], test: Sequence[str], truth: dict[str, Route]) -> float:
    """Return the same share for copying the nearest product's routing."""
    by_kind = {
        kind: [
            a.name for a in plant.attributes if a.kind is kind and plant.items[a.name].null_count() < len(plant.items)
        ]
        for kind in AttributeKind
    }
    words = CountVectorizer(binary=True, analyzer=tokens_of)
    texts = [(name, words, name) for name in by_kind[AttributeKind.TEXT]]
    numbers = make_pipeline(SimpleImputer(add_indicator=True, keep_empty_features=True), StandardScaler())
    encode = ColumnTransformer(
        [
            ("categories", OneHotEncoder(handle_unknown="ignore"), by_kind[AttributeKind.CATEGORICAL]),
            ("numbers", numbers, by_kind[AttributeKind.NUMERIC]),
            *texts,
        ]
    )
    filled = plant.items.with_columns(pl.col(pl.String).fill_null("-")).sort("item_code")
    known, asked = (filled.filter(pl.col("item_code").is_in(list(part))) for part in (train, test))
    search = NearestNeighbors(n_neighbors=1).fit(encode.fit_transform(known))
    nearest = search.kneighbors(encode.transform(asked), return_distance=False)[:, 0]
    copies = [truth[known["item_code"][int(row)]] for row in nearest]
    return float(np.mean([copy == truth[code] for copy, code in zip(copies, asked["item_code"], strict=True)]))


def judge_most_frequent(train: Sequence[str], test: Sequence[str], truth: dict[str, Route]) -> float:
    """Return the same share for always proposing the most frequent routing."""
    routes = [truth[code] for code in train]
    usual = max(sorted(set(routes)), key=routes.count)
    return float(np.mean([truth[code] == usual for code in test]))


def run(plant: PlantData, seeds: int) -> list[tuple[float, float, float]]:
    """Return model, nearest neighbour and most frequent routing per seed."""
    truth = real_routes(plant)
    made = sorted(set(truth) & set(plant.items["item_code"]))
    results = []
    for seed in range(seeds):
        shuffled = np.random.default_rng(seed).permutation(made).tolist()
        size = round(TEST_SHARE * len(made))
        test, train = sorted(shuffled[:size]), sorted(shuffled[size:])
        model = judge_model(plant, test, truth, seed)
        results.append((model, judge_nearest(plant, train, test, truth), judge_most_frequent(train, test, truth)))
    return results


def main() -> int:
    """Print the table; exit 1 where the model is worse than copying the nearest product."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--data", type=Path, default=DATA)
    options = arguments.parse_args()
    if not options.data.is_dir():
        print(f"{options.data} is not there; this benchmark needs the AdventureWorks files", file=sys.stderr)
        return 2
    results = run(read_adventureworks(options.data), options.seeds)
    table = Table(title="AdventureWorks, unseen products: exact sequence of work centres")
    for name in ("seed", "model", "nearest product", "most frequent", "model / nearest"):
        table.add_column(name, justify="right")
    for seed, row in enumerate(results):
        table.add_row(str(seed), *(f"{value:.3f}" for value in row), f"{row[0] / row[1]:.3f}")
    means = np.mean(results, axis=0)
    table.add_row("mean", *(f"{value:.3f}" for value in means), f"{means[0] / means[1]:.3f}")
    Console().print(table)
    return 0 if means[0] >= means[1] else 1


if __name__ == "__main__":
    raise SystemExit(main())
