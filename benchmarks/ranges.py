"""80 % ranges of lot minutes on a demo plant: how often they hold, where they hold least, how wide they are.

python -m benchmarks.ranges [--items 325000 --seed 4242]
"""

from typing import Final

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
NOTES: Final = f"""\
A range covers an operation when the measured lot minutes lie in it, ends included. Coverage counts the proposed
operations that were really done and measured; the oracle's coverage, and the widths, those that the oracle with the
same data proposes too. Its ranges are the 10 % and 90 % quantiles of its belief. The worst operation is the one that
is covered least among those with at least {MANY_ROWS} rows."""


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
    protocol = f"{PROTOCOL}\n\n{NOTES}"
    return Report("Ranges on the demo plant", protocol, settings, _bars(rows, by_operation), (overall, by_operation))


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
