"""How far a cycle's figures could be off by chance: 95 % intervals from resampled items."""

import math
from dataclasses import asdict
from typing import Final

import numpy as np
import polars as pl

from backend.ml.common.arrays import Ints, Ragged
from backend.ml.judging.comparison import Comparison, numbered_repeats, ranged_lots, summarise
from backend.ml.judging.metrics import variation_of, variation_parts

RESAMPLES: Final = 100
MOST_ITEMS: Final = 4000
"""So many are resampled at most: more cost seconds and tell nothing else."""
LEAST_ITEMS: Final = 5
"""Fewer have no spread to speak of."""
_COUNTS: Final = ("item_count", "operation_count")
_SHARES: Final = frozenset(
    {
        "process_match",
        "exact_match",
        "exact_route",
        "work_centre_match",
        "outsourcing_success",
        "coverage",
        "total_coverage",
    }
)


def metric_intervals(comparison: Comparison, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Return (low, high) per metric that has a value: bootstrap deviations either way, by Student's t for the items.

    Items are drawn with replacement, each with all its lots: what is peculiar to an item is in all of them, so
    operations are not independent. Of many items a part is resampled, and its spread scaled to all. Shares stay
    between 0 and 1; one of a single value for all items is known to three in the number of items (the rule of three).
    Totals are those of lots made by the proposed sequence: where these are of few items they have no interval either.
    """
    values = _metrics(comparison)
    codes = comparison.lots["item_code"].unique(maintain_order=True)
    count = len(codes)
    if count < LEAST_ITEMS:
        return {}
    rng = np.random.default_rng(seed)
    part = codes[np.sort(rng.permutation(count)[:MOST_ITEMS])]
    tables = [_ByItem(frame, part) for frame in (comparison.lots, comparison.operations)]
    repeats = _Repeats(comparison.repeats, part)
    draws = [rng.integers(0, len(part), len(part)) for _ in range(RESAMPLES)]
    found = [_metrics(Comparison(*(one.drawn(items) for one in tables))) | repeats.drawn(items) for items in draws]
    scale = _student(count) * math.sqrt(len(part) / (count - 1))
    reaches = {name: scale * float(np.std([each[name] for each in found if name in each])) for name in values}
    judged = dict.fromkeys(values, count) | {"total_coverage": ranged_lots(comparison)["item_code"].n_unique()}
    return {
        name: _within(name, value, reaches[name], judged[name])
        for name, value in values.items()
        if judged[name] >= LEAST_ITEMS
    }


def _student(count: int) -> float:
    from scipy.stats import t  # noqa: PLC0415 - serving does not need it

    return float(t.ppf(0.975, count - 1))


class _ByItem:
    """Rows of a table, to be taken item by item."""

    def __init__(self, frame: pl.DataFrame, codes: pl.Series) -> None:
        numbered = _numbered(frame, codes)
        self._frame = numbered.drop("item")
        self._rows = Ragged.from_rows(numbered["item"].to_numpy(), np.arange(len(numbered)), len(codes))

    def drawn(self, items: Ints) -> pl.DataFrame:
        """Return the rows of items, one after the other; an item drawn twice counts as two."""
        taken = self._rows.take(items)
        return self._frame[taken.values].with_columns(item_code=pl.Series(taken.row_of_values()))


class _Repeats:
    """What each item's repeat orders tell of the shop's own variation, to be taken item by item."""

    def __init__(self, repeats: pl.DataFrame, codes: pl.Series) -> None:
        rows = _numbered(numbered_repeats(repeats), codes)
        parts = variation_parts(rows["setup_minutes"], rows["run_minutes"], rows["quantity"], rows["group"])
        item = rows.unique("group").sort("group")["item"].to_numpy()
        self._parts = np.zeros((len(codes), parts.shape[1]))
        np.add.at(self._parts, item, parts)

    def drawn(self, items: Ints) -> dict[str, float]:
        """Return the shop's own variation among items; an item drawn twice counts as two."""
        value = variation_of(self._parts[items].sum(axis=0))
        return {} if value is None else {"actual_cv": value}


def _numbered(frame: pl.DataFrame, codes: pl.Series) -> pl.DataFrame:
    """Return the rows of items with `item`, the place of the item's code, in that order."""
    number = pl.DataFrame({"item_code": codes, "item": np.arange(len(codes), dtype=np.int64)})
    return frame.join(number, on="item_code", how="inner").sort("item", maintain_order=True)


def _metrics(comparison: Comparison) -> dict[str, float]:
    values = asdict(summarise(comparison)).items()
    return {name: value for name, value in values if value is not None and name not in _COUNTS}


def _within(name: str, value: float, reach: float, items: int) -> tuple[float, float]:
    if name not in _SHARES:
        return max(value - reach, 0.0), value + reach
    reach = max(reach, 3 / items) if value in {0.0, 1.0} else reach
    return max(value - reach, 0.0), min(value + reach, 1.0)
