"""Standard times count as lots as far as the plant's own lots have shown them to be right."""

import numpy as np
import pytest

from backend.ml.common.arrays import Floats
from backend.ml.history.pair_history import STEPS, KindMeans
from backend.ml.times.shrinkage import Components
from backend.ml.times.standard_claims import Claims, Standards
from backend.ml.times.standards import learn_errors, weigh_standards

ITEMS, OPERATIONS = 300, 4
LOT = 0.04
MADE = np.arange(ITEMS) < 200


def components() -> Components:
    each = np.full(OPERATIONS, 0.01)
    return Components(0.01, 0.01, each, each, np.full(OPERATIONS, LOT))


LOG_QUANTITY = np.random.default_rng(9).normal(4, 1, ITEMS)


def claimed(error: Floats, unsure_new: float = 0.04) -> Claims:
    """Return standards with an error per (item, operation); the items' levels are 0, lots know them to 0.05."""
    item, operation = np.repeat(np.arange(ITEMS), OPERATIONS), np.tile(np.arange(OPERATIONS), ITEMS)
    draw, made = np.random.default_rng(7), MADE[item]
    guess = np.where(made, 0.05, 0.0) * draw.normal(size=len(item))
    unsure = np.where(made, 0.05**2, unsure_new)
    standards = Standards(item, item, operation, operation % 2, LOG_QUANTITY[item], error.ravel())
    return Claims(standards, guess, unsure, made)


def weighed(setup: Floats, run: Floats | None = None) -> list[tuple[Floats, Floats]]:
    """Weigh standards of set-up and run, if there are any of run: told and lots of each; set-up is known well then."""
    claims = [claimed(setup), claimed(setup)]
    if run is None:
        none, nothing = np.zeros(0, np.int64), np.zeros(0)
        claims[1] = Claims(Standards(none, none, none, none, nothing, nothing), nothing, nothing, np.zeros(0, bool))
    else:
        claims = [claimed(setup, 0.003), claimed(run)]
    keys = [each.standards.item * OPERATIONS + each.standards.operation for each in claims]
    both = [components()] * 2
    found = weigh_standards(claims, both, keys, learn_errors(claims, both, keys))
    return [(each.told.reshape(-1, OPERATIONS), each.lots.reshape(-1, OPERATIONS)) for each in found]


def heard(told: Floats, lots: Floats) -> Floats:
    """Return by how much a standard moves what is expected of its pair."""
    return np.asarray(0.01 * lots / (0.01 * lots + LOT) * told)


def noise(deviation: float) -> Floats:
    return deviation * np.random.default_rng(1).normal(size=(ITEMS, OPERATIONS))


def test_good_standards_are_worth_lots_for_items_never_made_and_bad_ones_are_not() -> None:
    (_, good), _ = weighed(noise(0.05))
    (told, bad), _ = weighed(noise(1.0))
    assert np.median(good[~MADE]) > 2.0
    assert np.abs(heard(told, bad))[~MADE].max() < 0.2


def test_what_all_standards_of_an_operation_are_off_by_is_taken_out() -> None:
    off = np.array([0.5, -0.2, 0.5, -0.2])
    (told, lots), _ = weighed(noise(0.05) + off)
    assert np.abs(told[~MADE].mean(axis=0)).max() < 0.05
    assert np.median(lots[~MADE]) > 2.0


def test_what_standards_are_off_by_for_items_of_large_lots_is_taken_out() -> None:
    off = -0.2 * (LOG_QUANTITY[:, None] - 4) + 0.3
    (told, lots), _ = weighed(noise(0.05) + off)
    assert np.polyfit(LOG_QUANTITY[~MADE], told[~MADE].mean(axis=1), 1)[0] == pytest.approx(0.0, abs=0.02)
    assert np.median(lots[~MADE]) > 2.0


def test_an_item_whose_standards_are_stale_together_is_not_believed() -> None:
    error = noise(0.05)
    stale = np.arange(ITEMS) % 6 == 0
    error[stale] += np.where(np.random.default_rng(3).random((ITEMS, 1)) < 0.5, 0.8, -0.8)[stale]
    (told, lots), _ = weighed(error)
    assert np.abs(heard(told, lots))[stale & ~MADE].max() < 0.2
    assert np.median(lots[~stale]) > 1.0


def stale_together() -> Floats:
    stale = np.random.default_rng(3).normal(0.1, 0.4, (ITEMS, 1)) * (np.arange(ITEMS) % 6 == 0)[:, None]
    return np.asarray(noise(0.1) + stale)


def test_errors_that_set_up_and_run_share_are_told_from_what_only_one_of_them_takes() -> None:
    """The level of set-up is 0 and known well; what run standards say beyond its error is so."""
    error, truth = stale_together(), 0.1 * np.random.default_rng(5).normal(size=(ITEMS, OPERATIONS))
    truth[MADE] = 0.0
    (alone, _), _ = weighed(error + truth)
    _, (told, _) = weighed(error, error + truth)
    assert (told - truth)[~MADE].std() < 0.6 * (alone - truth)[~MADE].std()


def test_errors_of_the_other_standards_that_have_nothing_to_do_with_these_change_next_to_nothing() -> None:
    alone, other = noise(0.05), np.random.default_rng(8).normal(0, 0.2, (ITEMS, OPERATIONS))
    (told, _), _ = weighed(alone)
    _, (beside, _) = weighed(other, alone)
    assert np.abs(told - beside)[~MADE].std() < 0.02


def test_a_single_standard_that_is_far_off_leaves_the_others_of_its_item_as_they_are() -> None:
    error = noise(0.05)
    slipped = error.copy()
    slipped[~MADE, 0] += 3.0
    (right, _), _ = weighed(error)
    (told, _), _ = weighed(slipped)
    assert np.abs(told - right)[~MADE, 1:].max() < 0.2


def test_without_lots_to_compare_with_no_standard_is_worth_anything() -> None:
    none, numbers = np.zeros(3, bool), np.arange(3)
    standards = Standards(numbers, numbers, numbers, numbers, np.ones(3), np.ones(3))
    claims = [Claims(standards, np.zeros(3), np.ones(3), none)] * 2
    both, keys = [components()] * 2, [numbers * OPERATIONS + numbers] * 2
    for each in weigh_standards(claims, both, keys, learn_errors(claims, both, keys)):
        assert each.told.tolist() == [1.0, 1.0, 1.0]
        assert each.lots.tolist() == [0.0, 0.0, 0.0]


def test_a_standard_is_mixed_into_the_mean_as_the_lots_it_is_worth_and_is_not_counted_as_lots() -> None:
    own = KindMeans(np.array([3]), np.array([0.4]), np.array([2]), np.zeros(1, np.uint8))
    mixed = own.with_standards(np.array([3, 5]), np.array([0.1, 0.2]), np.array([1.0, 0.5]))
    assert mixed.keys.tolist() == [3, 5]
    assert np.allclose(mixed.means, [0.3, 0.2])
    assert mixed.counts.tolist() == [2, 0]
    assert mixed.worth.tolist() == [STEPS, STEPS // 2]
