"""Tests for what is learnt of the use of steps: which are closed, and which is an operation's usual one."""

import numpy as np
import pytest

from backend.ml.centres.cell_growing import CodedItems
from backend.ml.centres.centre_choice import AskedSteps, CentreChoice
from backend.ml.centres.centre_fit import fit_usage
from backend.ml.centres.habit_fit import Relatives, fit_family_habits
from backend.ml.centres.step_labels import StepLabels
from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.common.string_table import StringTable
from backend.ml.history.histories import StepUse
from backend.ml.history.routing_book import RoutingBook
from backend.ml.operations.voting import Pasts, Pools

OLD, NEW = 0, 1


def _book() -> RoutingBook:
    """One operation, done in step OLD or NEW."""
    names, both = StringTable.of(["0"]), Ragged(np.arange(3), np.array([OLD, NEW]))
    centres, inside, none = StringTable.of(["a", "b"]), np.ones(2, bool), np.zeros(2, np.int64)
    one = Ragged(np.arange(2), np.zeros(1, np.int64))
    return RoutingBook(names, names, centres, none, np.arange(2), inside, both, none, one)


def _learnt(step: Ints, age_days: Floats, half_life_days: float, ageing: float = 0.0) -> CentreChoice:
    """Learn from lots of one operation, each done in step OLD or NEW."""
    book = _book()
    labels = StepLabels.fit(book, step, 10)
    items = CodedItems(np.zeros((1, len(step)), np.int64), [False], np.full(len(step), -1))
    everyone = np.arange(len(step))
    habits = fit_family_habits(book, Relatives(items, step, everyone), labels.choice, seed=0)
    return fit_usage(book, StepUse.of(step, age_days, half_life_days, 2), np.array([ageing]), labels, habits)


@pytest.mark.parametrize(("half_life_days", "usual"), [(5000.0, OLD), (30.0, NEW)])
def test_the_usual_step_goes_by_how_fast_habits_age_on_this_plant(half_life_days: float, usual: int) -> None:
    step = np.repeat([OLD, NEW], [10, 4])
    age_days = np.r_[np.arange(500.0, 100.0, -40.0), 90.0, 60.0, 30.0, 0.0]
    learnt = _learnt(step, age_days, half_life_days)
    assert learnt.open_weight.tolist() == [1.0, 1.0]
    assert learnt.usual_step.tolist() == [usual]


def test_a_step_that_is_quiet_for_far_longer_than_its_lots_lay_apart_is_closed_and_not_usual() -> None:
    step = np.repeat([OLD, NEW], [20, 4])
    age_days = np.r_[np.arange(300.0, 200.0, -5.0), 90.0, 60.0, 30.0, 0.0]
    learnt = _learnt(step, age_days, 5000.0)
    assert learnt.open_weight[OLD] < 0.01
    assert learnt.open_weight[NEW] == 1.0
    assert learnt.usual_step.tolist() == [NEW]


def test_a_step_that_is_seldom_used_is_not_closed_by_being_quiet_as_long_as_ever() -> None:
    step = np.repeat([OLD, NEW], [6, 20])
    age_days = np.r_[np.arange(700.0, 100.0, -100.0), np.arange(95.0, -5.0, -5.0)]
    assert _learnt(step, age_days, 365.0).open_weight.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("ageing", "chosen"), [(0.0, OLD), (1 / 45, NEW)])
def test_old_lots_of_an_item_lose_their_say_where_its_operation_s_habits_age_faster(ageing: float, chosen: int) -> None:
    step, age_days = np.repeat([OLD, NEW], 10), np.tile(np.arange(10.0), 2)
    learnt = _learnt(step, age_days, 365.0, ageing)
    no_one, weights = Ragged(np.zeros(2, np.int64), np.zeros(0, np.int64)), np.array([3.0, 1.0], np.float32)
    past = Pasts(Ragged(np.array([0, 2]), np.array([OLD, NEW])), weights, np.array([200.0, 10.0]), np.array([-1]))
    first, codes = np.zeros(1, np.int64), np.zeros((1, 1), np.int64)
    asked = AskedSteps(first, first, Pools(no_one, np.zeros(0), no_one), past, np.array([-1]), codes)
    assert learnt.choose(_book(), asked)[0].tolist() == [chosen]
