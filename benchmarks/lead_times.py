"""Lead times on a demo plant: how often their 80 % range holds, and how near they come beside the plant's median.

python -m benchmarks.lead_times [--items 20000 --seed 4242]
"""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.domain.plant import PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.progress import no_progress
from backend.erp.reading import PlantReader
from backend.iter_training.evaluation.maturity import LOT
from backend.ml.model import FitOptions, RoutingModel, fit_model
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone

ITEMS: Final = 20_000
SEED: Final = 4242
JUDGED: Final = timedelta(days=30)
TIME_TO_FINISH: Final = timedelta(days=60)
PROTOCOL: Final = f"""\
A model learns what a demo plant had finished {(JUDGED + TIME_TO_FINISH).days} days before its last day. Judged are all
lots of known items released in the {JUDGED.days} days after that; {TIME_TO_FINISH.days} days more are time enough for
them to finish, so that the slow ones are among them. Lead time is the release to the finish of the last operation; it
is predicted for the proposed routing, right or wrong. The naive guess is the median lead time of the lots that were
learnt from, its range their 10 % and 90 % quantiles. In the demo plant an in-house operation adds a day on average and
an outsourced one six, with wide variation that nothing foretells; neither item nor quantity nor load matters."""
LOTS: Final[dict[str, pl.DataType]] = {
    "is_right": pl.Boolean(),
    "actual": pl.Float64(),
    "expected": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}


def run(options: Options) -> Report:
    """Measure one plant."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    plant = PlantReader(demo_plant(options, items, seed)).read_plant(no_progress)
    newest = plant.work_orders["finished_at"].max()
    if not isinstance(newest, datetime):
        raise TypeError("no work order of the demo plant is finished; nothing can be judged")
    cutoff = newest - JUDGED - TIME_TO_FINISH
    model = fit_model(plant, cutoff, FitOptions())
    lots = lots_of(plant).filter("through")
    learnt = lots.filter(pl.col("ended") <= cutoff)["days"]
    judged = lots.filter((pl.col("released_at") > cutoff) & (pl.col("released_at") <= cutoff + JUDGED))
    return report(judged_lots(model, judged), learnt, {"items": f"{items:,}", "seed": str(seed)})


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


def report(lots: pl.DataFrame, learnt: pl.Series, settings: dict[str, str]) -> Report:
    """Lay coverage, errors and widths out beside the naive guess."""
    low, middle, high = (float(learnt.quantile(share, "linear") or 0.0) for share in (0.1, 0.5, 0.9))
    naive = lots.with_columns(expected=pl.lit(middle), low=pl.lit(low), high=pl.lit(high))
    rows: tuple[tuple[Cell, ...], ...] = (
        ("predicted", *_cells(lots)),
        ("predicted, made by the proposed sequence", *_cells(lots.filter("is_right"))),
        ("the plant's median", *_cells(naive)),
    )
    columns = ("lead time", "lots", "covered %", "mean error in days", "mean width in days")
    (_, _, covered, error, _), (_, _, _, naive_error, _) = rows[0], rows[-1]
    bars = (
        Bar("coverage of lead times", _number(covered), "%", 77.0, 83.0),
        Bar("mean error of lead times", _number(error), "days", None, None, _number(naive_error), "plant's median"),
    )
    return Report("Lead times on the demo plant", PROTOCOL, settings, bars, (Table("Lead times", columns, rows),))


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
