"""Median minutes and 80 % ranges of lots: set-up plus run, machine and outliers uncertain."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import norm, qmc

from backend.erp.demo.plant_parameters import OUTLIER_LOG_DEVIATION, OUTLIER_LOG_MEAN, OUTLIER_SHARE
from benchmarks.oracle.arrays import FloatArray

POINTS: Final = 512
"""Per lot; spread evenly (Sobol), so that a median is exact to about 0.3 % of its deviation."""
QUANTILES: Final = (0.1, 0.5, 0.9)
_CHUNK: Final = 2048


@dataclass(frozen=True, slots=True)
class LotBelief:
    """What is believed of the log minutes of each judged row, before noise of the shop's own."""

    mean: FloatArray
    """(row, 2): set-up and run of the whole lot, without machine."""
    covariance: FloatArray
    """(row, 2, 2), noise of a lot included."""
    chance: FloatArray
    """(row, machine) chances of the machines that may do it."""
    machine_setup: FloatArray
    """(row, machine) effects on log minutes."""
    machine_run: FloatArray


@dataclass(frozen=True, slots=True)
class LotMinutes:
    """(row, 3) 10 %, 50 % and 90 % quantiles of minutes."""

    setup: FloatArray
    run: FloatArray
    lot: FloatArray


def lot_minutes(belief: LotBelief) -> LotMinutes:
    """Return the quantiles of set-up, run and lot minutes of each row."""
    parts = [_chunk(belief, slice(start, start + _CHUNK)) for start in range(0, len(belief.mean), _CHUNK)]
    setup, run, lot = (np.concatenate([part[i] for part in parts] or [np.zeros((0, 3))]) for i in range(3))
    return LotMinutes(setup, run, lot)


def _points() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    uniform = qmc.Sobol(5, seed=7).random(POINTS)
    uniform = np.clip(uniform, 1e-6, 1 - 1e-6)
    first, second = norm.ppf(uniform[:, 0]), norm.ppf(uniform[:, 1])
    factor = np.where(
        uniform[:, 2] < OUTLIER_SHARE, OUTLIER_LOG_MEAN + OUTLIER_LOG_DEVIATION * norm.ppf(uniform[:, 3]), 0.0
    )
    return first, second, factor, uniform[:, 4]


_FIRST, _SECOND, _FACTOR, _WHICH = _points()


def _chunk(belief: LotBelief, rows: slice) -> tuple[FloatArray, FloatArray, FloatArray]:
    cumulative = np.cumsum(belief.chance[rows], axis=1)
    cumulative /= cumulative[:, -1:]
    chosen = np.zeros((len(cumulative), POINTS), dtype=np.int64)
    for bound in cumulative.T[:-1]:
        chosen += bound[:, None] < _WHICH
    covariance = belief.covariance[rows]
    deviation = np.sqrt(covariance[:, 0, 0])
    slope = covariance[:, 0, 1] / deviation
    rest = np.sqrt(np.maximum(covariance[:, 1, 1] - slope**2, 0.0))
    mean = belief.mean[rows]
    setup = mean[:, :1] + deviation[:, None] * _FIRST + np.take_along_axis(belief.machine_setup[rows], chosen, 1)
    run = mean[:, 1:] + slope[:, None] * _FIRST + rest[:, None] * _SECOND + _FACTOR
    run += np.take_along_axis(belief.machine_run[rows], chosen, 1)
    setup, run = np.exp(setup), np.exp(run)
    return _quantiles(setup), _quantiles(run), _quantiles(setup + run)


def _quantiles(samples: FloatArray) -> FloatArray:
    return np.asarray(np.quantile(samples, QUANTILES, axis=1, method="hazen").T)
