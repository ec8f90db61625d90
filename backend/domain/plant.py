"""The three canonical tables that every plant profile produces."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import polars as pl

TIMESTAMP: Final = pl.Datetime("us")
"""All timestamps are naive UTC; the profile's time zone is applied while reading."""

ROUTING_SCHEMA: Final[dict[str, pl.DataType]] = {
    "item_code": pl.String(),
    "routing_code": pl.String(),
    "sequence": pl.Int32(),
    "operation_code": pl.String(),
    "operation_name": pl.String(),
    "work_centre": pl.String(),
    "in_house": pl.Boolean(),
    "setup_minutes": pl.Float64(),
    "run_minutes_per_unit": pl.Float64(),
    "valid_from": TIMESTAMP,
    "valid_to": TIMESTAMP,
}

WORK_ORDER_SCHEMA: Final[dict[str, pl.DataType]] = {
    "work_order_code": pl.String(),
    "item_code": pl.String(),
    "sequence": pl.Int32(),
    "operation_code": pl.String(),
    "work_centre": pl.String(),
    "in_house": pl.Boolean(),
    "quantity": pl.Float64(),
    "setup_minutes": pl.Float64(),
    "run_minutes": pl.Float64(),
    "finished_at": TIMESTAMP,
    "released_at": TIMESTAMP,
    "planned_setup_minutes": pl.Float64(),
    "planned_run_minutes": pl.Float64(),
}
"""One row per operation of a work order; run_minutes are for the whole lot."""


class AttributeKind(StrEnum):
    """How an item attribute is read by the model."""

    CATEGORICAL = "categorical"
    NUMERIC = "numeric"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One item attribute; numeric values are already in one unit (mm for lengths)."""

    name: str
    kind: AttributeKind


@dataclass(frozen=True, slots=True)
class QuarantineCount:
    """How many rows of one canonical table were set aside for one reason."""

    table: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class PlantData:
    """What was read from one plant, normalised; rows that cannot be trusted are only counted.

    `items` has item_code, created_at and one column per attribute: String for categorical and
    text, Float64 for numeric, null for missing. `routings` has ROUTING_SCHEMA, `work_orders`
    WORK_ORDER_SCHEMA.
    """

    items: pl.DataFrame
    routings: pl.DataFrame
    work_orders: pl.DataFrame
    attributes: tuple[Attribute, ...]
    rows_read: dict[str, int] = field(default_factory=dict)
    quarantine: tuple[QuarantineCount, ...] = ()
    left_out: tuple[QuarantineCount, ...] = ()
    """Single values that could not be used, of rows that were kept."""

    def finished_until(self, cutoff: datetime, *columns: str) -> pl.DataFrame:
        """Return the work-order rows finished at or before the cutoff (naive UTC): some columns, or all."""
        rows = self.work_orders.lazy().filter(pl.col("finished_at") <= cutoff)
        return rows.select(columns or pl.all()).collect()
