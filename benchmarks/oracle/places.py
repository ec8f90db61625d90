"""Where a row can be done: the in-house group and the subcontractors', with the rule's place in each."""

from dataclasses import dataclass

import numpy as np

from backend.erp.demo.plant_parameters import PlantParameters
from backend.erp.demo.routings import RowTraits, places_by_rule
from benchmarks.oracle import machines
from benchmarks.oracle.arrays import BoolArray, FloatArray, IntArray
from benchmarks.oracle.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Sides:
    """All (row, side): in-house is side 0, outside side 1."""

    parameters: PlantParameters
    exists: BoolArray
    group: IntArray
    place: IntArray

    @classmethod
    def of(cls, rows: RowTraits) -> "Sides":
        """Return both sides of some rows; where nobody outside does the operation, side 1 repeats side 0."""
        outside = rows.parameters.outsourced_group[rows.operation] >= 0
        ways = [places_by_rule(rows, side) for side in (np.zeros_like(outside), outside)]
        exists = np.column_stack([np.ones_like(outside), outside])
        group, place = (np.column_stack([way[i] for way in ways]) for i in (0, 1))
        return cls(rows.parameters, exists, group, place)

    def log_likelihood(self, seen: Evidence, side: int) -> FloatArray:
        """Return (row, usual place): how well each usual place explains what was seen on one side."""
        return machines.place_log_likelihood(seen, self.parameters.group_size[self.group[:, side]], side)

    def chance_of_place(self, usual: FloatArray, side: int) -> FloatArray:
        """Return (row, place) chances of where the next lot goes if it goes to this side."""
        return machines.chance_of_place(usual, self.parameters.group_size[self.group[:, side]])

    def machines(self, side: int) -> IntArray:
        """Return (row, place) the machines that the places of a side mean."""
        return machines.machines_of(self.parameters, self.group[:, side], self.place[:, side])
