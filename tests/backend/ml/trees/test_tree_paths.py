"""What features add to a trees' answer adds up to the answer, and names the features that matter."""

import lightgbm
import numpy as np
import pytest

from backend.ml.trees.boosters import Booster, PackedText
from backend.ml.trees.tree_paths import TreePaths


@pytest.fixture(scope="module")
def trained() -> tuple[str, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(4)
    rows = np.column_stack([draw.random((600, 3)), draw.integers(0, 6, 600)]).astype(np.float32)
    target = 3 * rows[:, 0] + np.array([0, 4, 1, 0, 2, 9])[rows[:, 3].astype(int)] + 5
    parameters = {"objective": "regression", "num_leaves": 8, "num_threads": 1, "verbose": -1, "min_data_per_group": 1}
    data = lightgbm.Dataset(rows, label=target, categorical_feature=[3], params={"verbose": -1})
    return lightgbm.train(parameters, data, num_boost_round=30).model_to_string(), rows, target


def moved(paths: TreePaths, model: str, rows: np.ndarray) -> np.ndarray:
    leaves = lightgbm.Booster(model_str=model).predict(rows, pred_leaf=True)
    return paths.moved(np.asarray(leaves).reshape(len(rows), -1) + paths.first_leaf)


def test_contributions_add_up_to_the_answer_but_for_a_constant(trained: tuple[str, np.ndarray, np.ndarray]) -> None:
    model, rows, _ = trained
    booster, paths = Booster(PackedText.of(model)), TreePaths.of(model, range(4), 4)
    constant = booster.predict(rows) - moved(paths, model, rows).sum(axis=1)
    assert np.ptp(constant) < 1e-4


def test_features_that_nothing_depends_on_add_little(trained: tuple[str, np.ndarray, np.ndarray]) -> None:
    model, rows, target = trained
    added = moved(TreePaths.of(model, range(4), 4), model, rows)
    share = np.abs(added).sum(axis=0) / np.abs(added).sum()
    assert share[[1, 2]].sum() < 0.02
    assert np.corrcoef(added[:, 0], rows[:, 0])[0, 1] > 0.9
    assert np.corrcoef(added[:, 3], target - 3 * rows[:, 0])[0, 1] > 0.95


def test_features_of_a_group_are_added_up(trained: tuple[str, np.ndarray, np.ndarray]) -> None:
    model, rows, _ = trained
    apart, grouped = TreePaths.of(model, range(4), 4), TreePaths.of(model, [0, 1, 1, 0], 2)
    together = moved(grouped, model, rows)
    assert together[:, 0] == pytest.approx(moved(apart, model, rows)[:, [0, 3]].sum(axis=1), abs=1e-4)
    assert grouped.moved(np.zeros((0, 30), np.int64)).shape == (0, 2)


def test_what_a_feature_does_only_together_with_one_of_no_group_is_all_its_own() -> None:
    both = np.array([[a, b] for a in (0, 1) for b in (0, 1)] * 100, dtype=np.float32)
    data = lightgbm.Dataset(both, label=2.0 * both[:, 0] * both[:, 1], params={"verbose": -1})
    parameters = {"learning_rate": 1.0, "num_leaves": 4, "num_threads": 1, "verbose": -1}
    model = lightgbm.train(parameters, data, num_boost_round=1).model_to_string()
    asked = np.array([[1, 0], [1, 1]], dtype=np.float32)
    added = moved(TreePaths.of(model, [0, -1], 1), model, asked)[:, 0]
    assert added == pytest.approx([-0.5, 1.5], abs=0.01)


def test_trees_without_a_split_add_nothing() -> None:
    rows = np.zeros((50, 2), dtype=np.float32)
    data = lightgbm.Dataset(rows, label=np.full(50, 3.0), params={"verbose": -1})
    model = lightgbm.train({"verbose": -1, "num_threads": 1}, data, num_boost_round=2).model_to_string()
    assert moved(TreePaths.of(model, range(2), 2), model, rows).tolist() == [[0.0, 0.0]] * 50
