"""Simpler ways to foretell the machine shop's work orders, and ways that know what nobody knows beforehand."""

from collections.abc import Sequence
from typing import Final

import lightgbm
import numpy as np
import polars as pl

from backend.ml.common.arrays import Floats
from backend.ml.judging.alignment import sequence_match
from backend.ml.judging.comparison import ActualLot
from benchmarks.production_4tu_cut import MINUTES, Future, Route, lots_of

OWN_WEIGHT: Final = 10.0
"""What a lot of the part itself counts beside one of another part."""
PLANT_WEIGHT: Final = 8.0
"""Lots of the part itself that what the whole plant does is worth."""


def baselines(future: Future) -> dict[str, pl.DataFrame]:
    """Return minutes per judged operation as the past alone foretells them."""
    asked, past = future.operations, future.past
    own = past.group_by("item_code", "operation_code").agg(pl.col(MINUTES).mean())
    median = medians(future)
    keys = ["item_code", "operation_code"]
    mean = asked.select(keys).join(own, on=keys, how="left", maintain_order="left")
    return {
        "operation median": median,
        "part's own mean": mean.select(pl.col(name).fill_null(median[name]) for name in MINUTES),
        "LightGBM, raw columns": pl.DataFrame({name: _light_gbm(past, asked, name) for name in MINUTES}),
    }


def medians(future: Future) -> pl.DataFrame:
    """Return the past median of each judged operation."""
    medians = future.past.group_by("operation_code").agg(pl.col(MINUTES).median())
    asked = future.operations.select("operation_code")
    return asked.join(medians, on="operation_code", how="left", maintain_order="left").select(MINUTES)


def _light_gbm(past: pl.DataFrame, asked: pl.DataFrame, name: str) -> Floats:
    keys = ["item_code", "operation_code"]
    codes = [{code: number for number, code in enumerate(past[key].unique().sort())} for key in keys]

    def matrix(rows: pl.DataFrame) -> Floats:
        coded = [rows[key].replace_strict(code, default=None) for key, code in zip(keys, codes, strict=True)]
        return np.column_stack([*(c.cast(pl.Float64).to_numpy() for c in coded), np.log(rows["quantity"].to_numpy())])

    parameters = {"learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 10, "min_data_per_group": 5}
    fixed = {"objective": "regression", "verbose": -1, "num_threads": 1, "seed": 0}
    data = lightgbm.Dataset(matrix(past), np.log1p(past[name].to_numpy()), categorical_feature=[0, 1])
    booster = lightgbm.train(parameters | fixed, data, num_boost_round=200)
    log_minutes: Floats = np.asarray(booster.predict(matrix(asked)))
    return np.asarray(np.expm1(log_minutes).clip(0))


def typical(future: Future) -> dict[str, list[Route]]:
    """Return for each judged lot the past route that is most like all of its part's, or of the plant's."""
    later = future.plant.work_orders.filter((pl.col("finished_at") <= future.cut).fill_null(value=False).not_())
    lots = lots_of(future.past.join(later, on="work_order_code", how="anti"))
    usual = most_typical([lot.operation_codes for lot in lots])
    own = own_typical(lots)
    return {
        "part's most typical": [own.get(lot.item_code, usual) for lot in future.lots],
        "plant's most typical": [usual for _ in future.lots],
    }


def own_typical(lots: Sequence[ActualLot]) -> dict[str, Route]:
    """Return each part's sequence that is most like all of its own."""
    items = {lot.item_code for lot in lots}
    return {item: most_typical([lot.operation_codes for lot in lots if lot.item_code == item]) for item in items}


def most_typical(routes: Sequence[Route]) -> Route:
    """Return the route that is most like all of them."""
    return max(sorted(set(routes)), key=lambda one: sum(sequence_match(one, other) for other in routes))


def times_of_others(future: Future) -> pl.DataFrame:
    """Return times as all other work orders of the log have them, the part's own and lots of its size most."""
    known = future.plant.work_orders.filter(pl.col("finished_at").is_not_null())
    codes, parts, operations = (known[key].to_numpy() for key in ("work_order_code", "item_code", "operation_code"))
    sizes, minutes = np.log(known["quantity"].to_numpy()), [known[name].to_numpy() for name in MINUTES]
    found = []
    asked = future.operations.select("work_order_code", "item_code", "operation_code", "quantity")
    for code, part, operation, quantity in asked.iter_rows():
        others = (operations == operation) & (codes != code)
        weights = np.where(parts == part, OWN_WEIGHT, 1.0) * np.exp(-((sizes - np.log(quantity)) ** 2) / 2)
        found.append([_median(values[others], weights[others]) for values in minutes])
    return pl.DataFrame(found, schema=MINUTES, orient="row")


def _median(values: Floats, weights: Floats) -> float | None:
    if not len(values):
        return None
    order = np.argsort(values, kind="stable")
    passed = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(passed, passed[-1] / 2)])


def routes_of_others(future: Future) -> list[Route]:
    """Return for each judged lot the sequence most like those of all other work orders, the part's own most."""
    work_orders = future.plant.work_orders
    under_way = work_orders.filter(pl.col("finished_at").is_null())
    lots = lots_of(work_orders.join(under_way, on="work_order_code", how="anti"))
    routes = sorted({lot.operation_codes for lot in lots})
    number = {route: place for place, route in enumerate(routes)}
    matches = np.array([[sequence_match(one, other) for other in routes] for one in routes])
    found = []
    for asked in future.lots:
        others = [lot for lot in lots if lot.work_order_code != asked.work_order_code]
        plant = np.bincount([number[lot.operation_codes] for lot in others], minlength=len(routes))
        own_lots = [number[lot.operation_codes] for lot in others if lot.item_code == asked.item_code]
        own = np.bincount(np.array(own_lots, dtype=np.int64), minlength=len(routes))
        found.append(routes[int((matches @ (own + PLANT_WEIGHT * plant / plant.sum())).argmax())])
    return found
