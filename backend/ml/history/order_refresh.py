"""The newest work orders of each item, the evidence beside its routing, carried on over new rows."""

from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl

from backend.ml.common.string_table import StringTable
from backend.ml.history.histories import ItemHistories

NAMED_ORDERS: Final = 2
"""Cells per item in ItemHistories.last_orders."""


def with_orders(histories: ItemHistories, rows: pl.DataFrame, codes: StringTable) -> ItemHistories:
    """Name the work orders of finished rows (WORK_ORDER_SCHEMA); what items are made by is learnt by training alone.

    An order goes on from one refresh to the next until its last operation is done; it counts once. Items without
    a routing that the model knows get none.
    """
    newest = (
        rows.group_by("item_code", "work_order_code")
        .agg(pl.col("finished_at").max())
        .sort("finished_at", "work_order_code", descending=True)
        .group_by("item_code")
        .agg("work_order_code")
        .sort("item_code")
    )
    cells, counts = histories.last_orders[:], histories.order_counts.astype(np.int64)
    for code, orders in newest.iter_rows():
        item = codes.find(code)
        if item < 0 or histories.label[item] < 0:
            continue
        begin = NAMED_ORDERS * item
        before = [each for each in cells[begin : begin + NAMED_ORDERS] if each]
        counts[item] += len(set(orders) - set(before))
        named = [*orders, *(each for each in before if each not in orders)][:NAMED_ORDERS]
        cells[begin : begin + NAMED_ORDERS] = named + [""] * (NAMED_ORDERS - len(named))
    return replace(histories, order_counts=counts, last_orders=StringTable.of(cells))
