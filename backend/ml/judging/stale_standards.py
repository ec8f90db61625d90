"""Finds standard times that disagree with the shop: a hierarchy of operation, item and operation of an item.

A lot says little: times scatter. The deviation of an item's operation is therefore estimated from its own lots, from
the item's other operations (who set one standard wrong mostly set all wrong) and from the operation at large, each
weighted by what the plant's own spreads say it is worth (empirical Bayes, normal on the log scale).
"""

import math
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.domain.standards import StaleStandard, StandardsReport
from backend.ml.history.bookings import booked_at_plan

DAYS: Final = 365
TOLERANCE: Final = 0.15
"""A standard that is wrong by less is not worth a planner's time."""
SURE: Final = 0.84
"""Deviations from the tolerance that make four in five sure that a standard is wrong by more."""
RANGE: Final = 1.28
"""Deviations either way that hold 80 %."""
SHOWN_ORDERS: Final = 3
FAR: Final = 4.0
"""Deviations from an operation's middle beyond which a ratio is pulled in."""
LEAST_SPREAD: Final = 0.02
"""Of log minutes; no shop is more regular than that, and no division fails."""
MANY: Final = 20
"""Repeated lots that tell a spread; the plant's own is taken for an operation that has fewer."""
MOST_DOUBT: Final = 2.0
"""Errors of the mean of its lots by which an estimate may move from it."""
_PAIR: Final = ("item_code", "operation_code")
_NUMBERS: Final = ("pair", "item", "operation")
"""Stand for the codes: windows over numbers take a tenth of those over strings."""
_STANDARD: Final = ("setup_minutes", "run_minutes_per_unit")


def find_stale_standards(plant: PlantData, most: int) -> StandardsReport:
    """Return at most so many stale standards, those that cost most minutes a year first.

    Names none where too few lots repeat: how far times scatter by themselves is not known then.
    """
    until = plant.work_orders["finished_at"].max()
    if not isinstance(until, datetime):
        return StandardsReport(None, 0.0, 0, 0, 0, ())
    standards, ambiguous = _valid_standards(plant.routings, until)
    lots = _lots(plant.work_orders, standards, until - timedelta(days=DAYS))
    first = lots["finished_at"].min()
    if not isinstance(first, datetime):
        return StandardsReport(until, 0.0, 0, ambiguous, 0, ())
    if len(lots) - lots["pair"].n_unique() < MANY:
        return StandardsReport(until, 0.0, lots["pair"].n_unique(), ambiguous, 0, ())
    days = max((until - first).total_seconds() / 86_400, 1.0)
    pairs = _deviations(lots)
    stale = _costliest(pairs, DAYS / days)
    codes = lots.filter(pl.col("pair").is_in(stale["pair"].head(most).implode()))
    orders = codes.group_by("pair", maintain_order=True).agg(
        work_orders=pl.col("work_order_code").tail(SHOWN_ORDERS).reverse()
    )
    rows = stale.head(most).join(standards, on="pair", maintain_order="left").join(orders, on="pair")
    ranked = rows.sort("minutes_per_year", *_PAIR, descending=[True, False, False]).iter_rows(named=True)
    return StandardsReport(until, days, len(pairs), ambiguous, len(stale), tuple(_stale(row) for row in ranked))


def _costliest(pairs: pl.DataFrame, years: float) -> pl.DataFrame:
    lost = pl.col("standard") * (pl.col("factor") - 1).abs() * years
    stale = pairs.filter(pl.col("deviation").abs() - SURE * pl.col("error") > np.log1p(TOLERANCE))
    told = stale.with_columns(factor=pl.col("deviation").exp()).with_columns(minutes_per_year=lost)
    return told.sort("minutes_per_year", "pair", descending=[True, False])


def _stale(row: dict[str, Any]) -> StaleStandard:
    reach = math.exp(RANGE * row["error"])
    return StaleStandard(
        item_code=row["item_code"],
        operation_code=row["operation_code"],
        operation_name=row["operation_name"],
        work_centre=row["work_centre"],
        setup_minutes=row["setup_minutes"],
        run_minutes_per_unit=row["run_minutes_per_unit"],
        factor=row["factor"],
        low=row["factor"] / reach,
        high=row["factor"] * reach,
        lots=row["lots"],
        standard_minutes_per_lot=row["standard"] / row["lots"],
        minutes_per_year=row["minutes_per_year"],
        work_order_codes=tuple(row["work_orders"]),
    )


def _valid_standards(routings: pl.DataFrame, moment: datetime) -> tuple[pl.DataFrame, int]:
    """Return the standards that are valid at a moment, one per item and operation, and how many have several."""
    begun = pl.col("valid_from").is_null() | (pl.col("valid_from") <= moment)
    lasting = pl.col("valid_to").is_null() | (pl.col("valid_to") > moment)
    timed = pl.col("setup_minutes").fill_null(0) + pl.col("run_minutes_per_unit") > 0
    names = ("operation_name", "work_centre", "setup_minutes", "run_minutes_per_unit")
    grouped = (
        routings.lazy()
        .filter(begun & lasting & timed)
        .with_columns(pl.col("setup_minutes").fill_null(0))
        .unique([*_PAIR, "setup_minutes", "run_minutes_per_unit"], keep="first", maintain_order=True)
        .group_by(_PAIR)
        .agg(pl.col(names).first(), variants=pl.len())
        .sort(_PAIR)
        .collect()
    )
    one = pl.col("variants") == 1
    numbers = [pl.col(code).rank("dense").alias(name) for code, name in zip(_PAIR, ("item", "operation"), strict=True)]
    single = grouped.filter(one).drop("variants").with_row_index("pair").with_columns(numbers)
    return single, len(grouped) - len(single)


def _lots(work_orders: pl.DataFrame, standards: pl.DataFrame, after: datetime) -> pl.DataFrame:
    """Return measured lots after a moment: the minutes that the standard asks for, and the log ratio to it."""
    standard = pl.col("setup_minutes_standard") + pl.col("run_minutes_per_unit") * pl.col("quantity").fill_null(1)
    actual = pl.col("setup_minutes").fill_null(pl.col("setup_minutes_standard")) + pl.col("run_minutes")
    measured = work_orders.filter(pl.col("finished_at") > after).filter(~booked_at_plan())
    rows = (
        measured.lazy()
        .filter(pl.col("run_minutes") > 0)
        .join(standards.lazy().select(*_PAIR, *_NUMBERS, *_STANDARD), on=_PAIR, suffix="_standard")
        .select(*_NUMBERS, "work_order_code", "finished_at", standard=standard, ratio=(actual / standard).log())
        .sort("pair", "finished_at", "work_order_code")
        .collect()
    )
    return rows.with_columns(ratio=_without_extremes(rows))


def _without_extremes(rows: pl.DataFrame) -> pl.Series:
    """Pull in log ratios far from those of the item's other lots, or of the operation: bookings go wrong by factors."""
    own = pl.when(pl.len().over("pair") > 2).then(pl.col("ratio").median().over("pair"))
    apart = rows.with_columns(middle=own.fill_null(pl.col("ratio").median().over("operation")))
    spread = 1.4826 * (pl.col("ratio") - pl.col("middle")).abs().median().over("operation")
    reach = FAR * pl.max_horizontal(spread, LEAST_SPREAD)
    return apart.select(pl.col("ratio").clip(pl.col("middle") - reach, pl.col("middle") + reach)).to_series()


def _deviations(lots: pl.DataFrame) -> pl.DataFrame:
    """Return each item's operation with the deviation of its standard (log) and the error of that."""
    pairs = (
        lots.group_by(_NUMBERS, maintain_order=True)
        .agg(
            mean=pl.col("ratio").mean(),
            within=((pl.col("ratio") - pl.col("ratio").mean()) ** 2).sum(),
            lots=pl.len(),
            standard=pl.col("standard").sum(),
        )
        .sort("pair")
        .with_columns(usual=pl.col("mean").median().over("operation"))
        .with_columns(own=pl.col("mean") - pl.col("usual"), noise=_noise())
    )
    of_item, of_pair = _spreads(pairs)
    told = of_pair + pl.col("noise")
    weight, lean = (1 / told).sum().over("item"), (pl.col("own") / told).sum().over("item")
    sure = weight + 1 / of_item
    trust = of_pair / told
    trusted = pl.col("trust") * (pl.col("own") - pl.col("item"))
    return (
        pairs.with_columns(item=lean / sure, item_error=1 / sure, trust=trust)
        .with_columns(
            deviation=pl.col("usual") + _not_far_from_own(pl.col("item") + trusted),
            error=(pl.col("trust") * pl.col("noise") + (1 - pl.col("trust")) ** 2 * pl.col("item_error")).sqrt(),
        )
        .drop("mean", "within", "usual", "own", "noise", "item", "item_error", "trust")
    )


def _not_far_from_own(blend: pl.Expr) -> pl.Expr:
    """Limit how far a blend may move from the lots' own mean (limited translation, Efron and Morris 1972).

    Most standards are right and some are very wrong: one normal spread would draw the few to the many.
    """
    reach = MOST_DOUBT * pl.col("noise").sqrt()
    return blend.clip(pl.col("own") - reach, pl.col("own") + reach)


def _noise() -> pl.Expr:
    """Return the variance of a pair's mean: the operation's spread between lots of one item, over its lots."""
    again = (pl.col("lots") - 1).sum().over("operation")
    spread = (pl.col("within").sum().over("operation") + LEAST_SPREAD**2) / again.clip(lower_bound=1)
    everywhere = pl.col("within").sum() / (pl.col("lots") - 1).sum()
    variance = pl.when(again >= MANY).then(spread).otherwise(everywhere)
    return pl.max_horizontal(variance, LEAST_SPREAD**2) / pl.col("lots")


def _spreads(pairs: pl.DataFrame) -> tuple[float, float]:
    """Estimate how far items, and operations of one item, lie apart beyond noise: variances by moments."""
    several = pairs.filter(pl.len().over("item") > 1)
    both = _mean(pairs["own"] ** 2 - pairs["noise"])
    items = several.group_by("item").agg(
        crossed=pl.col("own").sum() ** 2 - (pl.col("own") ** 2).sum(), pairs=pl.len() * (pl.len() - 1)
    )
    shared = _mean(items["crossed"]) / _mean(items["pairs"]) if len(items) else both / 2
    shared = min(max(shared, LEAST_SPREAD**2), max(both, LEAST_SPREAD**2))
    return shared, max(both - shared, LEAST_SPREAD**2)


def _mean(values: pl.Series) -> float:
    mean = values.mean()
    return float(mean) if isinstance(mean, float) else 0.0
