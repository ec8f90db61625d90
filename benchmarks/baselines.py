"""Simpler ways to predict routings and times, on the same task: what a plant would do without the product."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl
from sklearn.base import RegressorMixin
from sklearn.ensemble import RandomForestRegressor, StackingRegressor
from sklearn.linear_model import RidgeCV
from sklearn.neighbors import KNeighborsRegressor
from sklearn.neural_network import MLPRegressor

from backend.ml.judging.alignment import align
from backend.ml.judging.comparison import ActualLot
from benchmarks.demo_contest import Contest
from benchmarks.demo_task import DemoTask
from benchmarks.item_vectors import DIMENSIONS, FITTED_ITEMS, ItemVectors, item_vectors
from benchmarks.scoring import STEPS, Answers

VOTERS: Final = 10
HISTORY: Final = 10
SAMPLED_ITEMS: Final = 500
SAMPLED_ROWS: Final = 3_000
Rows: TypeAlias = list[tuple[object, ...]]
WAYS: Final = f"""\
The simpler ways. Routings (both see items as one-hot vectors of their attributes, squeezed to {DIMENSIONS} numbers
fitted on at most {FITTED_ITEMS:,} items, compared by cosine with every item that has an ERP routing):

- nearest neighbour copy: the ERP routing of the most similar item, with its work centres and standard times;
- one-hot kNN vote: of the {VOTERS} most similar items the most frequent whole sequence, the work centres of the
  nearest that has it, and mean standard times.

Times, for the operations that were really done:

- operation median: of set-up and of run minutes per piece;
- item history mean: of the item's last {HISTORY} lots, else the operation's median;
- MLPRegressor and StackingRegressor (nearest neighbours, random forest, MLP) of scikit-learn: log lot minutes of
  {SAMPLED_ITEMS} sampled items (at most {SAMPLED_ROWS:,} rows) by vector, operation and log quantity."""


def enter_baselines(contest: Contest) -> None:
    """Let every baseline answer."""
    vectors = item_vectors(contest.task)
    enter_routes(contest, vectors)
    enter_histories(contest)
    enter_regressors(contest, vectors)


def enter_routes(contest: Contest, vectors: ItemVectors) -> None:
    """Let the copy of the nearest neighbour and the vote answer."""
    routes = _Routes.of(contest.task, vectors)
    nearest = {name: routes.nearest(lots) for name, lots in contest.asked().items()}
    for title, voters in (("nearest neighbour copy", 1), ("one-hot kNN vote", VOTERS)):
        answers = {name: routes.answer(lots, nearest[name], voters) for name, lots in contest.asked().items()}
        contest.enter(title, answers)


def enter_histories(contest: Contest) -> None:
    """Let the operation's median and the item's mean answer."""
    history = _History.of(contest.task)
    for title, of_item in (("operation median", False), ("item history mean", True)):
        contest.enter(title, {name: history.answer(lots, of_item=of_item) for name, lots in contest.asked().items()})


def enter_regressors(contest: Contest, vectors: ItemVectors) -> None:
    """Fit scikit-learn's regressors on a sample and let them answer."""
    sample = _Sample.of(contest.task, vectors)
    for title, regressor in (("MLPRegressor", _network()), ("StackingRegressor", _stack())):
        regressor.fit(sample.features, sample.log_minutes)
        contest.enter(title, {name: sample.answer(regressor, lots) for name, lots in contest.asked().items()})


def _network() -> MLPRegressor:
    return MLPRegressor(early_stopping=True, random_state=0)


def _stack() -> StackingRegressor:
    forest = RandomForestRegressor(50, max_features=0.3, min_samples_leaf=2, random_state=0)
    parts = [("neighbours", KNeighborsRegressor()), ("forest", forest), ("network", _network())]
    return StackingRegressor(parts, RidgeCV(), cv=3)


def finished(task: DemoTask) -> pl.DataFrame:
    """Return the work orders that may be learnt from, newest last."""
    return task.plant.work_orders.filter(pl.col("finished_at") <= task.cutoff).sort("finished_at")


def _steps(lots: list[ActualLot]) -> Iterator[tuple[ActualLot, int, str]]:
    for lot in lots:
        for row, code in zip(lot.rows, lot.operation_codes, strict=True):
            yield lot, row, code


def _frame(rows: Rows) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=STEPS, orient="row")


@dataclass(frozen=True, slots=True)
class _History:
    """Set-up and run minutes per piece by operation, and by item and operation."""

    by_operation: dict[str, tuple[float, float]]
    by_item: dict[tuple[str, str], tuple[float, float]]

    @classmethod
    def of(cls, task: DemoTask) -> "_History":
        rows = finished(task).with_columns(run=pl.col("run_minutes") / pl.col("quantity"))
        operations = rows.group_by("operation_code").agg(pl.col("setup_minutes", "run").median())
        last = rows.group_by("item_code", "operation_code").agg(pl.col("setup_minutes", "run").tail(HISTORY).mean())
        return cls(
            {code: (setup, run) for code, setup, run in operations.iter_rows()},
            {(item, code): (setup, run) for item, code, setup, run in last.iter_rows()},
        )

    def answer(self, lots: list[ActualLot], *, of_item: bool) -> Answers:
        rows: Rows = []
        for lot, row, code in _steps(lots):
            times = self.by_item.get((lot.item_code, code)) if of_item else None
            times = times or self.by_operation.get(code)
            if times:
                rows.append((row, None, None, times[0], times[0] + times[1] * lot.quantity, None, None))
        return Answers(_frame(rows))


@dataclass(frozen=True, slots=True)
class _Step:
    code: str
    centre: str
    in_house: bool
    setup: float
    run: float


@dataclass(frozen=True, slots=True)
class _Routes:
    """Today's ERP routings of the items that have one, in the order of `rows`."""

    vectors: ItemVectors
    rows: npt.NDArray[np.int64]
    """Rows of the vectors."""
    routes: list[tuple[_Step, ...]]

    @classmethod
    def of(cls, task: DemoTask, vectors: ItemVectors) -> "_Routes":
        valid = task.plant.routings.filter(pl.col("valid_to").is_null() | (pl.col("valid_to") > task.cutoff))
        newest = valid.filter(pl.col("routing_code") == pl.col("routing_code").max().over("item_code"))
        columns = ("operation_code", "work_centre", "in_house", "setup_minutes", "run_minutes_per_unit")
        grouped = newest.sort("item_code", "sequence").group_by("item_code", maintain_order=True).agg(*columns)
        routes = [tuple(map(_Step, *lists)) for _, *lists in grouped.iter_rows()]
        return cls(vectors, np.array([vectors.row_of[code] for code in grouped["item_code"]]), routes)

    def nearest(self, lots: list[ActualLot]) -> dict[str, list[int]]:
        """Return the positions of the most similar items per item, the best first."""
        codes = sorted({lot.item_code for lot in lots})
        return dict(zip(codes, self.vectors.nearest(codes, self.rows, VOTERS).tolist(), strict=True))

    def answer(self, lots: list[ActualLot], nearest: dict[str, list[int]], voters: int) -> Answers:
        proposed = {code: self._vote(near[:voters]) for code, near in nearest.items()}
        rows: Rows = []
        for lot in lots:
            steps, _ = proposed[lot.item_code]
            for i, j in align([step.code for step in steps], lot.operation_codes):
                step = steps[i]
                minutes = step.setup + step.run * lot.quantity
                rows.append((lot.rows[j], step.centre, step.in_house, step.setup, minutes, None, None))
        answers = [proposed[lot.item_code] for lot in lots]
        sequences = [tuple(step.code for step in steps) for steps, _ in answers]
        return Answers(_frame(rows), sequences, np.array([share for _, share in answers]) if voters > 1 else None)

    def _vote(self, near: list[int]) -> tuple[tuple[_Step, ...], float]:
        """Return the most frequent sequence as the nearest item makes it, in the mean time of all who do each step."""
        sequences = [tuple(step.code for step in self.routes[each]) for each in near]
        winner, votes = Counter(sequences).most_common(1)[0]
        route = self.routes[near[sequences.index(winner)]]
        times: dict[str, list[tuple[float, float]]] = {}
        for each in near:
            for step in self.routes[each]:
                times.setdefault(step.code, []).append((step.setup, step.run))
        means = {code: np.mean(values, axis=0).tolist() for code, values in times.items()}
        steps = tuple(_Step(step.code, step.centre, step.in_house, *means[step.code]) for step in route)
        return steps, votes / len(near)


@dataclass(frozen=True, slots=True)
class _Sample:
    """Rows of a few items, as a regressor takes them."""

    vectors: ItemVectors
    operations: dict[str, int]
    features: npt.NDArray[np.float64]
    log_minutes: npt.NDArray[np.float64]

    @classmethod
    def of(cls, task: DemoTask, vectors: ItemVectors) -> "_Sample":
        rows = finished(task)
        rng = np.random.default_rng(500)
        items = rng.permutation(rows["item_code"].unique().sort().to_numpy())[:SAMPLED_ITEMS]
        sampled = rows.filter(pl.col("item_code").is_in(items.tolist())).drop_nulls(["setup_minutes", "run_minutes"])
        sampled = sampled[np.sort(rng.permutation(sampled.height)[:SAMPLED_ROWS])]
        operations = {code: number for number, code in enumerate(sorted(rows["operation_code"].unique()))}
        minutes = (sampled["setup_minutes"] + sampled["run_minutes"]).to_numpy()
        asked = [sampled[name].to_list() for name in ("item_code", "operation_code", "quantity")]
        return cls(vectors, operations, _features(vectors, operations, *asked), np.log(np.maximum(minutes, 0.1)))

    def answer(self, regressor: RegressorMixin, lots: list[ActualLot]) -> Answers:
        steps = [(lot.item_code, code, lot.quantity, row) for lot, row, code in _steps(lots) if code in self.operations]
        items, codes, quantities, rows = (list(column) for column in zip(*steps, strict=True))
        predicted = np.exp(regressor.predict(_features(self.vectors, self.operations, items, codes, quantities)))
        return Answers(
            _frame([(row, None, None, None, each, None, None) for row, each in zip(rows, predicted, strict=True)])
        )


def _features(
    vectors: ItemVectors, operations: dict[str, int], items: list[str], codes: list[str], quantities: list[float]
) -> npt.NDArray[np.float64]:
    operation = np.eye(len(operations))[[operations[code] for code in codes]]
    return np.hstack([vectors.of(items), operation, np.log(quantities)[:, None]]).astype(np.float64)
