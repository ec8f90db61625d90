"""Gathers what the trigger judges: operations that finished since a moment, foreseen by the model as it was then.

Operations are chosen by when they finished, be their lot still open or begun long before: in every window the
short and the long are as in every other, where "lots that are through by now" would be the short ones alone.
"""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.domain.plant import PlantData
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.iter_training.evaluation.holdout import JudgeableWork
from backend.iter_training.evaluation.item_choice import choose_items
from backend.iter_training.evaluation.judging import PredictsRoutings, item_labels, judge
from backend.iter_training.evaluation.levels import Evidence
from backend.iter_training.evaluation.maturity import LOT
from backend.ml.history.bookings import booked_at_plan
from backend.ml.judging.comparison import Comparison

MOST_LOTS: Final = 4000
"""Of the newest week, and as many of what came before it: operations enough to tell 3 per cent from none."""
PROMISED_LOTS: Final = 12_000
"""What a model is held to for months is worth measuring well."""
NEWEST: Final = timedelta(days=7)


def gather(
    model: PredictsRoutings,
    plant: PlantData,
    since: datetime,
    until: datetime,
    most_lots: int = MOST_LOTS,
) -> Evidence:
    """Return a model's predictions beside what finished after `since`; of many lots a part."""
    work = _work(plant.work_orders, since, until, most_lots)
    compared = judge(model, work, plant, item_labels(plant, since))
    return _finished(compared, work, since)


def _work(work_orders: pl.DataFrame, since: datetime, until: datetime, most_lots: int) -> JudgeableWork:
    finished = pl.col("finished_at")
    new = work_orders.filter((finished > since) & (finished <= until))
    lots = new.group_by(LOT).agg(newest=finished.max() > until - NEWEST)
    chosen = pl.concat(_some(part, most_lots) for part in (lots.filter("newest"), lots.filter(~pl.col("newest"))))
    rows = work_orders.join(chosen, on=LOT, how="semi").with_columns(booked_at_plan=booked_at_plan())
    return JudgeableWork(rows.sort(*LOT, "sequence").with_row_index("row"), since, until, None, {})


def _some(lots: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return all lots of as many items as make about so many."""
    items = lots["item_code"].n_unique()
    size = max(1, items * most // max(len(lots), 1))
    chosen = choose_items(lots.select("item_code"), Sampling(size, SamplingStrategy.RANDOM, 0))
    return lots.filter(pl.col("item_code").is_in(chosen))


def _finished(compared: Comparison, work: JudgeableWork, since: datetime) -> Evidence:
    started = pl.col("released_at").min().over(LOT)
    stamps = work.rows.select(pl.col("row").cast(pl.Int64), "finished_at", started)
    operations = compared.operations.join(stamps, on="row").filter(pl.col("finished_at") > since)
    ends = work.rows.group_by(LOT).agg(
        is_open=pl.col("finished_at").null_count() > 0, finished_at=pl.col("finished_at").max()
    )
    lots = compared.lots.join(ends.filter(~pl.col("is_open")), on=LOT).filter(pl.col("finished_at") > since)
    return Evidence(operations.filter(pl.col("finished_at") <= work.until), lots, since, work.until)
