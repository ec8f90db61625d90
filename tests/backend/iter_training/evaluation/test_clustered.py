"""Levels by segment and window are what one would count window by window."""

from collections import defaultdict

import numpy as np
import polars as pl
import pytest

from backend.iter_training.evaluation.clustered import Codes, Partition, Windows, numbered

WINDOWS = (1.0, 7.0, 100.0)


def test_levels_in_every_window_are_those_counted_one_by_one() -> None:
    rng = np.random.default_rng(3)
    count = 400
    ages = rng.uniform(0, 120, count)
    values = np.where(rng.random(count) < 0.1, np.nan, rng.normal(size=count))
    items, segments = (pl.Series([f"{letter}{n}" for n in rng.integers(0, 7, count)]) for letter in "IS")
    table = Partition.of(numbered(items), Codes.of(segments), Windows.of(ages, WINDOWS)).levels(values)
    assert table.names == sorted(set(segments))
    for window, most in enumerate(WINDOWS):
        for place, name in enumerate(table.names):
            rows = (ages < most) & ~np.isnan(values) & (segments == name).to_numpy()
            level = table.level(window, place)
            assert level.count == rows.sum()
            if level.count:
                assert level.mean == pytest.approx(values[rows].mean())
                assert level.error == pytest.approx(clustered_error(values[rows], items.filter(pl.Series(rows))))


def clustered_error(values: np.ndarray, items: pl.Series) -> float:
    sums = defaultdict[str, float](float)
    for item, apart in zip(items, values - values.mean(), strict=True):
        sums[item] += apart
    count = len(sums)
    return float(np.sqrt(sum(one**2 for one in sums.values()) * count / max(count - 1, 1)) / values.size)


def test_rows_without_a_segment_are_left_out() -> None:
    items, segments = pl.Series([1, 2, 3]), Codes.of(pl.Series(["a", None, "a"]))
    table = Partition.of(numbered(items), segments, Windows.single(3)).levels(np.array([1.0, 5.0, 2.0]))
    assert dict(table.levels(0)) == {"a": table.level(0, 0)}
    assert table.level(0, 0).mean == 1.5


def test_nothing_has_no_levels() -> None:
    none = Partition.of(np.zeros(0, np.int64), Codes.one(0), Windows.of(np.zeros(0), WINDOWS)).levels(np.zeros(0))
    assert list(none.levels(0)) == []
