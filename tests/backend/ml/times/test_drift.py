"""Levels follow a step within two weeks and stay calm where nothing happens."""

import numpy as np
import pytest

from backend.ml.common.arrays import Floats
from backend.ml.times.drift import Levels, fit_levels, no_levels

DAYS, STEP_AGO, NOISE = 400, 14.0, 0.3


def followed(step: float, rows_a_day: int = 4) -> Levels:
    draw = np.random.default_rng(0)
    age = np.repeat(np.arange(DAYS, dtype=np.float64), rows_a_day)
    centre = np.tile(np.arange(rows_a_day) % 2, DAYS)
    residual = NOISE * draw.normal(size=len(age)) + np.where((centre == 1) & (age < STEP_AGO), step, 0.0)
    return fit_levels((np.zeros(len(age), np.int64), centre), age, residual, 2).levels


def level(levels: Levels) -> tuple[Floats, Floats]:
    return levels.of(np.zeros(2, np.int64), np.arange(2))


def test_a_step_is_followed_within_two_weeks_by_the_centre_that_it_happened_to() -> None:
    values, _ = level(followed(0.6))
    assert values[1] == pytest.approx(0.6, abs=0.2)
    assert abs(values[0]) < 0.06


def test_where_nothing_happens_the_level_stays_and_is_sure() -> None:
    values, variances = level(followed(0.0))
    assert np.abs(values).max() < 0.06
    assert np.sqrt(variances).max() < 0.1


def test_a_centre_never_seen_is_at_the_mean_and_as_unsure_as_levels_differ() -> None:
    levels = followed(0.6)
    value, variance = levels.of(np.zeros(2, np.int64), np.array([1, -1]))
    assert value[1] == 0
    assert variance[1] == levels.between
    assert no_levels(2).of(np.zeros(1, np.int64), np.zeros(1, np.int64))[0].tolist() == [0.0]


def test_a_jump_that_standing_levels_find_impossible_leaves_numbers() -> None:
    age = np.r_[np.full(2000, 700.0), 0.0]
    residual = np.r_[np.tile([-0.001, 0.001], 1000), 0.7]
    found = fit_levels((np.zeros(2001, np.int64), np.zeros(2001, np.int64)), age, residual, 1)
    assert np.isfinite(np.concatenate(found.levels.of(np.zeros(1, np.int64), np.zeros(1, np.int64)))).all()
    assert np.isfinite(found.during).all()


def test_levels_told_of_new_rows_follow_as_fitted_ones_do() -> None:
    draw = np.random.default_rng(1)
    levels = followed(0.0)
    for _ in range(14):
        pair = (np.zeros(16, np.int64), np.repeat([0, 1], 8))
        residual = 0.6 * pair[1] + NOISE * draw.normal(size=16)
        levels = levels.passed(1.0).told(pair, residual, np.full(16, NOISE**2), 1.0)
    values, _ = level(levels)
    assert values[1] == pytest.approx(0.6, abs=0.2)
    assert abs(values[0]) < 0.06


def test_what_happens_everywhere_is_known_after_a_few_days_also_where_nothing_was_made() -> None:
    draw = np.random.default_rng(2)
    operation, centre = (each.ravel() for each in np.meshgrid(np.arange(12), np.arange(9), indexing="ij"))
    age = np.repeat(np.arange(200, dtype=np.float64), 12)
    where = draw.integers(0, 108, len(age))
    levels = fit_levels((operation[where], centre[where]), age, NOISE * draw.normal(size=len(age)), 9).levels
    told = draw.permutation(108)[:80]
    for _ in range(6):
        rows = told[draw.integers(0, 80, 60)]
        pair = (operation[rows], centre[rows])
        levels = levels.passed(1.0).told(pair, 0.3 + NOISE * draw.normal(size=60), np.full(60, NOISE**2), 1.0)
    values, variances = levels.of(operation, centre)
    assert np.abs(values - 0.3).mean() < 0.08
    assert np.abs(values[np.setdiff1d(np.arange(108), told)] - 0.3).mean() < 0.08
    assert (variances > 0).all()
    new, _ = levels.of(np.array([3]), np.array([-1]))
    assert new[0] == pytest.approx(0.3, abs=0.1)
