"""How far a cycle's figures could be off by chance: 95 % intervals from resampled items."""

from dataclasses import asdict
from typing import Final

import numpy as np
import polars as pl

from backend.ml.arrays import Ints, Ragged
from backend.ml.comparison import REPEAT_SCHEMA, Comparison, summarise

RESAMPLES: Final = 100
_REACH: Final = 1.96
_COUNTS: Final = ("item_count", "operation_count")
_SHARES: Final = frozenset(
    {
        "process_match",
        "exact_match",
        "exact_route",
        "work_centre_match",
        "outsourcing_success",
        "coverage",
    }
)


def metric_intervals(comparison: Comparison, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Return (low, high) per metric that has a value; 1.96 bootstrap deviations either way.

    Items are drawn with replacement, each with all its lots: what is peculiar to an item is in all of them, so
    operations are not independent. Shares stay between 0 and 1. The shop's own variation has no interval.
    """
    values = _metrics(comparison)
    codes = comparison.lots["item_code"].unique(maintain_order=True)
    if len(codes) < 2:
        return {}
    tables = [_ByItem(frame, codes) for frame in (comparison.lots, comparison.operations)]
    rng = np.random.default_rng(seed)
    draws = [rng.integers(0, len(codes), len(codes)) for _ in range(RESAMPLES)]
    found = [_metrics(Comparison(*(table.drawn(items) for table in tables))) for items in draws]
    spreads = {name: _REACH * float(np.std([each[name] for each in found if name in each])) for name in values}
    return {name: _within(name, value, spreads[name]) for name, value in values.items()}


class _ByItem:
    """Rows of a table, to be taken item by item."""

    def __init__(self, frame: pl.DataFrame, codes: pl.Series) -> None:
        number = pl.DataFrame({"item_code": codes, "item": np.arange(len(codes), dtype=np.int64)})
        numbered = frame.join(number, on="item_code", how="inner").sort("item", maintain_order=True)
        self._frame = numbered.drop("item")
        self._rows = Ragged.from_rows(numbered["item"].to_numpy(), np.arange(len(numbered)), len(codes))

    def drawn(self, items: Ints) -> pl.DataFrame:
        """Return the rows of items, one after the other; an item drawn twice counts as two."""
        taken = self._rows.take(items)
        return self._frame[taken.values].with_columns(item_code=pl.Series(taken.row_of_values()))


def _metrics(comparison: Comparison) -> dict[str, float]:
    bare = Comparison(comparison.lots, comparison.operations, pl.DataFrame(schema=REPEAT_SCHEMA))
    return {name: value for name, value in asdict(summarise(bare)).items() if value is not None and name not in _COUNTS}


def _within(name: str, value: float, reach: float) -> tuple[float, float]:
    most = 1.0 if name in _SHARES else np.inf
    return max(value - reach, 0.0), min(value + reach, most)
