"""Outliers are told by the spread of their own group."""

import numpy as np
import pytest

from backend.ml.common.outliers import medians, pulled_in


def test_a_value_is_far_by_the_spread_of_its_own_group() -> None:
    draw = np.random.default_rng(0)
    group = np.repeat([0, 1], 500)
    values = np.where(group == 0, 0.1, 2.0) * draw.normal(size=1000)
    values[[0, 500]] = 3.0
    near = pulled_in(values, np.zeros(1000), group)
    assert 0.2 < near[0] < 0.5
    assert near[500] == 3.0
    kept = np.abs(values) < np.where(group == 0, 0.2, 4.0)
    assert near[kept].tolist() == values[kept].tolist()


def test_where_most_are_equal_the_few_others_come_close_to_them() -> None:
    values = np.r_[np.zeros(300), np.full(20, 5.0), np.random.default_rng(0).normal(size=100)]
    group = np.r_[np.zeros(320, int), np.ones(100, int)]
    near = pulled_in(values, np.zeros(420), group)
    assert near[:300].tolist() == [0.0] * 300
    assert 0.0 < near[300] < 0.1


def test_medians_are_per_group_and_none_is_needed() -> None:
    assert medians(np.array([1.0, 5.0, 2.0, 9.0]), np.array([2, 0, 2, 2])).tolist() == [5.0, 0.0, 2.0]
    assert medians(np.zeros(0), np.zeros(0, np.int64)).tolist() == []
    assert pulled_in(np.zeros(0), np.zeros(0), np.zeros(0, np.int64)).tolist() == pytest.approx([])
