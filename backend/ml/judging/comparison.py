"""Sets predictions beside what the shop really did: one row per lot and one per aligned operation."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from backend.domain.prediction import Candidate, ItemPrediction
from backend.domain.quality import QualityMetrics
from backend.ml.judging import metrics
from backend.ml.judging.alignment import align, sequence_match

LOT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "work_order_code": pl.String(),
    "item_code": pl.String(),
    "process_match": pl.Float64(),
    "exact_match": pl.Boolean(),
    "exact_route": pl.Boolean(),
    "predicted_minutes": pl.Float64(),
    "actual_minutes": pl.Float64(),
    "total_low": pl.Float64(),
    "total_high": pl.Float64(),
}
"""One row per judged lot; actual_minutes is null where an operation's time may not be judged.

The total's range is null where the lot was not made by the proposed sequence: it says nothing about other routings.
"""

OPERATION_SCHEMA: Final[dict[str, pl.DataType]] = {
    "row": pl.Int64(),
    "work_order_code": pl.String(),
    "item_code": pl.String(),
    "operation_code": pl.String(),
    "work_centre": pl.String(),
    "predicted_minutes": pl.Float64(),
    "actual_minutes": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "work_centre_right": pl.Boolean(),
    "in_house_right": pl.Boolean(),
}
"""One row per aligned operation whose time may be judged; `row` names the actual operation."""

REPEAT_SCHEMA: Final[dict[str, pl.DataType]] = {
    "item_code": pl.String(),
    "operation_code": pl.String(),
    "work_centre": pl.String(),
    "quantity": pl.Float64(),
    "setup_minutes": pl.Float64(),
    "run_minutes": pl.Float64(),
    "visit": pl.Int32(),
}
"""Actual operations from which the shop's own variation is computed; `visit` as history.visits has it."""


@dataclass(frozen=True, slots=True)
class ActualLot:
    """What the shop did for one work order, its operations in order."""

    work_order_code: str
    item_code: str
    quantity: float
    rows: tuple[int, ...]
    """Numbers that name the operations, the same for every model judged on this lot."""
    operation_codes: tuple[str, ...]
    work_centres: tuple[str | None, ...]
    in_house: tuple[bool | None, ...]
    minutes: tuple[float | None, ...]
    """Set-up + run of the lot; None where the booking may not be judged."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Judged lots (LOT_SCHEMA), their aligned operations (OPERATION_SCHEMA), and repeat orders."""

    lots: pl.DataFrame
    operations: pl.DataFrame
    repeats: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REPEAT_SCHEMA))

    def filter(self, condition: pl.Expr, *, operations_only: bool = False) -> "Comparison":
        """Keep what meets a condition on columns that all three tables have."""
        lots = self.lots.clear() if operations_only else self.lots.filter(condition)
        return Comparison(lots, self.operations.filter(condition), self.repeats.filter(condition))


def compare(lots: Sequence[ActualLot], predictions: Sequence[ItemPrediction]) -> Comparison:
    """Align each lot with its prediction; a lot nobody could predict counts as an empty routing."""
    lot_rows: list[tuple[Any, ...]] = []
    operation_rows: list[tuple[Any, ...]] = []
    for lot, prediction in zip(lots, predictions, strict=True):
        best = prediction.best or Candidate(0.0, (), 0.0)
        lot_rows.append(_lot_row(lot, best))
        operation_rows.extend(_operation_rows(lot, best))
    return Comparison(
        pl.DataFrame(lot_rows, schema=LOT_SCHEMA, orient="row"),
        pl.DataFrame(operation_rows, schema=OPERATION_SCHEMA, orient="row"),
    )


def _lot_row(lot: ActualLot, best: Candidate) -> tuple[Any, ...]:
    codes = tuple(operation.operation_code for operation in best.operations)
    exact = codes == lot.operation_codes
    centres = zip(best.operations, lot.work_centres, strict=False)
    known = [minutes for minutes in lot.minutes if minutes is not None]
    return (
        lot.work_order_code,
        lot.item_code,
        sequence_match(codes, lot.operation_codes),
        exact,
        exact and all(actual is None or actual == operation.work_centre for operation, actual in centres),
        best.total_minutes,
        sum(known) if len(known) == len(lot.minutes) else None,
        *((best.total_range.low, best.total_range.high) if exact and best.total_range else (None, None)),
    )


def _operation_rows(lot: ActualLot, best: Candidate) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    codes = [operation.operation_code for operation in best.operations]
    for i, j in align(codes, lot.operation_codes):
        minutes = lot.minutes[j]
        if minutes is not None:
            operation, centre, in_house = best.operations[i], lot.work_centres[j], lot.in_house[j]
            rows.append(
                (
                    lot.rows[j],
                    lot.work_order_code,
                    lot.item_code,
                    lot.operation_codes[j],
                    centre,
                    operation.lot_minutes,
                    minutes,
                    operation.lot_range.low,
                    operation.lot_range.high,
                    None if centre is None else centre == operation.work_centre,
                    None if in_house is None else in_house == operation.in_house,
                )
            )
    return rows


def ranged_lots(comparison: Comparison) -> pl.DataFrame:
    """Return the lots whose whole total may be held against its range."""
    return comparison.lots.drop_nulls(["actual_minutes", "total_low"])


def summarise(comparison: Comparison) -> QualityMetrics:
    """Compute every metric of one comparison; None where nothing was there to compute it from."""
    lots, operations = comparison.lots, comparison.operations
    totals = lots.drop_nulls("actual_minutes")
    ranged = ranged_lots(comparison)
    predicted, actual = operations["predicted_minutes"], operations["actual_minutes"]
    return QualityMetrics(
        mae=metrics.mae(predicted, actual),
        trim_mae=metrics.trim_mae(predicted, actual),
        rmse=metrics.rmse(predicted, actual),
        wape=metrics.wape(predicted, actual),
        routing_mae=metrics.routing_mae(totals["predicted_minutes"], totals["actual_minutes"], totals["item_code"]),
        process_match=metrics.process_match(lots["process_match"], lots["item_code"]),
        exact_match=metrics.exact_match(lots["exact_match"], lots["item_code"]),
        exact_route=metrics.exact_route(lots["exact_route"], lots["item_code"]),
        work_centre_match=metrics.work_centre_match(operations["work_centre_right"].drop_nulls()),
        outsourcing_success=metrics.outsourcing_success(operations["in_house_right"].drop_nulls()),
        cv=metrics.cv(predicted, actual),
        actual_cv=_actual_cv(comparison.repeats),
        coverage=metrics.coverage(operations["low"], operations["high"], actual),
        item_count=(lots if lots.height else operations)["item_code"].n_unique(),
        operation_count=operations.height,
        total_coverage=metrics.total_coverage(ranged["total_low"], ranged["total_high"], ranged["actual_minutes"]),
    )


def numbered_repeats(repeats: pl.DataFrame) -> pl.DataFrame:
    """Return the repeat orders that tell variation, with `group`: a number per item, operation and visit."""
    made = repeats.filter(pl.col("quantity") > 0)
    alike = pl.struct("item_code", "operation_code", "visit")
    return made.with_columns(group=alike.rank("dense").fill_null(0).cast(pl.Int64))


def _actual_cv(repeats: pl.DataFrame) -> float | None:
    made = numbered_repeats(repeats)
    return metrics.actual_cv(made["setup_minutes"], made["run_minutes"], made["quantity"], made["group"])
