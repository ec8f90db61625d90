"""What the oracle believes of the operations of the items it is asked for, from the truth or from the records."""

from dataclasses import dataclass

import numpy as np

from backend.erp.demo.routings import RowTraits
from benchmarks.oracle import habits, machines, minutes, outsourcing
from benchmarks.oracle.arrays import FloatArray, IntArray
from benchmarks.oracle.evidence import UNKNOWN, explained_medians
from benchmarks.oracle.memory import Memory, take_items
from benchmarks.oracle.places import Sides


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Rows of the likeliest sequences, ordered by item and place."""

    chance_of_sequence: FloatArray
    """Per item: that its true sequence is this one."""
    item: IntArray
    operation: IntArray
    outside: FloatArray
    """(row, before or after the change of policy): chances of being done outside."""
    places: FloatArray
    """(row, in-house or outside, place): chances of each machine, given the side."""
    machines: IntArray
    """(row, side, place): what machine that is."""
    log_minutes: FloatArray
    """(row, 2): expected log set-up and log run minutes per piece, without machine, drift, quantity and learning."""
    covariance: FloatArray


def from_truth(memory: Memory) -> Beliefs:
    """Return what is so: one sequence, one side and one usual machine per row, and the true effects."""
    asked, plant = memory.asked, memory.plant
    rows = RowTraits(plant.parameters, plant.families, asked.traits, asked.item, asked.operation)
    sides = Sides.of(rows)
    usual = np.zeros((len(asked.item), 2, machines.USUAL))
    usual[:, :, 0] = 1.0
    for regime in (0, 1):
        side = asked.outside[:, regime].astype(int)
        numbers = np.arange(len(side))
        group, place = sides.group[numbers, side], sides.place[numbers, side]
        start, size = plant.parameters.group_start[group], plant.parameters.group_size[group]
        usual[numbers, side] = np.eye(machines.USUAL)[(asked.machine[:, regime] - start - place) % size]
    explained = np.column_stack(explained_medians(plant.parameters, asked.traits, asked.item, asked.operation))
    return Beliefs(
        chance_of_sequence=np.ones(len(asked.number)),
        item=asked.item,
        operation=asked.operation,
        outside=asked.outside.astype(float),
        places=np.stack([sides.chance_of_place(usual[:, side], side) for side in (0, 1)], axis=1),
        machines=np.stack([sides.machines(side) for side in (0, 1)], axis=1),
        log_minutes=explained + asked.effect,
        covariance=np.zeros((len(asked.item), 2, 2)),
    )


def from_records(memory: Memory) -> Beliefs:
    """Return what the records tell."""
    asked, plant = memory.asked, memory.plant
    item, operation, row, chance = _sequences(memory)
    evidence = asked.evidence.take(row)
    rows = RowTraits(plant.parameters, plant.families, asked.traits, item, operation)
    family = asked.traits.family[item]
    wishes = outsourcing.Wishes.of(rows)
    told = memory.families.outsourcing[family, np.maximum(wishes.trade, 0)]
    outside = [
        outsourcing.chance_outside(wishes, evidence, told, np.full(len(item), regime, dtype=float)) for regime in (0, 1)
    ]
    sides = Sides.of(rows)
    places = []
    for side in (0, 1):
        of_family = memory.families.machines[family, sides.group[:, side]]
        usual = machines.chance_of_usual_place(sides.log_likelihood(evidence, side), of_family)
        places.append(sides.chance_of_place(usual, side))
    news = minutes.row_news(plant.parameters, operation, evidence)
    items = minutes.item_news(news, item, asked.stale)
    about_family = memory.families.precision, memory.families.information
    of_item = (about_family[0][asked.traits.family], about_family[1][asked.traits.family])
    effects = minutes.row_effects(news, item, items, of_item)
    explained = np.column_stack(explained_medians(plant.parameters, asked.traits, item, operation))
    return Beliefs(
        chance_of_sequence=chance,
        item=item,
        operation=operation,
        outside=np.column_stack(outside),
        places=np.stack(places, axis=1),
        machines=np.stack([sides.machines(side) for side in (0, 1)], axis=1),
        log_minutes=explained + effects.mean,
        covariance=effects.covariance,
    )


def _sequences(memory: Memory) -> tuple[IntArray, IntArray, IntArray, FloatArray]:
    """Return item, operation and true row (UNKNOWN for unseen items) of each believed row, and chances per item."""
    asked = memory.asked
    unseen = np.flatnonzero(~asked.seen)
    traits = take_items(asked.traits, unseen)
    habit = habits.chance_of_habits(memory.plant.parameters, traits, memory.families.habits[traits.family])
    item, operation, right = habits.likeliest_sequence(memory.plant.parameters, traits, habit)
    chance = np.ones(len(asked.number))
    chance[unseen] = right
    known = np.flatnonzero(asked.seen[asked.item])
    items = np.concatenate([asked.item[known], unseen[item]])
    order = np.argsort(items, kind="stable")
    operations = np.concatenate([asked.operation[known], operation])[order]
    return items[order], operations, np.concatenate([known, np.full(len(item), UNKNOWN)])[order], chance
