"""Cutting cells further where families of the same habit are made differently on both sides."""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from backend.ml.centres.cell_fit import steady
from backend.ml.centres.cell_growing import GrowingTree, HabitRows
from backend.ml.common.arrays import Flags, Floats, Ints, run_starts

MAX_CELLS: Final = 1000
LEAST_ROWS: Final = 20
_LEAST_GAIN: Final = 20.0
"""In nats of likelihood, beyond one for each share that a cut adds: below it, the best of thousands is luck."""


class Cut(NamedTuple):
    """Which numbers of a column go right, and how many nats more likely that makes what was seen."""

    gain: float
    column: int
    right: Flags


def cut_by_habit(tree: GrowingTree, rows: HabitRows, cell: Ints, kind: Ints) -> Ints:
    """Split cells as long as it pays and return the cell of each row; `kind` is the habit of each row's family."""
    cell = cell.copy()
    label = kind.astype(np.int64) * rows.places + rows.place
    order = np.argsort(cell, kind="stable")
    bounds = np.searchsorted(cell[order], np.arange(len(tree.above) + 1))
    waiting = [(number, order[bounds[number] : bounds[number + 1]]) for number in range(len(tree.above))]
    while waiting and len(tree.above) < MAX_CELLS:
        number, mine = waiting.pop()
        cut = _best(rows, mine, label[mine])
        if cut is None:
            continue
        right = cut.right[rows.numbers[mine, cut.column]]
        made = tree.split(number, cut.column, cut.right)
        cell[mine[right]] = made
        waiting += [(number, mine[~right]), (made, mine[right])]
    return cell


def _best(rows: HabitRows, mine: Ints, label: Ints) -> Cut | None:
    """Return the cut of the most gain; of equal ones the first column's."""
    best = max(cuts(rows, mine, label), key=lambda cut: cut.gain, default=None)
    return best if best and best.gain > _LEAST_GAIN else None


def cuts(rows: HabitRows, mine: Ints, label: Ints) -> Iterator[Cut]:
    """Yield the best cut of each column that varies; `label` is kind * places + place, of each of `mine`."""
    labels, which = np.unique(label, return_inverse=True)
    if len(mine) < 2 * LEAST_ROWS or len(labels) < 2:
        return
    kinds = run_starts(labels // rows.places)
    for column, top in enumerate(rows.tops):
        number = rows.numbers[mine, column].astype(np.int64)
        counts = np.bincount(number * len(labels) + which, minlength=top * len(labels)).reshape(top, len(labels))
        values = np.flatnonzero(counts.any(axis=1))
        if len(values) < 2:
            continue
        table = counts[values]
        along = np.arange(len(values)) if rows.ranged[column] else _order(table)
        gain, last = _cut(table[along], kinds)
        if gain > 0:
            yield Cut(gain, column, _right(rows.ranged[column], values, along, last, top))


def _right(ranged: bool, values: Ints, along: Ints, last: int, top: int) -> Flags:
    """Return which numbers go right; words that are not among the values go with most of them."""
    if ranged:
        return np.asarray(np.arange(top) > values[last])
    beyond = values[along[last + 1 :]]
    right = np.full(top, 2 * len(beyond) > len(values))
    right[values] = np.isin(values, beyond)
    return right


def _cut(table: Ints, kinds: Ints) -> tuple[float, int]:
    """Return the greatest gain of a cut after some row of (value, label) counts, and that row."""
    left = np.cumsum(table, axis=0)
    whole = left[-1:]
    left = left[:-1]
    right = whole - left
    gain = worth(left, kinds) + worth(right, kinds) - worth(whole, kinds)
    rows = left.sum(axis=1)
    gain[(rows < LEAST_ROWS) | (whole.sum() - rows < LEAST_ROWS)] = -np.inf
    last = int(gain.argmax())
    return float(gain[last]), last


def worth(counts: Ints, kinds: Ints) -> Floats:
    """Return per row of counts the log-likelihood of labels given their kinds, less one for each share that is free."""
    totals = np.add.reduceat(counts, kinds, axis=1)
    likelihood = _n_log_n(counts).sum(axis=1) - _n_log_n(totals).sum(axis=1)
    free = (counts > 0).sum(axis=1) - (totals > 0).sum(axis=1)
    return np.asarray(likelihood - free)


def _n_log_n(counts: Ints) -> Floats:
    return np.asarray(counts * np.log(np.maximum(counts, 1)))


def _order(table: Ints) -> Ints:
    """Return the values in the order along which their shares of labels differ most."""
    size, share = table.sum(axis=1), table.sum(axis=0) / table.sum()
    surplus = (table - np.outer(size, share)) / np.sqrt(np.outer(size, share))
    direction = steady(np.linalg.eigh(surplus.T @ surplus)[1][:, -1])
    return np.argsort(np.round(surplus @ direction / np.sqrt(size), 9), kind="stable")
