"""A model's fast layers brought up to newer work orders; trees, routings and variances stay as they were fitted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.ml.arrays import Floats, Ints
from backend.ml.fitting import ModelState
from backend.ml.pair_history import RUN, SETUP, PairHistory, compact_keys
from backend.ml.time_model import TimeModel
from backend.ml.time_rows import TimeRows, read_time_rows
from backend.ml.time_target import FamilyTotals, Questions, TimeTarget


@dataclass(frozen=True, slots=True)
class RefreshCounts:
    """What a refresh took up, and what only a training can: rows of finished operations."""

    learnt: int
    left_out: Mapping[str, int]
    """By reason: an item, operation or work centre that the model does not know; no time, or the plan's, booked."""


def refresh_state(state: ModelState, work_orders: pl.DataFrame) -> tuple[ModelState, RefreshCounts]:
    """Learn from finished work-order rows (WORK_ORDER_SCHEMA) that the state has not seen; none is no error."""
    until = work_orders["finished_at"].max()
    known, left_out = _known(state, work_orders)
    known, left_out = _timed(known, left_out)
    if not isinstance(until, datetime) or not len(known):
        return state, RefreshCounts(0, left_out | {"booked_at_plan": 0})
    rows = _time_rows(state, known, until)
    left_out |= {"booked_at_plan": len(known) - len(rows)}
    return replace(state, data_cutoff=until, times=_refreshed_times(state, rows)), RefreshCounts(len(rows), left_out)


def _known(state: ModelState, work_orders: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
    """Keep rows of items, operations and work centres that the model knows; count the others."""
    book, left_out = state.routing.voters.book, {}
    kept = work_orders
    for reason, column, codes in (
        ("unknown_item", "item_code", state.known.codes),
        ("unknown_operation", "operation_code", book.operations),
        ("unknown_work_centre", "work_centre", book.centres),
    ):
        asked = kept[column].fill_null("").unique()
        found = [code for code in asked if codes.find(code) >= 0]
        before, kept = len(kept), kept.filter(pl.col(column).fill_null("").is_in(found))
        left_out[reason] = before - len(kept)
    return kept, left_out


def _timed(work_orders: pl.DataFrame, left_out: dict[str, int]) -> tuple[pl.DataFrame, dict[str, int]]:
    timed = work_orders.filter((pl.col("setup_minutes") >= 0) | (pl.col("run_minutes") >= 0))
    return timed, left_out | {"no_time": len(work_orders) - len(timed)}


def _time_rows(state: ModelState, work_orders: pl.DataFrame, until: datetime) -> TimeRows:
    codes = pl.DataFrame({"item_code": state.known.codes[:]}, schema={"item_code": pl.String})
    nothing = work_orders.clear()
    return read_time_rows(PlantData(codes, nothing, work_orders, ()), work_orders, state.routing.voters.book, until)


def _refreshed_times(state: ModelState, rows: TimeRows) -> TimeModel:
    times = state.times
    asked = _questions(state, rows)
    minutes = (rows.setup_minutes, rows.run_minutes_per_unit)
    lots = [
        _lots(target, _part(asked, used), np.log(booked[used].astype(np.float64) + target.offset))
        for target, booked in zip((times.setup, times.run), minutes, strict=True)
        for used in (np.flatnonzero(~np.isnan(booked)),)
    ]
    pairs = with_lots(times.pairs, (lots[SETUP], lots[RUN]))
    setup, run = (
        replace(target, families=family_totals(pairs, target, state.known.family))
        for target in (times.setup, times.run)
    )
    return replace(times, setup=setup, run=run, pairs=pairs)


def _questions(state: ModelState, rows: TimeRows) -> Questions:
    item = rows.item.astype(np.int64)
    features = np.zeros((len(item), 0), np.float32)
    if state.times.uses_trees:
        space = state.routing.space
        distinct, where = np.unique(item, return_inverse=True)
        features = space.features.tree_matrix(space.encoder, state.known.table.take(distinct))[where]
    family = state.known.family[item].astype(np.int64)
    return Questions(
        item, family, rows.operation.astype(np.int64), rows.centre.astype(np.int64), np.log(rows.quantity), features
    )


def _part(asked: Questions, used: Ints) -> Questions:
    return Questions(
        asked.item[used],
        asked.family[used],
        asked.operation[used],
        asked.centre[used],
        asked.log_quantity[used],
        asked.features[used],
    )


@dataclass(frozen=True, slots=True)
class Lots:
    """Residual log minutes of new lots, one entry per (item, operation): key, sum, number."""

    keys: Ints
    sums: Floats
    counts: Ints


def _lots(target: TimeTarget, asked: Questions, actual: Floats) -> Lots:
    residual = actual - target.start(asked) - target.levels.of(asked.operation, asked.centre)
    keys, group = np.unique(asked.item * len(target.base) + asked.operation, return_inverse=True)
    sums = np.bincount(group, weights=residual, minlength=len(keys))
    return Lots(keys, sums, np.bincount(group, minlength=len(keys)))


def with_lots(pairs: PairHistory, lots: tuple[Lots, Lots]) -> PairHistory:
    """Return the histories with new lots of set-up and run counted in."""
    old = pairs.keys.astype(np.int64)
    keys = np.union1d(old, np.concatenate([lots[SETUP].keys, lots[RUN].keys]))
    where_old = np.searchsorted(keys, old)
    means, counts = [], []
    for mean_before, count_before, added in zip(pairs.means, pairs.counts, lots, strict=True):
        mean, count = np.zeros(len(keys), np.float16), np.zeros(len(keys), np.uint8)
        mean[where_old], count[where_old] = mean_before, count_before
        where = np.searchsorted(keys, added.keys)
        known = count[where].astype(np.float64)
        total = known * mean[where].astype(np.float64) + added.sums
        mean[where] = (total / (known + added.counts)).clip(-60_000, 60_000)
        count[where] = np.minimum(known + added.counts, 255)
        means.append(mean)
        counts.append(count)
    return PairHistory(compact_keys(keys), (means[0], means[1]), (counts[0], counts[1]), pairs.operations)


def family_totals(pairs: PairHistory, target: TimeTarget, families: Ints) -> FamilyTotals:
    """Sum up what the items of each family say, from all histories: nothing creeps from refresh to refresh."""
    count = pairs.counts[target.kind]
    seen = np.flatnonzero(count > 0)
    keys = pairs.keys[seen].astype(np.int64)
    item, operation = keys // pairs.operations, keys % pairs.operations
    family = families[item].astype(np.int64)
    member = np.flatnonzero(family >= 0)
    precision = target.components.item_precision(operation[member], count[seen][member].astype(np.int64))
    mean = pairs.means[target.kind][seen][member].astype(np.float64)
    found, group = np.unique(family[member] * pairs.operations + operation[member], return_inverse=True)
    return FamilyTotals(
        found,
        np.bincount(group, weights=precision, minlength=len(found)),
        np.bincount(group, weights=precision * mean, minlength=len(found)),
    )
