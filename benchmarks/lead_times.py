"""Lead times on a demo plant: how often their 80 % range holds, and how near they come beside the plant's median.

python -m benchmarks.lead_times [--items 20000 --seed 4243 4244 4245 4246]
"""

import math
from datetime import datetime, timedelta
from statistics import stdev
from typing import Final

import polars as pl

from backend.domain.plant import PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.progress import no_progress
from backend.erp.demo.drift import POLICY_DAYS_BEFORE
from backend.erp.reading import PlantReader
from backend.iter_training.evaluation.maturity import LOT
from backend.ml.model import FitOptions, RoutingModel, fit_model
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone

ITEMS: Final = 20_000
SEEDS: Final = (4243, 4244, 4245, 4246)
JUDGED: Final = timedelta(days=30)
TIME_TO_FINISH: Final = timedelta(days=60)
PROTOCOL: Final = f"""\
For each of several demo plants, a model learns what it had finished {(JUDGED + TIME_TO_FINISH).days} days before its
last day. Judged are all lots of known items released in the {JUDGED.days} days after that; {TIME_TO_FINISH.days} days
more are time enough for them to finish, so that the slow ones are among them. Lead time is the release to the finish
of the last operation; it is predicted for the proposed routing, right or wrong: {POLICY_DAYS_BEFORE} days before its
last day the plant begins to send other operations out, which many items' own lots do not show yet. The naive guess is
the median lead time of the lots that were learnt from, its range their 10 % and 90 % quantiles. In the demo plant an
in-house operation adds a day on average and an outsourced one six, with wide variation that nothing foretells; neither
item nor quantity nor load matters. The standard error is that of the mean of the plants."""
LOTS: Final[dict[str, pl.DataType]] = {
    "is_right": pl.Boolean(),
    "actual": pl.Float64(),
    "expected": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}


def run(options: Options) -> Report:
    """Measure some plants."""
    items, seeds = options.items or ITEMS, options.seeds or SEEDS
    plants = [_measured(PlantReader(demo_plant(options, items, seed)).read_plant(no_progress), seed) for seed in seeds]
    judged, learnt = (pl.concat(each) for each in zip(*plants, strict=True))
    return report(judged, learnt, {"items": f"{items:,}", "seeds": ", ".join(map(str, seeds))})


def _measured(plant: PlantData, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the lots judged in one plant (LOTS), and those the model learnt from."""
    newest = plant.work_orders["finished_at"].max()
    if not isinstance(newest, datetime):
        raise TypeError("no work order of the demo plant is finished; nothing can be judged")
    cutoff = newest - JUDGED - TIME_TO_FINISH
    model = fit_model(plant, cutoff, FitOptions())
    lots = lots_of(plant).filter("through")
    learnt = lots.filter(pl.col("ended") <= cutoff).select("days")
    judged = lots.filter((pl.col("released_at") > cutoff) & (pl.col("released_at") <= cutoff + JUDGED))
    name = pl.lit(seed).alias("seed")
    return judged_lots(model, judged).with_columns(name), learnt.with_columns(name)


def lots_of(plant: PlantData) -> pl.DataFrame:
    """Return a row per lot with a release date: its operations, release, end, days, and whether it is through."""
    finished = pl.col("finished_at")
    lots = (
        plant.work_orders.sort(*LOT, "sequence")
        .group_by(LOT, maintain_order=True)
        .agg("operation_code", pl.col("released_at").min(), ended=finished.max(), through=finished.is_not_null().all())
    )
    elapsed = (pl.col("ended") - pl.col("released_at")).dt.total_seconds() / 86_400
    return lots.filter(pl.col("released_at").is_not_null()).with_columns(days=elapsed)


def judged_lots(model: RoutingModel, lots: pl.DataFrame) -> pl.DataFrame:
    """Return what the model says of each lot beside its actual days (LOTS); items it does not know are left out."""
    known = lots.filter(pl.Series([model.knows(code) for code in lots["item_code"]], dtype=pl.Boolean))
    predictions = model.predict([PredictionQuery(code) for code in known["item_code"]], candidates=1, evidence=False)
    rows = zip(known["operation_code"].to_list(), known["days"].to_list(), predictions, strict=True)
    return pl.DataFrame([_row(codes, days, each) for codes, days, each in rows], LOTS, orient="row").drop_nulls()


def _row(codes: list[str], days: float, prediction: ItemPrediction) -> tuple[object, ...]:
    best = prediction.best
    if best is None or best.lead_time is None:
        return (None,) * len(LOTS)
    is_right = [operation.operation_code for operation in best.operations] == codes
    return is_right, days, best.lead_time.expected_days, best.lead_time.low_days, best.lead_time.high_days


def report(lots: pl.DataFrame, learnt: pl.DataFrame, settings: dict[str, str]) -> Report:
    """Lay coverage, errors and widths out beside the naive guess; both frames have the plant's `seed`."""
    guess = learnt.group_by("seed").agg(
        low=pl.col("days").quantile(0.1, "linear"),
        expected=pl.col("days").quantile(0.5, "linear"),
        high=pl.col("days").quantile(0.9, "linear"),
    )
    naive = lots.drop("low", "expected", "high").join(guess, on="seed")
    each = [lots.filter(pl.col("seed") == seed) for seed in lots["seed"].unique(maintain_order=True)]
    rows: tuple[tuple[Cell, ...], ...] = (
        ("predicted", *_cells(lots)),
        ("predicted, made by the proposed sequence", *_cells(lots.filter("is_right"))),
        *((f"predicted, plant {one['seed'][0]}", *_cells(one)) for one in each),
        ("each plant's median", *_cells(naive)),
    )
    columns = ("lead time", "lots", "covered %", "mean error in days", "mean width in days")
    (_, _, covered, error, _), (_, _, _, naive_error, _) = rows[0], rows[-1]
    bars = (
        Bar("coverage of lead times", _number(covered), "%", 77.0, 83.0),
        Bar("its standard error", _standard_error(each), "%", None, None),
        Bar("mean error of lead times", _number(error), "days", None, None, _number(naive_error), "plant's median"),
    )
    return Report("Lead times on demo plants", PROTOCOL, settings, bars, (Table("Lead times", columns, rows),))


def _standard_error(plants: list[pl.DataFrame]) -> float | None:
    """Return that of the mean over plants; None of a single one, whose own lots share what it learnt from."""
    if len(plants) < 2:
        return None
    covered = [_number(_cells(one)[1]) or 0.0 for one in plants]
    return stdev(covered) / math.sqrt(len(covered))


def _cells(lots: pl.DataFrame) -> tuple[Cell, ...]:
    found = lots.select(
        covered=pl.col("actual").is_between("low", "high").mean() * 100,
        error=(pl.col("expected") - pl.col("actual")).abs().mean(),
        width=(pl.col("high") - pl.col("low")).mean(),
    )
    return (lots.height, *found.row(0))


def _number(cell: Cell) -> float | None:
    return float(cell) if cell is not None else None


if __name__ == "__main__":
    raise SystemExit(run_alone(run, "lead_times"))
