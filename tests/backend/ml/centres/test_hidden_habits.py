"""Tests for kinds of habits: what is usual among families of which each is made at one place throughout."""

import numpy as np
import pytest

from backend.ml.centres.cell_growing import GrowingTree, HabitRows, Nodes
from backend.ml.centres.cell_sorting import cut_by_usual
from backend.ml.centres.hidden_habits import Habit, fit_habit
from backend.ml.common.arrays import Ints

FAMILIES, MEMBERS, PLACES = 900, 6, 3
FAMILY = np.repeat(np.arange(FAMILIES), MEMBERS)
TYPE = np.random.default_rng(1).integers(0, 3, FAMILIES)[FAMILY]
WORD = np.random.default_rng(2).integers(0, 200, FAMILIES)[FAMILY]
HABIT = np.random.default_rng(3).choice(PLACES, FAMILIES, p=[0.6, 0.25, 0.15])[FAMILY]


def _rows(place: Ints) -> HabitRows:
    """Members of a family share a type and a word, so that no two of them tell what either does."""
    return HabitRows(np.stack([TYPE, WORD], axis=1), [3, 200], [False, False], FAMILY, place, PLACES)


def _by_usual(place: Ints) -> tuple[GrowingTree, Ints]:
    tree = GrowingTree(Nodes())
    return tree, cut_by_usual(tree, _rows(place), np.zeros(len(FAMILY), np.int64), np.random.default_rng(0))


def _fitted(place: Ints) -> tuple[Habit, Ints]:
    tree, rows = GrowingTree(Nodes()), _rows(place)
    return fit_habit(tree, rows, np.random.default_rng(0)), tree.cells_of(rows.numbers)


def test_cells_are_cut_where_families_are_usually_made_elsewhere() -> None:
    tree, cell = _by_usual((HABIT + TYPE) % PLACES)
    assert set(tree.nodes.column) == {0}
    assert len(np.unique(cell * 3 + TYPE)) == len(np.unique(cell)) == 3


def test_many_words_cut_no_cells_by_chance() -> None:
    assert _by_usual(HABIT)[0].root == ~0


def test_a_family_of_which_nothing_is_known_is_expected_where_most_families_of_its_cell_are_made() -> None:
    habit, cell = _fitted((HABIT + TYPE) % PLACES)
    usual = habit.chance @ habit.share
    for number in range(PLACES):
        expected = usual[cell[number == TYPE][0]]
        assert expected.argmax() == number
        assert expected.max() == pytest.approx(0.6, abs=0.1)


def test_the_same_rows_and_seed_give_the_same_habit() -> None:
    first, again = (_fitted((HABIT + TYPE) % PLACES)[0] for _ in range(2))
    np.testing.assert_array_equal(first.chance, again.chance)
    np.testing.assert_array_equal(first.share, again.share)
