"""Routings of products never seen, on AdventureWorks.

The files of `../shared/data/adventureworks` are imported through the shipped profile. Products with work orders are
split at random, 80 % to learn from and 20 % to judge on, once per seed. The work orders and routings of the judged
products are removed before anything is fitted; they are predicted from their attributes and product number. Judged is
the exact sequence of work centres against the product's most frequent real one. All families propose routings
alike, so there is no choice between them here. No setting of the model was chosen by this score; judged products were
looked at, however, while defects were being hunted.

Beside it, in the same run: copying the routing of the nearest product (one-hot categories, standardised numbers,
words of the name; Euclidean); LightGBM choosing among whole routings from the same columns; and always
proposing the plant's most frequent routing.
"""

import sys
from collections.abc import Sequence
from typing import Final, TypeAlias

import lightgbm
import numpy as np
import polars as pl
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from backend.domain.plant import AttributeKind, PlantData
from backend.domain.prediction import PredictionQuery
from backend.domain.progress import no_progress
from backend.ml.common.arrays import Floats
from backend.ml.common.tokens import tokens_of
from backend.ml.model import FitOptions, fit_model
from benchmarks.options import Options
from benchmarks.real_plants import ABSENT, is_here, read_real_plant, without_items
from benchmarks.report import Bar, Report, Table
from benchmarks.running import protocol_of, run_alone

NAME: Final = "adventureworks"
LIMIT: Final = 0.91
TEST_SHARE: Final = 0.2
METHODS: Final = ("model", "nearest product", "LightGBM", "most frequent")
Route: TypeAlias = tuple[str, ...]


def run(options: Options) -> Report:
    """Judge every method on the same products."""
    seeds = options.seeds or (0, 1, 2, 3, 4)
    title = "AdventureWorks: work centres of unseen products"
    if not is_here(options, NAME):
        return Report(title, protocol_of(__doc__), {}, skipped=ABSENT)
    plant = read_real_plant(options, NAME)
    truth = real_routes(plant)
    found = np.array([judge(plant, truth, seed) for seed in seeds])
    rows = [(str(seed), *row) for seed, row in zip(seeds, found.tolist(), strict=True)]
    rows += [("mean", *found.mean(axis=0)), ("standard deviation", *found.std(axis=0))]
    bar = Bar(
        "exact sequence of work centres, mean of the seeds",
        float(found[:, 0].mean()),
        at_least=LIMIT,
        beside=float(found[:, 1].mean()),
        beside_name="nearest product",
    )
    table = Table("Exact sequence of work centres by seed of the split", ("seed", *METHODS), tuple(rows))
    return Report(title, protocol_of(__doc__), {"seeds": ", ".join(map(str, seeds))}, (bar,), (table,))


def judge(plant: PlantData, truth: dict[str, Route], seed: int) -> tuple[float, ...]:
    """Return each method's share of right routes for one split."""
    made = sorted(set(truth) & set(plant.items["item_code"]))
    shuffled = np.random.default_rng(seed).permutation(made).tolist()
    size = round(TEST_SHARE * len(made))
    test, train = sorted(shuffled[:size]), sorted(shuffled[size:])
    known, asked = encoded(plant, train, test)
    return (
        judge_model(plant, test, truth, seed),
        judge_nearest((known, asked), train, test, truth),
        judge_trees((known, asked), train, test, truth),
        judge_most_frequent(train, test, truth),
    )


def real_routes(plant: PlantData) -> dict[str, Route]:
    """Return each made product's most frequent sequence of work centres."""
    orders = plant.work_orders.sort("work_order_code", "sequence")
    routes = orders.group_by("item_code", "work_order_code", maintain_order=True).agg(route=pl.col("work_centre"))
    counted = (
        routes.group_by("item_code", "route").len().sort("item_code", "len", "route", descending=[False, True, False])
    )
    best = counted.group_by("item_code", maintain_order=True).first()
    return {item: tuple(route) for item, route in best.select("item_code", "route").iter_rows()}


def judge_model(plant: PlantData, test: Sequence[str], truth: dict[str, Route], seed: int) -> float:
    """Return the share of test items whose proposed sequence of work centres is right."""
    model = fit_model(without_items(plant, test), None, FitOptions(seed=seed), no_progress)
    names = [attribute.name for attribute in plant.attributes]
    rows = {row["item_code"]: row for row in plant.items.iter_rows(named=True)}
    queries = [PredictionQuery(code, {name: rows[code][name] for name in names}) for code in test]
    answers = model.predict(queries, evidence=False)
    routes = [tuple(op.work_centre for op in answer.best.operations) if answer.best else () for answer in answers]
    return float(np.mean([route == truth[code] for route, code in zip(routes, test, strict=True)]))


def encoded(plant: PlantData, train: Sequence[str], test: Sequence[str]) -> tuple[Floats, Floats]:
    """Return both sets of products, by code, as plain numbers that are learnt from the first."""
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
        ],
        sparse_threshold=0.0,
    )
    filled = plant.items.with_columns(pl.col(pl.String).fill_null("-")).sort("item_code")
    known, asked = (filled.filter(pl.col("item_code").is_in(list(part))) for part in (train, test))
    return encode.fit_transform(known), encode.transform(asked)


def judge_nearest(
    points: tuple[Floats, Floats], train: Sequence[str], test: Sequence[str], truth: dict[str, Route]
) -> float:
    """Return the same share for copying the nearest product's routing."""
    search = NearestNeighbors(n_neighbors=1).fit(points[0])
    nearest = search.kneighbors(points[1], return_distance=False)[:, 0]
    return float(np.mean([truth[train[int(row)]] == truth[code] for row, code in zip(nearest, test, strict=True)]))


def judge_trees(
    points: tuple[Floats, Floats], train: Sequence[str], test: Sequence[str], truth: dict[str, Route]
) -> float:
    """Return the same share for boosted trees that choose one of the known routings."""
    routes = sorted({truth[code] for code in train})
    labels = [routes.index(truth[code]) for code in train]
    parameters = {"objective": "multiclass", "num_class": len(routes), "learning_rate": 0.1, "num_leaves": 7}
    fixed = {"min_data_in_leaf": 3, "verbose": -1, "num_threads": 1, "seed": 0}
    booster = lightgbm.train(parameters | fixed, lightgbm.Dataset(points[0], labels), num_boost_round=100)
    chosen = np.asarray(booster.predict(points[1])).argmax(axis=1)
    return float(np.mean([routes[int(row)] == truth[code] for row, code in zip(chosen, test, strict=True)]))


def judge_most_frequent(train: Sequence[str], test: Sequence[str], truth: dict[str, Route]) -> float:
    """Return the same share for always proposing the most frequent routing."""
    routes = [truth[code] for code in train]
    usual = max(sorted(set(routes)), key=routes.count)
    return float(np.mean([truth[code] == usual for code in test]))


if __name__ == "__main__":
    sys.exit(run_alone(run, NAME))
