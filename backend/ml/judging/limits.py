"""The best that any model could reach on a plant, estimated from orders and items that repeat."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from backend.ml.common.arrays import Floats
from backend.ml.history.bookings import booked_at_plan
from backend.ml.history.visits import with_visits
from backend.ml.judging.alignment import sequence_match

LEAST_PAIRS: Final = 30
"""Below it an estimate is mostly chance, and none is given."""
_OUTLIER_DEVIATIONS: Final = 4.0
_MOST_UNEQUAL: Final = 1.5
"""Quantities that differ by more are not compared: twice the lot seldom takes twice the time."""
_LOT: Final = ("item_code", "work_order_code")
_REPEATED: Final = ("item_code", "operation_code", "visit", "work_centre")


@dataclass(frozen=True, slots=True)
class SequenceCeiling:
    """The most that the best guess can reach on operation sequences: exact share, process match."""

    exact: float
    process: float


def mae_floor(repeats: pl.DataFrame, judged: pl.DataFrame) -> float | None:
    """Estimate the mean absolute error of a model that knows every item's own level, in minutes.

    `repeats` has WORK_ORDER_SCHEMA, whole lots; measured rows alone are compared. Each lot is held against the one
    before of the same item, operation and work centre, of about its quantity, so neither a slow drift nor the effect
    of quantity counts as noise; where an operation comes back in a lot, against the same visit. `judged` has
    operation_code and actual_minutes: the floor is for these operations. None where too little repeats.
    """
    pairs = _repeat_pairs(repeats)
    if pairs.height < LEAST_PAIRS:
        return None
    noise = pairs.group_by("operation_code").agg(share=_relative_noise(), pairs=pl.len().cast(pl.Float64))
    overall = float(pairs.select(_relative_noise()).item())
    shrunk = (pl.col("share") * pl.col("pairs") + overall * LEAST_PAIRS) / (pl.col("pairs") + LEAST_PAIRS)
    shares = noise.select("operation_code", share=shrunk)
    joined = judged.join(shares, on="operation_code", how="left").with_columns(pl.col("share").fill_null(overall))
    floor = joined.select((pl.col("share") * pl.col("actual_minutes")).mean()).item()
    return None if floor is None else round(float(floor), 4)


def _repeat_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """Return operation_code, expected and actual of each lot that had one before it."""
    lots = with_visits(rows, _LOT).filter(
        ~booked_at_plan()
        & (pl.col("quantity") > 0)
        & pl.col("run_minutes").is_not_null()
        & pl.col("finished_at").is_not_null()
    )
    ordered = lots.sort(*_REPEATED, "finished_at", "work_order_code")
    before = [pl.col(name).shift(1) for name in _REPEATED]
    same = pl.all_horizontal(pl.col(name).eq_missing(other) for name, other in zip(_REPEATED, before, strict=True))
    setup = pl.col("setup_minutes").fill_null(0.0)
    rate = pl.col("run_minutes") / pl.col("quantity")
    pairs = ordered.select(
        "operation_code",
        same=same.fill_null(value=False),
        similar=(pl.col("quantity") / pl.col("quantity").shift(1)).log().abs() <= np.log(_MOST_UNEQUAL),
        actual=setup + pl.col("run_minutes"),
        expected=setup.shift(1) + rate.shift(1) * pl.col("quantity"),
    )
    told = pl.col("same") & pl.col("similar") & (pl.col("actual") > 0) & (pl.col("expected") > 0)
    return pairs.filter(told).drop("same", "similar")


def _relative_noise() -> pl.Expr:
    """Return the mean absolute error around the true level / the mean actual minutes.

    The difference of two lots has sqrt(2) times the noise of one. An outlier is no noise of that
    kind: it shows in two differences at its full size, and counts once.
    """
    deviation = (pl.col("actual") / pl.col("expected")).log().abs()
    outlier = deviation > _OUTLIER_DEVIATIONS * 1.4826 * deviation.median()
    parts = pl.when(outlier).then(0.5).otherwise(float(np.sqrt(0.5)))
    return (parts * (pl.col("actual") - pl.col("expected")).abs()).sum() / pl.col("actual").sum()


def repeat_ceiling(rows: pl.DataFrame) -> SequenceCeiling | None:
    """Estimate the ceiling for items made before: how alike two lots in a row of one item are.

    `rows` has WORK_ORDER_SCHEMA; only lots that are through count. None where too little repeats.
    """
    lots = (
        rows.sort(*_LOT, "sequence", maintain_order=True)
        .group_by(_LOT, maintain_order=True)
        .agg("operation_code", pl.col("finished_at").max(), open=pl.col("finished_at").null_count())
        .filter(pl.col("open") == 0)
        .sort("item_code", "finished_at", "work_order_code")
    )
    ran = list(lots.select("item_code", "operation_code").iter_rows())
    found = [
        (item, sequence_match(before, after))
        for (item_before, before), (item, after) in pairwise(ran)
        if item_before == item
    ]
    if len(found) < LEAST_PAIRS:
        return None
    per_item = pl.DataFrame(found, schema=["item", "match"], orient="row").group_by("item")
    means = per_item.agg(pl.col("match").mean(), equal=(pl.col("match") == 1.0).mean())
    return ceiling(means["equal"].to_numpy(), means["match"].to_numpy())


def ceiling(equal: Floats, match: Floats) -> SequenceCeiling:
    """Return the ceiling from how often two draws are equal, and how alike they are, per item.

    Where the likeliest sequence has probability p, two draws are equal with at least p squared; and two
    draws differ by at most twice what either differs from the best guess.
    """
    return SequenceCeiling(round(float(np.sqrt(equal.mean())), 4), round(float(1 - (1 - match.mean()) / 2), 4))


def blended(parts: list[tuple[float, SequenceCeiling | None]]) -> SequenceCeiling | None:
    """Join ceilings of parts with their weights; a part that nothing is known of could be all right."""
    total = sum(weight for weight, _ in parts)
    if not total or all(each is None for weight, each in parts if weight):
        return None
    known = [(weight / total, each or SequenceCeiling(1.0, 1.0)) for weight, each in parts]
    return SequenceCeiling(
        round(sum(weight * each.exact for weight, each in known), 4),
        round(sum(weight * each.process for weight, each in known), 4),
    )
