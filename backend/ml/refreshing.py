"""A model's fast layers brought up to newer work orders; trees, routings and variances stay as they were fitted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import polars as pl

from backend.domain.plant import ROUTING_SCHEMA, PlantData
from backend.ml.fitting import ModelState
from backend.ml.history.order_refresh import with_orders
from backend.ml.times.time_refresh import NewLots, refresh_times
from backend.ml.times.time_rows import TimeRows, read_time_rows
from backend.ml.times.time_target import Questions


@dataclass(frozen=True, slots=True)
class RefreshCounts:
    """What a refresh took up, and what only a training can: rows of finished operations."""

    learnt: int
    left_out: Mapping[str, int]
    """By reason: an item, operation or work centre that the model does not know; no time, or the plan's, booked."""


def refresh_state(state: ModelState, work_orders: pl.DataFrame) -> tuple[ModelState, RefreshCounts]:
    """Learn from finished work-order rows (WORK_ORDER_SCHEMA) that the state has not seen; none is no error."""
    known, left_out = _known(state, work_orders)
    measured = state.habits.measured(known)
    until = measured["finished_at"].max()
    left_out |= {"booked_at_plan": len(known) - len(measured), "no_time": len(measured)}
    if not isinstance(until, datetime):
        return state, RefreshCounts(0, left_out)
    rows = _time_rows(state, measured, until)
    left_out["no_time"] -= len(rows)
    if not len(rows):
        return state, RefreshCounts(0, left_out)
    times = refresh_times(state.times, _new_lots(state, rows, until), state.known.family)
    voters = state.routing.voters
    named = replace(voters, histories=with_orders(voters.histories, measured, state.known.codes))
    refreshed = replace(state, data_cutoff=until, times=times, routing=replace(state.routing, voters=named))
    return refreshed, RefreshCounts(len(rows), left_out)


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


def _time_rows(state: ModelState, work_orders: pl.DataFrame, until: datetime) -> TimeRows:
    codes = pl.DataFrame({"item_code": state.known.codes[:]}, schema={"item_code": pl.String})
    nothing = pl.DataFrame(schema=ROUTING_SCHEMA)
    if state.times.tells_visits_apart:  # a lot may be seen in part: its rows are known again by their numbers
        work_orders = work_orders.with_columns(visit=pl.lit(0, dtype=pl.Int32))
    plant = PlantData(codes, nothing, work_orders, ())
    return read_time_rows(plant, work_orders, state.routing.voters.book, until, state.habits)


def _new_lots(state: ModelState, rows: TimeRows, until: datetime) -> NewLots:
    """Turn rows into what is asked of the model, with the days since the newest row it has learnt from."""
    item = rows.item.astype(np.int64)
    features = np.zeros((len(item), 0), np.float32)
    if state.times.uses_trees:
        space = state.routing.space
        distinct, where = np.unique(item, return_inverse=True)
        features = space.features.tree_matrix(space.encoder, state.known.take(distinct))[where]
    asked = Questions(
        item,
        state.known.family[item].astype(np.int64),
        rows.operation.astype(np.int64),
        rows.centre.astype(np.int64),
        np.log(rows.quantity),
        features,
    )
    since = (until - (state.data_cutoff or until)).total_seconds() / 86_400
    quantity = np.nan_to_num(rows.quantity, nan=1.0)
    day = np.maximum(since - rows.age_days.astype(np.float64), 0.0)
    return NewLots(asked, day, quantity, (rows.setup_minutes, rows.run_minutes_per_unit), rows.lot, rows.sequence)
