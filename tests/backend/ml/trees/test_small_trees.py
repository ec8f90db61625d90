"""Following all small trees at once leads where LightGBM leads, to the last bit of the answer."""

import lightgbm
import numpy as np
import pytest

from backend.ml.trees.small_trees import SmallTrees

OUTPUTS = 3
PARAMETERS = {"objective": "multiclass", "num_class": OUTPUTS, "num_threads": 1, "verbose": -1, "min_data_per_group": 5}


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    draw = np.random.default_rng(6)
    numbers = draw.normal(size=(800, 3))
    numbers[draw.random(numbers.shape) < 0.1] = np.nan
    return np.column_stack([numbers, draw.random(800), draw.integers(0, 70, (800, 2))]).astype(np.float32)


def fitted(rows: np.ndarray, leaves: int) -> lightgbm.Booster:
    target = (np.nan_to_num(rows[:, 0]) > 0).astype(int) + (rows[:, 4] % 5 == 0)
    data = lightgbm.Dataset(rows, label=target, categorical_feature=[4, 5], params={"verbose": -1})
    return lightgbm.train(PARAMETERS | {"num_leaves": leaves}, data, num_boost_round=40)


def odd(rows: np.ndarray) -> np.ndarray:
    """Return rows with values that training did not meet: missing numbers, categories below and above."""
    draw = np.random.default_rng(7)
    changed = rows.copy()
    changed[draw.random(rows.shape) < 0.2] = np.nan
    changed[draw.random(rows.shape) < 0.1] = -1
    changed[draw.random(rows.shape) < 0.1] = 9999
    changed[draw.random(rows.shape) < 0.1] = 0
    return changed


@pytest.mark.parametrize("leaves", [2, 7, 8])
def test_answers_and_leaves_are_those_of_lightgbm(rows: np.ndarray, leaves: int) -> None:
    booster = fitted(rows, leaves)
    trees = SmallTrees.of(booster.model_to_string())
    for asked in (rows, odd(rows)):
        followed = trees.follow(asked)
        assert np.array_equal(trees.predict(followed, OUTPUTS), booster.predict(asked, raw_score=True))
        reached = trees.leaf[np.arange(len(trees.leaf)), followed.T]
        assert np.array_equal(reached, booster.predict(asked, pred_leaf=True))
        assert np.array_equal(trees.follow(asked[5:6])[:, 0], followed[:, 5])
    assert trees.predict(trees.follow(rows[:0]), OUTPUTS).shape == (0, OUTPUTS)


def test_trees_without_a_split_have_one_leaf(rows: np.ndarray) -> None:
    data = lightgbm.Dataset(rows[:, :4], label=np.full(len(rows), 3.0), params={"verbose": -1})
    model = lightgbm.train({"verbose": -1, "num_threads": 1}, data, num_boost_round=2)
    trees = SmallTrees.of(model.model_to_string())
    assert np.array_equal(trees.predict(trees.follow(rows[:, :4]), 1)[:, 0], model.predict(rows[:, :4]))


def test_larger_trees_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match="more than 8"):
        SmallTrees.of(fitted(rows, 9).model_to_string())
