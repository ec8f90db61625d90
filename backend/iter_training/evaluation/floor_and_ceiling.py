"""The estimated floor and ceilings of one evaluation, from the plant's own repeat orders and twins."""

import polars as pl

from backend.domain.quality import EstimatedLimits
from backend.iter_training.evaluation.holdout import JudgeableWork
from backend.iter_training.evaluation.judging import HISTORY, PredictsRoutings
from backend.ml.judging.comparison import Comparison
from backend.ml.judging.limits import blended, mae_floor, repeat_ceiling


def estimate_limits(
    model: PredictsRoutings, work_orders: pl.DataFrame, work: JudgeableWork, comparison: Comparison
) -> EstimatedLimits:
    """Return what no model could beat on the judged work; `comparison` carries the item labels."""
    judged = work_orders.filter(pl.col("item_code").is_in(work.items()["item_code"].implode()))
    items = comparison.lots.unique("item_code")
    known = items.filter(pl.col(HISTORY) == "known").height
    ceiling = blended([(known, repeat_ceiling(judged)), (items.height - known, model.twin_ceiling())])
    return EstimatedLimits(
        mae_floor(judged, comparison.operations),
        ceiling.process if ceiling else None,
        ceiling.exact if ceiling else None,
    )
