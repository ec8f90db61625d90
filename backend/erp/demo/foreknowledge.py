"""What the best possible predictor would have said of every work order of a demo plant."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl

from backend.erp.demo.block_truth import Plant
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.erp_rows import make_work_order_rows
from backend.erp.demo.generating import block_truth, drawn_orders, first_span, make_plant
from backend.erp.demo.noise_floor import best_minutes
from backend.erp.demo.truth import TruthState, read_readable_truth
from backend.erp.demo.work_orders import Span


def foretell(database: Path) -> pl.DataFrame:
    """Return work_order_code, sequence and best_minutes of every operation that was ever released.

    `database` is a demo plant with its truth beside it. The best possible predictor knows the item, its family, the
    machine and all that changes in the plant; the noise alone it does not know.
    """
    state = read_readable_truth(database)
    plant = make_plant(state.options, [advance.expansion for advance in state.advances])
    return pl.concat(_foretold(plant, span) for span in _spans(state))


def _spans(state: TruthState) -> Iterator[Span]:
    yield first_span(state.options)
    begin = state.options.now
    for number, advance in enumerate(state.advances, start=1):
        end = begin + timedelta(days=advance.days)
        yield Span(minute_of(begin), minute_of(end), epoch=number)
        begin = end


def _foretold(plant: Plant, span: Span) -> pl.DataFrame:
    frames = []
    for block in plant.blocks:
        if span.end <= block.created_from:
            continue
        truth = block_truth(plant, block)
        orders = drawn_orders(truth, span)
        rows = make_work_order_rows(truth, orders, span)
        best = pl.Series(best_minutes(plant.parameters, truth.routed, orders))
        frames.append(rows.select(work_order_code="WORK_ORDER_NO", sequence="OP_SEQ", best_minutes=best))
    return pl.concat(frames)
