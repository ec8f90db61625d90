"""Fitting of one kind of minutes, layer by layer."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.boosters import Booster
from backend.ml.boosting import MAX_ROWS, TreeRows, fit_booster
from backend.ml.circles import family_totals, no_families
from backend.ml.drift import fit_levels, no_levels
from backend.ml.lot_effects import NO_EFFECTS
from backend.ml.pair_history import PairHistory
from backend.ml.residual_layers import LayerRows, Layers, fit_layers, kind_history
from backend.ml.shrinkage import no_components
from backend.ml.time_rows import TimeRows
from backend.ml.time_target import Questions, TimeTarget

HALF_LIFE_DAYS: Final = 365.0
_CHUNK: Final = 100_000
_LEAST_FOLD_ROWS: Final = 20
_LIKENESS: Final = 0.5
"""Correlation of lots of one item and operation: how little each further one adds for the trees."""


@dataclass(frozen=True, slots=True)
class TimeSetting:
    """What all kinds of minutes are fitted with."""

    features: Floats
    """One tree row per item; no columns where no trees are wanted."""
    categories: list[bool]
    families: Ints
    operations: int
    centres: int
    trees: bool
    seed: int
    threads: int


@dataclass(frozen=True, slots=True)
class TargetFit:
    """A fitted kind of minutes with what its rehearsal needs of the way there."""

    target: TimeTarget
    used: Ints
    """Numbers of the time rows whose minutes are known."""
    rows: LayerRows
    start: Floats
    actual: Floats
    layers: Layers

    def history(self) -> PairHistory:
        """Return what is known of all pairs, with nothing of the other kind of minutes."""
        return kind_history(self.target.kind, self.rows, self.layers.residual, np.arange(len(self.used)))


def fit_target(rows: TimeRows, minutes: Floats, kind: int, setting: TimeSetting) -> TargetFit:
    """Fit trees, levels, lot effects, variances and family totals to the rows whose minutes are known."""
    known = np.flatnonzero(~np.isnan(minutes))
    asked = _questions(rows, known, setting)
    offset = _offset(minutes[known])
    actual = np.log(minutes[known].astype(np.float64) + offset)
    base = _medians(asked.operation, actual, setting.operations, float(np.log(offset)))
    trees = setting.trees and len(known) > 0
    layer_rows = LayerRows(
        asked.item,
        asked.family,
        asked.operation,
        asked.centre,
        asked.log_quantity if not trees else np.full(len(known), np.nan),  # trees know what a quantity does
        rows.age_days[known],
        setting.operations,
        setting.centres,
    )
    boosters = _fit_trees(asked, actual, layer_rows, setting) if trees else ()
    levels, variances = no_levels(setting.centres), no_components(setting.operations)
    target = TimeTarget(kind, offset, base, boosters, levels, NO_EFFECTS, variances, no_families())
    start = _start(target, rows, known, setting)
    layers = fit_layers(layer_rows, actual - start)
    target = replace(
        target, levels=layers.followed.levels, lot_effects=layers.lot_effects, components=layers.components
    )
    fit = TargetFit(target, known, layer_rows, start, actual, layers)
    families = family_totals(fit.history(), kind, setting.families, layers.components)
    return replace(fit, target=replace(target, families=families))


def _questions(rows: TimeRows, used: Ints, setting: TimeSetting) -> Questions:
    item = rows.item[used]
    return Questions(
        item,
        setting.families[item],
        rows.operation[used],
        rows.centre[used],
        np.log(rows.quantity[used]),
        np.zeros((len(used), 0), np.float32),
    )


def _with_features(rows: TimeRows, used: Ints, setting: TimeSetting) -> Questions:
    asked = _questions(rows, used, setting)
    return replace(asked, features=setting.features[asked.item])


def _offset(minutes: Floats) -> float:
    positive = minutes[minutes > 0]
    return float(0.02 * np.median(positive)) if len(positive) else 1e-3


def _medians(operation: Ints, values: Floats, operations: int, nothing: float) -> Floats:
    """Return the median per operation; the overall one, or `nothing`, where an operation has no values."""
    overall = float(np.median(values)) if len(values) else nothing
    medians = np.full(operations, overall)
    order = np.argsort(operation, kind="stable")
    found, first = np.unique(operation[order], return_index=True)
    for code, part in zip(found.tolist(), np.split(values[order], first[1:]), strict=False):
        medians[code] = np.median(part)
    return medians


def _fit_trees(asked: Questions, actual: Floats, rows: LayerRows, setting: TimeSetting) -> tuple[Booster, ...]:
    fold = asked.fold()
    counts = np.bincount(fold, minlength=2)
    parts = [np.flatnonzero(fold != number) for number in (0, 1)] if counts.min() >= _LEAST_FOLD_ROWS else None
    _, count = rows.pairs()
    likeness = 1 / (1 + _LIKENESS * (np.repeat(count, count) - 1))
    weights = likeness * 0.5 ** (rows.age_days / HALF_LIFE_DAYS)
    boosters = []
    for number, part in enumerate(parts or [np.arange(len(actual))]):
        chosen, weight = _chosen(part, weights[part], np.random.default_rng([setting.seed, number]))
        matrix = _picked(asked, chosen, setting).tree_rows
        tree_rows = TreeRows(matrix, actual[chosen], weight, [True, True, False, *setting.categories])

        def moved(residual: Floats, chosen: Ints = chosen) -> Floats:
            return _wandering(rows, chosen, residual)

        model = fit_booster(tree_rows, moved, seed=setting.seed, threads=setting.threads)
        boosters.append(Booster(model, setting.threads))
    return tuple(boosters) if len(boosters) == 2 else (boosters[0], boosters[0])


def _wandering(rows: LayerRows, chosen: Ints, residual: Floats) -> Floats:
    """Return how far the level at each row's time lies above the mean over time of its operation and centre."""
    operation, centre = rows.operation[chosen], rows.centre[chosen]
    during = fit_levels((operation, centre), rows.age_days[chosen], residual, rows.centres).during
    _, key = np.unique(operation.astype(np.int64) * rows.centres + centre, return_inverse=True)
    return np.asarray(during - (np.bincount(key, weights=during) / np.bincount(key))[key])


def _chosen(part: Ints, weights: Floats, draw: np.random.Generator) -> tuple[Ints, Floats]:
    """Return at most MAX_ROWS rows with their weights; a draw by weight leaves them all alike."""
    if len(part) <= MAX_ROWS:
        return part, weights
    moment = draw.exponential(size=len(part)) / weights
    chosen = np.argpartition(moment, MAX_ROWS)[:MAX_ROWS]
    return np.sort(part[chosen]), np.ones(MAX_ROWS)


def _picked(asked: Questions, chosen: Ints, setting: TimeSetting) -> Questions:
    item = asked.item[chosen]
    return Questions(
        item,
        asked.family[chosen],
        asked.operation[chosen],
        asked.centre[chosen],
        asked.log_quantity[chosen],
        setting.features[item],
    )


def _start(target: TimeTarget, rows: TimeRows, known: Ints, setting: TimeSetting) -> Floats:
    parts = [
        target.start(_with_features(rows, known[begin : begin + _CHUNK], setting))
        for begin in range(0, len(known), _CHUNK)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)
