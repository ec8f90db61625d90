"""Chooses the work orders that a model may be judged on: as-of truth, like with like."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from backend.iter_training.evaluation.maturity import LOT, maturity_days
from backend.ml.history.bookings import booked_at_plan
from backend.ml.history.visits import LOT_OF_ORDER, with_visits
from backend.ml.judging.comparison import REPEAT_SCHEMA, ActualLot


@dataclass(frozen=True, slots=True)
class JudgeableWork:
    """Operations of lots that may be judged, in order, and how many rows were left out and why.

    `rows` has WORK_ORDER_SCHEMA, `row` (a number per operation) and `booked_at_plan`: a time that
    equals the plan to the digit was not measured, so it is not judged, though its operation is.
    """

    rows: pl.DataFrame
    after: datetime
    until: datetime
    maturity_days: float | None
    excluded: dict[str, int]

    def of_items(self, item_codes: list[str]) -> "JudgeableWork":
        """Keep the lots of some items."""
        kept = self.rows.filter(pl.col("item_code").is_in(item_codes))
        return JudgeableWork(kept, self.after, self.until, self.maturity_days, self.excluded)

    def items(self) -> pl.DataFrame:
        """Return item_code and last_finished_at of the items with lots to judge."""
        return self.rows.group_by("item_code").agg(last_finished_at=pl.col("finished_at").max()).sort("item_code")

    def lots(self) -> list[ActualLot]:
        """Return the lots as the metrics take them."""
        minutes = pl.col("setup_minutes").fill_null(0) + pl.col("run_minutes")
        grouped = (
            self.rows.with_columns(minutes=pl.when(~pl.col("booked_at_plan")).then(minutes))
            .group_by(LOT, maintain_order=True)
            .agg("row", "operation_code", "work_centre", "in_house", "minutes", pl.col("quantity").max())
        )
        return [
            ActualLot(
                lot["work_order_code"],
                lot["item_code"],
                lot["quantity"],
                tuple(lot["row"]),
                tuple(lot["operation_code"]),
                tuple(lot["work_centre"]),
                tuple(lot["in_house"]),
                tuple(lot["minutes"]),
            )
            for lot in grouped.iter_rows(named=True)
        ]


def newest_finish(work_orders: pl.DataFrame) -> datetime | None:
    """Return the newest finish date of the plant's own calendar; the wall clock never enters."""
    newest = work_orders["finished_at"].max()
    return newest if isinstance(newest, datetime) else None


def unseen_work(work_orders: pl.DataFrame, after: datetime, until: datetime) -> JudgeableWork:
    """Return the lots of which every operation finished after a moment, whenever they started.

    Fit for comparing two models on the same lots. Both see the same mixture of short and long lots.
    """
    return _judgeable(work_orders, after, until, None)


def mature_work(work_orders: pl.DataFrame, after: datetime, until: datetime) -> JudgeableWork:
    """Return the unseen lots by cohorts of their start date, from the cutoff to the maturity.

    Among lots started late only the short ones have finished; among those started before the
    cutoff only the long ones are unseen. Either would make the figure another one than the plant's.
    """
    return _judgeable(work_orders, after, until, maturity_days(work_orders, until))


def _judgeable(
    work_orders: pl.DataFrame, after: datetime, until: datetime, mature_after_days: float | None
) -> JudgeableWork:
    recent = work_orders.filter(pl.col("finished_at").is_null() | (pl.col("finished_at") > after))
    candidates = work_orders.join(recent.select(LOT).unique(), on=LOT, how="semi")
    verdicts = candidates.group_by(LOT).agg(verdict=_verdict(after, until, mature_after_days))
    marked = candidates.join(verdicts, on=LOT).with_columns(booked_at_plan=booked_at_plan())
    rows = marked.filter(pl.col("verdict") == "judged").drop("verdict").sort(*LOT, "sequence").with_row_index("row")
    counts = marked.filter(pl.col("verdict") != "judged")["verdict"].value_counts()
    excluded = dict(sorted(counts.iter_rows()))
    booked = int(rows["booked_at_plan"].sum())
    return JudgeableWork(
        rows, after, until, mature_after_days, excluded | ({"booked_at_plan": booked} if booked else {})
    )


def _verdict(after: datetime, until: datetime, mature_after_days: float | None) -> pl.Expr:
    finished, released = pl.col("finished_at"), pl.col("released_at").min()
    verdict = (
        pl.when(finished.null_count() > 0)
        .then(pl.lit("still_open"))
        .when(finished.min() <= after)
        .then(pl.lit("partly_finished_before_the_cutoff"))
    )
    if mature_after_days is not None:
        mature = until - timedelta(days=mature_after_days)
        verdict = verdict.when(released <= after).then(pl.lit("started_before_the_cutoff"))
        verdict = verdict.when(released > mature).then(pl.lit("started_too_late_for_a_mature_cohort"))
    return verdict.otherwise(pl.lit("judged"))


def repeat_rows(work_orders: pl.DataFrame, item_codes: list[str]) -> pl.DataFrame:
    """Return the measured operations of some items (REPEAT_SCHEMA), for the shop's own variation."""
    own = work_orders.with_columns(planned=booked_at_plan()).filter(pl.col("item_code").is_in(item_codes))
    rows = with_visits(own, LOT_OF_ORDER).filter(pl.col("finished_at").is_not_null() & ~pl.col("planned"))
    return rows.select(list(REPEAT_SCHEMA)).with_columns(pl.col("setup_minutes").fill_null(0)).drop_nulls("run_minutes")
