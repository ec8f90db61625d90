"""A step of the plant: a frozen model beside one refreshed daily or weekly and one trained anew; what a refresh costs.

python -m benchmarks.refresh [--items 80000 --seed 4242] [--sizes 325000]

A demo plant lives on for 61 days after its first last day; twelve days in, all machines of three groups take 1.42
times as long per piece from one day to the next. The model has learnt until the first last day. Each day's finished
operations of known items (at most 1,000 lots a day) are predicted by every contestant before any of them sees that
day; "daily" is then refreshed with the day, "weekly" with every seventh the week, "trained anew" is fitted once to
everything until 14 days after the step and judged from then on. Refreshes are not checked here: all are taken. Weeks
are counted from the step. "touched" are operations at the machine groups of the step. Coverage is the share of
measured lot minutes inside the 80 % range. The limit is asked of the daily refresh in the third week: two weeks of
labels after the step.

The cost is that of the refresh job's own process (active version loaded, newer work orders read, refreshed, checked
against its parent, written, loaded again) in an installation trained as usual, on the newest day and the newest 28
days.
"""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import polars as pl

from backend.domain.plant import PlantData
from backend.domain.prediction import PredictionQuery
from backend.erp.demo import DemoOptions, advance_demo_plant
from backend.erp.demo.drift import machine_steps
from backend.erp.demo.plant_parameters import draw_plant_parameters
from backend.erp.reading import PlantReader
from backend.iter_training.evaluation.holdout import JudgeableWork
from backend.iter_training.evaluation.maturity import LOT
from backend.iter_training.evaluation.paired_test import log_errors
from backend.ml.history.bookings import booked_at_plan
from backend.ml.judging.comparison import compare
from backend.ml.model import FitOptions, RoutingModel, fit_model
from backend.settings import load_settings
from benchmarks.installation import as_training_job, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.report import Bar, Report, Table
from benchmarks.running import protocol_of, run_alone

ITEMS: Final = 80_000
FULL_SIZE: Final = 325_000
SEED: Final = 4242
DAYS: Final = 61
LABEL_DAYS: Final = 14
MAX_LOTS_A_DAY: Final = 1000
SECONDS: Final = 30.0
FROZEN, DAILY, WEEKLY, ANEW = "frozen", "refreshed daily", "refreshed weekly", "trained anew"


Costs: TypeAlias = dict[str, dict[str, Any]]
"""What refresh_cost told, by the days of work orders that were taken up."""


@dataclass(frozen=True)
class Step:
    """The plant around the step."""

    plant: PlantData
    learnt_until: datetime
    step: datetime
    centres: tuple[str, ...]
    """Work centres that the step touches."""


def run(options: Options) -> Report:
    """Walk through the step, then measure refreshes at full size."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    size = (options.sizes or (FULL_SIZE,))[-1]
    scored = walk(read_step(options, items, seed))
    every, touched = weeks(scored), weeks(scored.filter(pl.col("touched")))
    costs = _costs(options, size, seed)
    return Report(
        "Refreshing without retraining",
        protocol_of(__doc__),
        {"items": f"{items:,}", "seed": str(seed), "size for the cost": f"{size:,}"},
        (*_bars(every, touched), *_cost_bars(costs)),
        (*step_tables(every, touched), _cost_table(costs)),
    )


def read_step(options: Options, items: int, seed: int) -> Step:
    """Let a copy of the kept demo plant live on past its next step, and read it."""
    kept = demo_plant(options, items, seed).plant_database_path
    made = DemoOptions(items=items, seed=seed)
    with tempfile.TemporaryDirectory(prefix="step-", dir=options.folder) as folder:
        database = load_settings(Path(folder)).plant_database_path
        database.parent.mkdir()
        for path in kept.parent.glob(f"{kept.name}*"):
            shutil.copy(path, database.parent / path.name)
        advance_demo_plant(database, DAYS)
        plant = PlantReader(load_settings(Path(folder))).read_plant()
    ahead = machine_steps(made)[-1]
    parameters = draw_plant_parameters(seed)
    names = [parameters.facts.work_centre_groups[group].name for group in parameters.machine_group]
    centres = [code for code, name in zip(parameters.work_centre_codes, names, strict=True) if name in ahead.groups]
    zone = made.now - timedelta(hours=9)  # the demo plant's clock is Korea's, the product's is UTC
    return Step(plant, zone, zone + (ahead.day - made.today - timedelta(days=1)), tuple(centres))


def walk(step: Step) -> pl.DataFrame:
    """Return one row per contestant and judged operation: day after the step, error, whether covered."""
    model = fit_model(step.plant, step.learnt_until, FitOptions())
    models = {FROZEN: model, DAILY: model, WEEKLY: model}
    finished = step.plant.work_orders.filter(pl.col("finished_at") > step.learnt_until).sort("finished_at")
    parts: list[pl.DataFrame] = []
    for number, (begin, day) in enumerate(_days(step, finished), 1):
        if begin == step.step + timedelta(days=LABEL_DAYS):
            models[ANEW] = fit_model(step.plant, begin, FitOptions())
        work = _work(day, model, begin)
        since_step = (begin - step.step).days
        parts += [
            _scored(each, work, step).with_columns(who=pl.lit(name), day=since_step) for name, each in models.items()
        ]
        models[DAILY] = models[DAILY].refreshed(day)[0]
        if number % 7 == 0:
            week = finished.filter(
                pl.col("finished_at").is_between(begin - timedelta(days=6), begin + timedelta(days=1), closed="right")
            )
            models[WEEKLY] = models[WEEKLY].refreshed(week)[0]
    return pl.concat(parts)


def _days(step: Step, finished: pl.DataFrame) -> Iterator[tuple[datetime, pl.DataFrame]]:
    for number in range(DAYS):
        begin = step.learnt_until + timedelta(days=number)
        end = begin + timedelta(days=1)
        yield begin, finished.filter((pl.col("finished_at") > begin) & (pl.col("finished_at") <= end))


def _work(day: pl.DataFrame, model: RoutingModel, begin: datetime) -> JudgeableWork:
    """Return the day's finished operations of some lots of known items, measured ones only judged."""
    known = [code for code in day["item_code"].unique().to_list() if model.knows(code)]
    rows = day.filter(pl.col("item_code").is_in(known)).with_columns(booked_at_plan=booked_at_plan())
    lots = rows.select(LOT).unique().sort(LOT)
    chosen = lots.sample(min(len(lots), MAX_LOTS_A_DAY), seed=0)
    rows = rows.join(chosen, on=LOT, how="semi").sort(*LOT, "sequence").with_row_index("row")
    return JudgeableWork(rows, begin, begin + timedelta(days=1), None, {})


def _scored(model: RoutingModel, work: JudgeableWork, step: Step) -> pl.DataFrame:
    lots = work.lots()
    answers = model.predict(
        [PredictionQuery(lot.item_code, None, lot.quantity) for lot in lots], candidates=1, evidence=False
    )
    found = compare(lots, answers).operations.drop_nulls("actual_minutes")
    actual, predicted = found["actual_minutes"], found["predicted_minutes"]
    return pl.DataFrame(
        {
            "touched": found["work_centre"].is_in(list(step.centres)),
            "minutes": (predicted - actual).abs(),
            "log_error": log_errors(predicted, actual),
            "covered": actual.is_between(found["low"], found["high"]),
        }
    )


def weeks(scored: pl.DataFrame) -> pl.DataFrame:
    """Return one row per contestant and week from the step: rows, MAE, mean |log error|, coverage in percent."""
    return (
        scored.with_columns(week=pl.col("day").floordiv(7))
        .group_by("who", "week")
        .agg(
            rows=pl.len(),
            mae=pl.col("minutes").mean(),
            log_error=pl.col("log_error").mean(),
            covered=pl.col("covered").mean() * 100,
        )
        .sort("week", "who")
    )


def step_tables(every: pl.DataFrame, touched: pl.DataFrame) -> tuple[Table, Table]:
    """Lay the weeks out, contestants side by side."""
    return _table("All operations", every), _table("Operations at the machines of the step", touched)


def _table(title: str, found: pl.DataFrame) -> Table:
    columns = tuple(f"{name}: {what}" for name in (FROZEN, DAILY, WEEKLY, ANEW) for what in ("MAE", "covered %"))
    rows = []
    for (week,), part in found.group_by("week", maintain_order=True):
        values = {row["who"]: row for row in part.iter_rows(named=True)}
        cells = [
            values[name][key] if name in values else None
            for name in (FROZEN, DAILY, WEEKLY, ANEW)
            for key in ("mae", "covered")
        ]
        rows.append((str(week), max(part["rows"].to_list()), *cells))
    return Table(
        title, ("week from the step", "rows", *columns), tuple(rows), "week 0 begins with the step; MAE in minutes"
    )


def _bars(every: pl.DataFrame, touched: pl.DataFrame) -> tuple[Bar, ...]:
    week = LABEL_DAYS // 7
    when = f"{LABEL_DAYS} days after the step, refreshed daily"
    return tuple(
        Bar(
            f"coverage {when}: {name}",
            _covered(found, DAILY, week),
            "%",
            77.0,
            83.0,
            _covered(found, FROZEN, week),
            FROZEN,
        )
        for name, found in (("all operations", every), ("operations touched", touched))
    )


def _covered(found: pl.DataFrame, who: str, week: int) -> float | None:
    cells = found.filter((pl.col("who") == who) & (pl.col("week") == week))["covered"]
    return float(cells[0]) if len(cells) else None


def _costs(options: Options, size: int, seed: int) -> Costs:
    with fresh_installation(options, size, seed) as settings:
        measure("speed_training", [str(settings.root)], as_training_job(settings))
        days = {"a day": 1, "28 days": 28}
        return {
            name: measure("refresh_cost", [str(settings.root), str(span)], as_training_job(settings))
            for name, span in days.items()
        }


def _cost_bars(costs: Costs) -> tuple[Bar, ...]:
    return tuple(
        Bar(f"refresh with {name}'s work orders", one["wall_seconds"], "s", None, SECONDS)
        for name, one in costs.items()
    )


def _cost_table(costs: Costs) -> Table:
    names = ("rows", "cpu_seconds", "wall_seconds", "peak_megabytes", "reason")
    rows = tuple((name, *(one[key] for key in names)) for name, one in costs.items())
    return Table("Cost of a refresh", ("work orders of", "rows", "CPU s", "wall s", "peak MB", "outcome"), rows)


if __name__ == "__main__":
    raise SystemExit(run_alone(run, "refresh"))
