"""The fast layers of the times carried on over new lots: levels day by day, then pairs, families and ranges."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.domain.prediction import MOST_EVIDENCE
from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.pair_history import RUN, SETUP, STEPS, PairHistory
from backend.ml.times.circles import family_totals, known_of
from backend.ml.times.residual_layers import OUTLIER_DEVIATIONS
from backend.ml.times.routing_totals import Parts, TotalRanges
from backend.ml.times.time_model import LOT, TINY, TimeModel, lot_deviation, lot_minutes
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_target import Questions, TimeTarget
from backend.ml.times.visits import VisitRows, no_shifts

_KINDS: Final = (SETUP, RUN)


@dataclass(frozen=True, slots=True)
class NewLots:
    """One entry per finished operation that the model has not seen."""

    asked: Questions
    day: Floats
    """Days after the newest lot that the model has learnt from."""
    quantity: Floats
    minutes: tuple[Floats, Floats]
    """Set-up and run per unit; NaN where not known."""
    lot: Ints
    """Operations of one lot have one number."""
    sequence: Ints | None = None
    """Sequence numbers, where the model tells visits apart."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What one kind of minutes made of the new lots while they came in: log minutes, one entry per lot.

    NaN where the lot has no such minutes.
    """

    expected: Floats
    deviation: Floats
    actual: Floats
    residual: Floats
    """What the lot says about its item: actual less trees, level and lot effects, outliers pulled in."""
    knowledge: Ints


def refresh_times(times: TimeModel, lots: NewLots, family_of: Ints) -> TimeModel:
    """Return the times after the new lots; trees, lot effects and variances are not fitted anew."""
    targets, ahead = [], []
    for target in (times.setup, times.run):
        carried, seen = _carry_on(target, times.pairs, lots)
        targets.append(carried)
        ahead.append(seen)
    pairs = with_lots(times.pairs, tuple(_totals(lots.asked, seen.residual, times.pairs) for seen in ahead))
    setup, run = (
        replace(target, families=family_totals(pairs, target.kind, family_of, target.components)) for target in targets
    )
    spreads, totals = _ranges(times, lots, ahead) if times.uses_trees else (times.spreads, times.totals)
    return replace(times, setup=setup, run=run, pairs=pairs, spreads=spreads, totals=totals)


def _carry_on(target: TimeTarget, pairs: PairHistory, lots: NewLots) -> tuple[TimeTarget, Ahead]:
    """Play the lots day by day: expect them, then let the levels learn from them."""
    minutes = lots.minutes[target.kind]
    used = np.flatnonzero(~np.isnan(minutes))
    asked, day = _part(lots.asked, used), lots.day[used]
    actual = np.log(minutes[used].astype(np.float64) + target.offset)
    visits, visit_rows = target.visits, _visits(target, lots.sequence, used, asked)
    known = known_of(
        pairs, target.kind, target.families, target.components, (asked.item, asked.family, asked.operation)
    )
    guess, unsure, knowledge = target.guess(asked.operation, known)
    fixed = target.start(asked) + target.lot_effects.of(known.lots)
    shifts = visits.at(visit_rows) if visits and visit_rows else no_shifts(len(used))
    fixed, unsure = fixed + shifts.shift, unsure + shifts.unsure
    lot = target.components.lot[asked.operation]
    limit = OUTLIER_DEVIATIONS * np.sqrt(lot)
    expected, deviation, residual = (np.zeros(len(used)) for _ in range(3))
    levels, now = target.levels, 0.0
    for one in np.unique(np.floor(day)).tolist():
        rows = np.flatnonzero(np.floor(day) == one)
        pair, then = (asked.operation[rows], asked.centre[rows]), float(day[rows].max())
        levels = levels.passed(then - now)
        level, wandering = levels.of(*pair)
        expected[rows] = fixed[rows] + guess[rows] + level
        deviation[rows] = np.sqrt(lot[rows] + unsure[rows] + wandering)
        left = (actual - expected)[rows].clip(-limit[rows], limit[rows])
        levels = levels.told(pair, level + left, lot[rows] + unsure[rows], then - now)
        residual[rows] = guess[rows] + (level + left - levels.of(*pair)[0])
        now = then
    whole = [_spaced(each, used, len(minutes)) for each in (expected, deviation, actual, residual)]
    sure = np.zeros(len(minutes), np.int64)
    sure[used] = knowledge
    if visits and visit_rows:
        visits = visits.told(visit_rows, residual + shifts.shift)
    return replace(target, levels=levels, visits=visits), Ahead(whole[0], whole[1], whole[2], whole[3], sure)


def _visits(target: TimeTarget, sequence: Ints | None, used: Ints, asked: Questions) -> VisitRows | None:
    if target.visits is None or sequence is None:
        return None
    pair = asked.item * len(target.components.lot) + asked.operation
    return VisitRows(pair, target.visits.recognised(pair, sequence[used]), sequence[used])


def _part(asked: Questions, used: Ints) -> Questions:
    return Questions(
        asked.item[used],
        asked.family[used],
        asked.operation[used],
        asked.centre[used],
        asked.log_quantity[used],
        asked.features[used],
    )


def _spaced(values: Floats, used: Ints, length: int) -> Floats:
    spaced = np.full(length, np.nan)
    spaced[used] = values
    return spaced


@dataclass(frozen=True, slots=True)
class LotTotals:
    """Residuals of new lots, one entry per (item, operation): key, sum, number."""

    keys: Ints
    sums: Floats
    counts: Ints


def _totals(asked: Questions, residual: Floats, pairs: PairHistory) -> LotTotals:
    used = np.flatnonzero(~np.isnan(residual))
    keys, group = np.unique(asked.item[used] * pairs.operations + asked.operation[used], return_inverse=True)
    sums = np.bincount(group, weights=residual[used], minlength=len(keys))
    return LotTotals(keys, sums, np.bincount(group, minlength=len(keys)))


def with_lots(pairs: PairHistory, added: tuple[LotTotals, ...]) -> PairHistory:
    """Return the histories with new lots of set-up and run counted in."""
    old = pairs.keys()
    keys = np.union1d(old, np.concatenate([each.keys for each in added]))
    where_old = np.searchsorted(keys, old)
    means, counts, worths = [], [], []
    for mean_before, count_before, worth_before, new in zip(pairs.means, pairs.counts, pairs.worth, added, strict=True):
        mean, count, worth = (np.zeros(len(keys), old.dtype) for old in (mean_before, count_before, worth_before))
        mean[where_old], count[where_old], worth[where_old] = mean_before, count_before, worth_before
        where = np.searchsorted(keys, new.keys)
        lots, standard = count[where].astype(np.float64), worth[where] / STEPS
        total = (lots + standard) * mean[where].astype(np.float64) + new.sums
        mean[where] = (total / (lots + standard + new.counts)).clip(-60_000, 60_000)
        count[where] = np.minimum(lots + new.counts, MOST_EVIDENCE)  # then a mean forgets its oldest
        means.append(mean)
        counts.append(count)
        worths.append(worth)
    return PairHistory.of(keys, means, counts, worths, pairs.operations)


@dataclass(frozen=True, slots=True)
class _Whole:
    """Set-up and run of the new lots' operations as they were expected together; NaN where either is not known."""

    knowledge: Ints
    total: Floats
    deviation: Floats
    actual: Floats


def _ranges(
    times: TimeModel, lots: NewLots, ahead: list[Ahead]
) -> tuple[tuple[Spread, Spread, Spread], TotalRanges | None]:
    """Move the limits of set-up, run, lot and total by the new lots' scores, each from the day before it."""
    operation, whole = lots.asked.operation, _whole(times, lots, ahead)
    setup, run = (
        times.spreads[kind].told((each.knowledge, operation), (each.actual - each.expected) / each.deviation, lots.day)
        for kind, each in zip(_KINDS, ahead, strict=True)
    )
    score = (np.log(whole.actual + TINY) - np.log(whole.total + TINY)) / whole.deviation
    lot = times.spreads[LOT].told((whole.knowledge, operation), score, lots.day)
    return (setup, run, lot), _totals_told(replace(times, spreads=(setup, run, lot)), lots, whole)


def _whole(times: TimeModel, lots: NewLots, ahead: list[Ahead]) -> _Whole:
    operation, setup, run = lots.asked.operation, ahead[SETUP], ahead[RUN]
    expected_setup, expected_run = (
        target.minutes(seen.expected + spread.middle[seen.knowledge, operation] * seen.deviation)
        for target, seen, spread in zip((times.setup, times.run), ahead, times.spreads, strict=False)
    )
    expected_run = expected_run * lots.quantity
    actual = lots.minutes[SETUP] + lots.minutes[RUN] * lots.quantity
    deviation = lot_deviation(expected_setup, expected_run, setup.deviation, run.deviation)
    return _Whole(np.maximum(setup.knowledge, run.knowledge), expected_setup + expected_run, deviation, actual)


def _totals_told(times: TimeModel, lots: NewLots, whole: _Whole) -> TotalRanges | None:
    """Move the limits of totals by lots of which operations finished; what is not known of them is left out.

    By ranges of operations that have learnt from these lots: what those took up, totals must not take up once more.
    """
    used = np.flatnonzero(~np.isnan(whole.actual - whole.total))
    if times.totals is None or not len(used):
        return times.totals
    knowledge = whole.knowledge[used]
    at = (knowledge, lots.asked.operation[used])
    named = lot_minutes(whole.total[used], whole.deviation[used], times.spreads[LOT].limits(at))
    owners, owner = np.unique(lots.lot[used], return_inverse=True)
    day = np.zeros(len(owners))
    np.maximum.at(day, owner, lots.day[used])
    parts = Parts(named.value, named.low, named.high, knowledge, owner, len(owners))
    return times.totals.told(parts, whole.actual[used], day)
