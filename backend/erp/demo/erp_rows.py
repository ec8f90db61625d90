"""Routings and work orders as rows of BI_ROUTING_VIEW and BI_WORK_ORDER_RESULTS."""

from typing import Final

import numpy as np
import polars as pl

from backend.erp.demo.array_types import BoolArray, IntArray
from backend.erp.demo.block_truth import BlockTruth
from backend.erp.demo.calendar_minutes import NEVER, day_text, minute_of, timestamp_text
from backend.erp.demo.drift import policy_day
from backend.erp.demo.item_traits import MINUTES_PER_DAY
from backend.erp.demo.plant_parameters import PlantParameters
from backend.erp.demo.work_orders import Span, WorkOrders

OPEN_END: Final = "2999-12-31"
SEQUENCE_STEP: Final = 10
EARLIER_VERSION_EVERY: Final = 25
"""Every so many items had another standard before, which the ERP keeps as a closed version."""


def make_routing_rows(truth: BlockTruth) -> pl.DataFrame:
    """Return the standard routings: closed versions first where the policy or the standard changed."""
    traits, routed = truth.traits, truth.routed
    valid_from = traits.created_minute[routed.item]
    in_erp = traits.has_routing[routed.item]
    day = policy_day(truth.plant.options)
    policy_minute = minute_of(day) if day else NEVER
    changed = (routed.outsourced_before != routed.outsourced_after) & (valid_from < policy_minute)
    is_changed_item = np.zeros(traits.count, dtype=bool)
    if day:
        is_changed_item[routed.item[changed]] = True
    superseded = is_changed_item[routed.item]
    after = superseded | (valid_from >= policy_minute)
    current_from = np.where(superseded, policy_minute, valid_from)
    closed = _routing_frame(truth, np.zeros(len(valid_from), dtype=bool), valid_from)
    closed = closed.with_columns(pl.lit(day.isoformat() if day else OPEN_END).alias("VALID_TO"))
    current = _routing_frame(truth, after, current_from)
    current = current.with_columns(
        pl.when(pl.Series(superseded)).then(pl.lit("02")).otherwise("ROUT_NO").alias("ROUT_NO")
    )
    revised = (routed.item % EARLIER_VERSION_EVERY == 0) & ~superseded & ~traits.named[routed.item]
    earlier = _earlier_standard(current, valid_from)
    keep = [pl.Series(in_erp & superseded), pl.Series(in_erp & revised), pl.Series(in_erp)]
    return pl.concat([frame.filter(rows) for frame, rows in zip((closed, earlier, current), keep, strict=True)])


def _earlier_standard(current: pl.DataFrame, valid_from: IntArray) -> pl.DataFrame:
    return current.with_columns(
        pl.lit("00").alias("ROUT_NO"),
        (pl.col("RUN_MIN") * 1.3).round(3),
        day_text(valid_from - 400 * MINUTES_PER_DAY).alias("VALID_FROM"),
        day_text(valid_from).alias("VALID_TO"),
    )


def _routing_frame(truth: BlockTruth, after: BoolArray, valid_from: IntArray) -> pl.DataFrame:
    parameters, routed = truth.plant.parameters, truth.routed
    machine = np.where(after, routed.machine_after, routed.machine_before)
    outsourced = np.where(after, routed.outsourced_after, routed.outsourced_before)
    return pl.DataFrame(
        {
            "ITEM_CODE": truth.codes.gather(routed.item),
            "ROUT_NO": pl.Series(["01"]).new_from_index(0, len(machine)),
            "OP_SEQ": (routed.place + 1) * SEQUENCE_STEP,
            **_operation_columns(parameters, routed.operation),
            **_centre_columns(parameters, machine, outsourced),
            "SETUP_MIN": routed.standard_setup,
            "RUN_MIN": routed.standard_run,
            "VALID_FROM": day_text(valid_from),
            "VALID_TO": pl.Series([OPEN_END]).new_from_index(0, len(machine)),
        }
    )


def _operation_columns(parameters: PlantParameters, operation: IntArray) -> dict[str, pl.Series]:
    operations = parameters.facts.operations
    return {
        "OP_CODE": pl.Series([o.code for o in operations]).gather(operation),
        "OP_NAME": pl.Series([f"{o.name_ko} ({o.name_en})" for o in operations]).gather(operation),
    }


def _centre_columns(parameters: PlantParameters, machine: IntArray, outsourced: BoolArray) -> dict[str, pl.Series]:
    return {
        "WC_CODE": pl.Series(parameters.work_centre_codes).gather(machine),
        "WC_NAME": pl.Series(parameters.work_centre_names).gather(machine),
        "INOUT_GBN": pl.Series(["사내", "외주"]).gather(outsourced.astype(np.int64)),
    }


def make_work_order_rows(truth: BlockTruth, orders: WorkOrders, span: Span) -> pl.DataFrame:
    """Return the booked operations; those not finished by the span's end have no actual times yet."""
    parameters, routed = truth.plant.parameters, truth.routed
    is_open = pl.Series(orders.finished >= span.end)
    centre = _centre_columns(parameters, orders.machine, orders.outsourced)
    released = timestamp_text(orders.released)
    number = pl.Series(orders.number + 1_000 * span.epoch + 1).cast(pl.String)
    item_number = pl.Series(orders.item + truth.block.first_item).cast(pl.String).str.zfill(6)
    days = released.str.slice(2, 8).str.replace_all("-", "")
    return pl.DataFrame(
        {
            "WORK_ORDER_NO": "W" + days + "-" + item_number + "-" + number,
            "ITEM_CODE": truth.codes.gather(orders.item),
            "OP_SEQ": (routed.place[orders.routed] + 1) * SEQUENCE_STEP,
            **_operation_columns(parameters, routed.operation[orders.routed]),
            "WC_CODE": centre["WC_CODE"],
            "INOUT_GBN": centre["INOUT_GBN"],
            "ORDER_QTY": orders.quantity,
            "ACT_SETUP_HOURS": pl.Series(orders.setup_minutes).set(is_open, None),
            "ACT_RUN_HOURS": pl.Series(orders.run_minutes).set(is_open, None),
            "RELEASE_DATE": released,
            "FINISH_DATE": timestamp_text(orders.finished, missing_from=span.end),
            "PLAN_SETUP_MIN": pl.Series(orders.planned_setup).fill_nan(None),
            "PLAN_RUN_MIN": pl.Series(orders.planned_run).fill_nan(None),
        }
    )
