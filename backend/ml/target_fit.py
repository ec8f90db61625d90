"""Fitting of one kind of minutes, layer by layer, and its rehearsal on every lot before it was known."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.boosters import Booster
from backend.ml.boosting import MAX_ROWS, TreeRows, fit_booster
from backend.ml.drift import fit_levels
from backend.ml.rehearsal import PairTotals, Running, TimedResiduals, pair_totals, run_through
from backend.ml.shrinkage import Components, PairStatistics, estimate_components, posterior
from backend.ml.time_rows import TimeRows
from backend.ml.time_target import FamilyTotals, Questions, TimeTarget

HALF_LIFE_DAYS: Final = 365.0
_CHUNK: Final = 100_000
_OUTLIER_DEVIATIONS: Final = 3.5
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
class Ahead:
    """Rehearsal: for the rows numbered in `rows`, what was expected just before the lot, in log minutes."""

    rows: Ints
    expected: Floats
    deviation: Floats
    actual: Floats


@dataclass(frozen=True, slots=True)
class TargetFit:
    """A fitted kind of minutes with what later steps need of the way there."""

    target: TimeTarget
    ahead: Ahead
    pairs: tuple[Ints, Floats, Ints]
    """Keys, means and lots per (item, operation)."""
    running: Running
    before: Floats
    """Log minutes expected of each row in `ahead` before family, neighbours and own lots."""


def fit_target(rows: TimeRows, minutes: Floats, kind: int, setting: TimeSetting) -> TargetFit:
    """Fit trees, levels, variances and totals to the rows whose minutes are known."""
    known = np.flatnonzero(~np.isnan(minutes))
    asked = _questions(rows, known, setting)
    offset = _offset(minutes[known])
    actual = np.log(minutes[known].astype(np.float64) + offset)
    base = _medians(asked.operation, actual, setting.operations, float(np.log(offset)))
    age = rows.age_days[known]
    boosters = _fit_trees(asked, actual, age, setting) if setting.trees and len(known) else ()
    empty = FamilyTotals(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    none = fit_levels(asked.operation[:0], asked.centre[:0], age[:0], actual[:0], setting.centres)[0]
    target = TimeTarget(kind, offset, base, boosters, none, _no_components(setting.operations), empty)
    start = _start(target, rows, known, setting)
    levels, during, before = fit_levels(asked.operation, asked.centre, age, _clipped(actual - start), setting.centres)
    residual = _clipped(actual - start - during)
    families = _all_families(asked.item, setting.families)
    totals = _totals(asked, residual)
    firsts = totals.first
    components = _components(asked, families, totals, setting.operations)
    running = run_through(totals, TimedResiduals(asked.operation, families, age, residual), components)
    target = replace(
        target,
        levels=levels,
        components=components,
        families=_family_totals(asked, totals, components, setting),
    )
    mean, deviation = _before_each(asked.operation, running, components)
    ahead = Ahead(known, start + before + mean, deviation, actual)
    keys = asked.item[firsts].astype(np.int64) * setting.operations + asked.operation[firsts]
    return TargetFit(target, ahead, (keys, totals.mean, totals.count), running, start + before)


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


def _fit_trees(asked: Questions, actual: Floats, age: Floats, setting: TimeSetting) -> tuple[Booster, ...]:
    fold = asked.fold()
    counts = np.bincount(fold, minlength=2)
    parts = [np.flatnonzero(fold != number) for number in (0, 1)] if counts.min() >= _LEAST_FOLD_ROWS else None
    boosters = []
    for number, part in enumerate(parts or [np.arange(len(actual))]):
        chosen = part
        if len(chosen) > MAX_ROWS:
            draw = np.random.default_rng([setting.seed, number])
            chosen = np.sort(draw.choice(chosen, MAX_ROWS, replace=False))
        matrix = _picked(asked, chosen, setting).tree_rows()
        weights = 0.5 ** (age[chosen] / HALF_LIFE_DAYS)
        tree_rows = TreeRows(matrix, actual[chosen], weights, [True, True, False, *setting.categories])
        model = fit_booster(tree_rows, seed=setting.seed, threads=setting.threads)
        boosters.append(Booster(model, setting.threads))
    return tuple(boosters) if len(boosters) == 2 else (boosters[0], boosters[0])


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


def _clipped(residual: Floats) -> Floats:
    if not len(residual):
        return residual
    centre = float(np.median(residual))
    spread = max(1.4826 * float(np.median(np.abs(residual - centre))), 1e-3)
    return residual.clip(centre - _OUTLIER_DEVIATIONS * spread, centre + _OUTLIER_DEVIATIONS * spread)


def _all_families(item: Ints, families: Ints) -> Ints:
    """Return each row's family; an item without one is a family of its own."""
    family = families[item].astype(np.int64)
    return np.where(family >= 0, family, int(families.max(initial=-1)) + 1 + item.astype(np.int64))


def _totals(asked: Questions, residual: Floats) -> PairTotals:
    if not len(residual):
        none = np.zeros(0, dtype=np.int64)
        return PairTotals(none, none, np.zeros(0), np.zeros(0))
    return pair_totals(asked.item, asked.operation, residual)


def _components(asked: Questions, families: Ints, totals: PairTotals, operations: int) -> Components:
    if not len(totals.first):
        return _no_components(operations)
    first = totals.first
    pairs = PairStatistics(asked.operation[first], families[first], totals.count, totals.mean, totals.within)
    return estimate_components(pairs, operations)


def _no_components(operations: int) -> Components:
    return Components(np.full(operations, 0.1), np.full(operations, 0.1), np.full(operations, 0.1))


def _family_totals(asked: Questions, totals: PairTotals, components: Components, setting: TimeSetting) -> FamilyTotals:
    first = totals.first
    family = asked.family[first].astype(np.int64)
    member = np.flatnonzero(family >= 0)
    operation = asked.operation[first][member]
    precision = components.item_precision(operation, totals.count[member])
    keys, group = np.unique(family[member] * setting.operations + operation, return_inverse=True)
    return FamilyTotals(
        keys,
        np.bincount(group, weights=precision, minlength=len(keys)),
        np.bincount(group, weights=precision * totals.mean[member], minlength=len(keys)),
    )


def _before_each(operation: Ints, running: Running, components: Components) -> tuple[Floats, Floats]:
    unsure = 1.0 / (running.family_precision + 1.0 / components.family[operation])
    lot = components.lot[operation]
    level, variance = posterior(
        (running.family_sum * unsure, unsure), components.item[operation], lot, running.count, running.mean
    )
    return level, np.sqrt(lot + variance)
