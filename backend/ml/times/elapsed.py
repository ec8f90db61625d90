"""The days that operations added to their lots, read from work orders: of whole lots, and of all begun operations."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from backend.domain.plant import TIMESTAMP
from backend.ml.common.arrays import Flags, Floats, Ints, run_starts, sums_of
from backend.ml.common.survival import ending_quantile, ending_weights
from backend.ml.history.routing_book import RoutingBook

MOST_LOTS: Final = 100_000
_LOT: Final = ("work_order_code", "item_code")
_STEP: Final = ("operation_code", "work_centre", "in_house")
_NEARLY_ALL: Final = 0.99
"""Whole lots younger than so large a share takes are left out: only the quick ones among them are through."""
_MOST_OF_RECORD: Final = 0.75
"""Share of the record that is left out for that at most: one hardly longer than its lots has nothing better to tell."""
_USUALLY: Final = 0.9
_TIMES: Final = 5.0
"""An operation counts as at most so many times what that share of its like takes: a forgotten lot tells nothing."""


@dataclass(frozen=True, slots=True)
class ElapsedRows:
    """One entry per operation done, lots in the order of their release."""

    lot: Ints
    item: Ints
    step: Ints
    days: Floats
    weight: Floats
    """What the operation counts for: more where others of its length were not over yet (see ending_weights)."""
    is_whole: Flags
    """Whether its lot is through, and old enough for slow ones to be so too."""

    def take(self, rows: Flags) -> "ElapsedRows":
        """Return some rows, lots numbered anew."""
        lot = np.unique(self.lot[rows], return_inverse=True)[1].astype(np.int64)
        rest = (each[rows] for each in (self.item, self.step, self.days, self.weight, self.is_whole))
        return ElapsedRows(lot, *rest)


@dataclass(frozen=True, slots=True)
class Foretold:
    """Lots as they are foretold by their items' last routings before: an entry per step, and each lot's total."""

    step: Ints
    owner: Ints
    total: Floats

    @classmethod
    def of(cls, before: ElapsedRows, lots: ElapsedRows) -> "Foretold":
        """Take each lot's steps from its item's newest lot in `before`; where there is none, from the lot itself."""
        begin, own = run_starts(before.lot), run_starts(lots.lot)
        last = np.full(max(before.item.max(initial=0), lots.item.max(initial=0)) + 1, -1)
        last[before.item[begin]] = np.arange(len(begin))  # the last one of an item wins
        source = last[lots.item[own]]
        starts, steps = np.concatenate([begin, len(before.step) + own]), np.concatenate([before.step, lots.step])
        lengths = np.diff(np.append(starts, len(steps)))
        taken = np.where(source >= 0, source, len(begin) + np.arange(len(own)))
        owner = np.repeat(np.arange(len(own)), lengths[taken])
        place = np.arange(len(owner)) - np.repeat(np.cumsum(lengths[taken]) - lengths[taken], lengths[taken])
        return cls(steps[starts[taken][owner] + place], owner, sums_of(lots.days, lots.lot, len(own)))


def read_elapsed(work_orders: pl.DataFrame, done: pl.Expr, book: RoutingBook) -> ElapsedRows:
    """Collect what each operation added to its lot, of the newest lots, be they through or not.

    Of lots released before the first finish on record it holds only the long ones, or their last operations; a
    release date that stands for none lies there too.
    """
    lots = _lots(work_orders, done)
    named = pl.col("work_centre").fill_null(""), pl.col("in_house").fill_null(value=True)
    columns = (*_LOT, *_STEP, "sequence", "finished_at", done.fill_null(value=False).alias("done"))
    rows = work_orders.select(columns).with_columns(named).join(lots, on=_LOT)
    rows = rows.sort("lot", ~pl.col("done"), pl.when("done").then("finished_at"), "sequence", *_STEP)
    return _elapsed(_begun(rows), book)


def _lots(work_orders: pl.DataFrame, done: pl.Expr) -> pl.DataFrame:
    """Return number, release and is_whole of the newest lots, in the order of their release."""
    is_done, finished = done.fill_null(value=False), pl.col("finished_at")
    first, until = work_orders.lazy().filter(is_done).select(finished.min(), until=finished.max()).collect().row(0)
    ended = pl.when("through").then("ended").otherwise(pl.lit(until, dtype=TIMESTAMP))
    lots = (
        work_orders.lazy()
        .group_by(_LOT)
        .agg(pl.col("released_at").min().alias("released"), ended=finished.max(), through=is_done.all())
        .filter(pl.col("released").is_between(pl.lit(first, dtype=TIMESTAMP), pl.lit(until, dtype=TIMESTAMP)))
        .with_columns(days=(ended - pl.col("released")).dt.total_seconds(fractional=True) / 86_400)
        .sort("released", *_LOT)
        .tail(MOST_LOTS)
        .collect()
    )
    through = lots["through"].to_numpy()
    left_out = timedelta(0)
    if through.any():
        longest = timedelta(days=ending_quantile(lots["days"].to_numpy(), through, _NEARLY_ALL))
        left_out = min(longest, _MOST_OF_RECORD * (until - first))
    is_whole = pl.col("through") & (pl.col("released") <= pl.lit(until, dtype=TIMESTAMP) - left_out)
    return lots.with_row_index("lot").select(
        "lot", "released", *_LOT, is_whole=is_whole, until=pl.lit(until, TIMESTAMP)
    )


def _begun(rows: pl.DataFrame) -> pl.DataFrame:
    """Keep what is done and the next operation of each lot; `days` are those it took, or has taken so far."""
    done = rows["done"].to_numpy()
    finished, released, until = (
        rows[name].to_numpy().astype("datetime64[us]") for name in ("finished_at", "released", "until")
    )
    before = np.concatenate([released[:1], finished[:-1]])
    first = run_starts(rows["lot"].to_numpy())
    before[first] = released[first]
    after_done = np.concatenate([done[:1], done[:-1]])
    after_done[first] = True
    day = np.timedelta64(1, "D")
    days, watched = (np.maximum((end - before) / day, 0.0) for end in (np.where(done, finished, until), until))
    return rows.with_columns(days=pl.Series(days), watched=pl.Series(watched)).filter(pl.Series(done | after_done))


def _elapsed(rows: pl.DataFrame, book: RoutingBook) -> ElapsedRows:
    group = rows.select(pl.struct("operation_code", "in_house").rank("dense")).to_series().to_numpy().astype(np.int64)
    days, watched, done = (rows[name].to_numpy() for name in ("days", "watched", "done"))
    most = pl.col("days").filter(pl.col("days") > 0).quantile(_USUALLY, "linear").over("operation_code", "in_house")
    weighed = rows.with_columns(
        weight=pl.Series(ending_weights(group, days, watched, done)), item=_numbered("item_code")
    )
    kept = weighed.filter("done").with_columns(pl.min_horizontal("days", _TIMES * most))
    kept = kept.join(_steps(book), on=_STEP, maintain_order="left")
    lot, item, step = (kept[name].to_numpy().astype(np.int64) for name in ("lot", "item", "step"))
    lot = np.unique(lot, return_inverse=True)[1].astype(np.int64)
    return ElapsedRows(lot, item, step, *(kept[name].to_numpy() for name in ("days", "weight", "is_whole")))


def _numbered(column: str) -> pl.Expr:
    return pl.col(column).rank("dense").cast(pl.Int64)


def _steps(book: RoutingBook) -> pl.DataFrame:
    operations, centres = np.array(book.operations[:]), np.array(book.centres[:])
    columns = {
        "operation_code": operations[book.step_operation],
        "work_centre": centres[book.step_centre],
        "in_house": book.step_in_house.astype(bool),
    }
    text = dict.fromkeys(("operation_code", "work_centre"), pl.String())
    return pl.DataFrame(columns, schema_overrides=text).with_row_index("step")
