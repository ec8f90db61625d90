"""What could be found at all: a CUSUM that knows how errors are spread before and after, and waits for the moment.

Operations are taken as independent, which they nearly are; nothing else is left to know about a change of all errors.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from scipy import stats

from backend.ml.common.arrays import Floats
from benchmarks.trigger_streams import (
    CENTRE_ERROR,
    CENTRE_WOBBLE,
    FREEDOM,
    GATE_DAYS,
    GROSS,
    HABIT,
    NEW_FACTOR,
    NOISE,
    Stream,
)

_STEP: Final = 0.004
_GRID: Final = np.arange(-1000, 1001) * _STEP


def daily_scores(stream: Stream, days: int, factor: float) -> Floats:
    """Return the log likelihood ratio of all errors having grown by a factor, per day since the gate."""
    frame = stream.operations
    signed = np.log(frame["predicted_minutes"].to_numpy() / frame["actual_minutes"].to_numpy())
    is_new = (frame["history"] == "new").to_numpy()
    score = np.where(is_new, _ratio(signed, factor, NEW_FACTOR), _ratio(signed, factor, 1.0))
    return np.bincount(stream.ends.astype(np.int64), score, days)[GATE_DAYS:days]


def alarms(scores: Floats, threshold: float) -> Iterator[int]:
    """Return the days at whose end the CUSUM passes a threshold; it begins anew after each."""
    total = 0.0
    for day, score in enumerate(scores.tolist(), start=1):
        total = max(total + score, 0.0)
        if total > threshold:
            total = 0.0
            yield GATE_DAYS + day


def threshold_for(calm: Sequence[Floats], alarms_a_year: float) -> float:
    """Return the lowest threshold that raises no more alarms than that in calm years."""
    thresholds = np.arange(0.5, 12, 0.05)
    counts = [np.mean([sum(1 for _ in alarms(scores, one)) for scores in calm]) for one in thresholds.tolist()]
    return float(thresholds[np.argmax(np.array(counts) <= alarms_a_year)])


def _ratio(signed: Floats, factor: float, noise_factor: float) -> Floats:
    log_density = _log_density(noise_factor)
    before, after = (np.interp(one, _GRID, log_density) for one in (signed, signed / factor))
    return np.asarray(after - np.log(factor) - before)


def _log_density(noise_factor: float) -> Floats:
    """Return the log density on the grid: what is peculiar (normal) and noise (Student), some bookings gross errors."""
    peculiar = stats.norm.pdf(_GRID, scale=np.sqrt(HABIT**2 + CENTRE_ERROR**2 + CENTRE_WOBBLE**2))
    scale = noise_factor * NOISE / np.sqrt(FREEDOM / (FREEDOM - 2))
    usual = np.convolve(peculiar, stats.t.pdf(_GRID, FREEDOM, scale=scale), mode="same") * _STEP
    gross = round(1.0 / _STEP)
    shifted = (np.roll(usual, gross) + np.roll(usual, -gross)) / 2
    return np.log((1 - GROSS) * usual + GROSS * shifted)
