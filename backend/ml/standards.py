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
class Claims:
    """Standard times as residual log minutes, one entry per (item, operation), sorted by these."""

    item: Ints
    operation: Ints
    centre: Ints
    log_quantity: Floats
    """Of the item's usual lot."""
    residual: Floats
    guess: Floats
    """What is expected of the pair without its standard, and the variance of that."""
    unsure: Floats
    made: Flags
    """Whether the pair has own lots, so that its guess shows whether the standard is right."""


@dataclass(frozen=True, slots=True)
class StandardLots:
    """What standard times tell: sorted item x operations + operation, residual log minutes, worth in own lots."""

    keys: Ints
    told: Floats
    lots: Floats


NO_STANDARDS: Final = StandardLots(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))


def weigh_standards(claims: Claims, components: Components) -> tuple[Floats, Floats]:
    """Return each claim without its usual bias, and how many own lots it is worth.

    An item's standards are fresh or stale together. Nothing is worth anything where no pair has lots.
    """
    worth = np.zeros(len(claims.item))
    if not claims.made.any():
        return claims.residual, worth
    told = claims.residual - _bias(claims)
    off = told - claims.guess
    noise = _noise(claims, off, len(components.lot))[claims.operation]
    shared = np.maximum(claims.unsure - components.pair[claims.operation], 0.0)
    alone = noise + claims.unsure - shared
    items, member = np.unique(claims.item, return_inverse=True)
    weight = np.bincount(member, weights=1 / alone)
    mean = np.bincount(member, weights=off / alone) / weight
    variance = (1 + np.bincount(member, weights=shared / alone)) / weight
    made = np.bincount(member, weights=claims.made) > 0
    fresh, core = _fresh(mean, variance, made)
    kinds = np.bincount(member, minlength=len(items))
    fresh, spread = fresh[member], (kinds * core)[member]
    sure = fresh > _LEAST_FRESH
    doubt = (noise + spread + (1 - fresh) * claims.unsure) / np.maximum(fresh, _LEAST_FRESH)
    return told, np.where(sure, components.lot[claims.operation] / doubt, 0.0)


def _bias(claims: Claims) -> Floats:
    """Return the usual distance of standards from lots.

    It goes by the size of the usual lot, which a standard per piece knows nothing of, and per operation and
    centre, drawn to the operation's.
    """
    used = np.flatnonzero(claims.made)
    off, operation = (claims.residual - claims.guess)[used], claims.operation.astype(np.int64)
    centre = claims.centre.astype(np.int64)
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
    """Return the median distance moved along the line over the log quantity that fits made pairs, outliers clipped.

    The line is flattened by its own error, pairs counted as if each item had one.
    """
    middle = float(np.median(off))
    beyond = claims.log_quantity - float(claims.log_quantity[used].mean())
    limit = _CLIP_DEVIATIONS * 1.4826 * float(np.median(np.abs(off - middle)))
    away, across = (off - middle).clip(-limit, limit), beyond[used]
    spread = max(float(across @ across), _FLOOR)
    slope = float(across @ away) / spread
    items = len(np.unique(claims.item[used]))
    error = float(((away - slope * across) ** 2).sum()) / items / spread
    return np.asarray(middle + slope * slope**2 / max(slope**2 + error, _FLOOR**2) * beyond)


def _noise(claims: Claims, off: Floats, operations: int) -> Floats:
    """Return per operation how standards vary around the common error of their item."""
    used = np.flatnonzero(claims.made)
    _, member, count = np.unique(claims.item[used], return_inverse=True, return_counts=True)
    inner = off[used] - (np.bincount(member, weights=off[used]) / count)[member]
    limit = _CLIP_DEVIATIONS * 1.4826 * float(np.median(np.abs(inner)))
    several = count[member] > 1
    freedom = np.where(several, 1 - 1 / count[member], 0.0)
    square = np.where(several, inner.clip(-limit, limit) ** 2 - freedom * claims.unsure[used], 0.0)
    operation = claims.operation[used]
    squares = np.bincount(operation, weights=square, minlength=operations)
    degrees = np.bincount(operation, weights=freedom, minlength=operations)
    overall = max(float(squares.sum()), 0.0) / max(float(degrees.sum()), 1.0)
    pooled = (np.maximum(squares, 0.0) + _POOLED_PAIRS * overall) / (degrees + _POOLED_PAIRS)
    return np.asarray(np.maximum(pooled, _FLOOR))


def _fresh(mean: Floats, variance: Floats, made: Flags) -> tuple[Floats, float]:
    """Return how probably each item's standards are fresh, and the variance that fresh ones share per item.

    Items' mean errors are taken for a mixture of a narrow and a wide normal distribution (EM, moments).
    """
    seen, noise = mean[made], variance[made]
    core = max((1.4826 * float(np.median(np.abs(seen)))) ** 2 - float(np.median(noise)), 0.0)
    wide, centre, share = _WIDE * (core + float(np.median(noise))), 0.0, 0.1
    for _ in range(_ROUNDS):
        stale = 1 - _chance_fresh(seen, noise, core, (wide, centre, share))
        total, rest = max(float(stale.sum()), 1e-9), float((1 - stale).sum())
        share = float(stale.mean())
        centre = float((stale * seen).sum()) / total
        wide = max(float((stale * ((seen - centre) ** 2 - noise)).sum()) / total, core, _FLOOR)
        squares = max(float(((1 - stale) * (seen**2 - noise)).sum()), 0.0)
        core = (squares + _PRIOR_ITEMS * _PRIOR_VARIANCE) / (rest + _PRIOR_ITEMS)
    return _chance_fresh(mean, variance, core, (wide, centre, share)), core


def _chance_fresh(mean: Floats, variance: Floats, core: float, stale: tuple[float, float, float]) -> Floats:
    wide, centre, share = stale
    narrow_variance, wide_variance = core + variance, wide + variance
    log_odds = 0.5 * ((mean - centre) ** 2 / wide_variance + np.log(wide_variance))
    log_odds -= 0.5 * (mean**2 / narrow_variance + np.log(narrow_variance))
    odds = (1 - share) / max(share, 1e-6) * np.exp(log_odds.clip(-50, 50))
    return np.asarray(odds / (1 + odds))
