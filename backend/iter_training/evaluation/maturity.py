"""How old a cohort of lots must be before it may be judged: learnt from how long the plant's own lots take."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.domain.plant import TIMESTAMP
from backend.ml.common.survival import ending_quantile

LOT: Final = ("work_order_code", "item_code")
MATURE_SHARE: Final = 0.95
"""A start date's cohort is mature when so many of its lots have had the time to finish."""
RECENT: Final = timedelta(days=365)
"""How long lots took years ago tells little of today's."""
ENOUGH_LOTS: Final = 100


def maturity_days(work_orders: pl.DataFrame, until: datetime) -> float | None:
    """Return within how many days of its start nearly every lot finishes; None without start dates.

    Lots still open count as unfinished so far, by Kaplan and Meier: among the finished ones alone the short are too
    many. Lots that nobody will ever finish leave the estimate at a share below one, which counts as all.
    """
    lots = _lots(work_orders, until)
    recent = lots.filter(pl.col("released_at") > until - RECENT)
    if int(recent["is_finished"].sum()) >= ENOUGH_LOTS:
        lots = recent
    if not lots["is_finished"].any():
        return None
    return ending_quantile(lots["days"].to_numpy(), lots["is_finished"].to_numpy(), MATURE_SHARE)


def _lots(work_orders: pl.DataFrame, until: datetime) -> pl.DataFrame:
    """Return released_at, is_finished and days from the start to the end, or to `until`, of lots with a start date.

    A record that begins with a day of finishing holds only the long ones of the lots that began before it.
    """
    finished = pl.col("finished_at")
    first = work_orders["finished_at"].min()
    seen = pl.when(pl.col("is_finished")).then("ended_at").otherwise(pl.lit(until, dtype=TIMESTAMP))
    days = (seen - pl.col("released_at")).dt.total_seconds(fractional=True) / 86_400
    return (
        work_orders.lazy()
        .group_by(LOT)
        .agg(pl.col("released_at").min(), is_finished=finished.null_count() == 0, ended_at=finished.max())
        .filter(pl.col("released_at") >= pl.lit(first, dtype=TIMESTAMP), pl.col("released_at") <= until)
        .select("released_at", "is_finished", days=days.clip(0.0))
        .collect()
    )
