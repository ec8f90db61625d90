"""Finds which parts of a plant take longer, or less, than was foreseen, and since when.

One explanation at a time, the one that explains most first; its effect is taken out before the next is looked for,
so that a slow machine is not told again as a slow operation, nor a slow plant once for each of its machines.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias, cast

import numpy as np
import polars as pl
from scipy import stats
from scipy.optimize import brentq

from backend.domain.drift import ErrorDrift
from backend.domain.trigger import Level, Measure, Promise
from backend.iter_training.drift.drift_words import error_sentence
from backend.iter_training.evaluation.clustered import numbered
from backend.iter_training.evaluation.judging import STRATUM
from backend.iter_training.evaluation.levels import LEAST_SEGMENT, segment_levels, segments_key
from backend.iter_training.evaluation.paired_test import signed_log_errors
from backend.iter_training.trigger.held_levels import LEAST_ITEMS
from backend.ml.common.arrays import Floats

PLANT: Final = "plant"
DIMENSIONS: Final = {
    PLANT: PLANT,
    "operation": "operation_code",
    "work_centre": "work_centre",
    "part_type": STRATUM,
}
"""The name of each kind of segment and the column it is made of, the coarsest first."""
WINDOWS_DAYS: Final = (3, 7, 14, 28)
LEAST_CHANGE: Final = 0.03
"""Log minutes; levels always move a little, and less than this is no news."""
ERROR_RATE: Final = 0.05
"""How often chance alone may make anything be said of a plant where nothing has changed (Bonferroni)."""
AS_GOOD: Final = 0.8
"""The whole plant is named where it explains so much of what its parts explain together."""
MOST_FINDINGS: Final = 20
LEAST_SPREAD: Final = 0.01
"""A model's level is off by so much anyway (standard deviation); stated changes cannot be surer than that."""
LEAST_PEERS: Final = 5
_USUAL_SQUARE: Final = 0.455
"""Median of a standard normal variable's square."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A segment whose newest days err in one direction, whatever may have caused it."""

    dimension: str
    value: str
    level: Level
    usual: float
    """The part of the level that is nothing new."""
    spread: float
    """What levels of such segments differ by without any cause (standard deviation)."""

    @property
    def change(self) -> float:
        return self.level.mean - self.usual

    @property
    def explained(self) -> float:
        """The sum of squares that vanishes when the change is taken out."""
        return self.level.count * self.change**2

    @property
    def error(self) -> float:
        return math.hypot(self.level.error, self.spread)

    @property
    def chance(self) -> float:
        """How likely a change of no more than LEAST_CHANGE would show as much."""
        excess = abs(self.change) - LEAST_CHANGE
        return float(stats.t.sf(excess / max(self.error, 1e-12), self.level.clusters - 1))


def excesses(operations: pl.DataFrame, time_zone: str) -> pl.DataFrame:
    """Return judged operations with the day they finished on and `excess`: log(actual / predicted minutes), clipped."""
    finished = pl.col("finished_at").dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone)
    excess = -signed_log_errors(operations["predicted_minutes"], operations["actual_minutes"])
    return operations.select(
        "item_code",
        *(name for name in DIMENSIONS.values() if name != PLANT),
        plant=pl.lit(""),
        day=finished.dt.date(),
        excess=pl.Series(excess, dtype=pl.Float64),
    )


Usual: TypeAlias = Mapping[str, Mapping[str, float]]
"""Dimension to segment to the mean excess that its operations have shown all along."""


def usual_excesses(promise: Promise | None) -> Usual:
    """Return what a model promised: a segment that it has always misjudged has not changed."""
    parts = {} if promise is None else promise.segments
    return {
        dimension: {value: -level.mean for value, level in parts.get(segments_key(Measure.BIAS, column), {}).items()}
        for dimension, column in DIMENSIONS.items()
    }


def find_error_drift(rows: pl.DataFrame, usual: Usual) -> tuple[ErrorDrift, ...]:
    """Return what has changed in the newest four weeks of `excesses`, what explains most first."""
    if rows.is_empty():
        return ()
    age = (pl.col("day").max() - pl.col("day")).dt.total_days()
    rows = rows.with_columns(age=age).filter(pl.col("age") < WINDOWS_DAYS[-1])
    rows = rows.with_columns(item_code=pl.Series(numbered(rows["item_code"])))  # once, not for every window and part
    left, found = rows["excess"].to_numpy().copy(), list[ErrorDrift]()
    while len(found) < MOST_FINDINGS:
        best = _best(list(_candidates(rows, left, usual)))
        if best is None:
            break
        member = rows[DIMENSIONS[best.dimension]].eq_missing(best.value).to_numpy()
        days = _began(left[member] - best.usual, rows.filter(member))
        changed = member & (rows["age"] < days).to_numpy()
        part = rows.filter(changed).with_columns(excess=left[changed])
        level = next(_levels(part, PLANT))[1]
        is_all = len(part) == int(member.sum())
        since = (rows if is_all else part)["day"].min()
        found.append(_finding(replace(best, level=level), cast("date", since), is_all))
        left[changed] -= level.mean - best.usual
    return tuple(found)


def _candidates(rows: pl.DataFrame, left: Floats, usual: Usual) -> Iterator[_Candidate]:
    """Return every segment of every window that has enough to tell."""
    rows = rows.with_columns(excess=left)
    for days in WINDOWS_DAYS:
        newest = rows.filter(pl.col("age") < days)
        for dimension, column in DIMENSIONS.items():
            levels = dict(_levels(newest, column))
            spread = _spread(list(levels.values()))
            for value, level in levels.items():
                known = _towards(usual.get(dimension, {}).get(value, 0.0), level.mean)
                yield _Candidate(dimension, value, level, known, spread)


def _towards(usual: float, mean: float) -> float:
    """Return the part of a usual excess that explains a mean: a refresh may have mended it, so it never adds to it."""
    return min(max(usual, min(mean, 0.0)), max(mean, 0.0))


def _levels(rows: pl.DataFrame, column: str) -> Iterator[tuple[str, Level]]:
    for value, level in segment_levels(rows["excess"].to_numpy(), rows["item_code"], rows[column], LEAST_SEGMENT):
        if level.clusters >= LEAST_ITEMS:
            yield value, level


def _spread(levels: list[Level]) -> float:
    """Return what levels differ by beyond chance, so that few changed ones do not matter (by their median)."""
    means, errors = (np.array([getattr(one, name) for one in levels]) for name in ("mean", "error"))
    if means.size < LEAST_PEERS:
        return 0.0
    squares = (means - np.median(means)) ** 2

    def unexplained(spread: float) -> float:
        return float(np.median(squares / (errors**2 + spread**2))) - _USUAL_SQUARE

    return float(brentq(unexplained, 0.0, math.sqrt(squares.max() / _USUAL_SQUARE))) if unexplained(0.0) > 0 else 0.0


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    """Return the candidate that explains most of those that chance does not; None where there is none."""
    sure = [one for one in candidates if one.chance <= ERROR_RATE / len(candidates)]
    if not sure:
        return None
    together = dict[str, dict[str, float]]()
    for one in sure:
        parts = together.setdefault(one.dimension, {})
        parts[one.value] = max(parts.get(one.value, 0.0), one.explained)
    most = max(sum(parts.values()) for parts in together.values())
    if sum(together.get(PLANT, {}).values()) < AS_GOOD * most:
        sure = [one for one in sure if one.dimension != PLANT]
    return max(sure, key=lambda one: one.explained)


def _began(left: Floats, rows: pl.DataFrame) -> int:
    """Return how many of the newest days have changed: the split of greatest likelihood that has enough to tell."""
    ages = rows["age"].to_numpy()
    sums, counts = np.cumsum(np.bincount(ages, left)), np.cumsum(np.bincount(ages))
    newest = rows.group_by("item_code").agg(pl.col("age").min())["age"].to_numpy()
    items = np.cumsum(np.bincount(newest, minlength=len(counts)))
    has_enough = (counts >= LEAST_SEGMENT) & (items >= LEAST_ITEMS)
    return int(np.argmax(np.where(has_enough, sums**2 / np.maximum(counts, 1), -1.0))) + 1


def _finding(best: _Candidate, since: date, began_before: bool) -> ErrorDrift:
    level = best.level
    reach = float(stats.t.ppf(0.975, max(level.clusters - 1, 1))) * math.hypot(best.error, LEAST_SPREAD)
    change, low, high = (100 * math.expm1(best.change + off) for off in (0.0, -reach, reach))
    finding = ErrorDrift(
        best.dimension, best.value, change, low, high, since, began_before, level.count, level.clusters, ""
    )
    return replace(finding, sentence=error_sentence(finding))
