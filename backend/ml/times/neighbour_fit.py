"""The neighbours' layer of one kind of minutes: how far they can be trusted."""

from dataclasses import replace
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.rehearsal import NeighbourMeans
from backend.ml.times.target_fit import TargetFit

_POOLED_WEIGHT: Final = 50.0
_FLOOR: Final = 1e-6


def with_neighbours(fit: TargetFit, chosen: Ints, means: NeighbourMeans) -> TargetFit:
    """Learn from the `chosen` items how items differ from what their neighbours say."""
    target, history = fit.target, fit.history()
    item, operation = history.pairs.row_of_values(), history.pairs.values
    used = np.flatnonzero(np.isin(item, chosen) & (history.counts[target.kind] > 0))
    item, operation = item[used], operation[used].astype(np.int64)
    prior = means(history, item, operation, target.kind)
    lot = target.components.lot
    error = history.means[target.kind][used].astype(np.float64) - prior
    noise = lot[operation] / history.weights(target.kind, used)
    components = replace(target.components, pair=_excess(operation, error, noise, history.operations))
    return replace(fit, target=replace(target, components=components))


def _excess(operation: Ints, error: Floats, noise: Floats, operations: int) -> Floats:
    sums = np.bincount(operation, weights=error**2 - noise, minlength=operations)
    counts = np.bincount(operation, minlength=operations)
    overall = max(float(sums.sum()), 0.0) / max(float(counts.sum()), 1.0)
    return np.asarray(np.maximum((np.maximum(sums, 0) + _POOLED_WEIGHT * overall) / (counts + _POOLED_WEIGHT), _FLOOR))
