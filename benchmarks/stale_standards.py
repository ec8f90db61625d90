"""Stale standard times found on a demo plant, beside those that its generator knows to be wrong."""

import sys
from typing import Final

import numpy as np
import polars as pl

from backend.domain.progress import no_progress
from backend.erp.demo.block_truth import BlockTruth
from backend.erp.demo.calendar_minutes import MINUTES_PER_DAY
from backend.erp.demo.generating import block_truth, first_span, make_plant
from backend.erp.demo.truth import TruthState
from backend.erp.demo.work_orders import Span, draw_work_orders
from backend.erp.reading import PlantReader
from backend.ml.judging.stale_standards import DAYS, TOLERANCE, find_stale_standards
from benchmarks.demo_task import read_truth
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone

ITEMS: Final = 20_000
SEEDS: Final = (9001, 9002)
LOTS: Final = (1, 2, 3, 5, 10)
PROTOCOL: Final = f"""\
A demo plant is read as the product reads it, and the product names every standard that is wrong by more than
{TOLERANCE:.0%} for sure. The generator knows what each lot of the last {DAYS} days took without noise, so it knows how
wrong each standard is over these lots; wrong are those off by more than {TOLERANCE:.0%} either way. Precision: of the
standards named, how many are wrong. Recall: of the wrong ones with at least so many lots, how many are named; of the
minutes a year that they mislead by, how many. "Median alone" names what is off by the median of its own lots."""
_PAIR: Final = ("item_code", "operation_code")


def run(options: Options) -> Report:
    """Compare what is found with the truth, one demo plant per seed."""
    items, seeds = options.items or ITEMS, options.seeds or SEEDS
    pairs = pl.concat(_pairs(options, items, seed) for seed in seeds)
    wrong, named = pairs["wrong"], pairs["named"]
    bars = (
        Bar("precision", 100 * _share(wrong.filter(named)), "%"),
        Bar("recall of wrong standards with at least 3 lots", 100 * _recall(pairs, "named", 3), "%"),
        Bar("recall of the minutes a year that they mislead by", 100 * _minutes_recall(pairs), "%"),
    )
    settings = {"items": f"{items:,}", "seeds": ", ".join(map(str, seeds))}
    return Report("Stale standards", PROTOCOL, settings, bars, (_by_lots(pairs),))


def _pairs(options: Options, items: int, seed: int) -> pl.DataFrame:
    """Return a row per operation of an item with a standard and lots: what is true of it, and who names it."""
    settings = demo_plant(options, items, seed)
    found = find_stale_standards(PlantReader(settings).read_plant(no_progress), 10**9)
    named = pl.DataFrame(
        [(each.item_code, each.operation_code) for each in found.stale], schema=list(_PAIR), orient="row"
    )
    truth = true_standards(read_truth(settings.plant_database_path))
    return truth.join(named.with_columns(named=pl.lit(value=True)), on=_PAIR, how="left").with_columns(
        pl.col("named").fill_null(value=False)
    )


def true_standards(state: TruthState) -> pl.DataFrame:
    """Return how wrong each standard is over the lots of the last year, by item and operation."""
    plant, span = make_plant(state.options), first_span(state.options)
    return pl.concat(_of_block(block_truth(plant, block), span) for block in plant.blocks)


def _of_block(truth: BlockTruth, span: Span) -> pl.DataFrame:
    routed, orders = truth.routed, draw_work_orders(truth, span, np.zeros(truth.block.count, dtype=np.int64))
    row = orders.routed
    recent = (orders.finished < span.end) & (orders.finished >= span.end - DAYS * MINUTES_PER_DAY)
    recent &= truth.traits.has_routing[orders.item] & ~orders.backflushed
    operations = np.array([operation.code for operation in truth.plant.parameters.facts.operations])
    lots = pl.DataFrame(
        {
            "item_code": truth.codes.gather(orders.item),
            "operation_code": operations[routed.operation[row]],
            "true": orders.median_setup + orders.median_run,
            "standard": routed.standard_setup[row] + routed.standard_run[row] * orders.quantity,
            "booked": orders.setup_minutes + orders.run_minutes,
        }
    ).filter(pl.Series(recent))
    median = (pl.col("booked") / pl.col("standard")).log().median()
    pairs = lots.group_by(_PAIR).agg(pl.col("true", "standard").sum(), median=median, lots=pl.len())
    off = (pl.col("true") / pl.col("standard")).log().abs()
    return pairs.with_columns(
        wrong=off > np.log1p(TOLERANCE),
        minutes=(pl.col("true") - pl.col("standard")).abs(),
        by_median=pl.col("median").abs() > np.log1p(TOLERANCE),
    )


def _share(flags: pl.Series) -> float:
    return float(flags.sum()) / len(flags) if len(flags) else float("nan")


def _recall(pairs: pl.DataFrame, name: str, lots: int) -> float:
    return _share(pairs.filter(pl.col("wrong") & (pl.col("lots") >= lots))[name])


def _minutes_recall(pairs: pl.DataFrame) -> float:
    wrong = pairs.filter("wrong")
    return float(wrong.filter("named")["minutes"].sum()) / float(wrong["minutes"].sum())


def _by_lots(pairs: pl.DataFrame) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, title in (("named", "product"), ("by_median", "median alone")):
        for lots in LOTS:
            enough = pairs.filter(pl.col("lots") >= lots)
            precision = _share(enough.filter(name)["wrong"])
            count = int(enough[name].sum())
            rows.append(
                (title, lots, len(enough), int(enough["wrong"].sum()), count, precision, _recall(enough, name, lots))
            )
    columns = ("who", "lots at least", "standards", "wrong", "named", "precision", "recall")
    return Table("Standards by lots of the last year", columns, tuple(rows))


if __name__ == "__main__":
    sys.exit(run_alone(run, "stale_standards"))
