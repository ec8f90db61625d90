"""Which machine: each family's preference per work-centre group, inferred from its items' rows."""

from typing import Final

import numpy as np

from backend.erp.demo.plant_parameters import PlantParameters
from backend.erp.demo.routings import MACHINE_NOISE
from backend.erp.demo.work_orders import OTHER_MACHINE_SHARE
from benchmarks.oracle.arrays import FloatArray, IntArray, sum_by
from benchmarks.oracle.evidence import PLACES, Evidence

PREFERENCE: Final = np.array([0.6, 0.25, 0.15])
"""Chances that a family prefers the rule's machine, the next or the one after; see draw_families."""
USUAL: Final = 4
"""Places that a row can usually be on: preference 0-2 and noise 0-1."""
_NEVER: Final = 1e-9


def _chance_tables(largest_group: int) -> tuple[FloatArray, FloatArray]:
    """Return (group size, usual place, place seen) log chances for lots and for standards."""
    lots = np.full((largest_group + 1, USUAL, PLACES), _NEVER)
    standards = np.full((largest_group + 1, USUAL, PLACES), _NEVER)
    for size in range(1, largest_group + 1):
        for usual in range(USUAL):
            lots[size, usual, usual % size] += 1 - OTHER_MACHINE_SHARE
            lots[size, usual, (usual + 1) % size] += OTHER_MACHINE_SHARE
            standards[size, usual, usual % size] = 1.0
    return np.log(lots), np.log(standards)


_LOTS, _STANDARDS = _chance_tables(PLACES)


def place_log_likelihood(seen: Evidence, sizes: IntArray, side: int) -> FloatArray:
    """Return (row, usual place): how well each usual place explains what was seen in-house (0) or outside (1)."""
    size = np.minimum(sizes, PLACES)
    lots = np.einsum("rp,rup->ru", seen.places[:, side], _LOTS[size])
    told = seen.standard_place[:, side]
    standard = np.take_along_axis(_STANDARDS[size], np.maximum(told, 0)[:, None, None], axis=2)[:, :, 0]
    return np.asarray(lots + np.where(told[:, None] >= 0, standard, 0.0))


def family_log_likelihood(
    place_likelihood: FloatArray, group: IntArray, family: IntArray, families: int, groups: int
) -> FloatArray:
    """Return (family, group, preference): how well each preference explains the rows of a group."""
    quiet, noisy = place_likelihood[:, :3], place_likelihood[:, 1:]
    rows = np.logaddexp(np.log(1 - MACHINE_NOISE) + quiet, np.log(MACHINE_NOISE) + noisy)
    return sum_by(family * groups + group, rows, families * groups).reshape(families, groups, 3)


def chance_of_usual_place(place_likelihood: FloatArray, family_likelihood: FloatArray) -> FloatArray:
    """Return (row, usual place) chances; `family_likelihood` (row, preference) includes the row's own evidence."""
    log_weight = np.log(PREFERENCE) + family_likelihood
    preference = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    preference /= preference.sum(axis=1, keepdims=True)
    quiet = np.log(1 - MACHINE_NOISE) + place_likelihood[:, :3]
    noisy = np.log(MACHINE_NOISE) + place_likelihood[:, 1:]
    noise = 1 / (1 + np.exp(np.clip(quiet - noisy, -700, 700)))
    chance = np.zeros((len(place_likelihood), USUAL))
    chance[:, :3] += preference * (1 - noise)
    chance[:, 1:] += preference * noise
    return chance


def chance_of_place(usual: FloatArray, sizes: IntArray) -> FloatArray:
    """Return (row, place) chances of where the next lot goes, busy machines included."""
    chance = np.zeros((len(usual), PLACES))
    rows = np.arange(len(usual))
    for place in range(USUAL):
        np.add.at(chance, (rows, place % sizes), (1 - OTHER_MACHINE_SHARE) * usual[:, place])
        np.add.at(chance, (rows, (place + 1) % sizes), OTHER_MACHINE_SHARE * usual[:, place])
    return chance


def machines_of(parameters: PlantParameters, group: IntArray, place: IntArray) -> IntArray:
    """Return (row, place) the machine that each place means, `place` being the rule's."""
    further = place[:, None] + np.arange(PLACES)
    return np.asarray(parameters.group_start[group][:, None] + further % parameters.group_size[group][:, None])
