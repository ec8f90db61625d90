"""Where the log minutes of an operation start: its own level, and how it moves with the size of the lot."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.common.outliers import medians, pulled_in

_LEAST: Final = 1e-9


@dataclass(frozen=True, slots=True)
class OperationBase:
    """One entry per operation: log minutes at its usual log quantity, and their slope over the log quantity."""

    level: Floats
    slope: Floats
    usual: Floats

    @classmethod
    def stacked(cls, kinds: Sequence["OperationBase"]) -> "OperationBase":
        """Return the base of several kinds of minutes, each array with a first axis for the kind."""
        return cls(*(np.array([getattr(each, field.name) for each in kinds]) for field in fields(cls)))

    def of(self, operation: Ints, log_quantity: Floats) -> Floats:
        """Return log minutes; a quantity that is not known (NaN) is taken to be the usual one."""
        level, slope, usual = (each.take(operation, axis=-1) for each in (self.level, self.slope, self.usual))
        beyond = log_quantity - usual
        return np.asarray(level + slope * np.where(np.isnan(beyond), 0.0, beyond))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class BaseRows:
    """Lots that a base is fitted to."""

    operation: Ints
    pair: Ints
    """A number per item and operation, from 0."""
    log_quantity: Floats
    weights: Floats
    operations: int

    def sums(self, values: Floats) -> Floats:
        """Return the weighted sum per operation."""
        return np.bincount(self.operation, weights=self.weights * values, minlength=self.operations)


def level_base(level: float, operations: int) -> OperationBase:
    """Return the same level for every operation and quantity."""
    return OperationBase(np.full(operations, level), np.zeros(operations), np.zeros(operations))


def common_base(base: OperationBase, level: float) -> OperationBase:
    """Return one level and one slope for all operations: a base's usual slope."""
    operations = len(base.level)
    usual, slope = float(base.usual.mean()), float(np.median(base.slope))
    return OperationBase(np.full(operations, level), np.full(operations, slope), np.full(operations, usual))


def fit_base(values: Floats, rows: BaseRows, nothing: float) -> OperationBase:
    """Fit log minutes.

    An operation with few lots is drawn to what all have in common, in level and slope, by as much as
    its own are unsure; without any lot it is that. `nothing` is the level where there are no lots at all.
    """
    operation, operations = rows.operation, rows.operations
    if not len(values):
        return level_base(nothing, operations)
    clipped = pulled_in(values, medians(values, operation)[operation], operation)
    told = ~np.isnan(rows.log_quantity)
    usual = rows.sums(np.where(told, rows.log_quantity, 0.0)) / np.maximum(rows.sums(told * 1.0), _LEAST)
    moved = np.where(told, rows.log_quantity - usual[operation], 0.0)
    slope = _slopes(clipped, moved, rows)
    return OperationBase(_levels(clipped - slope[operation] * moved, rows), slope, usual)


def _slopes(values: Floats, moved: Floats, rows: BaseRows) -> Floats:
    """Fit a slope per operation by generalised least squares: lots of one item have its level in common.

    What is made in large lots is another kind of item too; so the more items differ, the more only
    lots of one and the same item tell what a quantity does.
    """
    kept = 1.0 - _shared(values, rows)
    value, step = (each - (1 - kept) * _pair_means(each, rows.pair) for each in (values, moved))
    ones, ones_step, ones_value = rows.sums(kept**2), rows.sums(kept * step), rows.sums(kept * value)
    spread = rows.sums(step**2) - ones_step**2 / np.maximum(ones, _LEAST)
    product = rows.sums(step * value) - ones_step * ones_value / np.maximum(ones, _LEAST)
    used = np.flatnonzero(spread > _LEAST)
    own = product / np.maximum(spread, _LEAST)
    level = (ones_value - own * ones_step) / np.maximum(ones, _LEAST)
    left = value - kept * level[rows.operation] - own[rows.operation] * step
    freedom = float(rows.weights.sum()) - 2 * len(used)
    if not len(used) or freedom < 1:
        return np.zeros(rows.operations)
    noise = max(float(rows.sums(left**2).sum()) / freedom, _LEAST)
    return _spaced(used, *_shrunk(own[used], noise / spread[used]), rows.operations)


def _shared(values: Floats, rows: BaseRows) -> Floats:
    """Return per row the share of its item's mean to take out (Fuller and Battese): 0 where items do not differ."""
    count = np.bincount(rows.pair)
    repeats = len(values) - len(count)
    if not repeats:  # nothing tells items from lots
        return np.zeros(len(values))
    inner = values - _pair_means(values, rows.pair)
    within = float((inner**2).sum()) / repeats
    first = np.r_[True, rows.pair[1:] != rows.pair[:-1]]
    mean, operation = _pair_means(values, rows.pair)[first], rows.operation[first]
    pairs = np.bincount(operation, minlength=rows.operations)
    around = mean - (np.bincount(operation, weights=mean, minlength=rows.operations) / np.maximum(pairs, 1))[operation]
    freedom = max(len(mean) - int((pairs > 0).sum()), 1)
    between = max(float((around**2).sum()) / freedom - within * float((1 / count).mean()), 0.0)
    return np.asarray(1 - np.sqrt(within / np.maximum(within + count * between, _LEAST)))[rows.pair]


def _pair_means(values: Floats, pair: Ints) -> Floats:
    return np.asarray((np.bincount(pair, weights=values) / np.bincount(pair))[pair])


def _levels(values: Floats, rows: BaseRows) -> Floats:
    count = rows.sums(np.ones(len(values)))
    used = np.flatnonzero(count > 0)
    own = rows.sums(values) / np.maximum(count, _LEAST)
    left = rows.sums((values - own[rows.operation]) ** 2)
    noise = max(float(left.sum()) / max(float(count.sum()) - len(used), 1.0), _LEAST)
    return _spaced(used, *_shrunk(own[used], noise / count[used]), rows.operations)


def _shrunk(own: Floats, error: Floats) -> tuple[Floats, float]:
    """Return estimates drawn to their common mean by their error variance (DerSimonian and Laird), and the mean."""
    sure = 1 / error
    common = float((sure * own).sum() / sure.sum())
    surplus = float((sure * (own - common) ** 2).sum()) - (len(own) - 1)
    between = max(surplus / max(float(sure.sum() - (sure**2).sum() / sure.sum()), _LEAST), 0.0)
    weight = 1 / (error + between)
    mean = float((weight * own).sum() / weight.sum())
    return mean + between * weight * (own - mean), mean


def _spaced(used: Ints, values: Floats, others: float, operations: int) -> Floats:
    spaced = np.full(operations, others)
    spaced[used] = values
    return spaced
