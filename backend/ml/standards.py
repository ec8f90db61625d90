"""Standard times as evidence: how well a plant's standards tell what its operations take, counted in lots."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints
from backend.ml.shrinkage import Components

_POOLED_PAIRS: Final = 20.0
_PRIOR_ITEMS: Final = 2.0
_PRIOR_VARIANCE: Final = 0.25
"""Until items have shown better, their standards are taken to be off by a factor of 1.6 or so."""
_ROUNDS: Final = 30
_WIDE: Final = 9.0
_CLIP_DEVIATIONS: Final = 3.0
_LEAST_FRESH: Final = 0.05
_FLOOR: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Standards:
    """Standard times as residual log minutes, one entry per (item, operation), sorted by these."""

    item: Ints
    family: Ints
    operation: Ints
    centre: Ints
    log_quantity: Floats
    """Of the item's usual lot."""
    residual: Floats


@dataclass(frozen=True, slots=True)
class Claims:
    """What standards claim, and what is known of the same pairs without them."""

    standards: Standards
    guess: Floats
    """What is expected of the pair without its standard, and the variance of that."""
    unsure: Floats
    foreseen: Floats
    """What the standard of the same pair's other kind of minutes is expected to be too long by (log); 0: nothing."""
    made: Flags
    """Whether the pair has own lots, so that its guess shows whether the standard is right."""


@dataclass(frozen=True, slots=True)
class StandardLots:
    """What standard times tell: sorted item x operations + operation, residual log minutes, worth in own lots."""

    keys: Ints
    told: Floats
    lots: Floats
    error: Floats
    """By how much each standard is expected to be too long, in log minutes."""

    def errors_of(self, keys: Ints) -> Floats:
        """Return the expected errors of standards by key, 0 where there is none."""
        if not len(self.keys):
            return np.zeros(len(keys))
        where = np.minimum(self.keys.searchsorted(keys), len(self.keys) - 1)
        return np.where(self.keys[where] == keys, self.error[where], 0.0)


NO_STANDARDS: Final = StandardLots(np.zeros(0, np.int64), *(np.zeros(0) for _ in range(3)))


def weigh_standards(claims: Claims, components: Components) -> tuple[Floats, Floats, Floats]:
    """Return each claim without its usual bias, how many own lots it is worth, and its expected error.

    An item's standards are fresh or stale together. Nothing is worth anything where no pair has lots.
    """
    standards, operation = claims.standards, claims.standards.operation
    worth = np.zeros(len(operation))
    if not claims.made.any():
        return standards.residual, worth, worth
    told = standards.residual - _foreseen(claims)
    told = told - _bias(claims, told)
    off = told - claims.guess
    noise = _noise(claims, off, len(components.lot))[operation]
    shared = np.maximum(claims.unsure - components.pair[operation], 0.0)
    alone = noise + claims.unsure - shared
    items, member = np.unique(standards.item, return_inverse=True)
    weight = np.bincount(member, weights=1 / alone)
    mean = np.bincount(member, weights=off / alone) / weight
    variance = (1 + np.bincount(member, weights=shared / alone)) / weight
    errors = _fit_errors(mean, variance, np.bincount(member, weights=claims.made) > 0)
    kinds = np.bincount(member, minlength=len(items))
    fresh, spread = errors.chance_fresh(mean, variance)[member], (kinds * errors.core)[member]
    sure = fresh > _LEAST_FRESH
    doubt = (noise + spread + (1 - fresh) * claims.unsure) / np.maximum(fresh, _LEAST_FRESH)
    error = errors.expected(mean, variance)[member] + noise / alone * (off - mean[member])
    return told, np.where(sure, components.lot[operation] / doubt, 0.0), error


def _foreseen(claims: Claims) -> Floats:
    """Return what the errors of the other kind's standards tell of these."""
    used = np.flatnonzero(claims.made)
    off = (claims.standards.residual - claims.guess)[used]
    off = off - np.median(off)
    return _slope(claims, claims.foreseen[used], off, used) * claims.foreseen


def _slope(claims: Claims, across: Floats, away: Floats, used: Ints) -> float:
    """Return the slope of made pairs' distances over something, outliers clipped.

    It is drawn to 0 by its own error, pairs counted as if each item had one.
    """
    limit = _CLIP_DEVIATIONS * 1.4826 * float(np.median(np.abs(away)))
    away = away.clip(-limit, limit)
    spread = max(float(across @ across), _FLOOR)
    slope = float(across @ away) / spread
    error = float(((away - slope * across) ** 2).sum()) / len(np.unique(claims.standards.item[used])) / spread
    return slope**3 / max(slope**2 + error, _FLOOR**2)


def _bias(claims: Claims, told: Floats) -> Floats:
    """Return the usual distance of standards from lots.

    It goes by the size of the usual lot, which a standard per piece knows nothing of, and per operation and
    centre, drawn to the operation's.
    """
    used = np.flatnonzero(claims.made)
    off, operation = (told - claims.guess)[used], claims.standards.operation.astype(np.int64)
    centre = claims.standards.centre.astype(np.int64)
    bias = _over_quantity(claims, off, used)
    for key in (operation, operation * (int(centre.max()) + 1) + centre):
        names, member = np.unique(key, return_inverse=True)
        rest = off - bias[used]
        order = np.argsort(member[used], kind="stable")
        bounds = np.searchsorted(member[used][order], np.arange(len(names) + 1))
        medians = np.array([np.median(rest[order[a:b]]) if b > a else 0.0 for a, b in pairwise(bounds)])
        count = np.diff(bounds)
        bias = bias + (medians * count / (count + _POOLED_PAIRS))[member]
    return bias


def _over_quantity(claims: Claims, off: Floats, used: Ints) -> Floats:
    """Return the median distance moved along the line over the log quantity that fits made pairs."""
    middle = float(np.median(off))
    beyond = claims.standards.log_quantity - float(claims.standards.log_quantity[used].mean())
    return np.asarray(middle + _slope(claims, beyond[used], off - middle, used) * beyond)


def _noise(claims: Claims, off: Floats, operations: int) -> Floats:
    """Return per operation how standards vary around the common error of their item."""
    used = np.flatnonzero(claims.made)
    _, member, count = np.unique(claims.standards.item[used], return_inverse=True, return_counts=True)
    inner = off[used] - (np.bincount(member, weights=off[used]) / count)[member]
    limit = _CLIP_DEVIATIONS * 1.4826 * float(np.median(np.abs(inner)))
    several = count[member] > 1
    freedom = np.where(several, 1 - 1 / count[member], 0.0)
    square = np.where(several, inner.clip(-limit, limit) ** 2 - freedom * claims.unsure[used], 0.0)
    operation = claims.standards.operation[used]
    squares = np.bincount(operation, weights=square, minlength=operations)
    degrees = np.bincount(operation, weights=freedom, minlength=operations)
    overall = max(float(squares.sum()), 0.0) / max(float(degrees.sum()), 1.0)
    pooled = (np.maximum(squares, 0.0) + _POOLED_PAIRS * overall) / (degrees + _POOLED_PAIRS)
    return np.asarray(np.maximum(pooled, _FLOOR))


@dataclass(frozen=True, slots=True)
class _ItemErrors:
    """How far items' standards are off: a mixture of a narrow normal distribution (fresh) and a wide one (stale)."""

    core: float
    """Variance among fresh ones."""
    wide: float
    centre: float
    share: float
    """Variance, mean and share of stale ones."""

    def chance_fresh(self, mean: Floats, variance: Floats) -> Floats:
        """Return how probably items' standards are fresh, from their mean errors and the variance of these."""
        narrow, wide = self.core + variance, self.wide + variance
        log_odds = 0.5 * ((mean - self.centre) ** 2 / wide + np.log(wide) - mean**2 / narrow - np.log(narrow))
        odds = (1 - self.share) / max(self.share, 1e-6) * np.exp(log_odds.clip(-50, 50))
        return np.asarray(odds / (1 + odds))

    def expected(self, mean: Floats, variance: Floats) -> Floats:
        """Return the errors that are expected of items."""
        fresh = self.chance_fresh(mean, variance)
        stale = self.centre + self.wide / (self.wide + variance) * (mean - self.centre)
        return np.asarray(fresh * self.core / (self.core + variance) * mean + (1 - fresh) * stale)


def _fit_errors(mean: Floats, variance: Floats, made: Flags) -> _ItemErrors:
    """Fit the mixture to items with lots (EM, moments)."""
    seen, noise = mean[made], variance[made]
    core = max((1.4826 * float(np.median(np.abs(seen)))) ** 2 - float(np.median(noise)), 0.0)
    errors = _ItemErrors(core, _WIDE * (core + float(np.median(noise))), 0.0, 0.1)
    for _ in range(_ROUNDS):
        stale = 1 - errors.chance_fresh(seen, noise)
        total, rest = max(float(stale.sum()), 1e-9), float((1 - stale).sum())
        centre = float((stale * seen).sum()) / total
        wide = max(float((stale * ((seen - centre) ** 2 - noise)).sum()) / total, errors.core, _FLOOR)
        squares = max(float(((1 - stale) * (seen**2 - noise)).sum()), 0.0)
        core = (squares + _PRIOR_ITEMS * _PRIOR_VARIANCE) / (rest + _PRIOR_ITEMS)
        errors = _ItemErrors(core, wide, centre, float(stale.mean()))
    return errors
