import numpy as np

from backend.ml.common.arrays import Floats
from backend.ml.operations.presence import LIMIT
from backend.ml.operations.presence_trees import Lessons, PresenceTrees, fit_presence_trees, spread_over_families

ROWS = 1500


def _lessons(targets: Floats, weights: Floats | None = None) -> Lessons:
    weights = np.ones(targets.shape, np.float32) if weights is None else weights
    return Lessons(_rows(), [False, True], targets, weights)


def _rows() -> Floats:
    draw = np.random.default_rng(0)
    return np.stack([draw.random(ROWS), draw.integers(0, 6, ROWS)], axis=1).astype(np.float32)


def _fitted(lessons: Lessons) -> PresenceTrees:
    trees = fit_presence_trees(lessons, seed=0)
    assert trees is not None
    return trees


def test_a_threshold_and_a_set_of_categories_are_each_learnt_for_their_label() -> None:
    rows = _rows()
    targets = np.stack([rows[:, 0] > 0.37, np.isin(rows[:, 1], [1, 4])], axis=1).astype(np.float32)
    odds = _fitted(_lessons(targets)).log_odds(rows)
    assert np.mean((odds > 0) == (targets > 0)) > 0.99


def test_labels_that_never_vary_are_constants() -> None:
    targets = np.stack([_rows()[:, 0] > 0.5, np.ones(ROWS), np.zeros(ROWS)], axis=1).astype(np.float32)
    odds = _fitted(_lessons(targets)).log_odds(_rows())
    assert (odds[:, 1] == LIMIT).all()
    assert (odds[:, 2] == -LIMIT).all()


def test_items_that_tell_nothing_of_a_label_do_not_count_for_it() -> None:
    rows = _rows()
    truth = rows[:, 0] > 0.5
    silent = np.random.default_rng(1).random(ROWS) < 0.5
    targets = np.where(silent, ~truth, truth)[:, None].astype(np.float32)
    odds = _fitted(_lessons(targets, (~silent[:, None]).astype(np.float32))).log_odds(rows)
    assert np.mean((odds[:, 0] > 0) == truth) > 0.99


def test_nothing_is_fitted_where_no_label_varies() -> None:
    assert fit_presence_trees(_lessons(np.ones((ROWS, 2), np.float32)), seed=0) is None


def test_a_row_is_told_the_same_alone_and_in_company_and_after_being_stored() -> None:
    rows = _rows()
    trees = _fitted(_lessons((rows[:, :1] > 0.4).astype(np.float32)))
    again = PresenceTrees.from_parts(trees.to_parts())
    assert np.array_equal(again.log_odds(rows[7:8]), trees.log_odds(rows)[7:8])


def test_every_family_counts_once_and_loners_each_for_themselves() -> None:
    family = np.array([0] * 50 + [1] * 2 + [-1] * 3)
    kept, weights = spread_over_families(family, np.random.default_rng(0))
    assert np.bincount(family[kept] + 1).tolist() == [3, 3, 2]
    totals = np.bincount(family[kept] + 1, weights=weights)
    assert np.allclose(totals, [3, 1, 1])
