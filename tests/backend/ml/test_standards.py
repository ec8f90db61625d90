"""Standard times count as lots as far as the plant's own lots have shown them to be right."""

import numpy as np
import pytest

from backend.ml.arrays import Floats
from backend.ml.pair_history import STEPS, KindMeans
from backend.ml.shrinkage import Components
from backend.ml.standards import Claims, Standards, weigh_standards

ITEMS, OPERATIONS = 300, 4
LOT = 0.04
MADE = np.arange(ITEMS) < 200


def components() -> Components:
    each = np.full(OPERATIONS, 0.01)
    return Components(0.01, 0.01, each, each, np.full(OPERATIONS, LOT))


NOTHING = np.zeros((ITEMS, OPERATIONS))
LOG_QUANTITY = np.random.default_rng(9).normal(4, 1, ITEMS)


def weighed(error: Floats, foreseen: Floats = NOTHING) -> tuple[Floats, ...]:
    """Weigh standards with an error per (item, operation); the items' levels are 0, lots know them to 0.05."""
    item, operation = np.repeat(np.arange(ITEMS), OPERATIONS), np.tile(np.arange(OPERATIONS), ITEMS)
    draw, made = np.random.default_rng(7), MADE[item]
    guess = np.where(made, 0.05, 0.0) * draw.normal(size=len(item))
    unsure = np.where(made, 0.05**2, 0.04)
    standards = Standards(item, item, operation, operation % 2, LOG_QUANTITY[item], error.ravel())
    claims = Claims(standards, guess, unsure, foreseen.ravel(), made)
    told, lots, errors = weigh_standards(claims, components())
    return tuple(each.reshape(ITEMS, OPERATIONS) for each in (told, lots, errors))


def noise(deviation: float) -> Floats:
    return deviation * np.random.default_rng(1).normal(size=(ITEMS, OPERATIONS))


def test_good_standards_are_worth_lots_for_items_never_made_and_bad_ones_are_not() -> None:
    _, good, _ = weighed(noise(0.05))
    _, bad, _ = weighed(noise(1.0))
    assert np.median(good[~MADE]) > 2.0
    assert bad.max() < 0.1


def test_what_all_standards_of_an_operation_are_off_by_is_taken_out() -> None:
    off = np.array([0.5, -0.2, 0.5, -0.2])
    told, lots, _ = weighed(noise(0.05) + off)
    assert np.abs(told.mean(axis=0)).max() < 0.05
    assert np.median(lots[~MADE]) > 2.0


def test_what_standards_are_off_by_for_items_of_large_lots_is_taken_out() -> None:
    off = -0.2 * (LOG_QUANTITY[:, None] - 4) + 0.3
    told, lots, _ = weighed(noise(0.05) + off)
    assert np.polyfit(LOG_QUANTITY, told.mean(axis=1), 1)[0] == pytest.approx(0.0, abs=0.02)
    assert np.median(lots[~MADE]) > 2.0


def test_an_item_whose_standards_are_stale_together_is_not_believed() -> None:
    error = noise(0.05)
    stale = np.arange(ITEMS) % 6 == 0
    error[stale] += np.where(np.random.default_rng(3).random((ITEMS, 1)) < 0.5, 0.8, -0.8)[stale]
    _, lots, _ = weighed(error)
    assert lots[stale & MADE].max() < 0.05
    assert np.median(lots[~stale]) > 1.0


def stale_together() -> Floats:
    stale = np.random.default_rng(3).normal(0.1, 0.4, (ITEMS, 1)) * (np.arange(ITEMS) % 6 == 0)[:, None]
    return np.asarray(noise(0.1) + stale)


def test_the_errors_of_set_up_standards_are_taken_out_of_those_of_run_times_where_they_are_the_same() -> None:
    error = stale_together()
    _, _, foreseen = weighed(error)
    assert np.corrcoef(foreseen[~MADE].ravel(), error[~MADE].ravel())[0, 1] > 0.9
    alone, few, _ = weighed(error)
    told, many, _ = weighed(error, foreseen)
    assert told[~MADE].std() < 0.6 * alone[~MADE].std()
    assert np.median(many[~MADE]) > 1.3 * np.median(few[~MADE])


def test_errors_of_the_other_standards_that_have_nothing_to_do_with_these_change_next_to_nothing() -> None:
    error = stale_together()
    alone, _, _ = weighed(error)
    told, _, _ = weighed(error, np.random.default_rng(8).normal(0, 0.2, error.shape))
    assert np.abs(told - alone).max() < 0.05


def test_without_lots_to_compare_with_no_standard_is_worth_anything() -> None:
    none = np.zeros(3, bool)
    numbers = np.arange(3)
    standards = Standards(numbers, numbers, numbers, numbers, np.ones(3), np.ones(3))
    told, lots, errors = weigh_standards(Claims(standards, np.zeros(3), np.ones(3), np.zeros(3), none), components())
    assert told.tolist() == [1.0, 1.0, 1.0]
    assert lots.tolist() == [0.0, 0.0, 0.0]
    assert errors.tolist() == [0.0, 0.0, 0.0]


def test_a_standard_is_mixed_into_the_mean_as_the_lots_it_is_worth_and_is_not_counted_as_lots() -> None:
    own = KindMeans(np.array([3]), np.array([0.4]), np.array([2]), np.zeros(1, np.uint8))
    mixed = own.with_standards(np.array([3, 5]), np.array([0.1, 0.2]), np.array([1.0, 0.5]))
    assert mixed.keys.tolist() == [3, 5]
    assert np.allclose(mixed.means, [0.3, 0.2])
    assert mixed.counts.tolist() == [2, 0]
    assert mixed.worth.tolist() == [STEPS, STEPS // 2]
