"""How good the estimated floor and ceilings are: beside the true ones of a demo plant."""

import sys
from typing import Final

import polars as pl

from backend.domain.progress import no_progress
from backend.ml.judging.comparison import Comparison, compare, summarise
from backend.ml.judging.limits import SequenceCeiling, mae_floor, repeat_ceiling
from backend.ml.model import FitOptions, fit_model
from benchmarks.demo_task import KNOWN, NEW_ITEM, DemoTask, read_task
from benchmarks.options import Options
from benchmarks.oracle import Knowledge, Oracle, learn
from benchmarks.plants import demo_plant
from benchmarks.report import Cell, Report, Table
from benchmarks.running import run_alone

ITEMS: Final = 20_000
SEEDS: Final = (9001, 9002, 9003)
PROTOCOL: Final = """\
On a real plant the best possible result is not known, so every evaluation estimates it: the floor of the time error
and the ceilings for items made before from repeat orders (two lots in a row of one item), the ceilings for items never
made from twins (known items that are equal in every attribute that counts). Here the estimates stand beside what an
oracle of the demo plant reaches on the same lots: for items made before the all-knowing one, for new items the one
that has the same data as the model and cannot know what only the item itself can tell. The ceilings are bounds from
above: an estimate clearly below the oracle's figure would be wrong, one far above it useless."""


def run(options: Options) -> Report:
    """Compare the estimates with the truth, one demo plant per seed."""
    items, seeds = options.items or ITEMS, options.seeds or SEEDS
    rows = [row for seed in seeds for row in _rows(options, items, seed)]
    return Report(
        "Floor and ceilings, estimated and true",
        PROTOCOL,
        {"items": f"{items:,}", "seeds": ", ".join(map(str, seeds))},
        tables=(Table("Estimates beside the truth", ("limit", "seed", "estimated", "oracle", "ratio"), tuple(rows)),),
    )


def _rows(options: Options, items: int, seed: int) -> list[tuple[Cell, ...]]:
    task = read_task(demo_plant(options, items, seed))
    oracle = learn(task.truth, task.hidden, task.local_cutoff, task.lots)
    known = _best(task, oracle, KNOWN, Knowledge.EVERYTHING)
    new = _best(task, oracle, NEW_ITEM, Knowledge.RECORDS)
    repeats = repeat_ceiling(_work_orders(task))
    twins = fit_model(task.plant, task.cutoff, FitOptions("nearest_neighbour"), no_progress).twin_ceiling()
    floor = mae_floor(_work_orders(task), known.operations)
    return [
        _row("time error in minutes, made before", seed, floor, summarise(known).mae),
        *_ceilings("made before", seed, repeats, known),
        *_ceilings("new item of a known family", seed, twins, new),
    ]


def _best(task: DemoTask, oracle: Oracle, group: str, knowledge: Knowledge) -> Comparison:
    return compare(task.groups[group], oracle.predict(task.groups[group], knowledge))


def _work_orders(task: DemoTask) -> pl.DataFrame:
    """Return the work orders of the judged known items: what an evaluation estimates from."""
    codes = {lot.item_code for lot in task.groups[KNOWN]}
    return task.plant.work_orders.filter(pl.col("item_code").is_in(sorted(codes)))


def _ceilings(whose: str, seed: int, found: SequenceCeiling | None, best: Comparison) -> list[tuple[Cell, ...]]:
    true = summarise(best)
    return [
        _row(f"exact sequence, {whose}", seed, found.exact if found else None, true.exact_match),
        _row(f"process match, {whose}", seed, found.process if found else None, true.process_match),
    ]


def _row(name: str, seed: int, estimated: float | None, true: float | None) -> tuple[Cell, ...]:
    return name, seed, estimated, true, estimated / true if estimated is not None and true else None


if __name__ == "__main__":
    sys.exit(run_alone(run, "limits"))
