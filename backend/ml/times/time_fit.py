"""Fitting of all times: both kinds of minutes, then the ranges of operations and of whole routings."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.pair_history import RUN, SETUP, join_histories
from backend.ml.times.neighbour_fit import with_neighbours
from backend.ml.times.rehearsal import Ahead, NeighbourMeans, rehearse, rehearse_with_neighbours, windows
from backend.ml.times.routing_totals import Parts, TotalRanges
from backend.ml.times.target_fit import TargetFit, TimeSetting, fit_target, weighed
from backend.ml.times.time_model import TINY, TimeModel, lot_deviation, lot_minutes
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_rows import TimeRows

LEAST_LOTS: Final = 30


@dataclass(frozen=True, slots=True)
class _Rehearsed:
    """Operations of which both set-up and run were expected before they were known: minutes of the lot."""

    rows: Ints
    hidden: Ints
    knowledge: Ints
    total: Floats
    deviation: Floats
    actual: Floats


def fit_times(rows: TimeRows, setting: TimeSetting, neighbour_means: NeighbourMeans | None, chosen: Ints) -> TimeModel:
    """Fit both kinds of minutes and the ranges; `chosen` items rehearse neighbours where there are no trees."""
    minutes = ((SETUP, rows.setup_minutes), (RUN, rows.run_minutes_per_unit))
    fits = [fit_target(rows, each, kind, setting) for kind, each in minutes]
    worth = weighed(fits, [np.arange(len(fit.used)) for fit in fits])
    fits = [fit.with_worth(each) for fit, each in zip(fits, worth, strict=True)]
    after = windows(rows.age_days)
    if neighbour_means is None:
        parts = rehearse(fits, after)
    else:
        fits = [with_neighbours(fit, chosen, neighbour_means) for fit in fits]
        parts = [rehearse_with_neighbours(fit, chosen, after, neighbour_means) for fit in fits]
    pairs = join_histories(*(fit.history() for fit in fits))
    spreads, totals = _ranges(rows, fits, parts, setting.operations)
    return TimeModel(fits[SETUP].target, fits[RUN].target, pairs, spreads, totals)


def _ranges(
    rows: TimeRows, fits: list[TargetFit], parts: list[Ahead], operations: int
) -> tuple[tuple[Spread, Spread, Spread], TotalRanges | None]:
    setup, run = (
        Spread.fit(
            rows.operation[part.rows], part.knowledge, (part.actual - part.expected) / part.deviation, operations
        )
        for part in parts
    )
    _, where_setup, where_run = np.intersect1d(parts[SETUP].keys(), parts[RUN].keys(), return_indices=True)
    if len(where_setup):
        seen = _both(rows, fits, [parts[SETUP].take(where_setup), parts[RUN].take(where_run)], (setup, run))
        score = (np.log(seen.actual + TINY) - np.log(seen.total + TINY)) / seen.deviation
        whole = Spread.fit(rows.operation[seen.rows], seen.knowledge, score, operations)
    else:  # only one kind is booked in this plant, so the lot is that kind
        kind = SETUP if len(parts[SETUP].rows) else RUN
        alone = (setup, run)[kind]
        seen = _one(rows, kind, fits[kind], parts[kind], alone)
        whole = replace(alone, middle=np.zeros_like(alone.middle))
    return (setup, run, whole), _totals(rows, seen, whole)


def _both(rows: TimeRows, fits: list[TargetFit], parts: list[Ahead], spreads: tuple[Spread, Spread]) -> _Rehearsed:
    setup, run = parts
    quantity = np.nan_to_num(rows.quantity[setup.rows], nan=1.0)
    expected_setup, expected_run = (
        _middle(rows, fit, part, spread) for fit, part, spread in zip(fits, parts, spreads, strict=True)
    )
    expected_run = expected_run * quantity
    deviation = lot_deviation(expected_setup, expected_run, setup.deviation, run.deviation)
    actual = rows.setup_minutes[setup.rows] + rows.run_minutes_per_unit[setup.rows] * quantity
    knowledge = np.maximum(setup.knowledge, run.knowledge)
    return _Rehearsed(setup.rows, setup.hidden, knowledge, expected_setup + expected_run, deviation, actual)


def _one(rows: TimeRows, kind: int, fit: TargetFit, part: Ahead, spread: Spread) -> _Rehearsed:
    pieces = np.nan_to_num(rows.quantity[part.rows], nan=1.0) if kind == RUN else np.ones(len(part.rows))
    minutes = rows.run_minutes_per_unit if kind == RUN else rows.setup_minutes
    total, actual = _middle(rows, fit, part, spread) * pieces, minutes[part.rows] * pieces
    return _Rehearsed(part.rows, part.hidden, part.knowledge, total, part.deviation, actual)


def _middle(rows: TimeRows, fit: TargetFit, part: Ahead, spread: Spread) -> Floats:
    """Return the minutes that an answer would have named."""
    middle = spread.middle[part.knowledge, rows.operation[part.rows]]
    return fit.target.minutes(part.expected + middle * part.deviation)


def _totals(rows: TimeRows, seen: _Rehearsed, spread: Spread) -> TotalRanges | None:
    """Learn the ranges of totals from the rehearsed operations of each lot, as they were asked together.

    None where they are of too few lots: how far their errors go together cannot be guessed.
    """
    at = (seen.knowledge, rows.operation[seen.rows])
    named = lot_minutes(seen.total, seen.deviation, spread.limits(at))
    lots, lot = np.unique(rows.lot[seen.rows], return_inverse=True)
    if len(lots) < LEAST_LOTS:
        return None
    owners, owner = np.unique(lot * 3 + seen.hidden, return_inverse=True)
    parts = Parts(named.value, named.low, named.high, seen.knowledge, owner, len(owners))
    return TotalRanges.fit(parts, seen.actual)
