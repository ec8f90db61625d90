"""Habits: choices that a family of items makes once and its members share."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.array_types import BoolArray
from backend.erp.demo.facts import Facts


@dataclass(frozen=True, slots=True)
class Habit:
    """One yes-or-no choice, the process classes that face it and the log-odds of yes."""

    name: str
    classes: str
    log_odds: float


HABITS: Final = (
    Habit("turn_mill", "gland sleeve collar bushing misc", -0.4),
    Habit("stress_relief", "body bellows", 0.0),
    Habit("deburr", "gland sleeve collar gasket body", 0.8),
    Habit("clean_before_marking", "gland sleeve collar face body", -1.0),
    Habit("sub_assembly", "assembly kit reservoir bushing", -0.3),
    Habit("final_inspection", "kit oring gasket bar misc", 0.5),
    Habit("grind_bore", "sleeve face bushing", -0.5),
    Habit("grind_outside", "face", 0.3),
    Habit("balance", "assembly collar", -0.8),
    Habit("non_destructive_test", "reservoir cooler bellows body", 0.0),
    Habit("clean", "oring kit", -0.4),
)
"""Every habit changes the operation sequence wherever it applies; the exact-match ceiling relies on it."""

FLIP_PROBABILITY: Final = 0.025
"""Chance that one item departs from one of its family's habits."""


def habit_index(name: str) -> int:
    """Return the position of a habit."""
    return [habit.name for habit in HABITS].index(name)


def applicable_habits(facts: Facts) -> BoolArray:
    """Return which process class (row) faces which habit (column)."""
    names = [part_class.name for part_class in facts.part_classes]
    return np.array([[name in habit.classes.split() for habit in HABITS] for name in names])
