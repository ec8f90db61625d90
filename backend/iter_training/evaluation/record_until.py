"""The plant's record as it was on an earlier day: for models of the past, and for judging through the years."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from backend.domain.plant import PlantData
from backend.errors import InsufficientDataError
from backend.iter_training.evaluation.maturity import LOT

AS_OF: Final = "as_of"
"""The job parameter that names the day, as 2014-12-31."""
_MEASURED: Final = ("setup_minutes", "run_minutes", "finished_at")


def record_until(plant: PlantData, parameters: dict[str, Any], time_zone: str, log: Callable[[str], None]) -> PlantData:
    """Return the plant as on the evening of the day that a job asks for; as it is where it asks for none.

    Raises InsufficientDataError where the record has finished work, but none of it up to that day.
    """
    asked = parameters.get(AS_OF)
    if asked is None:
        return plant
    day = date.fromisoformat(asked)
    then = plant_until(plant, end_of_day(day, time_zone))
    finished, all_finished = (each.work_orders["finished_at"].count() for each in (then, plant))
    if all_finished and not finished:
        first = str(plant.work_orders["finished_at"].min())[:10]
        what = f"work-order rows finished by {day} (--as-of)"
        raise InsufficientDataError(what, 0, 1, f"The record's first is of {first}; name a later day")
    log(f"as of {day}: {finished:,} of {all_finished:,} finished rows are seen, later ones are not")
    return then


def end_of_day(day: date, time_zone: str) -> datetime:
    """Return the last moment of a day of the plant's calendar (naive UTC)."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(time_zone))
    return midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None) - timedelta(microseconds=1)


def plant_until(plant: PlantData, moment: datetime) -> PlantData:
    """Return the plant as its database was at a moment (naive UTC): what finished later is open or not yet there."""
    orders = _orders_until(plant.work_orders, moment)
    later = (pl.col("created_at") > moment).fill_null(value=False)
    unmade = ~pl.col("item_code").is_in(orders["item_code"].unique().implode())  # created_at may be a migration's day
    items = plant.items.filter(~(later & unmade)) if "created_at" in plant.items.columns else plant.items
    routings = plant.routings.filter(~(pl.col("valid_from") > moment).fill_null(value=False))
    return replace(plant, items=items, routings=routings, work_orders=orders)


def _orders_until(work_orders: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Keep lots that had begun, whole: an operation still to come is an open one, or a lot would look complete."""
    finished, released = pl.col("finished_at"), pl.col("released_at")
    begun = work_orders.filter((finished <= moment) | (released <= moment)).select(LOT).unique()
    kept = work_orders.join(begun, on=LOT, how="semi", maintain_order="left")
    later = dict.fromkeys(_MEASURED, finished) | {"released_at": released}
    known = [pl.when(~(date > moment).fill_null(value=False)).then(pl.col(name)) for name, date in later.items()]
    return kept.with_columns(expr.alias(name) for expr, name in zip(known, later, strict=True))
