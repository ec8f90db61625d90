"""The neighbours' layer of one kind of minutes: how far they can be trusted, and the rehearsal with them."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.pair_history import PairHistory, join_pairs
from backend.ml.shrinkage import Components, posterior
from backend.ml.target_fit import Ahead, TargetFit
from backend.ml.time_rows import TimeRows

NeighbourMeans = Callable[[PairHistory, Ints, Ints, int], Floats]
"""(pair history, item, operation, kind) -> shrunk mean of the neighbours' residuals per pair."""


def with_neighbours(fit: TargetFit, rows: TimeRows, chosen: Ints, means: NeighbourMeans) -> TargetFit:
    """Replace the family layer by neighbours, learning from the `chosen` items how far they can be trusted."""
    target, operations = fit.target, len(fit.target.base)
    keys, mean, count = fit.pairs
    used = np.flatnonzero(np.isin(keys // operations, chosen))
    item, operation = keys[used] // operations, keys[used] % operations
    prior = means(_history(fit), item, operation, target.kind)
    lot = target.components.lot
    components = Components(
        lot, _excess(operation, mean[used] - prior, lot[operation] / count[used], operations), target.components.family
    )
    return replace(
        fit, target=replace(target, components=components), ahead=_rehearsed(fit, rows, used, prior, components)
    )


def _history(fit: TargetFit) -> PairHistory:
    """Return what is known of the pairs, with nothing for the other kind of minutes."""
    nothing = (np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))
    return join_pairs((fit.pairs, nothing) if fit.target.kind == 0 else (nothing, fit.pairs), len(fit.target.base))


def _rehearsed(fit: TargetFit, rows: TimeRows, used: Ints, prior: Floats, components: Components) -> Ahead:
    """Expect each lot of the used pairs from their neighbours (one prior per pair) and its own earlier lots."""
    keys, _, count = fit.pairs
    where = np.full(len(keys), -1)
    where[used] = np.arange(len(used))
    row_pair = where[np.repeat(np.arange(len(keys)), count)]
    picked = np.flatnonzero(row_pair >= 0)
    operation = rows.operation[fit.ahead.rows[picked]]
    lot = components.lot[operation]
    level, variance = posterior(
        (prior[row_pair[picked]], np.zeros(len(picked))),
        components.item[operation],
        lot,
        fit.running.count[picked],
        fit.running.mean[picked],
    )
    return Ahead(fit.ahead.rows[picked], fit.before[picked] + level, np.sqrt(lot + variance), fit.ahead.actual[picked])


def _excess(operation: Ints, error: Floats, noise: Floats, operations: int) -> Floats:
    sums = np.bincount(operation, weights=error**2 - noise, minlength=operations)
    counts = np.bincount(operation, minlength=operations)
    overall = max(float(sums.sum()), 0.0) / max(float(counts.sum()), 1.0)
    return np.asarray(np.maximum((np.maximum(sums, 0) + 50 * overall) / (counts + 50), 1e-6))
