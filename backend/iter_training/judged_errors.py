"""What judged operations erred by, and when: the rows and daily sums that trigger and drift look at alike."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

import polars as pl

from backend.iter_training.holdout import LOT, JudgeableWork
from backend.iter_training.judging import HISTORY, STRATUM
from backend.iter_training.paired_test import signed_log_errors
from backend.ml.comparison import Comparison

SEGMENT_DIMENSIONS: Final = {
    "part_type": STRATUM,
    "history": HISTORY,
    "operation": "operation_code",
    "work_centre": "work_centre",
}
"""The name of each kind of segment and the column it is made of."""
EVERYTHING: Final = "all"
"""Dimension and value of the sums over the whole plant."""
DAILY_SUMS_SCHEMA: Final[dict[str, pl.DataType]] = {
    "dimension": pl.String(),
    "value": pl.String(),
    "day": pl.Date(),
    "rows": pl.UInt32(),
    "items": pl.UInt32(),
    "excess": pl.Float64(),
    "square": pl.Float64(),
    "absolute": pl.Float64(),
}
"""Per segment and day: rows, their items, and the sums of excess, its square and its size."""
Clock: TypeAlias = Literal["started_on", "finished_on"]


def judged_errors(comparison: Comparison, work: JudgeableWork, time_zone: str = "UTC") -> pl.DataFrame:
    """Return one row per judged operation: its segments, its days and `excess`.

    excess is log(actual / predicted), clipped: positive where it took longer than predicted. started_on is the day on
    which the lot was begun, so its cohort (where a plant has no start dates, the day on which the lot was finished);
    finished_on is the operation's own. Days are the calendar's of the time zone.
    """
    begun, finished = pl.col("released_at").min().over(LOT), pl.col("finished_at")
    dates = work.rows.select(
        pl.col("row").cast(pl.Int64),
        started_on=_day(begun.fill_null(finished.max().over(LOT)), time_zone),
        finished_on=_day(finished, time_zone),
    )
    found = comparison.operations
    excess = -signed_log_errors(found["predicted_minutes"], found["actual_minutes"])
    columns = ("row", "work_order_code", "item_code", *SEGMENT_DIMENSIONS.values())
    return found.select(*columns, excess=pl.Series(excess, dtype=pl.Float64)).join(
        dates, on="row", how="left", maintain_order="left"
    )


def daily_sums(
    errors: pl.DataFrame, dimensions: Mapping[str, str] = SEGMENT_DIMENSIONS, clock: Clock = "started_on"
) -> pl.DataFrame:
    """Return DAILY_SUMS_SCHEMA of judged errors, by dimension, value and day; the whole plant is one more segment."""
    excess = pl.col("excess")
    whole = errors.with_columns(pl.lit(EVERYTHING).alias(EVERYTHING))
    parts = [
        whole.drop_nulls(column)
        .group_by(dimension=pl.lit(name), value=pl.col(column), day=pl.col(clock))
        .agg(
            rows=pl.len(),
            items=pl.col("item_code").n_unique(),
            excess=excess.sum(),
            square=(excess**2).sum(),
            absolute=excess.abs().sum(),
        )
        for name, column in ({EVERYTHING: EVERYTHING} | dict(dimensions)).items()
    ]
    return pl.concat(parts).cast(pl.Schema(DAILY_SUMS_SCHEMA)).sort("dimension", "value", "day")


def _day(moment: pl.Expr, time_zone: str) -> pl.Expr:
    return moment.dt.replace_time_zone("UTC").dt.convert_time_zone(time_zone).dt.date()
