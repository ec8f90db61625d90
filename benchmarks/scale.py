"""How each cost grows with the number of items: writing a plant, training, the bundle, loading, predicting.

For each size a demo plant is written (and timed), a fresh installation trains on it and predicts from its bundle,
as in the speed part, each in a process of its own. Training is given in CPU seconds, which other work on the machine
changes little. Growth is the slope of log cost over log items through all sizes: 1 is proportional to the number of
items, 0 is constant; per doubling is 2 to that power.
"""

import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, write_demo_plant
from benchmarks.installation import as_server, as_training_job, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.report import Cell, Report, Table
from benchmarks.running import protocol_of, run_alone
from benchmarks.stages import READING

SIZES: Final = (5_000, 20_000, 80_000, 325_000)
SEED: Final = 7
BATCH_ITEMS: Final = "5000"
Figures = Mapping[str, float]


def run(options: Options) -> Report:
    """Measure every size, the smallest first."""
    sizes, seed = sorted(options.sizes or SIZES), (options.seeds or (SEED,))[0]
    measured = [_measure(options, items, seed) for items in sizes]
    return Report(
        title="Scale",
        protocol=protocol_of(__doc__),
        settings={"sizes": " ".join(map(str, sizes)), "seed": str(seed)},
        tables=(growth_table(sizes, measured),),
    )


def growth_table(sizes: Sequence[int], measured: Sequence[Figures]) -> Table:
    """Return a row per figure with its growth; figures are named by the first size."""
    columns = ("figure", *(f"{items:,} items" for items in sizes), "growth", "per doubling")
    rows: list[tuple[Cell, ...]] = []
    for name in measured[0]:
        values = [figures[name] for figures in measured]
        slope = growth(sizes, values)
        rows.append((name, *values, slope, None if slope is None else 2**slope))
    return Table("Cost by number of items", columns, tuple(rows))


def growth(sizes: Sequence[int], values: Sequence[float]) -> float | None:
    """Return the exponent of growth by least squares; None for fewer than two sizes or a cost of zero."""
    if len(set(sizes)) < 2 or min(values) <= 0:
        return None
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def _measure(options: Options, items: int, seed: int) -> dict[str, float]:
    print(f"scale: {items:,} items ...", flush=True)
    writing = _writing_seconds(options, items, seed)
    with fresh_installation(options, items, seed) as settings:
        training = measure("speed_training", [str(settings.root)], as_training_job(settings))
        inside = measure("speed_items", [str(settings.root), BATCH_ITEMS], as_server(settings.root))
    return {
        "work-order rows": training["work_order_rows"],
        "writing the demo plant, s": writing,
        "training: reading, CPU s": sum(s["cpu_seconds"] for s in training["stages"] if s["name"] in READING),
        "training: whole job, CPU s": training["cpu_seconds"],
        "training: whole job, wall s": training["wall_seconds"],
        "training: peak MB": training["peak_megabytes"],
        "bundle, MB": training["bundle_megabytes"],
        "loading, s": inside["load_first_seconds"],
        "predicting process with the model loaded, MB": inside["rss_loaded"],
        **{f"one {kind} item, p50 ms": inside[f"{kind}, evidence on, p50"] for kind in ("known", "new")},
        "one known item, p50 CPU ms": inside["known, evidence on, cpu_p50"],
        "one item in a batch of 1,000, ms": 1000 * inside["batch_seconds"] / inside["batch_items"],
        "one item in a batch of 1,000, CPU ms": 1000 * inside["batch_cpu_seconds"] / inside["batch_items"],
    }


def _writing_seconds(options: Options, items: int, seed: int) -> float:
    """Time writing a plant that is thrown away: the kept one may have been there already."""
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="written-", dir=options.folder) as folder:
        begun = time.perf_counter()
        write_demo_plant(Path(folder, "plant.db"), DemoOptions(items=items, seed=seed), no_progress)
        return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(run_alone(run, "scale"))
