"""A small plant whose items are made in 600 operations, as a wafer fab's are: for what has to show them."""

from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from backend.domain.progress import no_progress
from backend.erp.importing import import_folder
from backend.settings import Settings

ITEMS: Final = 24
LOTS: Final = 6
STEPS: Final = 600
CENTRES: Final = 30
QUANTITY: Final = 25
CHOICE_EVERY: Final = 40
"""At every so many operations an item goes one of two ways, by its attribute."""
FIRST_DAY: Final = datetime(2025, 1, 6)  # noqa: DTZ001 - the plant's own time
PROFILE: Final = "long_routings"
PROFILE_FILES: Final = {
    "items.sql": "SELECT item_code, layers, grade FROM items",
    "routings.sql": (
        "SELECT item_code, '1' AS routing_code, sequence, operation_code, operation_name, work_centre, 'Y' AS in_house,"
        " setup AS setup_minutes, run AS run_minutes_per_unit FROM routings"
    ),
    "work_orders.sql": (
        "SELECT work_order AS work_order_code, item_code, sequence, operation_code, work_centre, 'Y' AS in_house,"
        " quantity, setup AS setup_minutes, run AS run_minutes, started AS released_at, ended AS finished_at"
        " FROM work_orders"
    ),
    "profile.yaml": (
        "description: Items of 600 operations\ntime_zone: UTC\nin_house_values: [Y]\noutsourced_values: [N]\n"
        "attributes: {layers: numeric, grade: categorical}\n"
        "import: {tables: {items: {files: [items]}, routings: {files: [routings]},"
        " work_orders: {files: [work_orders]}}}\n"
    ),
}


def item_code(item: int) -> str:
    """Return the code of an item, counted from 1."""
    return f"FAB{item:03d}"


def import_long_plant(settings: Settings, seed: int) -> None:
    """Write the plant's files and profile into an installation, and import them."""
    profile, files = settings.root / "config" / "plants" / PROFILE, settings.root / PROFILE
    profile.mkdir(parents=True)
    files.mkdir()
    for name, text in PROFILE_FILES.items():
        (profile / name).write_text(text, encoding="utf-8")
    random = np.random.default_rng(seed)
    items, routings = _items(), _routings(random)
    for name, table in (("items", items), ("routings", routings), ("work_orders", _work_orders(routings, random))):
        table.write_csv(files / f"{name}.csv")
    import_folder(files, PROFILE, settings, no_progress)


def _items() -> pl.DataFrame:
    numbers = range(1, ITEMS + 1)
    return pl.DataFrame(
        {
            "item_code": [item_code(number) for number in numbers],
            "layers": [10 + number % 7 for number in numbers],
            "grade": [_grade(number) for number in numbers],
        }
    )


def _routings(random: np.random.Generator) -> pl.DataFrame:
    minutes = random.uniform(0.1, 1.0, STEPS).round(2).tolist()
    rows = [
        (item_code(number), 10 * place, _operation(place, number), f"W{place % CENTRES:02d}", 5, minutes[place - 1])
        for number in range(1, ITEMS + 1)
        for place in range(1, STEPS + 1)
    ]
    columns = ("item_code", "sequence", "operation_code", "work_centre", "setup", "run")
    names = pl.concat_str(pl.lit("Step "), "operation_code").alias("operation_name")
    return pl.DataFrame(rows, columns, orient="row").with_columns(names)


def _work_orders(routings: pl.DataFrame, random: np.random.Generator) -> pl.DataFrame:
    """Make every item's lots one a week, operation after operation without waiting."""
    lots = routings.join(pl.DataFrame({"lot": range(LOTS)}), how="cross").sort("item_code", "lot", "sequence")
    drawn = pl.Series(random.lognormal(0, 0.2, lots.height))
    ended = FIRST_DAY + pl.duration(days=7 * pl.col("lot"), minutes=(pl.col("setup") + pl.col("run")).cum_sum())
    return (
        lots.with_columns(
            work_order=pl.concat_str("item_code", pl.lit("-"), "lot"),
            quantity=pl.lit(QUANTITY),
            run=(QUANTITY * pl.col("run") * drawn).round(1),
        )
        .with_columns(ended=ended.over("item_code", "lot"))
        .with_columns(started=pl.col("ended") - pl.duration(minutes=pl.col("setup") + pl.col("run")))
    )


def _grade(number: int) -> str:
    return "AB"[number % 2]


def _operation(place: int, number: int) -> str:
    return f"S{place:03d}{_grade(number) if place % CHOICE_EVERY == 0 else ''}"
