"""What a quality cycle costs: over 500 items, and over a whole plant.

A demo plant is the ERP of a fresh installation, on which a training has just been run and deployed. Then the task of an
evaluation job is run as a job's process runs it, once for 500 items drawn at random and once for all. "The cycle" is
choosing the work orders, predicting them, and all metrics with their intervals and segments. "The job" is that and what
goes with it every time: loading the model, reading the whole plant, deciding whether to retrain, drift, the watch of a
young version, and stale standards. Judged are items with lots in the days that the training set apart; lots still open,
or begun too late for their cohort to be complete, are left out and counted.
"""

import sys
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from benchmarks.evaluation_cost import AFTER
from benchmarks.installation import as_training_job, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import protocol_of, run_alone
from benchmarks.stages import READING

ITEMS: Final = 325_000
SEED: Final = 7
SAMPLE: Final = 500
CYCLE: Final = ("plant read", "predicting")
SAMPLED_SECONDS: Final = 10
WHOLE_MINUTES: Final = 5
Figures: TypeAlias = Mapping[str, Any]


def run(options: Options) -> Report:
    """Train, then evaluate a sample and the whole plant."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    with fresh_installation(options, items, seed) as settings:
        environment = as_training_job(settings)
        measure("speed_training", [str(settings.root)], environment)
        sample, whole = (
            measure("evaluation_cost", [str(settings.root), strategy, str(SAMPLE)], environment)
            for strategy in ("random", "all")
        )
    bars = (
        Bar(f"a cycle over {SAMPLE} items", cycle_seconds(sample), "s", at_most=SAMPLED_SECONDS),
        Bar(f"a cycle over all {whole['items']:,} items with lots to judge", cycle_seconds(whole), "s"),
        Bar(f"its whole job, over {SAMPLE} items", sample["wall_seconds"], "s"),
        Bar("its whole job, over all items", whole["wall_seconds"] / 60, "minutes", at_most=WHOLE_MINUTES),
    )
    tables = (_stages(sample, whole), _counts(sample, whole))
    return Report("Evaluating", protocol_of(__doc__), {"items": f"{items:,}", "seed": str(seed)}, bars, tables)


def cycle_seconds(found: Figures) -> float | None:
    """Return the wall seconds of the cycle's own steps; None where the end of the cycle was not seen."""
    seconds = {stage["name"]: stage["wall_seconds"] for stage in found["stages"]}
    return sum(seconds[name] for name in CYCLE) if AFTER in seconds else None


def _stages(sample: Figures, whole: Figures) -> Table:
    names = [stage["name"] for stage in sample["stages"]]
    of_both = [{stage["name"]: stage for stage in found["stages"]} for found in (sample, whole)]
    keys = ("wall_seconds", "cpu_seconds")
    rows: list[tuple[Cell, ...]] = [(name, *(one[name][key] for one in of_both for key in keys)) for name in names]
    rows.append(("whole job", *(found[key] for found in (sample, whole) for key in keys)))
    columns = ("step", *(f"{who}: {what}" for who in (f"{SAMPLE} items", "all items") for what in ("wall s", "CPU s")))
    note = f"the cycle is the steps {' and '.join(CYCLE)}; reading is {', '.join(READING[1:-1])}"
    return Table("Steps", columns, tuple(rows), note)


def _counts(sample: Figures, whole: Figures) -> Table:
    keys = ("status", "items", "operations", "mae", "peak_megabytes")
    rows: list[tuple[Cell, ...]] = [(key.replace("_", " "), sample[key], whole[key]) for key in keys]
    left_out = sorted({*sample["excluded"], *whole["excluded"]})
    rows += [
        (f"rows left out: {reason.replace('_', ' ')}", *(found["excluded"].get(reason, 0) for found in (sample, whole)))
        for reason in left_out
    ]
    return Table("What was judged", ("count", f"{SAMPLE} items", "all items"), tuple(rows))


if __name__ == "__main__":
    sys.exit(run_alone(run, "evaluation"))
