"""Fitting of one kind of minutes, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, numbered_runs
from backend.ml.history.pair_history import SETUP, PairHistory
from backend.ml.times.boosting import FEW_ROWS, MAX_ROWS, Part, TreeRows, fit_boosters
from backend.ml.times.circles import family_totals, known_of, no_families
from backend.ml.times.drift import fit_levels, no_levels
from backend.ml.times.lot_effects import NO_EFFECTS
from backend.ml.times.operation_base import BaseRows, OperationBase, common_base, fit_base
from backend.ml.times.residual_layers import LayerRows, Layers, fit_layers, kind_history
from backend.ml.times.shrinkage import best_guess, no_components, with_kin
from backend.ml.times.standard_claims import NO_STANDARDS, Claims, StandardLots, Standards
from backend.ml.times.standards import learn_errors, weigh_standards
from backend.ml.times.time_rows import TimeRows
from backend.ml.times.time_target import Questions, TimeTarget
from backend.ml.times.visits import VisitRows, Visits, VisitShifts
from backend.ml.trees.boosters import Booster

_CHUNK: Final = 100_000
_MANY_ROWS: Final = 500_000
"""From so many on, trees find levels themselves, and a little better (by 0.3 to 0.6 % of set-up errors)."""
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
    standards: TimeRows
    """The ERP's standard times, quantities as usual for the item."""


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
    standards: Standards
    families: Ints
    worth: StandardLots
    """What the standards are worth, all rows known."""

    def history(self) -> PairHistory:
        """Return what is known of all pairs, with nothing of the other kind of minutes."""
        return self.history_of(np.arange(len(self.used)), self.worth)

    def history_of(self, used: Ints, worth: StandardLots) -> PairHistory:
        """Return the same where only some rows (sorted) have been, which show the standards to be worth so much."""
        return kind_history(self.target.kind, self.rows, self.layers.residual, used, worth)

    def claims(self, used: Ints, worth: StandardLots) -> Claims:
        """Return what the standards claim beside what is known of the same pairs without those of their item.

        Known are some rows (sorted), and standards of the family's other items as what they are worth.
        """
        target, standards = self.target, self.standards
        history, others = self.history_of(used, NO_STANDARDS), self.history_of(used, worth)
        families, kin = (
            family_totals(each, target.kind, self.families, target.components) for each in (history, others)
        )
        guess, unsure, made = (np.zeros(len(standards.item)) for _ in range(3))
        for begin in range(0, len(guess), _CHUNK):
            part = slice(begin, begin + _CHUNK)
            operation = standards.operation[part]
            where = (standards.item[part], standards.family[part], operation)
            known = known_of(history, target.kind, families, target.components, where)
            if len(worth.keys):
                known = with_kin(known, known_of(others, target.kind, kin, target.components, where))
            guess[part], unsure[part] = best_guess(target.components, operation, known)
            made[part] = known.lots
        return Claims(standards, guess, unsure, made > 0)

    def standard_keys(self) -> Ints:
        """Return item x operations + operation of each standard."""
        return self.standards.item.astype(np.int64) * self.rows.operations + self.standards.operation

    def visits_at(self, before: Ints, asked: Ints) -> VisitShifts | None:
        """Return what some rows (sorted) tell of the visits of others; None where no operation returns."""
        visits, residual, known = self.rows.visits, self.layers.visit_residual, self.target.visits
        if visits is None or residual is None or known is None:
            return None
        learnt = Visits.of(visits.take(before), residual[before], self.rows.operations, known)
        return learnt.at(visits.take(asked))

    def with_worth(self, worth: StandardLots) -> "TargetFit":
        """Return the fit with standards that are worth so much, families' totals included."""
        fit, target = replace(self, worth=worth), self.target
        families = family_totals(fit.history(), target.kind, self.families, target.components)
        return replace(fit, target=replace(target, families=families))


def weighed(fits: Sequence[TargetFit], used: Sequence[Ints]) -> list[StandardLots]:
    """Return what some rows (sorted) of each kind of minutes show its standards to be worth.

    They are weighed twice: the second time, those of the family's other items are known.
    """
    components, keys = [fit.target.components for fit in fits], [fit.standard_keys() for fit in fits]
    claims = [fit.claims(rows, NO_STANDARDS) for fit, rows in zip(fits, used, strict=True)]
    errors = learn_errors(claims, components, keys)
    worth = weigh_standards(claims, components, keys, errors)
    claims = [fit.claims(rows, each) for fit, rows, each in zip(fits, used, worth, strict=True)]
    return weigh_standards(claims, components, keys, errors)


def fit_target(rows: TimeRows, minutes: Floats, kind: int, setting: TimeSetting) -> TargetFit:
    """Fit trees, levels, lot effects and variances to the rows whose minutes are known; standards are not weighed."""
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
        _visits(rows, known, setting.operations),
    )
    base = _base(asked, actual, layer_rows, nothing=float(np.log(offset)), trees=trees)
    left = actual - base.of(asked.operation, asked.log_quantity)
    boosters = _fit_trees(asked, left, layer_rows, setting) if trees else ()
    levels, variances = no_levels(setting.centres), no_components(setting.operations)
    target = TimeTarget(kind, offset, base, boosters, levels, NO_EFFECTS, variances, no_families())
    start = _start(target, rows, known, setting)
    layers = fit_layers(layer_rows, actual - start)
    target = replace(
        target,
        levels=layers.followed.levels,
        lot_effects=layers.lot_effects,
        components=layers.components,
        visits=layers.visits,
    )
    standards = _standards(target, setting)
    return TargetFit(target, known, layer_rows, start, actual, layers, standards, setting.families, NO_STANDARDS)


def _visits(rows: TimeRows, used: Ints, operations: int) -> VisitRows | None:
    if rows.visit is None or rows.sequence is None:
        return None
    pair = rows.item[used].astype(np.int64) * operations + rows.operation[used]
    return VisitRows(pair, rows.visit[used], rows.sequence[used])


def _base(asked: Questions, actual: Floats, rows: LayerRows, *, nothing: float, trees: bool) -> OperationBase:
    base_rows = BaseRows(asked.operation, rows.pair(), asked.log_quantity, rows.weights(), rows.operations)
    base = fit_base(actual, base_rows, nothing)
    return common_base(base, float(actual.mean())) if trees and len(actual) >= _MANY_ROWS else base


def _standards(target: TimeTarget, setting: TimeSetting) -> Standards:
    """Ask the trees about every standard time."""
    standards = setting.standards
    minutes = standards.setup_minutes if target.kind == SETUP else standards.run_minutes_per_unit
    used = np.flatnonzero(~np.isnan(minutes))
    asked = _questions(standards, used, setting)
    residual = np.log(minutes[used].astype(np.float64) + target.offset) - _start(target, standards, used, setting)
    return Standards(asked.item, asked.family, asked.operation, asked.centre, asked.log_quantity, residual)


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
    categories = [True, False, *setting.categories]

    def table(part: Ints, weight: Floats) -> TreeRows:
        return TreeRows(_picked(asked, part, setting).tree_rows, left[part], weight, categories)

    parts = []
    for number, held_out in enumerate(_folds(asked)):
        learnt = np.delete(np.arange(len(left)), held_out)
        chosen, weight = _chosen(learnt, weights[learnt], np.random.default_rng([setting.seed, number]))

        def moved(residual: Floats, chosen: Ints = chosen) -> Floats:
            return fit_levels(
                (rows.operation[chosen], rows.centre[chosen]), rows.age_days[chosen], residual, rows.centres
            ).during

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
    """Ask the trees about rows; lots of equal size of one item and operation, often two of five, are one question."""
    parts = [np.zeros(0)]
    for begin in range(0, len(known), _CHUNK):
        part = known[begin : begin + _CHUNK]
        _, pair, _ = numbered_runs(rows.item[part].astype(np.int64) * setting.operations + rows.operation[part])
        bits = rows.quantity[part].astype(np.float32).view(np.uint32)
        _, first, place = np.unique((pair << 32) + bits, return_index=True, return_inverse=True)
        parts.append(target.start(_with_features(rows, part[first], setting))[place])
    return np.concatenate(parts)
