"""What an item's own lots, its other operations and its family say together: variances and the best linear guess."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints

_POOLED_WEIGHT: Final = 200.0
_FLOOR: Final = 1e-6
_UNHEARD: Final = np.eye(4)
"""What stands for the covariances of four circles of which nothing is known: own, item, sister, family."""
_OWN, _OWN_ITEM, _OWN_SISTER, _OWN_FAMILY, _ITEM, _ITEM_SISTER, _ITEM_FAMILY = range(7)
_SISTER, _SISTER_FAMILY, _FAMILY = range(7, 10)
_PLACES: Final = np.array(
    [
        [_OWN, _OWN_ITEM, _OWN_SISTER, _OWN_FAMILY],
        [_OWN_ITEM, _ITEM, _ITEM_SISTER, _ITEM_FAMILY],
        [_OWN_SISTER, _ITEM_SISTER, _SISTER, _SISTER_FAMILY],
        [_OWN_FAMILY, _ITEM_FAMILY, _SISTER_FAMILY, _FAMILY],
    ]
)
"""The ten different covariances of the four circles, and where each stands."""
LEAST_WEIGHT: Final = 0.125
"""In lots: less is told by nothing."""


@dataclass(frozen=True)
class Components:
    """Variances of residual log minutes, the last three per operation.

    `family` and `item` are shared by all operations of a family and of an item; `family_operation`
    and `pair` (item x operation) come on top of them; `lot` is from lot to lot.
    """

    family: float | Floats
    item: float | Floats
    family_operation: Floats
    pair: Floats
    lot: Floats

    @classmethod
    def stacked(cls, kinds: Sequence["Components"]) -> "Components":
        """Return the components of several kinds of minutes, each array with a first axis for the kind."""
        return cls(
            np.array([[each.family] for each in kinds]),
            np.array([[each.item] for each in kinds]),
            *(np.array([getattr(each, name) for each in kinds]) for name in ("family_operation", "pair", "lot")),
        )

    def at(self, operation: Ints) -> tuple[Floats, Floats, Floats]:
        """Return `family_operation`, `pair` and `lot` of some operations (last axis)."""
        both, pair, lot = self._by_operation.take(operation, axis=-1)
        return both, pair, lot

    @cached_property
    def _by_operation(self) -> Floats:
        return np.array([self.family_operation, self.pair, self.lot])

    @cached_property
    def usual(self) -> Floats:
        """What a family shares at one of its operations, on average."""
        return np.asarray(self.family_operation.sum(axis=-1, keepdims=True) / self.family_operation.shape[-1])

    def total(self, operation: Ints) -> Floats:
        """Return the variance of an item's level where nothing is known about it."""
        return np.asarray(self.family + self.item + self.family_operation[operation] + self.pair[operation])

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "family": self.family,
            "item": self.item,
            "family_operation": self.family_operation,
            "pair": self.pair,
            "lot": self.lot,
        }


@dataclass(frozen=True, slots=True)
class PairMeans:
    """One entry per (item, operation) with a lot, ordered by item and operation."""

    item: Ints
    operation: Ints
    family: Ints
    """An item without a family is a family of its own."""
    count: Ints
    mean: Floats
    within: Floats
    """Sum of squared deviations of the lots from their mean."""


def no_components(operations: int) -> Components:
    """Return what is used where there is nothing to estimate variances from."""
    some = np.full(operations, 0.1)
    return Components(0.1, 0.1, some, some, some)


def estimate_components(pairs: PairMeans, operations: int) -> Components:
    """Estimate the variances from products of means (moments); few lots are pulled towards the plant's value."""
    if not len(pairs.item):
        return no_components(operations)
    operation, mean = pairs.operation, pairs.mean
    lot = pooled(operation, pairs.within, pairs.count - 1.0, operations)
    whole = pooled(operation, mean**2 - lot[operation] / pairs.count, np.ones(len(operation)), operations)
    item_and_family = _products(pairs.item, mean).mean()
    key = pairs.family.astype(np.int64) * operations + operation
    together = _products(key, mean)
    if not together.count.sum():  # no families: all that differs between items is the items' own
        item = max(item_and_family, _FLOOR)
        return Components(_FLOOR, item, np.full(operations, _FLOOR), np.maximum(whole - item, _FLOOR), lot)
    family = max(_between_strangers(pairs, key), _FLOOR)
    item = max(item_and_family - family, _FLOOR)
    operation_of = (together.names % operations).astype(np.int64)
    shared = pooled(operation_of, together.total * together.weight, together.count * together.weight, operations)
    family_operation = np.maximum(shared - family, _FLOOR)
    return Components(family, item, family_operation, np.maximum(whole - family_operation - family - item, _FLOOR), lot)


@dataclass(frozen=True, slots=True)
class _Products:
    """Per group: sum and number of products of two different members; `weight` lets each member count alike."""

    names: Ints
    total: Floats
    count: Floats
    weight: Floats

    def mean(self) -> float:
        return float((self.total * self.weight).sum()) / max(float((self.count * self.weight).sum()), 1.0)


def _products(group: Ints, value: Floats) -> _Products:
    names, member = np.unique(group, return_inverse=True)
    size = np.bincount(member).astype(np.float64)
    total = np.bincount(member, weights=value) ** 2 - np.bincount(member, weights=value**2)
    return _Products(names, total, size * (size - 1), 1 / np.maximum(size - 1, 1))


def _between_strangers(pairs: PairMeans, key: Ints) -> float:
    """Return the mean product over pairs of a family that share neither item nor operation."""
    families, member = np.unique(pairs.family, return_inverse=True)
    weight = 1 / np.maximum(np.bincount(member) - 1.0, 1.0)
    total, count = np.zeros(len(families)), np.zeros(len(families))
    for sign, group in ((1, pairs.family), (-1, pairs.item), (-1, key)):
        found = _products(group, pairs.mean)
        family_of = np.zeros(len(found.names), dtype=np.int64)
        family_of[np.searchsorted(found.names, group)] = member
        np.add.at(total, family_of, sign * found.total)
        np.add.at(count, family_of, sign * found.count)
    return float((total * weight).sum()) / max(float((count * weight).sum()), 1.0)


def pooled(operation: Ints, total: Floats, freedom: Floats, operations: int) -> Floats:
    """Return a variance per operation from sums of squares; few of them are pulled towards the plant's value."""
    sums = np.bincount(operation, weights=total, minlength=operations)
    degrees = np.bincount(operation, weights=freedom, minlength=operations)
    overall = max(float(sums.sum()), 0.0) / max(float(degrees.sum()), 1.0)
    shrunk = (np.maximum(sums, 0) + _POOLED_WEIGHT * overall) / (degrees + _POOLED_WEIGHT)
    return np.asarray(np.maximum(shrunk, _FLOOR))


@record
class Known:
    """What is known of (item, operation) pairs: means of four circles, each without the narrower ones.

    Each entry of a circle: its mean, how sure it is (the variance it has beyond what it shares with
    the pair; infinite where there is nothing), and how many members it is a mean of.
    """

    lots: Ints
    weight: Floats
    """Own lots and what the pair's standard time is worth beside them."""
    own: Floats
    """Mean of the pair's own lots and standard time."""
    item: Floats
    item_noise: Floats
    """The item's other operations."""
    sister: Floats
    sister_noise: Floats
    sisters: Floats
    """The same operation of the family's other items."""
    family: Floats
    family_noise: Floats
    family_items: Floats
    family_operations: Floats
    """All operations of the family's other items."""


def with_kin(known: Known, other: Known) -> Known:
    """Return what is known of the items themselves, with what something else knows of their families' other items."""
    return replace(
        known,
        sister=other.sister,
        sister_noise=other.sister_noise,
        sisters=other.sisters,
        family=other.family,
        family_noise=other.family_noise,
        family_items=other.family_items,
        family_operations=other.family_operations,
    )


def best_guess(components: Components, operation: Ints, known: Known) -> tuple[Floats, Floats]:
    """Return mean and variance of the level of each pair: the best linear guess from the four means.

    The means share what their members share (an item, an operation of the family), as if the members
    of a circle weighed alike; that keeps the covariances those of a possible world.
    """
    family, item, usual = components.family, components.item, components.usual
    both, pair, lot = components.at(operation)
    kinds, people = np.maximum(known.family_operations, 1.0), np.maximum(known.family_items, 1.0)
    of_kinds = (known.sisters > 0) / kinds
    shared_by_item, shared_by_family = family + item, family + both
    far, level = family + both * of_kinds, shared_by_family + item + pair
    of_people = item / people
    parts = np.empty((_FAMILY + 1, *level.shape))
    parts[_OWN] = level + lot / np.maximum(known.weight, LEAST_WEIGHT)
    parts[_OWN_ITEM], parts[_OWN_SISTER], parts[_OWN_FAMILY] = shared_by_item, shared_by_family, far
    parts[_ITEM] = shared_by_item + np.maximum(known.item_noise, usual / np.maximum(kinds - 1, 1.0))
    parts[_ITEM_SISTER], parts[_ITEM_FAMILY] = family, family + np.where(kinds > 1, usual / kinds, 0.0)
    parts[_SISTER] = shared_by_family + np.maximum(known.sister_noise, item / np.maximum(known.sisters, 1.0))
    parts[_SISTER_FAMILY] = far + of_people
    parts[_FAMILY] = (
        family + both * of_kinds**2 + usual * (1 - of_kinds) / kinds + np.maximum(known.family_noise, of_people)
    )
    heard = np.array([known.weight > 0, *np.isfinite([known.item_noise, known.sister_noise, known.family_noise])])
    shared = np.array([level, parts[_OWN_ITEM], parts[_OWN_SISTER], far]) * heard
    means = np.array([known.own, known.item, known.sister, known.family]) * heard
    unheard = _UNHEARD.reshape(4, 4, *[1] * level.ndim)
    covariance = np.where(heard[:, None] & heard, parts.take(_PLACES, axis=0), unheard)
    pairs = range(level.ndim)
    matrices = covariance.transpose(*(axis + 2 for axis in pairs), 0, 1)
    weights = np.linalg.solve(matrices, shared.transpose(*(axis + 1 for axis in pairs), 0)[..., None])[..., 0]
    weights = weights.transpose(-1, *pairs)
    variance = level - (weights * shared).sum(axis=0)
    return (weights * means).sum(axis=0), np.maximum(variance, _FLOOR)


def posterior(
    prior: tuple[Floats, Floats], between: Floats, lot: Floats, count: Floats, mean: Floats
) -> tuple[Floats, Floats]:
    """Return mean and variance of an item's level after `count` lots with a mean.

    The prior is what its neighbours say and how unsure that is (a variance), `between`
    how items differ around it, `lot` the variance of one lot.
    """
    expected_before, prior_variance = prior
    own = between * count / (between * count + lot)
    expected = expected_before + own * (np.where(count > 0, mean, 0.0) - expected_before)
    return np.asarray(expected), np.asarray((1 - own) ** 2 * prior_variance + between * (1 - own))
