"""Which of its visits an operation's row is, where the operation comes back in one routing or lot.

A visit is the n-th occurrence of its operation in sequence order, out of so many: a lot that left one out or did one
again has another number of them, and is not taken for the visits of the others, which its rows would be shifted by.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from backend.domain.records import record
from backend.ml.common.arrays import Ints
from backend.ml.history.routing_book import RoutingBook

VISITS: Final = 1 << 10
"""More visits of one operation than any routing is told apart by; number x VISITS + place (from 0) names a visit."""
VISIT_CODES: Final = VISITS * VISITS
"""More than any name of a visit."""
LOT_OF_ORDER: Final = ("work_order_code", "item_code")
LOT_OF_ROUTING: Final = ("routing_code", "item_code", "valid_from")


@record
class AskedVisits:
    """Visits whose minutes are asked for: of which question about an operation each is, and which visit."""

    question: Ints
    visit: Ints


def returning_operations(book: RoutingBook) -> list[str]:
    """Return the codes of operations that occur more than once in some routing."""
    again = np.unique(book.sequences.values[book.occurrences() > 0])
    return [book.operations[each] for each in again.tolist()]


def with_visits(rows: pl.DataFrame, lot: Sequence[str], returning: Sequence[str] | None = None) -> pl.DataFrame:
    """Return rows with `visit`: which it is of how many of its operation in its lot; 0 where there is but one.

    All rows of a lot are needed, also those that are not done. Where nothing is `returning` (None: anything may be),
    the rows stay as they are.
    """
    if returning is not None and not len(returning):
        return rows
    wanted = pl.lit(value=True) if returning is None else pl.col("operation_code").is_in(list(returning))
    group = [*lot, "operation_code"]
    numbered = (
        rows.lazy()
        .select(*group, "sequence")
        .with_row_index("row")
        .filter(wanted & pl.col("sequence").is_not_null())
        .with_columns(many=pl.len().over(group), place=pl.col("sequence").rank("ordinal").over(group) - 1)
        .filter((pl.col("many") > 1) & (pl.col("many") < VISITS))
        .select("row", visit=(pl.col("many") * VISITS + pl.col("place")).cast(pl.Int32))
        .collect()
    )
    visit = np.zeros(len(rows), np.int32)
    visit[numbered["row"].to_numpy()] = numbered["visit"].to_numpy()
    return rows.with_columns(visit=pl.Series(visit))


def visits_of(occurrence: Ints, group: Ints) -> Ints:
    """Return the visit of rows that are the so-maniest (from 0) of their group.

    >>> visits_of(np.array([0, 0, 1]), np.array([0, 1, 1])).tolist() == [0, 2 * VISITS, 2 * VISITS + 1]
    True
    """
    many = np.bincount(group)[group]
    return np.where((many > 1) & (many < VISITS), many * VISITS + occurrence, 0)
