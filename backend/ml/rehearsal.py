"""What was known about an item and its family before each lot: running sums in the order of time."""

from dataclasses import dataclass

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.shrinkage import Components


@dataclass(frozen=True, slots=True)
class Running:
    """Per time row: earlier lots of the same item and operation, their mean; the family's state before."""

    count: Ints
    mean: Floats
    family_precision: Floats
    family_sum: Floats


@dataclass(frozen=True, slots=True)
class PairTotals:
    """Per (item, operation) with a lot: where its rows begin, how many, mean and squared deviations."""

    first: Ints
    count: Ints
    mean: Floats
    within: Floats


def pair_totals(item: Ints, operation: Ints, residual: Floats) -> PairTotals:
    """Sum up rows that are ordered by item and operation."""
    first = np.flatnonzero(np.r_[True, (item[1:] != item[:-1]) | (operation[1:] != operation[:-1])])
    count = np.diff(np.r_[first, len(item)])
    mean = np.add.reduceat(residual, first) / count
    within = np.add.reduceat((residual - np.repeat(mean, count)) ** 2, first)
    return PairTotals(first, count, mean, within)


@dataclass(frozen=True, slots=True)
class TimedResiduals:
    """Residual log minutes, ordered by item, operation and time, oldest first."""

    operation: Ints
    family: Ints
    age_days: Floats
    residual: Floats


def run_through(totals: PairTotals, rows: TimedResiduals, components: Components) -> Running:
    """Play the rows back in the order of time."""
    operation, residual = rows.operation, rows.residual
    start = np.repeat(totals.first, totals.count)
    count = np.arange(len(residual)) - start
    before = np.cumsum(residual) - residual
    total = before - before[start]
    mean = total / np.maximum(count, 1)
    precision = components.item_precision(operation, count)
    after = components.item_precision(operation, count + 1)
    gained = after - precision
    gained_sum = after * (total + residual) / (count + 1) - precision * mean
    operations = len(components.lot)
    key = rows.family.astype(np.int64) * operations + operation
    order = np.lexsort((-rows.age_days, key))
    family_precision = np.empty(len(key))
    family_sum = np.empty(len(key))
    family_precision[order] = _running(key[order], gained[order])
    family_sum[order] = _running(key[order], gained_sum[order])
    return Running(count, mean, family_precision, family_sum)


def _running(key: Ints, values: Floats) -> Floats:
    """Return the sum of earlier values with the same key; keys are sorted."""
    if not len(key):
        return values
    before = np.cumsum(values) - values
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    return np.asarray(before - np.repeat(before[first], np.diff(np.r_[first, len(key)])))
