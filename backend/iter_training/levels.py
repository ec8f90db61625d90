"""Means of losses with standard errors that respect items: what the trigger and the promise are made of."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from backend.domain.trigger import Level, Measure, Promise
from backend.iter_training.paired_test import signed_log_errors
from backend.ml.arrays import Floats
from backend.ml.comparison import Comparison

SEGMENTS: Final = (
    (Measure.BIAS, "work_centre"),
    (Measure.BIAS, "operation_code"),
    (Measure.BIAS, "stratum"),
    (Measure.WORK_CENTRES, "operation_code"),
    (Measure.SEQUENCES, "stratum"),
)
"""What is looked at segment by segment: a measure and the column whose values are the segments."""
LEAST_SEGMENT: Final = 20
"""Operations below which a segment's bias is mostly chance."""
FOR_EVER_DAYS: Final = 36_500.0
_DAYS_A_WEEK: Final = 7
_SECONDS_A_DAY: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Losses:
    """One measure's losses: a value per operation or lot, its item and its history."""

    values: Floats
    items: pl.Series
    history: pl.Series

    def levels(self) -> dict[str, Level]:
        """Return the level per history."""
        return dict(segment_levels(self.values, self.items, self.history))


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a model got right and wrong on operations that finished after `since`.

    `operations` has OPERATION_SCHEMA, stratum, history, finished_at and its lot's released_at; `lots` has LOT_SCHEMA,
    stratum, history and finished_at.
    """

    operations: pl.DataFrame
    lots: pl.DataFrame
    since: datetime
    until: datetime

    def losses(self, measure: Measure) -> Losses:
        """Return a measure's losses."""
        frame, values = self._frame(measure)
        return Losses(values, frame["item_code"], frame["history"])

    def signed(self) -> Floats:
        """Return log(predicted / actual minutes) per operation, clipped."""
        return signed_log_errors(self.operations["predicted_minutes"], self.operations["actual_minutes"])

    def newest(self, days: float) -> "Evidence":
        """Keep what finished in the newest days."""
        operations, lots = (
            frame.filter(pl.Series(_ages(frame, self.until) < days)) for frame in (self.operations, self.lots)
        )
        since = max(self.since, self.until - timedelta(days=days)) if days < FOR_EVER_DAYS else self.since
        return Evidence(operations, lots, since, self.until)

    def segments(self, measure: Measure, dimension: str) -> dict[str, Level]:
        """Return a measure's level in each segment of a dimension that has enough operations."""
        frame, values = self._frame(measure)
        return dict(segment_levels(values, frame["item_code"], frame[dimension], LEAST_SEGMENT))

    def wobble(self, measure: Measure, dimension: str) -> float:
        """Return how much the segments' levels move from week to week beyond chance, a standard deviation.

        All segments are taken together: one alone has too few weeks.
        """
        frame, values = self._frame(measure)
        weeks = pl.Series((_ages(frame, self.until) / _DAYS_A_WEEK).astype(np.int64)).cast(pl.String)
        parts = frame[dimension].cast(pl.String) + "\n" + weeks
        of_segment: dict[str, list[Level]] = {}
        for name, level in segment_levels(values, frame["item_code"], parts, LEAST_SEGMENT):
            of_segment.setdefault(name.rpartition("\n")[0], []).append(level)
        several = [levels for levels in of_segment.values() if len(levels) > 1]
        if not several:
            return 0.0
        seen = [float(np.var([one.mean for one in levels], ddof=1)) for levels in several]
        by_chance = [float(np.mean([one.error**2 for one in levels])) for levels in several]
        return math.sqrt(max(float(np.mean(seen) - np.mean(by_chance)), 0.0))

    def comparison(self) -> Comparison:
        """Return it as the metrics take it."""
        return Comparison(self.lots, self.operations)

    def _frame(self, measure: Measure) -> tuple[pl.DataFrame, Floats]:
        if measure is Measure.SEQUENCES:
            return self.lots, 1 - self.lots["process_match"].to_numpy()
        if measure is Measure.WORK_CENTRES:
            frame = self.operations.drop_nulls("work_centre_right")
            return frame, 1 - frame["work_centre_right"].cast(pl.Float64).to_numpy()
        signed = self.signed()
        return self.operations, signed if measure is Measure.BIAS else np.abs(signed)


def segments_key(measure: Measure, dimension: str) -> str:
    """Return the name under which a promise keeps the segments of a measure and a dimension."""
    return f"{measure.value} of {dimension}"


HEADLINES: Final = (Measure.TIMES, Measure.SEQUENCES, Measure.WORK_CENTRES)


def promised_levels(evidence: Evidence) -> Promise:
    """Return what a version promises by the level it showed on work it had not seen."""
    return Promise(
        {measure.value: evidence.losses(measure).levels() for measure in HEADLINES},
        {segments_key(*each): evidence.segments(*each) for each in SEGMENTS},
        {segments_key(*each): evidence.wobble(*each) for each in SEGMENTS},
    )


def segment_levels(
    values: Floats, items: pl.Series, segments: pl.Series, least: int = 1
) -> Iterator[tuple[str, Level]]:
    """Return each segment's level; rows without a segment are left out.

    The operations of one item err together, so deviations are summed within an item and segment first.
    """
    rows = pl.DataFrame({"value": values, "item": items, "segment": segments}).drop_nulls("segment")
    rows_of, sums_of, total = pl.col("rows"), pl.col("sums"), pl.col("sums").sum()
    per_item = rows.group_by("segment", "item").agg(rows=pl.len().cast(pl.Float64), sums=pl.col("value").sum())
    mean = total / rows_of.sum()
    found = per_item.group_by("segment").agg(
        count=rows_of.sum(), clusters=pl.len(), mean=mean, spread=((sums_of - mean * rows_of) ** 2).sum()
    )
    for name, count, clusters, level, spread in found.filter(pl.col("count") >= least).sort("segment").iter_rows():
        error = (spread * clusters / max(clusters - 1, 1)) ** 0.5 / count
        yield str(name), Level(int(count), clusters, level, error)


def overall(losses: Losses) -> Level:
    """Return the level of all losses together."""
    everything = pl.repeat("all", losses.values.size, eager=True)
    return next(segment_levels(losses.values, losses.items, everything))[1]


def expected(promised: dict[str, Level], losses: Losses) -> Level:
    """Return the promised level for the mixture of known and new items that the losses have.

    A history that the promise lacks is expected at the level of all that it has.
    """
    usual = mixture(promised, {name: level.count for name, level in promised.items()})
    counts = dict(losses.history.value_counts().iter_rows())
    return mixture({name: promised.get(name, usual) for name in counts}, counts)


def mixture(levels: dict[str, Level], counts: dict[str, int]) -> Level:
    """Return the level of parts mixed in the given numbers; nothing promised is level 0 of 0 operations."""
    total = sum(counts.values())
    if not total:
        return Level(0, 0, 0.0, 0.0)
    parts = [(counts[name] / total, level) for name, level in levels.items()]
    mean = sum(share * level.mean for share, level in parts)
    error = sum((share * level.error) ** 2 for share, level in parts) ** 0.5
    return Level(
        sum(level.count for level in levels.values()), sum(level.clusters for level in levels.values()), mean, error
    )


def _ages(frame: pl.DataFrame, until: datetime) -> Floats:
    seconds = frame.select((pl.lit(until) - pl.col("finished_at")).dt.total_seconds(fractional=True)).to_series()
    return seconds.to_numpy() / _SECONDS_A_DAY
