"""80 % ranges of minutes on a demo plant: how often they hold, where they hold least, how wide they are.

python -m benchmarks.ranges [--items 325000 --seed 4242]
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import polars as pl

from backend.ml.model import FAMILIES
from benchmarks.demo_contest import ALL_NEW, ORACLE, Contest, begin, enter_models
from benchmarks.demo_task import PROTOCOL, read_task
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import run_alone

ITEMS: Final = 325_000
SEED: Final = 4242
MODEL: Final = FAMILIES[0]
MANY_ROWS: Final = 200
OVERALL: Final = "all lots"
TOTALS: Final[dict[str, pl.DataType]] = {
    "group": pl.String(),
    "actual_minutes": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "sum_low": pl.Float64(),
    "sum_high": pl.Float64(),
    "independent_low": pl.Float64(),
    "independent_high": pl.Float64(),
}
NOTES: Final = f"""\
A range covers an operation when the measured lot minutes lie in it, ends included. Coverage counts the proposed
operations that were really done and measured; the oracle's coverage, and the widths, those that the oracle with the
same data proposes too. Its ranges are the 10 % and 90 % quantiles of its belief. The worst operation is the one that
is covered least among those with at least {MANY_ROWS} rows.

Ranges of totals are judged on lots that were made by the proposed sequence and measured in every operation. Beside them
stand what a reader of the operations' ranges could work out: their sum, and what follows if errors of one lot had
nothing to do with each other."""


def run(options: Options) -> Report:
    """Measure one plant."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    contest = begin(read_task(demo_plant(options, items, seed)))
    enter_models(contest, [MODEL])
    return report(contest, {"items": f"{items:,}", "seed": str(seed)})


def report(contest: Contest, settings: dict[str, str]) -> Report:
    """Lay coverage and widths out."""
    rows = covered_rows(contest, MODEL)
    named = {name: rows.filter(pl.col("group") == name) for name in contest.groups if name != ALL_NEW}
    overall = Table(
        "Ranges per group",
        ("lots", "rows", "covered %", "oracle's %", "below %", "above %", "mean width / oracle's"),
        tuple((name, *_cells(part)) for name, part in (named | {OVERALL: rows}).items()),
    )
    by_operation = _by_operation(rows)
    totals = covered_totals(contest, MODEL)
    protocol = f"{PROTOCOL}\n\n{NOTES}"
    bars = (*_bars(rows, by_operation), _bar_of_totals(totals))
    return Report("Ranges on the demo plant", protocol, settings, bars, (overall, _totals(totals), by_operation))


def covered_rows(contest: Contest, name: str) -> pl.DataFrame:
    """Return a row per proposed and measured operation: group, actual minutes, range, the oracle's if any."""
    parts = [
        group.actual.join(contest.answers[name][key].steps, on="row")
        .join(contest.answers[ORACLE][key].steps, on="row", how="left", suffix="_oracle")
        .drop_nulls(["actual_minutes", "low", "high"])
        .with_columns(group=pl.lit(key))
        for key, group in contest.groups.items()
        if key != ALL_NEW
    ]
    return pl.concat(parts)


def covered_totals(contest: Contest, name: str) -> pl.DataFrame:
    """Return a row per lot made by the proposed sequence and measured throughout: group, actual minutes, its ranges."""
    rows = []
    for key, group in contest.groups.items():
        answers = contest.answers[name][key]
        if key == ALL_NEW or answers.sequences is None or answers.totals is None:
            continue
        steps = {row: each for row, *each in answers.steps.select("row", "lot_minutes", "low", "high").iter_rows()}
        for lot, codes, total in zip(group.lots, answers.sequences, answers.totals, strict=True):
            measured = [minutes for minutes in lot.minutes if minutes is not None]
            if total and codes == lot.operation_codes and len(measured) == len(codes):
                ranges = (each for reach in _naive(steps[row] for row in lot.rows) for each in reach)
                rows.append((key, sum(measured), total.low, total.high, *ranges))
    return pl.DataFrame(rows, TOTALS, orient="row")


def _naive(steps: Iterable[Sequence[float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the range of a total where the ranges of (minutes, low, high) add up, and where errors are independent."""
    value, low, high = (np.array(column) for column in zip(*steps, strict=True))
    total = value.sum()
    below, above = (float(np.linalg.norm(each)) for each in (value - low, high - value))
    return (float(low.sum()), float(high.sum())), (float(total - below), float(total + above))


def _totals(rows: pl.DataFrame) -> Table:
    """Return coverage and widths of totals per group, beside those that follow from the operations' ranges alone."""
    parts = [(key, rows.filter(pl.col("group") == key)) for key in rows["group"].unique(maintain_order=True)]
    columns = (
        *("lots", "rows", "covered %", "sum of ranges covers %", "independent errors cover %"),
        *("width / sum's", "width / independent's"),
    )
    return Table(
        "Ranges of totals", columns, tuple((key, *_total_cells(part)) for key, part in [*parts, (OVERALL, rows)])
    )


def _total_cells(rows: pl.DataFrame) -> tuple[Cell, ...]:
    actual = pl.col("actual_minutes")
    names = ("", "sum_", "independent_")
    width = {each: pl.col(f"{each}high") - pl.col(f"{each}low") for each in names}
    covered = [
        (actual.is_between(pl.col(f"{each}low"), pl.col(f"{each}high")).mean() * 100).alias(f"{each}%")
        for each in names
    ]
    wider = [(width[""].sum() / width[each].sum()).alias(f"{each}width") for each in names[1:]]
    return (rows.height, *rows.select(*covered, *wider).row(0))


def _bar_of_totals(rows: pl.DataFrame) -> Bar:
    _, covered, _, independent, _, _ = _total_cells(rows)
    return Bar("coverage of totals", _number(covered), "%", 77.0, 83.0, _number(independent), "independent errors")


def _cells(rows: pl.DataFrame) -> tuple[Cell, ...]:
    actual = pl.col("actual_minutes")
    both = pl.col("low_oracle").is_not_null()
    found = rows.select(
        covered=actual.is_between(pl.col("low"), pl.col("high")).mean() * 100,
        oracle=actual.is_between(pl.col("low_oracle"), pl.col("high_oracle")).mean() * 100,
        below=(actual < pl.col("low")).mean() * 100,
        above=(actual > pl.col("high")).mean() * 100,
        width=(pl.col("high") - pl.col("low")).filter(both).sum()
        / (pl.col("high_oracle") - pl.col("low_oracle")).sum(),
    )
    return (rows.height, *found.row(0))


def _by_operation(rows: pl.DataFrame) -> Table:
    """Return coverage per operation, least covered first."""
    parts = [(code, *_cells(part)) for (code,), part in rows.group_by("operation_code") if part.height >= MANY_ROWS]
    columns = ("operation", "rows", "covered %", "oracle's %", "below %", "above %", "mean width / oracle's")
    return Table("Ranges per operation", columns, tuple(sorted(parts, key=lambda part: (part[2], part[0]))))


def _bars(rows: pl.DataFrame, by_operation: Table) -> tuple[Bar, ...]:
    _, covered, best, _, _, width = _cells(rows)
    worst = by_operation.rows[0] if by_operation.rows else ("none has so many rows", None, None, None)
    return (
        Bar("coverage of all lots", _number(covered), "%", 78.5, 81.5, _number(best), "oracle"),
        Bar(f"worst operation ({worst[0]})", _number(worst[2]), "%", 74.0, None, _number(worst[3]), "oracle"),
        Bar("mean width / oracle's", _number(width), "", None, 1.05),
    )


def _number(cell: Cell) -> float | None:
    return float(cell) if cell is not None else None


if __name__ == "__main__":
    raise SystemExit(run_alone(run, "ranges"))
