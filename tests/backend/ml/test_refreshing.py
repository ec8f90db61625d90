"""The fast layers carried on over new work orders, against layers fitted to all of them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import PlantData
from backend.domain.prediction import PredictionQuery
from backend.domain.progress import no_progress
from backend.ml.fitting import ModelState, fit_family, lay_groundwork
from backend.ml.history.pair_history import RUN
from backend.ml.model import RoutingModel
from backend.ml.refreshing import refresh_state
from backend.ml.times.drift import BUCKET_DAYS, fit_levels
from backend.ml.times.residual_layers import LayerRows, Layers, fit_layers, kind_history
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_rows import TimeRows, read_time_rows
from backend.ml.times.time_target import Questions

NEW_DAYS = 100


@pytest.fixture(scope="module")
def plant(plant_maker: Callable[..., PlantData]) -> PlantData:
    return plant_maker(items=200, orders_per_item=8.0, seed=4)


@pytest.fixture(scope="module")
def parent(plant: PlantData, cutoff: datetime) -> ModelState:
    return fit_family(lay_groundwork(plant, cutoff, 0, no_progress), "boosted_trees", 1, no_progress)


def between(plant: PlantData, begin: datetime, end: datetime) -> pl.DataFrame:
    return plant.work_orders.filter((pl.col("finished_at") > begin) & (pl.col("finished_at") <= end))


@pytest.fixture(scope="module")
def new_rows(plant: PlantData, cutoff: datetime) -> pl.DataFrame:
    return between(plant, cutoff, cutoff + timedelta(days=NEW_DAYS))


@pytest.fixture(scope="module")
def refreshed(parent: ModelState, new_rows: pl.DataFrame) -> ModelState:
    return refresh_state(parent, new_rows)[0]


def fitted_layers(state: ModelState, plant: PlantData, until: datetime) -> tuple[TimeRows, LayerRows, Layers]:
    """Fit the layers of run minutes to everything until a moment, over the trees of a state."""
    book, space = state.routing.voters.book, state.routing.space
    finished = plant.work_orders.filter(pl.col("finished_at") <= until)
    rows = read_time_rows(plant, finished, book, until)
    item = rows.item.astype(np.int64)
    known = state.known.take(np.arange(len(state.known.codes)))
    features = space.features.tree_matrix(space.encoder, known)[item]
    family = state.known.family[item].astype(np.int64)
    asked = Questions(item, family, rows.operation, rows.centre, np.log(rows.quantity), features)
    layer_rows = LayerRows(
        item,
        family,
        rows.operation,
        rows.centre,
        rows.age_days,
        len(book.operations),
        len(book.centres),
    )
    run = state.times.run
    actual = np.log(rows.run_minutes_per_unit.astype(np.float64) + run.offset)
    return rows, layer_rows, fit_layers(layer_rows, actual - run.start(asked))


def test_refreshing_comes_to_what_fitting_the_layers_to_everything_gives(
    parent: ModelState, refreshed: ModelState, plant: PlantData, cutoff: datetime
) -> None:
    _, rows, layers = fitted_layers(parent, plant, cutoff + timedelta(days=NEW_DAYS))
    history = kind_history(RUN, rows, layers.residual, np.arange(len(rows.item)))
    pairs = refreshed.times.pairs
    assert pairs.keys().tolist() == history.keys().tolist()
    assert pairs.counts[RUN].tolist() == history.counts[RUN].tolist()
    fitted, carried = (each.means[RUN].astype(np.float64) for each in (history, pairs))
    assert np.abs(fitted - carried).mean() < 0.05 < fitted.std()
    assert np.corrcoef(fitted, carried)[0, 1] > 0.95
    where = (rows.operation, rows.centre)
    level, before = layers.followed.levels.of(*where)[0], refreshed.times.run.levels.of(*where)[0]
    assert np.abs(level - before).mean() < 0.05


def test_two_refreshes_come_to_the_same_as_one(
    parent: ModelState, refreshed: ModelState, plant: PlantData, cutoff: datetime
) -> None:
    middle, end = cutoff + timedelta(days=40), cutoff + timedelta(days=NEW_DAYS)
    half, first = refresh_state(parent, between(plant, cutoff, middle))
    whole, second = refresh_state(half, between(plant, middle, end))
    one, two = refreshed.times, whole.times
    assert first.learnt + second.learnt == refresh_state(parent, between(plant, cutoff, end))[1].learnt
    assert (whole.data_cutoff, half.data_cutoff) == (
        refreshed.data_cutoff,
        between(plant, cutoff, middle)["finished_at"].max(),
    )
    assert one.pairs.counts[RUN].tolist() == two.pairs.counts[RUN].tolist()
    assert np.abs(one.pairs.means[RUN].astype(float) - two.pairs.means[RUN].astype(float)).mean() < 0.02
    assert np.abs(one.run.levels.level - two.run.levels.level).mean() < 0.02


def test_a_step_at_a_work_centre_is_followed_there_and_nowhere_else(
    parent: ModelState, plant: PlantData, new_rows: pl.DataFrame
) -> None:
    slower = pl.when(pl.col("work_centre") == "T-SMALL").then(1.5).otherwise(1.0)
    stepped = refresh_state(parent, new_rows.with_columns(pl.col("run_minutes") * slower))[0]
    queries = [PredictionQuery(code, None, 10.0) for code in plant.items["item_code"]]
    before, after = (RoutingModel(state).predict(queries, candidates=1) for state in (parent, stepped))
    ratios: dict[bool, list[float]] = {True: [], False: []}
    for old, new in zip(before, after, strict=True):
        assert old.best is not None
        assert new.best is not None
        for was, now in zip(old.best.operations, new.best.operations, strict=True):
            ratios[was.work_centre == "T-SMALL"].append(now.run_minutes_per_unit / was.run_minutes_per_unit)
    assert np.median(ratios[True]) > 1.35
    assert np.median(ratios[False]) == pytest.approx(1.0, abs=0.06)


def test_what_the_model_does_not_know_is_left_out_and_counted(parent: ModelState, new_rows: pl.DataFrame) -> None:
    rows = new_rows.head(40).with_row_index("n")
    changed = rows.with_columns(
        item_code=pl.when(pl.col("n") < 10).then(pl.lit("NEW1")).otherwise("item_code"),
        operation_code=pl.when(pl.col("n").is_between(10, 14)).then(pl.lit("PAINT")).otherwise("operation_code"),
        work_centre=pl.when(pl.col("n").is_between(15, 17)).then(pl.lit("X9")).otherwise("work_centre"),
        run_minutes=pl.when(pl.col("n") == 18).then(None).otherwise("run_minutes"),
        setup_minutes=pl.when(pl.col("n") == 18).then(None).otherwise("setup_minutes"),
    ).drop("n")
    state, counts = refresh_state(parent, changed)
    expected = {"unknown_item": 10, "unknown_operation": 5, "unknown_work_centre": 3, "no_time": 1, "booked_at_plan": 0}
    assert counts.left_out == expected
    assert counts.learnt == 40 - 19
    untouched, none = refresh_state(parent, changed.head(10))
    assert (untouched, none.learnt) == (parent, 0)
    assert state.routing.space is parent.routing.space


def test_rows_booked_at_the_plan_are_counted_apart_and_teach_nothing(
    parent: ModelState, new_rows: pl.DataFrame
) -> None:
    planned = new_rows.head(30).with_columns(
        planned_setup_minutes=pl.col("setup_minutes"), planned_run_minutes=pl.col("run_minutes")
    )
    state, counts = refresh_state(parent, planned)
    assert state is parent
    assert counts.learnt == 0
    assert counts.left_out["booked_at_plan"] == 30


def test_a_lone_zero_among_new_rows_is_a_time_nobody_booked(parent: ModelState, new_rows: pl.DataFrame) -> None:
    one = new_rows.head(1).with_columns(setup_minutes=pl.lit(0.0), run_minutes=pl.lit(0.0))
    state, counts = refresh_state(parent, one)
    assert state is parent
    assert (counts.learnt, counts.left_out["no_time"]) == (0, 1)


def test_the_newest_orders_of_an_item_are_named_and_one_in_work_counts_once(
    parent: ModelState, new_rows: pl.DataFrame
) -> None:
    code = new_rows["item_code"].sort()[0]
    item = parent.known.find(code)
    rows = new_rows.filter(pl.col("item_code") == code).sort("finished_at", "work_order_code")
    orders = rows["work_order_code"].unique(maintain_order=True).to_list()
    before = parent.routing.voters.histories
    histories = refresh_state(parent, rows)[0].routing.voters.histories
    told = [*reversed(orders), *before.last_orders[2 * item : 2 * item + 2]][:2]
    assert histories.last_orders[2 * item : 2 * item + 2] == told
    assert histories.order_counts[item] == before.order_counts[item] + len(orders)
    last = rows.filter(pl.col("work_order_code") == orders[-1])
    again = refresh_state(replace(parent, routing=refresh_state(parent, rows)[0].routing), last)[
        0
    ].routing.voters.histories
    assert again.last_orders[2 * item : 2 * item + 2] == told
    assert again.order_counts[item] == histories.order_counts[item]


def test_a_refreshed_model_comes_back_from_its_parts(refreshed: ModelState, plant: PlantData) -> None:
    queries = [PredictionQuery(code) for code in plant.items["item_code"].head(20)]
    model = RoutingModel(refreshed)
    again = RoutingModel.from_parts(model.to_parts())
    for one, other in zip(model.predict(queries), again.predict(queries), strict=True):
        assert one.best is not None
        assert other.best is not None
        assert one.best.total_minutes == pytest.approx(other.best.total_minutes, rel=1e-3)
    assert again.data_cutoff == refreshed.data_cutoff


def test_totals_that_miss_more_than_one_in_ten_above_move_their_upper_limit_out(
    parent: ModelState, new_rows: pl.DataFrame
) -> None:
    longer = refresh_state(parent, new_rows.with_columns(pl.col("run_minutes") * 2))[0].times.totals
    before, after = parent.times.totals, refresh_state(parent, new_rows)[0].times.totals
    assert before
    assert after
    assert longer
    assert after.spread.high.tolist() != before.spread.high.tolist()
    assert longer.spread.high[0, 0] > after.spread.high[0, 0]
    assert longer.correlation.tolist() == before.correlation.tolist()


def restless(plant: PlantData, cutoff: datetime, seed: int) -> pl.DataFrame:
    """Return all the plant's lots once more in the sixty days after the cutoff, with minutes that vary more."""
    rows = plant.work_orders
    noise = pl.Series(np.exp(np.random.default_rng(seed).normal(0.0, 0.25, len(rows))))
    share = pl.col("finished_at").rank("ordinal") / len(rows)
    finished = pl.lit(cutoff) + pl.duration(seconds=(share * 60 * 86_400).cast(pl.Int64))
    return rows.with_columns(pl.col("setup_minutes", "run_minutes") * noise, finished_at=finished)


def test_totals_do_not_take_up_once_more_what_the_ranges_of_operations_did(
    plant: PlantData, parent: ModelState, cutoff: datetime
) -> None:
    model = RoutingModel(refresh_state(parent, restless(plant, cutoff, 1))[0])
    minutes = (pl.col("setup_minutes") + pl.col("run_minutes")).sum()
    lots = restless(plant, cutoff, 2).group_by("work_order_code", "item_code", maintain_order=True)
    rows = list(lots.agg("operation_code", minutes=minutes, quantity=pl.col("quantity").first()).iter_rows(named=True))
    queries = [PredictionQuery(row["item_code"], None, row["quantity"]) for row in rows]
    inside = []
    for row, answer in zip(rows, model.predict(queries, candidates=1, evidence=False), strict=True):
        best = answer.best
        if best and best.total_range and [each.operation_code for each in best.operations] == row["operation_code"]:
            inside.append(best.total_range.low <= row["minutes"] <= best.total_range.high)
    assert len(inside) > 1000
    assert np.mean(inside) == pytest.approx(0.8, abs=0.04)


def test_levels_told_week_by_week_are_those_of_fitting() -> None:
    draw = np.random.default_rng(0)
    weeks, rows = 30, 600
    operation, centre = draw.integers(0, 2, rows), draw.integers(0, 3, rows)
    week = draw.integers(0, weeks, rows)
    residual = draw.normal(0, 0.2, rows) + 0.4 * ((centre == 1) & (week >= 27))
    age = (weeks - 1 - week) * BUCKET_DAYS + 0.5
    fitted = fit_levels((operation, centre), age, residual, 3)
    old = week < 26
    carried = fit_levels((operation[old], centre[old]), age[old] - 4 * BUCKET_DAYS, residual[old], 3).levels
    for one in range(26, weeks):
        now = week == one
        unsure = np.full(int(now.sum()), carried.noise)
        carried = carried.passed(BUCKET_DAYS).told((operation[now], centre[now]), residual[now], unsure, BUCKET_DAYS)
    asked = (np.repeat([0, 1], 3), np.tile([0, 1, 2], 2))
    assert carried.of(*asked)[0] == pytest.approx(fitted.levels.of(*asked)[0], abs=0.03)


def test_limits_move_out_where_lots_miss_and_in_where_too_few_do() -> None:
    spread = Spread(np.full((3, 2), -1.0), np.full((3, 2), 1.0), np.zeros((3, 2)))
    operation, knowledge = np.repeat([0, 1], 100), np.zeros(200, np.int64)
    score = np.r_[np.full(100, 2.0), np.zeros(100)]
    moved = spread.told((knowledge, operation), score, np.zeros(200))
    assert moved.high[0, 0] > 1.0 > moved.high[0, 1]
    assert moved.low[0, 1] > -1.0
    assert moved.high[1:].tolist() == spread.high[1:].tolist()
    nothing = spread.told((knowledge, operation), np.full(200, np.nan), np.zeros(200))
    assert (nothing.high.tolist(), nothing.low.tolist()) == (spread.high.tolist(), spread.low.tolist())
