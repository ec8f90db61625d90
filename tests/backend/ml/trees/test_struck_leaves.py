"""Trees that are asked once per item lead where LightGBM leads for each of its operations."""

from collections.abc import Callable

import lightgbm
import numpy as np
import pytest

from backend.ml.trees.boosters import Booster, PackedText
from backend.ml.trees.struck_leaves import MOST_LEAVES, StruckLeaves
from backend.ml.trees.tree_paths import trees_of

ITEMS = 60
CATEGORIES = [0, 3, 4]


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    """An operation, a number, one that may be missing, and two categories; each number asked for by many thresholds."""
    draw = np.random.default_rng(8)
    numbers = draw.normal(size=(900, 2))
    numbers[draw.random(900) < 0.2, 1] = np.nan
    return np.column_stack([draw.integers(0, 9, 900), numbers, draw.integers(0, 80, (900, 2))]).astype(np.float32)


def fitted(rows: np.ndarray, leaves: int, seed: int) -> str:
    target = rows[:, 0] % 3 * rows[:, 1] + np.nan_to_num(rows[:, 2]) + (rows[:, 3] % 7 == 0) * 3
    parameters = {"num_leaves": leaves, "min_data_in_leaf": 3, "min_data_per_group": 3, "cat_smooth": 1, "verbose": -1}
    data = lightgbm.Dataset(rows, label=target, categorical_feature=CATEGORIES, params={"verbose": -1})
    more = {"seed": seed, "num_threads": 1, "feature_fraction": 0.7}
    return str(lightgbm.train(parameters | more, data, num_boost_round=30).model_to_string())


def odd(rows: np.ndarray) -> np.ndarray:
    """Return rows with values that training did not meet: missing ones, categories below and above."""
    draw = np.random.default_rng(9)
    changed = rows.copy()
    for value in (np.nan, -1, 9999, 0):
        changed[draw.random(rows.shape) < 0.1] = value
    return changed


@pytest.mark.parametrize("leaves", [2, 20, 63, 64])
@pytest.mark.parametrize("look", [lambda rows: rows, odd])
def test_every_operation_of_an_item_ends_in_the_leaves_of_lightgbm(
    rows: np.ndarray, leaves: int, look: Callable[[np.ndarray], np.ndarray]
) -> None:
    models = [fitted(rows, leaves, 1), fitted(rows, leaves, 2)]
    trees = StruckLeaves.of([tree for model in models for tree in trees_of(model)])
    items = look(rows)[:ITEMS]
    operation = np.tile(np.array([-1, 0, 4, 8, 9, 500]), ITEMS)
    item = np.arange(ITEMS).repeat(6)
    places = trees.follow(items, item, operation)
    asked = items[item]
    asked[:, 0] = operation
    reached = np.hstack([lightgbm.Booster(model_str=model).predict(asked, pred_leaf=True) for model in models])
    assert np.array_equal(trees.leaf.take(places), reached)
    answers = [Booster(PackedText.of(model)).predict(asked) for model in models]
    values = trees.value.take(places)
    for answer, own in zip(answers, (values[:, :30], values[:, 30:]), strict=True):
        assert np.array_equal(np.add.accumulate(own, axis=1)[:, -1], answer)


def test_an_item_ends_where_it_does_in_company(rows: np.ndarray) -> None:
    trees = StruckLeaves.of(trees_of(fitted(rows, 63, 1)))
    operation = rows[:ITEMS, 0].astype(np.int64)
    together = trees.follow(rows[:ITEMS], np.arange(ITEMS), operation)
    for number in (0, 7, ITEMS - 1):
        alone = trees.follow(rows[number : number + 1], np.zeros(1, np.int64), operation[number : number + 1])
        assert np.array_equal(alone[0], together[number])


def test_trees_without_a_split_have_one_leaf(rows: np.ndarray) -> None:
    data = lightgbm.Dataset(rows[:, :3], label=np.full(len(rows), 3.0), params={"verbose": -1})
    model = lightgbm.train({"verbose": -1, "num_threads": 1}, data, num_boost_round=2)
    trees = StruckLeaves.of(trees_of(str(model.model_to_string())))
    places = trees.follow(rows[:5], np.arange(5), np.zeros(5, np.int64))
    assert trees.value.take(places).sum(axis=1).tolist() == np.asarray(model.predict(rows[:5, :3])).tolist()


def test_larger_trees_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match=f"more than {MOST_LEAVES}"):
        StruckLeaves.of(trees_of(fitted(rows, 65, 1)))
