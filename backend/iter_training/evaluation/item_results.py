"""What a cycle's figures are made of: its items, worst first, each with some of its lots, predicted against actual."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from backend.domain.prediction import Candidate, ItemPrediction, PredictedOperation
from backend.iter_training.evaluation.evaluator import SEGMENT_DIMENSIONS
from backend.iter_training.evaluation.judging import HISTORY, STRATUM, JudgedLots
from backend.ml.common.arrays import Floats, Ints
from backend.ml.judging.alignment import align
from backend.ml.judging.comparison import ActualLot, Comparison
from backend.ml.judging.segments import MIN_SEGMENT_OPERATIONS
from backend.monitoring.cycle_items import CycleItems, KeptItem

ITEMS_FILE: Final = Path("items") / "items.jsonl.gz"
"""In the attempt's folder, from the child for the parent; deleted with the attempt's other work."""
MOST_ITEMS: Final = 500
"""A cycle of no more keeps all of them; of a larger one, so many with the largest errors."""
OF_A_SEGMENT: Final = 5
"""So many of every segment are kept besides, so that none of those that a cycle lists is empty."""
LOTS_OF_AN_ITEM: Final = 3
"""Those with the largest errors."""
_ERROR: Final = "absolute_error_minutes"
_SUMS: Final = (
    pl.len().alias("operations"),
    pl.col(_ERROR).sum(),
    pl.col("predicted_minutes").sum(),
    pl.col("actual_minutes").sum(),
)


def item_results(judged: JudgedLots) -> CycleItems:
    """Return the items to keep; all figures of an item are over all of its lots, whichever are shown."""
    operations = _with_errors(judged.comparison)
    items = _summaries(judged.comparison, operations)
    kept = items if items.height <= MOST_ITEMS else items.filter(pl.col("item_code").is_in(_chosen(items, operations)))
    codes = kept["item_code"].to_list()
    parts = _parts(operations, codes)
    lots = _shown_lots(judged, operations, set(codes))
    rows = (KeptItem(row | {"parts": parts[row["item_code"]]}, lots[row["item_code"]]) for row in kept.to_dicts())
    return CycleItems(items.height, kept.height, MOST_ITEMS, OF_A_SEGMENT, LOTS_OF_AN_ITEM, rows)


def _with_errors(comparison: Comparison) -> pl.DataFrame:
    error = (pl.col("predicted_minutes") - pl.col("actual_minutes")).abs()
    return comparison.operations.with_columns(error.alias(_ERROR))


def _summaries(comparison: Comparison, operations: pl.DataFrame) -> pl.DataFrame:
    """Return a row per item, the largest absolute error first."""
    routing_error = (pl.col("predicted_minutes") - pl.col("actual_minutes")).abs()
    of_lots = comparison.lots.group_by("item_code").agg(
        pl.col(STRATUM).first().cast(pl.String).alias("part_type"),
        pl.col(HISTORY).first(),
        pl.len().alias("lots"),
        pl.col("process_match").mean(),
        pl.col("exact_match").cast(pl.Float64).mean(),
        routing_error.mean().alias("routing_error_minutes"),
    )
    joined = of_lots.join(operations.group_by("item_code").agg(*_SUMS), on="item_code", how="left")
    filled = joined.with_columns(pl.col("operations", _ERROR, "predicted_minutes", "actual_minutes").fill_null(0))
    return filled.sort(_ERROR, 1 - pl.col("process_match"), "item_code", descending=[True, True, False])


def _chosen(items: pl.DataFrame, operations: pl.DataFrame) -> list[str]:
    """Return the codes of the worst items and of the worst of every segment."""
    places = items.select("item_code").with_row_index("place")
    numbered = operations.join(places, on="item_code").select("place", _ERROR, *SEGMENT_DIMENSIONS.values())
    chosen = set(range(MOST_ITEMS))
    for column in SEGMENT_DIMENSIONS.values():
        known = numbered.drop_nulls(column)
        segment = known[column].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
        chosen |= _worst_of_each(segment, known["place"].to_numpy(), known[_ERROR].to_numpy())
    return items["item_code"].gather(sorted(chosen)).to_list()


def _worst_of_each(segment: Ints, place: Ints, error: Floats) -> set[int]:
    """Return the places of the items with the largest errors in each large segment.

    Sorted arrays, because groups of a whole plant's operations by segment and item would take several times the memory.
    """
    if not segment.size:
        return set()
    keys = segment * (int(place.max()) + 1) + place
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
    sums, firsts = np.add.reduceat(error[order], starts), order[starts]
    large = np.bincount(segment)[segment[firsts]] >= MIN_SEGMENT_OPERATIONS
    sums, firsts = sums[large], firsts[large]
    ranked = np.lexsort((place[firsts], -sums, segment[firsts]))
    bounds = np.flatnonzero(np.diff(segment[firsts][ranked], prepend=-1))
    rank = np.arange(ranked.size) - np.repeat(bounds, np.diff(bounds, append=ranked.size))
    return set(place[firsts][ranked[rank < OF_A_SEGMENT]].tolist())


def _parts(operations: pl.DataFrame, codes: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """Return each item's errors by operation and work centre, largest first."""
    grouped = (
        operations.filter(pl.col("item_code").is_in(codes))
        .group_by("item_code", "operation_code", "work_centre")
        .agg(*_SUMS)
        .sort(_ERROR, "operation_code", "work_centre", descending=[True, False, False])
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in grouped.iter_rows(named=True):
        found[row.pop("item_code")].append(row)
    return found


def _shown_lots(judged: JudgedLots, operations: pl.DataFrame, codes: set[str]) -> dict[str, list[dict[str, Any]]]:
    of_items = operations.filter(pl.col("item_code").is_in(list(codes)))
    sums = of_items.group_by("work_order_code", "item_code").agg(pl.col(_ERROR).sum())
    errors = {(order, item): error for order, item, error in sums.iter_rows()}
    by_item: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for place, lot in enumerate(judged.lots):
        if lot.item_code in codes:
            by_item[lot.item_code].append((-errors.get((lot.work_order_code, lot.item_code), 0.0), place))
    return {
        code: [
            _lot(judged.lots[place], judged.predictions[place], -error)
            for error, place in sorted(found)[:LOTS_OF_AN_ITEM]
        ]
        for code, found in by_item.items()
    }


def _lot(lot: ActualLot, prediction: ItemPrediction, error: float) -> dict[str, Any]:
    best = prediction.best or Candidate(0.0, (), 0.0)
    known = [minutes for minutes in lot.minutes if minutes is not None]
    return {
        "work_order_code": lot.work_order_code,
        "quantity": lot.quantity,
        _ERROR: error,
        "predicted_minutes": best.total_minutes,
        "actual_minutes": sum(known) if len(known) == len(lot.minutes) else None,
        "operations": list(_side_by_side(lot, best.operations)),
    }


def _side_by_side(lot: ActualLot, predicted: Sequence[PredictedOperation]) -> Iterator[dict[str, Any]]:
    """Return the operations in order, aligned as the metrics align them; what one side lacks is None there."""
    pairs = align([step.operation_code for step in predicted], lot.operation_codes)
    i = j = 0
    for next_i, next_j in (*pairs, (len(predicted), len(lot.operation_codes))):
        yield from (_row(predicted[place], None) for place in range(i, next_i))
        yield from (_row(None, _actual(lot, place)) for place in range(j, next_j))
        if next_i < len(predicted) and next_j < len(lot.operation_codes):
            yield _row(predicted[next_i], _actual(lot, next_j))
        i, j = next_i + 1, next_j + 1


def _row(predicted: PredictedOperation | None, actual: dict[str, Any] | None) -> dict[str, Any]:
    foreseen = predicted and {
        "operation_code": predicted.operation_code,
        "operation_name": predicted.operation_name,
        "work_centre": predicted.work_centre,
        "in_house": predicted.in_house,
        "minutes": predicted.lot_minutes,
        "low": predicted.lot_range.low,
        "high": predicted.lot_range.high,
    }
    return {"predicted": foreseen, "actual": actual}


def _actual(lot: ActualLot, place: int) -> dict[str, Any]:
    return {
        "operation_code": lot.operation_codes[place],
        "work_centre": lot.work_centres[place],
        "in_house": lot.in_house[place],
        "minutes": lot.minutes[place],
    }
