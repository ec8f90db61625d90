import numpy as np

from backend.ml.arrays import Ints
from backend.ml.cell_fit import CodedItems, Made, fit_cells
from backend.ml.cells import Cells
from backend.ml.family_steps import UNIT, FamilySteps, fit_family_steps

FAMILIES, MEMBERS = 150, 8
RIVALS = np.array([1, 4])


def _plant() -> tuple[CodedItems, Made]:
    """Operation 1 is done at (size > 20) + 2 * (the family's habit); a colour and the family's mark say nothing."""
    draw = np.random.default_rng(3)
    family = np.repeat(np.arange(FAMILIES), MEMBERS)
    size = draw.integers(0, 40, len(family))
    mark, colour = family % 50, draw.integers(0, 5, len(family))
    habit = draw.integers(0, 2, FAMILIES)
    step = (size > 20) + 2 * habit[family]
    everyone = np.arange(len(family))
    items = CodedItems(np.stack([size, colour, mark]), [False, True, True], family)
    return items, Made(everyone, np.ones_like(everyone), step)


def _fitted() -> tuple[CodedItems, Made, Cells, Ints]:
    items, made = _plant()
    cells = fit_cells(items, made, RIVALS, seed=0)
    return items, made, cells, cells.of(cells.numbers(items.codes), made.item, made.operation)


def test_cells_are_cut_where_members_of_one_family_are_made_differently() -> None:
    items, _, cells, cell = _fitted()
    assert cells.columns.tolist() == [0]
    assert cells.counts.tolist() == [1, 2]
    assert len(np.unique(np.stack([cell, items.codes[0] > 20]), axis=1).T) == 2


def test_categories_are_grouped_by_what_they_do_not_by_their_number() -> None:
    items, made = _plant()
    words = np.array([7, 3, 9, 1])[items.codes[0] // 10]
    coded = CodedItems(words[None], [True], items.family)
    cells = fit_cells(coded, Made(made.item, made.operation, (items.codes[0] // 10) % 2), RIVALS, seed=0)
    cell = cells.of(cells.numbers(coded.codes), made.item, made.operation)
    assert {frozenset(np.unique(words[cell == number]).tolist()) for number in (0, 1)} == {
        frozenset({7, 9}),
        frozenset({3, 1}),
    }


def test_a_value_that_training_has_not_seen_has_a_cell_all_the_same() -> None:
    _, _, cells, _ = _fitted()
    numbers = cells.numbers(np.full((3, 1), 999))
    assert cells.of(numbers, np.zeros(1, np.int64), np.ones(1, np.int64))[0] in {0, 1}


def _steps() -> tuple[FamilySteps, Ints, Ints]:
    items, made, cells, cell = _fitted()
    steps = fit_family_steps(made, (cell, made.step), items.family, (RIVALS, cells.counts), seed=0)
    large = int(cell[np.argmax(items.codes[0])])
    return steps, np.array([large]), np.array([1 - large])


def test_a_member_in_another_cell_tells_the_step_that_its_habit_means_here() -> None:
    steps, large, small = _steps()
    one = np.ones(1, np.int64)
    member = steps.states(one, small, np.array([2]))
    told = steps.told_of(one, large, np.zeros(1, np.int64), member)
    assert told.argmax() == 3
    assert told[3] > np.log(0.9)


def test_members_are_added_up_and_strangers_say_nothing() -> None:
    steps, large, _ = _steps()
    one = np.ones(1, np.int64)
    member = steps.states(one, large, np.array([1]))
    once = steps.told_of(one, large, np.zeros(1, np.int64), member)
    twice = steps.told_of(one, large, np.zeros(2, np.int64), np.repeat(member, 2))
    np.testing.assert_allclose(twice, 2 * once, atol=UNIT)
    assert not steps.told_of(one, large, np.zeros(0, np.int64), np.zeros(0, np.int64)).any()


def test_parts_give_back_equal_cells() -> None:
    items, made, cells, cell = _fitted()
    again = Cells.from_parts(cells.to_parts())
    np.testing.assert_array_equal(again.of(again.numbers(items.codes), made.item, made.operation), cell)


def test_a_code_that_only_another_column_knows_has_no_number() -> None:
    none = np.zeros(0, np.int64)
    known = (np.array([3, 5]), np.array([4, 2**32 - 1]))
    cells = Cells(np.array([0, 1]), known, np.array([-1]), none, none, none.reshape(0, 2), none > 0, np.array([1]))
    codes = np.array([[3, 4, 5, 2**32 - 1], [5, 4, 3, 2**32 - 1]])
    assert cells.numbers(codes).tolist() == [[1, 0], [0, 1], [2, 0], [0, 2]]
