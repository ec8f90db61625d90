"""How long: effects of families, items and their operations, inferred from measured lots and standards.

Everything is Gaussian on log minutes. An item has three numbers: its set-up effect, its run effect and by how much
its standards are stale; each of its operations adds a run effect of its own. Of a row there are up to four
observations: the means of its measured set-ups and run times, and its two standards, which share one error.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.plant_parameters import (
    FAMILY_RUN_DEVIATION,
    FAMILY_SETUP_DEVIATION,
    ITEM_RUN_DEVIATION,
    ITEM_SETUP_DEVIATION,
    OPERATION_RUN_DEVIATION,
    PlantParameters,
)
from backend.erp.demo.routings import STALE_DEVIATION, STALE_MEAN, STANDARD_DEVIATION
from benchmarks.oracle.arrays import BoolArray, FloatArray, IntArray, sum_by
from benchmarks.oracle.evidence import Evidence

ROW_MAP: Final = np.array([[1.0, 0, 0, 0], [0, 1, 0, 1], [1, 0, 1, 0], [0, 1, 1, 1]])
"""How the observations of a row depend on set-up effect, run effect, staleness and the operation's own effect."""
OWN: Final = ROW_MAP[:, 3]
ITEM_MAP: Final = ROW_MAP[:, :3]
FAMILY_VARIANCE: Final = np.diag([FAMILY_SETUP_DEVIATION**2, FAMILY_RUN_DEVIATION**2])
ITEM_VARIANCE: Final = np.diag([ITEM_SETUP_DEVIATION**2, ITEM_RUN_DEVIATION**2])
_UNSEEN: Final = 1e6
_ROUNDING: Final = 1e-6
"""Variances of what was not observed, and (at most) of rounding a run standard to thousandths of a minute."""


@dataclass(frozen=True, slots=True)
class RowNews:
    """What each row says about its item: observations and their covariance given all four effects."""

    observed: FloatArray
    """(row, 4)."""
    covariance: FloatArray
    """(row, 4, 4)."""

    def of_item(self) -> tuple[FloatArray, FloatArray]:
        """Return precision (row, 3, 3) and information (row, 3) about the item, the operation's effect left open."""
        weight = np.linalg.inv(self.covariance + OPERATION_RUN_DEVIATION**2 * np.outer(OWN, OWN))
        mapped = ITEM_MAP.T @ weight
        return mapped @ ITEM_MAP, np.einsum("rij,rj->ri", mapped, self.observed)

    def of_all(self) -> tuple[FloatArray, FloatArray]:
        """Return precision (row, 4, 4) and information (row, 4) about the item and the operation's effect."""
        mapped = ROW_MAP.T @ np.linalg.inv(self.covariance)
        return mapped @ ROW_MAP, np.einsum("rij,rj->ri", mapped, self.observed)


def row_news(parameters: PlantParameters, operation: IntArray, seen: Evidence) -> RowNews:
    """Return the observations of each row."""
    setup_noise, run_noise = parameters.setup_noise[operation] ** 2, parameters.run_noise[operation] ** 2
    variance = np.zeros((len(operation), 4))
    variance[:, 0] = np.where(seen.setup_lots > 0, setup_noise / np.maximum(seen.setup_lots, 1), _UNSEEN)
    variance[:, 1] = np.where(seen.run_lots > 0, run_noise / np.maximum(seen.run_lots, 1), _UNSEEN)
    shared = np.where(seen.has_standard, STANDARD_DEVIATION**2, 0.0)
    variance[:, 2:] = np.where(seen.has_standard, STANDARD_DEVIATION**2 + _ROUNDING, _UNSEEN)[:, None]
    variance[:, 2] += np.where(seen.has_standard, seen.standard_rounding, 0.0)
    covariance = variance[:, :, None] * np.eye(4)
    covariance[:, 2, 3] = covariance[:, 3, 2] = shared
    observed = np.column_stack([seen.setup_mean, seen.run_mean, seen.standard_setup, seen.standard_run])
    return RowNews(observed, covariance)


@dataclass(frozen=True, slots=True)
class ItemNews:
    """What the rows of each item add up to, about (set-up, run, staleness)."""

    precision: FloatArray
    information: FloatArray
    stale: BoolArray

    def about_family(self) -> tuple[FloatArray, FloatArray]:
        """Return precision (item, 2, 2) and information (item, 2) about the family's two effects."""
        stale_precision, stale_information = staleness(self.stale)
        open_ = self.precision[:, 2, 2] + stale_precision
        cross = self.precision[:, :2, 2]
        precision = self.precision[:, :2, :2] - cross[:, :, None] * cross[:, None, :] / open_[:, None, None]
        information = self.information[:, :2] - cross * ((self.information[:, 2] + stale_information) / open_)[:, None]
        spread = np.linalg.inv(np.eye(2) + precision @ ITEM_VARIANCE)
        return spread @ precision, np.einsum("iab,ib->ia", spread, information)


def staleness(stale: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return what is known of the staleness of each item beforehand, as precision and information."""
    precision = np.where(stale, 1 / STALE_DEVIATION**2, 1e8)
    return precision, np.where(stale, STALE_MEAN, 0.0) * precision


def item_news(rows: RowNews, item: IntArray, stale: BoolArray) -> ItemNews:
    """Add up the rows of each item."""
    precision, information = rows.of_item()
    return ItemNews(sum_by(item, precision, len(stale)), sum_by(item, information, len(stale)), stale)


@dataclass(frozen=True, slots=True)
class Effects:
    """What is believed of the set-up and run effect of each row: means (row, 2) and covariances (row, 2, 2)."""

    mean: FloatArray
    covariance: FloatArray


def row_effects(rows: RowNews, item: IntArray, items: ItemNews, family: tuple[FloatArray, FloatArray]) -> Effects:
    """Return the effects of each row; `family` is each item's family precision and information, the item included."""
    own_precision, own_information = items.about_family()
    others = np.linalg.inv(FAMILY_VARIANCE) + family[0] - own_precision
    covariance = np.linalg.inv(others)
    prior_mean = np.einsum("iab,ib->ia", covariance, family[1] - own_information)
    prior_precision = np.linalg.inv(covariance + ITEM_VARIANCE)
    stale_precision, stale_information = staleness(items.stale)
    precision = np.zeros((len(item), 4, 4))
    information = np.zeros((len(item), 4))
    row_precision, row_information = rows.of_item()
    precision[:, :3, :3] = items.precision[item] - row_precision
    information[:, :3] = items.information[item] - row_information
    precision[:, :2, :2] += prior_precision[item]
    information[:, :2] += np.einsum("iab,ib->ia", prior_precision, prior_mean)[item]
    precision[:, 2, 2] += stale_precision[item]
    information[:, 2] += stale_information[item]
    precision[:, 3, 3] += 1 / OPERATION_RUN_DEVIATION**2
    whole_precision, whole_information = rows.of_all()
    covariances = np.linalg.inv(precision + whole_precision)
    means = np.einsum("rij,rj->ri", covariances, information + whole_information)
    pick = np.array([[1.0, 0, 0, 0], [0, 1, 0, 1]])
    return Effects(means @ pick.T, pick @ covariances @ pick.T)
