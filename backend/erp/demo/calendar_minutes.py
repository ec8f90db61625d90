"""Moments as minutes since 1970 in the plant's own time, and as the ERP writes them."""

from datetime import date, datetime, time
from typing import Final

import numpy as np
import polars as pl

from backend.erp.demo.array_types import IntArray

EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the plant's own time carries no zone
MINUTES_PER_DAY: Final = 1_440
NEVER: Final = np.iinfo(np.int64).max
"""Stands for a moment that has not come."""


def minute_of(moment: date) -> int:
    """Return the minutes since 1970 of a day's start or of a moment."""
    start = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    return int((start - EPOCH).total_seconds() // 60)


def timestamp_text(minutes: IntArray, *, missing_from: int | None = None) -> pl.Series:
    """Write minutes as 'YYYY-MM-DD HH:MM:SS'; null from `missing_from` on."""
    moments = pl.Series(minutes * 60_000).cast(pl.Datetime("ms"))
    text = moments.dt.strftime("%Y-%m-%d %H:%M:%S")
    if missing_from is None:
        return text
    return text.set(pl.Series(minutes >= missing_from), None)


def day_text(minutes: IntArray) -> pl.Series:
    """Write minutes as 'YYYY-MM-DD'."""
    return pl.Series(minutes // MINUTES_PER_DAY).cast(pl.Int32).cast(pl.Date).dt.strftime("%Y-%m-%d")
