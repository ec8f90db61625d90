"""Fitting of one kind of minutes, layer by layer."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.boosters import Booster
from backend.ml.boosting import FEW_ROWS, MAX_ROWS, Part, TreeRows, fit_boosters
from backend.ml.circles import family_totals, no_families
from backend.ml.drift import fit_levels, no_levels
from backend.ml.lot_effects import NO_EFFECTS
from backend.ml.operation_base import BaseRows, OperationBase, fit_base, level_base
from backend.ml.pair_history import PairHistory
from backend.ml.residual_layers import LayerRows, Layers, fit_layers, kind_history
from backend.ml.shrinkage import no_components
from backend.ml.time_rows import TimeRows
from backend.ml.time_target import Questions, TimeTarget

_CHUNK: Final = 100_000
_MANY_ROWS: Final = 500_000
"""From so many on, trees find levels and slopes themselves, and a little better (by 0.3 to 0.6 % of set-up errors)."""
_FOLDS: Final = 2
_SMALL_FOLDS: Final = 5
_LEAST_FOLD_ROWS: Final = 20


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
    trees = setting.trees and len(known) > 0
    layer_rows = LayerRows(
        asked.item,
        asked.family,
        asked.operation,
        asked.centre,
        rows.age_days[known],
        setting.operations,
        setting.centres,
    )
    base = _base(asked, actual, layer_rows, nothing=float(np.log(offset)), trees=trees)
    left = actual - base.of(asked.operation, asked.log_quantity)
    boosters = _fit_trees(asked, left, layer_rows, setting) if trees else ()
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


def _base(asked: Questions, actual: Floats, rows: LayerRows, *, nothing: float, trees: bool) -> OperationBase:
    if trees and len(actual) >= _MANY_ROWS:
        return level_base(float(actual.mean()), rows.operations)
    base_rows = BaseRows(asked.operation, rows.pair(), asked.log_quantity, rows.weights(), rows.operations)
    return fit_base(actual, base_rows, nothing)


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


def _fit_trees(asked: Questions, left: Floats, rows: LayerRows, setting: TimeSetting) -> tuple[Booster, ...]:
    weights = rows.weights()
    few = len(left) < FEW_ROWS
    categories = [True, True, False, *setting.categories]

    def table(part: Ints, weight: Floats) -> TreeRows:
        return TreeRows(_picked(asked, part, setting).tree_rows, left[part], weight, categories)

    parts = []
    for number, held_out in enumerate(_folds(asked)):
        learnt = np.setdiff1d(np.arange(len(left)), held_out)
        chosen, weight = _chosen(learnt, weights[learnt], np.random.default_rng([setting.seed, number]))

        def moved(residual: Floats, chosen: Ints = chosen) -> Floats:
            return _wandering(rows, chosen, residual)

        unseen = table(held_out, weights[held_out]) if few and len(held_out) else None
        parts.append(Part(table(chosen, weight), moved, unseen))
    models = fit_boosters(parts, seed=setting.seed, threads=setting.threads)
    return tuple(Booster(model, setting.threads) for model in models)


def _folds(asked: Questions) -> list[Ints]:
    """Return the rows that each booster does not learn from; of few rows, each still learns from most."""
    for folds in (_SMALL_FOLDS, _FOLDS) if len(asked.operation) < FEW_ROWS else (_FOLDS,):
        fold = asked.fold(folds)
        if np.bincount(fold, minlength=folds).min() >= _LEAST_FOLD_ROWS:
            return [np.flatnonzero(fold == number) for number in range(folds)]
    return [np.zeros(0, np.int64)]


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
