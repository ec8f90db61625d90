"""Means of losses with standard errors that respect items: what the trigger and the promise are made of."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from backend.domain.trigger import Level, Measure, Promise
from backend.iter_training.evaluation.clustered import Codes, LevelTable, Partition, Windows, numbered
from backend.iter_training.evaluation.paired_test import outlying, signed_log_errors
from backend.ml.common.arrays import Floats
from backend.ml.judging.comparison import Comparison

SEGMENTS: Final = (
    (Measure.BIAS, "work_centre"),
    (Measure.BIAS, "operation_code"),
    (Measure.BIAS, "stratum"),
    (Measure.WORK_CENTRES, "work_centre"),
    (Measure.WORK_CENTRES, "operation_code"),
    (Measure.SEQUENCES, "stratum"),
)
"""What is looked at segment by segment: a measure and the column whose values are the segments."""
LEAST_SEGMENT: Final = 20
"""Operations below which a segment's bias is mostly chance."""
FOR_EVER_DAYS: Final = 36_500.0
_DAYS_A_WEEK: Final = 7
_MICROSECONDS_A_DAY: Final = 86_400_000_000


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

    def signed(self) -> Floats:
        """Return log(predicted / actual minutes) per operation, clipped."""
        return signed_log_errors(self.operations["predicted_minutes"], self.operations["actual_minutes"])

    def frame(self, measure: Measure) -> pl.DataFrame:
        """Return the rows that a measure is about."""
        return self.lots if measure is Measure.SEQUENCES else self.operations

    def losses(self, measure: Measure) -> Floats:
        """Return a measure's loss per row of its frame, NaN where it has none."""
        if measure is Measure.SEQUENCES:
            return np.asarray(1 - self.lots["process_match"].to_numpy())
        if measure is Measure.WORK_CENTRES:
            return np.asarray(1 - self.operations["work_centre_right"].cast(pl.Float64).to_numpy())
        return self.signed() if measure is Measure.BIAS else np.abs(self.signed())

    def halves(self) -> "tuple[Evidence, Evidence]":
        """Split it by when operations finished: the older half, and what finished after it."""
        moments = self.operations["finished_at"].sort()
        middle = moments[(len(moments) - 1) // 2] if len(moments) else self.since
        finished = pl.col("finished_at")
        old, new = finished <= middle, finished > middle
        return (
            Evidence(self.operations.filter(old), self.lots.filter(old), self.since, middle),
            Evidence(self.operations.filter(new), self.lots.filter(new), middle, self.until),
        )

    def wobble(self, measure: Measure, dimension: str) -> float:
        """Return how much the segments' levels move from week to week beyond chance, a standard deviation.

        All segments are taken together: one alone has too few weeks.
        """
        frame = self.frame(measure)
        weeks = pl.Series((ages_days(frame, self.until) / _DAYS_A_WEEK).astype(np.int64)).cast(pl.String)
        parts = frame[dimension].cast(pl.String) + "\n" + weeks
        of_segment: dict[str, list[Level]] = {}
        for name, level in segment_levels(self.losses(measure), frame["item_code"], parts, LEAST_SEGMENT):
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


class Looks:
    """The levels of evidence in several windows that end with it; what several measures need is made once."""

    def __init__(
        self, evidence: Evidence, windows_days: Sequence[float] = (FOR_EVER_DAYS,), largest: float = math.inf
    ) -> None:
        """Look at ascending windows; errors of times beyond the largest count as it."""
        signed = evidence.signed()
        self._losses = {
            Measure.TIMES: np.minimum(np.abs(signed), largest),
            Measure.BIAS: signed,
            Measure.WORK_CENTRES: evidence.losses(Measure.WORK_CENTRES),
            Measure.SEQUENCES: evidence.losses(Measure.SEQUENCES),
        }
        self._frames = {"operations": evidence.operations, "lots": evidence.lots}
        self._items = {name: numbered(frame["item_code"]) for name, frame in self._frames.items()}
        self._windows = {
            name: Windows.of(ages_days(frame, evidence.until), windows_days) for name, frame in self._frames.items()
        }
        self._codes = dict[tuple[str, str], Codes]()
        self._parts = dict[tuple[str, str], Partition]()

    def table(self, measure: Measure, dimension: str = "") -> LevelTable:
        """Return a measure's levels in the segments of a dimension; without one, those of the whole plant."""
        name = _rows_of(measure)
        key = name, dimension
        if key not in self._parts:
            segments = self._segments(name, dimension) if dimension else Codes.one(self._frames[name].height)
            self._parts[key] = Partition.of(self._items[name], segments, self._windows[name])
        return self._parts[key].levels(self._losses[measure])

    def shares(self, measure: Measure, dimension: str) -> tuple[list[str], Floats]:
        """Return the segments of a dimension, and by window which share of the rows with this measure they have."""
        segments, windows = self._segments(_rows_of(measure), dimension), self._windows[_rows_of(measure)]
        has_one = ~np.isnan(self._losses[measure]) & (segments.rows >= 0) & (windows.rows < windows.count)
        cell = (segments.rows * windows.count + windows.rows)[has_one]
        counts = np.bincount(cell, minlength=len(segments.names) * windows.count).reshape(-1, windows.count)
        counts = counts.cumsum(axis=1).T
        return segments.names.to_list(), counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def _segments(self, name: str, dimension: str) -> Codes:
        key = name, dimension
        if key not in self._codes:
            self._codes[key] = Codes.of(self._frames[name][dimension])
        return self._codes[key]


def _rows_of(measure: Measure) -> str:
    return "lots" if measure is Measure.SEQUENCES else "operations"


def ages_days(frame: pl.DataFrame, until: datetime) -> Floats:
    """Return how long before a moment each row finished."""
    finished = frame["finished_at"].cast(pl.Datetime("us")).to_numpy()
    microseconds = (np.datetime64(until, "us") - finished).astype(np.int64)
    return np.asarray(microseconds / _MICROSECONDS_A_DAY)


def segments_key(measure: Measure, dimension: str) -> str:
    """Return the name under which a promise keeps the segments of a measure and a dimension."""
    return f"{measure.value} of {dimension}"


HEADLINES: Final = (Measure.TIMES, Measure.SEQUENCES, Measure.WORK_CENTRES)


def promised_levels(evidence: Evidence) -> Promise:
    """Return what a version promises by the level it showed on work it had not seen."""
    largest = outlying(evidence.signed())
    looks = Looks(evidence, largest=largest)
    return Promise(
        {measure.value: dict(looks.table(measure, "history").levels(0)) for measure in HEADLINES},
        {segments_key(*each): dict(looks.table(*each).levels(0, least_in_segment(each[0]))) for each in SEGMENTS},
        {segments_key(*each): evidence.wobble(*each) for each in SEGMENTS},
        largest,
    )


def least_in_segment(measure: Measure) -> int:
    """Return how many operations a segment must have; one, where to be missing means never to be seen."""
    return 1 if measure is Measure.WORK_CENTRES else LEAST_SEGMENT


def segment_levels(
    values: Floats, items: pl.Series, segments: pl.Series, least: int = 1
) -> Iterator[tuple[str, Level]]:
    """Return each segment's level; rows without a segment are left out.

    The operations of one item err together, so deviations are summed within an item and segment first.
    """
    everything = Partition.of(numbered(items), Codes.of(segments), Windows.single(values.size))
    yield from everything.levels(values).levels(0, least)
