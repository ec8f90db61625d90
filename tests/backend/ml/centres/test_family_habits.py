"""Tests for families' habits: what one member's place tells about others, cell by cell, operation by operation."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from backend.ml.centres.cell_growing import CodedItems
from backend.ml.centres.family_habits import FamilyHabits
from backend.ml.centres.habit_fit import Relatives, fit_family_habits, groups_of, with_evidence
from backend.ml.common.arrays import Floats, Ints, Ragged, offsets_of
from backend.ml.common.string_table import StringTable
from backend.ml.history.routing_book import RoutingBook

OPERATIONS, CENTRES = 3, 6
FAMILIES, MEMBERS = 200, 6
KINDS = np.random.default_rng(1).choice(3, FAMILIES, p=[0.6, 0.25, 0.15])
"""A family works this many places beyond the one that the size asks for."""
OUT = np.random.default_rng(2).random(FAMILIES) < 0.4
LONER = 0
"""This family is known by one member alone, which has done operation 0 only."""
SMALL, LARGE = 10, 90


def _step(operation: int, centre: int) -> int:
    return operation * CENTRES + centre


def _book(variants: list[list[int]]) -> RoutingBook:
    """Every operation can be done at centres 0-3 in-house; operation 2 also at 4 and 5, which are not."""
    steps = list(product(range(OPERATIONS), range(CENTRES)))
    operation, centre = (np.array(each) for each in zip(*steps, strict=True))
    rows = Ragged(offsets_of(np.array([len(each) for each in variants])), np.array([i for v in variants for i in v]))
    names = StringTable.of([str(i) for i in range(OPERATIONS)])
    centres = StringTable.of([str(i) for i in range(CENTRES)])
    sequence = np.zeros(len(variants), np.int32)
    none = Ragged(np.zeros(2, np.int64), np.zeros(0, np.int32))
    return RoutingBook(names, names, centres, operation, centre, centre < 4, rows, sequence, none)


def _centre(size: int, family: int) -> int:
    return int((size > 50) + KINDS[family]) % 4


@pytest.fixture(scope="module")
def plant() -> tuple[RoutingBook, Relatives, FamilyHabits]:
    family = np.repeat(np.arange(FAMILIES), MEMBERS)
    size = np.random.default_rng(3).integers(1, 100, len(family))
    kept = (family != LONER) | (np.arange(len(family)) == 0)
    size[0] = SMALL
    variants = []
    for one, mm in zip(family.tolist(), size.tolist(), strict=True):
        last = _step(2, 4 + int(mm > 50)) if OUT[one] else _step(2, _centre(mm, one))
        made = [_step(0, _centre(mm, one)), _step(1, _centre(mm, one)), last]
        variants.append(made[:1] if one == LONER else made)
    items = CodedItems(size[None].astype(np.int64), [False], family)
    relatives = Relatives(items, np.arange(len(family)), np.flatnonzero(kept))
    book = _book(variants)
    return book, relatives, fit_family_habits(book, relatives, _choice(), seed=0)


def _choice() -> Ints:
    """Say of which steps there is a choice: operations 0 and 1 are never done outside."""
    choice = np.tile(np.arange(CENTRES), OPERATIONS)
    choice[[_step(operation, centre) for operation in (0, 1) for centre in (4, 5)]] = -1
    return choice


def _told(plant: tuple[RoutingBook, Relatives, FamilyHabits], operation: int, size: int, family: int) -> list[Floats]:
    """Return what is usual and what is told of centres, and whether anything is known."""
    book, _, habits = plant
    steps = np.array([_step(operation, centre) for centre in range(CENTRES if operation == 2 else 4)])
    numbers = habits.cells.numbers(np.array([[size]]))
    rows = np.zeros(len(steps), np.int64), steps
    usual, told, known = habits.tell(book, np.array([operation]), np.array([family]), numbers, rows)
    return [np.exp(usual), np.exp(told), known]


def _family(kind: int, *, out: bool) -> int:
    return int(np.flatnonzero((kind == KINDS) & (out == OUT) & (np.arange(FAMILIES) != LONER))[0])


@pytest.mark.parametrize("kind", [0, 1, 2])
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_familys_habit_tells_the_place_in_every_cell(
    plant: tuple[RoutingBook, Relatives, FamilyHabits], kind: int, size: int
) -> None:
    family = _family(kind, out=False)
    _, told, known = _told(plant, 0, size, family)
    assert known.all()
    assert told.argmax() == _centre(size, family)
    assert told.max() > 0.9


def test_a_member_tells_of_another_operation_and_another_cell(
    plant: tuple[RoutingBook, Relatives, FamilyHabits],
) -> None:
    _, told, known = _told(plant, 1, LARGE, LONER)
    assert known.all()
    assert told.argmax() == _centre(LARGE, LONER)
    assert told.max() > 0.9


def test_of_a_family_never_seen_nothing_is_known_and_what_is_usual_counts(
    plant: tuple[RoutingBook, Relatives, FamilyHabits],
) -> None:
    usual, told, known = _told(plant, 0, SMALL, -1)
    assert not known.any()
    np.testing.assert_allclose(told, usual, rtol=1e-5)
    assert usual.argmax() == 0
    assert usual[:3] == pytest.approx(np.bincount(KINDS, minlength=3) / FAMILIES, abs=0.05)


@pytest.mark.parametrize("out", [False, True])
def test_a_family_that_gives_work_outside_gives_more_outside(
    plant: tuple[RoutingBook, Relatives, FamilyHabits], *, out: bool
) -> None:
    family = _family(0, out=out)
    _, told, _ = _told(plant, 2, LARGE, family)
    assert told.argmax() == (5 if out else 1)
    assert told[4:].sum() == pytest.approx(1.0 if out else 0.0, abs=0.1)


def test_evidence_is_of_the_items_that_may_be_learnt_from(
    plant: tuple[RoutingBook, Relatives, FamilyHabits],
) -> None:
    book, relatives, habits = plant
    others = replace(relatives, learnt=np.flatnonzero(relatives.items.family != LONER))
    forgetful = with_evidence(habits, book, others, _choice())
    assert not _told((book, others, forgetful), 0, SMALL, LONER)[2].any()
    assert _told((book, others, forgetful), 0, SMALL, 1)[2].all()


def test_parts_give_back_equal_habits(plant: tuple[RoutingBook, Relatives, FamilyHabits]) -> None:
    book, relatives, habits = plant
    again = FamilyHabits.from_parts(habits.to_parts(), habits.variant)
    for before, after in zip(_told(plant, 2, LARGE, 5), _told((book, relatives, again), 2, LARGE, 5), strict=True):
        np.testing.assert_array_equal(before, after)


def test_operations_share_a_habit_if_most_of_their_places_are_the_same() -> None:
    done_at = {0: [0, 1, 2], 1: [0, 1, 2, 3], 2: [3, 4, 5], 3: [6]}
    operation = np.array([each for each, centres in done_at.items() for _ in centres])
    centre = np.array([each for centres in done_at.values() for each in centres])
    group = groups_of(operation, centre, 4).tolist()
    assert group[0] == group[1]
    assert len(set(group)) == 3
