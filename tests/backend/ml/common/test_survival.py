"""Of things that are not all over yet, the short ones do not count for more than they are."""

import numpy as np
import pytest

from backend.ml.common.survival import ending_quantile, ending_weights


def test_what_was_cut_off_early_leaves_mean_and_quantile_where_they_are() -> None:
    draw = np.random.default_rng(1)
    days, watched = draw.gamma(3.0, 2.0, 20_000), draw.uniform(0.0, 25.0, 20_000)
    is_over = days <= watched
    weight = ending_weights(np.zeros(20_000, np.int64), days, watched, is_over)
    assert np.mean(days[is_over]) < 0.93 * np.mean(days)
    assert np.average(days, weights=weight) == pytest.approx(np.mean(days), rel=0.02)
    seen = np.where(is_over, days, watched)
    assert ending_quantile(seen, is_over, 0.95) == pytest.approx(np.quantile(days, 0.95), rel=0.05)


def test_each_group_is_weighed_by_how_long_its_own_were_watched() -> None:
    group, days = np.array([0, 0, 1, 1]), np.array([2.0, 3.0, 2.0, 3.0])
    watched = np.array([9.0, 9.0, 2.5, 3.0])
    weight = ending_weights(group, days, watched, np.array([True, True, True, True]))
    assert weight.tolist() == [1.0, 1.0, 1.0, 2.0]


def test_what_is_not_over_counts_for_nothing_by_itself() -> None:
    weight = ending_weights(np.zeros(2, np.int64), np.array([1.0, 5.0]), np.array([1.5, 5.0]), np.array([True, False]))
    assert weight.tolist() == [1.0, 0.0]
