"""Lots of a demo plant straight from the generator, without a database."""

from datetime import datetime, timedelta

import numpy as np

from backend.erp.demo.block_truth import BlockTruth
from backend.erp.demo.calendar_minutes import EPOCH, timestamp_text
from backend.erp.demo.generating import block_truth, first_span, make_plant
from backend.erp.demo.options import DemoOptions
from backend.erp.demo.truth import TruthState
from backend.erp.demo.work_orders import draw_work_orders
from backend.ml.judging.comparison import ActualLot

CUTOFF = datetime(2026, 6, 1)  # noqa: DTZ001 - the plant's own time


def state_of(items: int, seed: int) -> TruthState:
    options = DemoOptions(items=items, seed=seed)
    return TruthState(options, options.today, {}, {}, {}, backflushed_rows=0)


def only_block(state: TruthState) -> BlockTruth:
    plant = make_plant(state.options)
    (block,) = plant.blocks
    return block_truth(plant, block)


def lots_after(state: TruthState, moment: datetime) -> tuple[list[ActualLot], dict[int, float]]:
    """Return the lots released after a moment, clean and complete, and set-up minutes by row number."""
    truth = only_block(state)
    orders = draw_work_orders(truth, first_span(state.options), np.zeros(truth.block.count, dtype=np.int64))
    released = (moment - EPOCH) // timedelta(minutes=1)
    days = timestamp_text(orders.released).str.slice(2, 8).str.replace_all("-", "").to_list()
    facts, centres = truth.plant.parameters.facts, truth.plant.parameters.work_centre_codes
    rows: dict[tuple[int, int], list[int]] = {}
    for row in np.flatnonzero(orders.released >= released).tolist():
        rows.setdefault((int(orders.item[row]), int(orders.number[row])), []).append(row)
    lots = [
        ActualLot(
            f"W{days[own[0]]}-{item:06d}-{number + 1}",
            truth.codes[item],
            float(orders.quantity[own[0]]),
            tuple(own),
            tuple(facts.operations[truth.routed.operation[orders.routed[row]]].code for row in own),
            tuple(centres[orders.machine[row]] for row in own),
            tuple(not orders.outsourced[row] for row in own),
            tuple(
                None if orders.backflushed[row] else float(orders.setup_minutes[row] + orders.run_minutes[row])
                for row in own
            ),
        )
        for (item, number), own in rows.items()
    ]
    return lots, {row: float(orders.setup_minutes[row]) for own in rows.values() for row in own}
