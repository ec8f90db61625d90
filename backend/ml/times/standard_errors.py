"""How far standard times are off: row by row, and by what all rows of an item share; set-up and run together."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints
from backend.ml.times.pair_matrices import Matrices, determinant, diagonal, inverse, possible, symmetric
from backend.ml.times.standard_rows import StandardRows

_POOLED_PAIRS: Final = 20.0
_PRIOR_ITEMS: Final = 2.0
_PRIOR_VARIANCE: Final = 0.25
"""Until items have shown better, their standards are taken to be off by a factor of 1.6 or so."""
_ROUNDS: Final = 30
_WIDE: Final = 9.0
_CLIP_DEVIATIONS: Final = 3.0
_FLOOR: Final = 1e-4
_CHUNK: Final = 100_000
_NOTHING: Final = 1e-6
"""How sure it is what items share that have no standard of a kind."""


def row_errors(rows: StandardRows, operations: int) -> Matrices:
    """Return per operation how standards vary around the common error of their item, set-up and run together."""
    inner, freedom = (np.zeros(rows.off.shape) for _ in range(2))
    for kind in (0, 1):
        used = np.flatnonzero(rows.made[kind])
        if len(used):
            member, off = rows.member[used], rows.off[kind, used]
            count = np.bincount(member)[member]
            away = off - np.bincount(member, weights=off)[member] / count
            limit = _CLIP_DEVIATIONS * 1.4826 * float(np.median(np.abs(away)))
            inner[kind, used] = away.clip(-limit, limit)
            freedom[kind, used] = 1 - 1 / count
    own = freedom * rows.unsure
    both = (freedom > 0).all(axis=0)
    first, second = (_pooled(rows, inner[k] ** 2 - own[k], freedom[k], operations) for k in (0, 1))
    cross = _pooled(
        rows, np.where(both, inner[0] * inner[1], 0.0), both * freedom.min(axis=0), operations, _POOLED_PAIRS
    )
    return possible(symmetric(first, cross, second), _FLOOR)


def _pooled(rows: StandardRows, product: Floats, freedom: Floats, operations: int, unseen: float = 0.0) -> Floats:
    """Return mean products per operation, few drawn to the plant's, and that to 0 as by so many `unseen` rows."""
    sums = np.bincount(rows.operation, weights=np.where(freedom > 0, product, 0.0), minlength=operations)
    degrees = np.bincount(rows.operation, weights=freedom, minlength=operations)
    overall = float(sums.sum()) / max(float(degrees.sum()) + unseen, 1.0)
    return np.asarray((sums + _POOLED_PAIRS * overall) / (degrees + _POOLED_PAIRS))


@dataclass(frozen=True, slots=True)
class Items:
    """What the standards of each item say of its common error and level (set-up, run)."""

    mean: Floats
    """(item, 2)."""
    noise: Matrices
    """How unsure that is for the rows' own errors."""
    level: Matrices
    """How unsure the item's level is without its standards."""
    seen: Flags
    """(item, 2): whether lots show how far the standards are off."""

    def take(self, chosen: Ints | slice) -> "Items":
        """Return some of the items."""
        return Items(self.mean[chosen], self.noise[chosen], self.level[chosen], self.seen[chosen])

    @classmethod
    def of(cls, rows: StandardRows, errors: Matrices) -> "Items":
        """Sum rows up."""
        items = int(rows.member.max(initial=-1)) + 1
        precision, told, level = np.zeros((items, 2, 2)), np.zeros((items, 2)), np.zeros((items, 2))
        for part in rows.parts(_CHUNK):
            weights, first = rows.precision(part, errors), rows.member[part[0]]
            heard = np.einsum("rij,jr->ri", weights, rows.off[:, part])
            own = np.einsum("rii,ir->ri", weights, rows.shared[:, part])
            here = slice(first, rows.member[part[-1]] + 1)
            member = rows.member[part] - first
            for i in (0, 1):
                told[here, i] = np.bincount(member, weights=heard[:, i])
                level[here, i] = np.bincount(member, weights=own[:, i])
                for j in (0, 1):
                    precision[here, i, j] = np.bincount(member, weights=weights[:, i, j])
        level /= np.maximum(np.einsum("nii->ni", precision), _NOTHING)
        noise = inverse(precision + _NOTHING * np.eye(2))
        seen = np.column_stack([np.bincount(rows.member, weights=made, minlength=items) > 0 for made in rows.made])
        return cls(np.einsum("nij,nj->ni", noise, told), noise, diagonal(level), seen)


@dataclass(frozen=True, slots=True)
class ItemErrors:
    """How far items' standards are off: a mixture of a narrow normal distribution (fresh) and a wide one (stale)."""

    core: Matrices
    """Covariance among fresh ones."""
    wide: Matrices
    centre: Floats
    share: float
    """Covariance, mean and share of stale ones."""

    def chance_fresh(self, items: Items) -> Floats:
        """Return how probably items' standards are fresh."""
        known = items.noise + items.level
        surprise = _surprise(items.mean - self.centre, known + self.wide) - _surprise(items.mean, known + self.core)
        return np.asarray(1 / (1 + self.share / max(1 - self.share, 1e-6) * np.exp(-0.5 * surprise.clip(-100, 100))))

    def states(self, items: Items) -> Iterator[tuple[Floats, tuple[Floats, Floats, Floats]]]:
        """Return for fresh and for stale: its chance, and what is then believed of items.

        That is: level and level + error (item, 4), their covariance with each other, and that of all four.
        """
        fresh = self.chance_fresh(items)
        for chance, spread, centre in ((fresh, self.core, np.zeros(2)), (1 - fresh, self.wide, self.centre)):
            both = items.level + spread
            weight = inverse(both + items.noise)
            away = items.mean - centre
            level = np.einsum("nij,nj->ni", items.level @ weight, away)
            sum_ = centre + np.einsum("nij,nj->ni", both @ weight, away)
            common = items.level - items.level @ weight @ both
            around = np.zeros((len(away), 4, 4))
            around[:, :2, :2] = items.level - items.level @ weight @ items.level
            around[:, 2:, 2:] = both - both @ weight @ both
            yield chance, (np.hstack([level, sum_]), common, around)


def _surprise(away: Floats, covariance: Matrices) -> Floats:
    return np.asarray(np.log(determinant(covariance)) + np.einsum("ni,nij,nj->n", away, inverse(covariance), away))


def fit_item_errors(items: Items) -> ItemErrors:
    """Fit the mixture to items with lots (EM, moments)."""
    used = np.flatnonzero(items.seen.any(axis=1))
    seen = items.take(used)
    noise = seen.noise + seen.level
    narrow, unsure = np.zeros(2), np.ones(2)
    for kind in (0, 1):
        known = seen.seen[:, kind]
        if known.any():
            unsure[kind] = float(np.median(noise[known, kind, kind]))
            narrow[kind] = max((1.4826 * float(np.median(np.abs(seen.mean[known, kind])))) ** 2 - unsure[kind], 0.0)
    everyone, prior = np.ones(len(used)), _PRIOR_VARIANCE * np.eye(2)
    all_ = possible(_moments(seen, np.zeros(2), everyone, prior), _FLOOR)
    alike = all_[0, 1] / np.sqrt(all_[0, 0] * all_[1, 1])
    prior = _PRIOR_VARIANCE * np.array([[1.0, alike], [alike, 1.0]])

    def spread(variance: Floats) -> Matrices:
        return symmetric(variance[0], alike * np.sqrt(variance[0] * variance[1]), variance[1])

    errors = ItemErrors(spread(narrow), spread(_WIDE * (narrow + unsure)), np.zeros(2), 0.1)
    for _ in range(_ROUNDS):
        fresh = errors.chance_fresh(seen)
        told = (1 - fresh)[:, None] * seen.seen
        centre = (told * seen.mean).sum(axis=0) / np.maximum(told.sum(axis=0), 1e-9)
        wide = possible(_moments(seen, centre, 1 - fresh, np.zeros((2, 2))), _FLOOR)
        core = possible(_moments(seen, np.zeros(2), fresh, prior), 0.0)
        errors = ItemErrors(core, _at_least(wide, core), centre, float(1 - fresh.mean()) if len(fresh) else 0.1)
    return errors


def _moments(items: Items, centre: Floats, share: Floats, prior: Matrices) -> Matrices:
    """Return the covariance of errors, each item by its share; `prior`: of a few items before any was seen."""
    away = items.mean - centre
    products = away[:, :, None] * away[:, None, :] - items.noise - items.level
    weight = share[:, None, None] * items.seen[:, :, None] * items.seen[:, None, :]
    total = (weight * products).sum(axis=0)
    for kind in (0, 1):
        total[kind, kind] = max(total[kind, kind], 0.0)
    before = _PRIOR_ITEMS if prior.any() else 0.0
    return np.asarray((total + before * prior) / np.maximum(weight.sum(axis=0) + before, 1e-9))


def _at_least(wide: Matrices, core: Matrices) -> Matrices:
    return symmetric(np.maximum(wide[0, 0], core[0, 0]), wide[0, 1], np.maximum(wide[1, 1], core[1, 1]))
