"""Tests for cells: where they are cut, what stays together, and what happens to values never seen."""

import numpy as np

from backend.ml.centres.cell_fit import cut_by_pairs
from backend.ml.centres.cell_growing import CodedItems, GrowingTree, HabitRows, Nodes
from backend.ml.centres.cell_refining import cut_by_habit
from backend.ml.centres.cells import Cells, step
from backend.ml.common.arrays import Ints

FAMILIES, MEMBERS = 150, 8
FAMILY = np.repeat(np.arange(FAMILIES), MEMBERS)
SIZE, COLOUR, MARK = 0, 1, 2


def _items() -> CodedItems:
    """Items with a size and a colour, both drawn, and a mark that all members of a family share."""
    draw = np.random.default_rng(3)
    size = draw.integers(1, 400, len(FAMILY))
    return CodedItems(np.stack([size, draw.integers(0, 5, len(FAMILY)), FAMILY % 50]), [False, True, True], FAMILY)


def _rows(items: CodedItems, place: Ints) -> HabitRows:
    axes = items.axes()
    numbers = np.concatenate([axes.numbers(items.codes), np.zeros((len(place), 1), np.int16)], axis=1)
    tops = [*(len(known) + 1 for known in axes.values), 1]
    return HabitRows(numbers, tops, [*axes.ranged.tolist(), False], items.family, place, int(place.max()) + 1)


def _habit() -> Ints:
    return np.random.default_rng(4).integers(0, 2, FAMILIES)[FAMILY]


def _by_pairs(items: CodedItems, place: Ints) -> tuple[Cells, GrowingTree]:
    tree = GrowingTree(Nodes())
    cut_by_pairs(tree, _rows(items, place), np.random.default_rng(0))
    return tree.nodes.finished(items.axes()), tree


def _cell(cells: Cells, tree: GrowingTree, codes: Ints) -> Ints:
    count = codes.shape[1]
    numbers = np.concatenate([cells.numbers(codes), np.zeros((count, 1), np.int16)], axis=1)
    return cells.of(numbers, np.arange(count), np.full(count, tree.root))


def test_cells_are_cut_where_members_of_one_family_are_made_differently_and_nowhere_else() -> None:
    items = _items()
    cells, tree = _by_pairs(items, (items.codes[SIZE] > 140) + 2 * _habit())
    assert cells.columns.tolist() == [SIZE]
    assert len(tree.above) == 2
    np.testing.assert_array_equal(_cell(cells, tree, items.codes) == 1, items.codes[SIZE] > 140)


def test_what_families_do_by_habit_cuts_no_cells() -> None:
    items = _items()
    assert _by_pairs(items, _habit())[1].root == ~0


def test_rows_that_differ_by_chance_cut_no_cells() -> None:
    items = _items()
    assert _by_pairs(items, np.random.default_rng(5).integers(0, 3, len(FAMILY)))[1].root == ~0


def test_categories_are_grouped_by_what_they_do_not_by_their_number() -> None:
    items = _items()
    words = np.array([7, 3, 9, 1])[items.codes[SIZE] // 100]
    items = CodedItems(words[None], [True], FAMILY)
    cells, tree = _by_pairs(items, np.isin(words, (3, 1)).astype(int))
    cell = _cell(cells, tree, np.array([[7, 9, 3, 1]]))
    assert cell[0] == cell[1] != cell[2] == cell[3]


def test_families_of_one_habit_cut_cells_by_what_never_varies_within_a_family() -> None:
    items, habit = _items(), _habit()
    rows, tree = _rows(items, ((items.codes[MARK] < 20) + habit) % 2), GrowingTree(Nodes())
    cell = cut_by_habit(tree, rows, np.zeros(len(FAMILY), np.int64), habit)
    np.testing.assert_array_equal(cell == cell[0], (items.codes[MARK] < 20) == (items.codes[MARK, 0] < 20))
    assert set(tree.nodes.column) == {MARK}


def test_without_knowing_the_habit_the_same_cut_would_not_be_found() -> None:
    items, habit = _items(), _habit()
    rows, tree = _rows(items, ((items.codes[MARK] < 20) + habit) % 2), GrowingTree(Nodes())
    everybody_alike = np.zeros(len(FAMILY), np.int64)
    cell = cut_by_habit(tree, rows, np.zeros(len(FAMILY), np.int64), everybody_alike)
    parts = [np.unique(items.codes[MARK][cell == number] < 20) for number in np.unique(cell)]
    assert any(len(part) == 2 for part in parts)


def test_a_tree_walked_while_it_grows_and_when_finished_leads_to_the_same_cells() -> None:
    items = _items()
    place = (items.codes[SIZE] > 140) + 2 * (items.codes[COLOUR] > 2)
    cells, tree = _by_pairs(items, place)
    assert len(tree.above) == 4
    np.testing.assert_array_equal(_cell(cells, tree, items.codes), tree.cells_of(_rows(items, place).numbers))


def test_values_never_seen_have_a_cell_all_the_same_and_numbers_that_of_their_range() -> None:
    items = _items()
    cells, tree = _by_pairs(items, (items.codes[SIZE] > 140).astype(int))
    small, large, missing = _cell(cells, tree, np.array([[3, 10**6, 0], [99] * 3, [99] * 3])).tolist()
    assert small == missing != large


def test_parts_give_back_equal_cells() -> None:
    items = _items()
    cells, tree = _by_pairs(items, (items.codes[SIZE] > 140) + 2 * (items.codes[COLOUR] > 2))
    again = Cells.from_parts(cells.to_parts())
    np.testing.assert_array_equal(_cell(again, tree, items.codes), _cell(cells, tree, items.codes))


def test_a_word_that_only_another_column_knows_has_no_number_and_ranges_are_counted() -> None:
    none = np.zeros(0, np.int64)
    known = (np.array([3, 5]), np.array([4, 2**32 - 1]), np.array([10, 20]))
    ranged = np.array([False, False, True])
    cells = Cells(np.array([0, 1, 2]), ranged, known, none, none, none.reshape(0, 2), step())
    codes = np.array([[3, 4, 5, 2**32 - 1], [5, 4, 3, 2**32 - 1], [0, 10, 19, 2**33 - 1]])
    assert cells.numbers(codes).tolist() == [[1, 0, 0], [0, 1, 1], [2, 0, 1], [0, 2, 2]]
