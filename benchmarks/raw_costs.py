"""What the libraries below us cost for the same work: trees, matrix products, rows of SQLite."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final
from unittest.mock import patch

import numpy as np

from backend._connection_pool import plant_engine
from backend.domain.prediction import PredictionQuery
from backend.erp.batches import open_plant, read_batches
from backend.erp.profile import TABLES
from backend.erp.queries import read_columns, table_query
from backend.erp.reading import PlantReader
from backend.ml.common.arrays import Floats
from backend.ml.model import RoutingModel
from backend.ml.times.time_target import Questions
from backend.ml.times.time_trees import TimeTrees, Walk
from backend.ml.trees.boosters import Booster
from backend.registry.store import ModelStore
from backend.settings import Settings

REPEATS: Final = 5
Call = tuple[Booster, Floats]


def raw_costs(settings: Settings, queries: Sequence[PredictionQuery]) -> dict[str, float]:
    """Return seconds for one batch of queries: ours, LightGBM alone, and BLAS alone for an exact search."""
    parts = ModelStore(settings).load_active().parts
    model = RoutingModel.from_parts(parts)
    ours = _best(lambda: model.predict(queries, evidence=False))
    calls = _tree_calls(model, queries)
    trees = _best(lambda: [booster.predict(rows) for booster, rows in calls])
    return {
        "raw_items": len(queries),
        "raw_ours_seconds": ours,
        "raw_trees_seconds": trees,
        "raw_tree_rows": sum(len(rows) for _, rows in calls),
        "raw_blas_seconds": _best(_products(parts.model["index"]["points"].shape, len(queries))),
    }


def drain_plant(settings: Settings) -> float:
    """Return the seconds that the database driver takes to hand over every row that training reads, uncleaned."""
    engine, profile = plant_engine(settings), PlantReader(settings).profile
    schemas = profile.rules.schemas
    with open_plant(engine, schemas) as connection:
        columns = {table: read_columns(connection, profile, table) for table in TABLES}
    begun = time.perf_counter()
    for table in TABLES:
        statement, _ = table_query(engine, profile, table, columns[table])
        for _batch in read_batches(engine, statement, schemas):
            pass
    return time.perf_counter() - begun


def _tree_calls(model: RoutingModel, queries: Sequence[PredictionQuery]) -> list[Call]:
    """Return the matrices that one batch puts through its trees."""
    calls: list[Call] = []
    original = TimeTrees.walk

    def noted(trees: TimeTrees, asked: Questions) -> list[Walk]:
        for target in trees.targets:
            heard = asked.heard(len(target.boosters))
            calls.extend((each, asked.tree_rows[rows]) for each, (rows, _) in zip(target.boosters, heard, strict=True))
        return original(trees, asked)

    with patch.object(TimeTrees, "walk", noted):
        model.predict(queries, evidence=False)
    return calls


def _products(index_shape: tuple[int, ...], asked: int) -> Callable[[], Any]:
    """Multiply every asked item with every indexed one: the cost of an exact search for neighbours."""
    draw = np.random.default_rng(0)
    points = draw.random(index_shape, dtype=np.float32)
    queries = draw.random((asked, index_shape[1]), dtype=np.float32)
    blocks = [slice(start, start + 100) for start in range(0, asked, 100)]  # so that results stay below 150 MB
    return lambda: [float((queries[block] @ points.T)[0, 0]) for block in blocks]


def _best(call: Callable[[], object]) -> float:
    """Return the shortest of a few runs, in seconds."""
    seconds = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)
