"""How far a few observations of one item move an expectation: hierarchical shrinkage by evidence."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints

_POOLED_WEIGHT: Final = 200.0
_FLOOR: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of log minutes per operation: lot to lot, between items of a family, between families."""

    lot: Floats
    item: Floats
    family: Floats

    def item_precision(self, operation: Ints, count: Ints) -> Floats:
        """Return how much an item's mean over `count` lots tells about its family's level (0 for no lots)."""
        seen = np.maximum(count, 1)
        precision = 1.0 / (self.item[operation] + self.lot[operation] / seen)
        return np.asarray(np.where(count > 0, precision, 0.0))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"lot": self.lot, "item": self.item, "family": self.family}


@dataclass(frozen=True, slots=True)
class PairStatistics:
    """One entry per (item, operation) with a lot: lots, their mean and their sum of squared deviations."""

    operation: Ints
    family: Ints
    count: Ints
    mean: Floats
    within: Floats


def estimate_components(pairs: PairStatistics, operations: int) -> Components:
    """Estimate the variances by moments; operations with few lots are pulled towards the plant's value."""
    operation, count, mean = pairs.operation, pairs.count, pairs.mean
    lot = _pooled(operation, pairs.within, (count - 1.0), operations)
    noise = lot[operation] / count
    key = pairs.family.astype(np.int64) * operations + operation
    _, group, size = np.unique(key, return_inverse=True, return_counts=True)
    centre = np.bincount(group, weights=mean) / size
    noise_sum = np.bincount(group, weights=noise)
    group_operation = np.zeros(len(size), dtype=np.int64)
    group_operation[group] = operation
    spread = np.bincount(group, weights=(mean - centre[group]) ** 2) - noise_sum * (size - 1) / size
    if not (size > 1).any():  # no families: all that differs between items is the items' own
        item = _between(operation, mean, noise, operations)
        return Components(lot, item, np.full(operations, _FLOOR))
    item = _pooled(group_operation, spread, size - 1.0, operations)
    expected = (item[group_operation] + noise_sum / size) / size
    return Components(lot, item, _between(group_operation, centre, expected, operations))


def _between(operation: Ints, value: Floats, noise: Floats, operations: int) -> Floats:
    """Return the variance of values per operation beyond their own noise."""
    counts = np.maximum(np.bincount(operation, minlength=operations), 1)
    centre = np.bincount(operation, weights=value, minlength=operations) / counts
    excess = (value - centre[operation]) ** 2 - noise * (1 - 1 / counts[operation])
    return _pooled(operation, excess, 1 - 1 / counts[operation], operations)


def _pooled(operation: Ints, total: Floats, freedom: Floats, operations: int) -> Floats:
    sums = np.bincount(operation, weights=total, minlength=operations)
    degrees = np.bincount(operation, weights=freedom, minlength=operations)
    overall = max(float(sums.sum()), 0.0) / max(float(degrees.sum()), 1.0)
    shrunk = (np.maximum(sums, 0) + _POOLED_WEIGHT * overall) / (degrees + _POOLED_WEIGHT)
    return np.asarray(np.maximum(shrunk, _FLOOR))


def posterior(
    prior: tuple[Floats, Floats], between: Floats, lot: Floats, count: Ints, mean: Floats
) -> tuple[Floats, Floats]:
    """Return mean and variance of an item's level after `count` lots with a mean.

    The prior is what its family or neighbours say and how unsure that is (a variance), `between`
    how items differ around it, `lot` the variance of one lot.
    """
    expected_before, prior_variance = prior
    own = between * count / (between * count + lot)
    expected = expected_before + own * (np.where(count > 0, mean, 0.0) - expected_before)
    return np.asarray(expected), np.asarray((1 - own) ** 2 * prior_variance + between * (1 - own))
