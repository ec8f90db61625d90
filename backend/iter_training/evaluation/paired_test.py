"""The paired test behind the gate: the same operations, two models, differences clustered by item."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

LOG_ERROR_CAP = 1.5
"""A factor of 4.5; beyond it a booking is more likely wrong than informative."""
SMALLEST_MINUTES = 0.01
OUTLYING = 2.5
LEAST_SCALE = 0.05
"""Where a model is exact for half of the operations, errors beyond 5 % are the outlying ones."""


@dataclass(frozen=True, slots=True)
class PairedResult:
    """How much better (positive) the challenger is, and how likely mere chance would show that much."""

    gain_pct: float
    """The gain in percent of the champion's mean loss."""
    p_better: float
    p_worse: float
    pairs: int
    clusters: int


def log_errors(predicted: npt.ArrayLike, actual: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return |log(predicted / actual)|, capped; scale-free, so that long operations do not decide alone.

    >>> log_errors([20.0, 5.0, 1000.0], [10.0, 5.0, 1.0]).round(3).tolist()
    [0.693, 0.0, 1.5]
    """
    return np.abs(signed_log_errors(predicted, actual))


def signed_log_errors(predicted: npt.ArrayLike, actual: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return log(predicted / actual), capped on both sides; its mean is the bias.

    >>> signed_log_errors([20.0, 5.0], [10.0, 10.0]).round(3).tolist()
    [0.693, -0.693]
    """
    guess = np.maximum(np.asarray(predicted, dtype=np.float64), SMALLEST_MINUTES)
    truth = np.maximum(np.asarray(actual, dtype=np.float64), SMALLEST_MINUTES)
    return np.clip(np.log(guess / truth), -LOG_ERROR_CAP, LOG_ERROR_CAP)


def compare_times(
    champion: npt.NDArray[np.float64], challenger: npt.NDArray[np.float64], clusters: npt.ArrayLike
) -> PairedResult:
    """Compare two models' signed log errors: the gain in mean |log error|, its chance by Huber's loss.

    A better model moves most errors a little, which absolute values hardly show where errors are near zero and
    squares show well; Huber's loss is the square up to OUTLYING robust deviations, and straight from there on.
    """
    scale = outlying(champion)
    gain = paired_test(np.abs(champion), np.abs(challenger), clusters).gain_pct
    chance = paired_test(_huber(champion, scale), _huber(challenger, scale), clusters)
    return replace(chance, gain_pct=gain)


def outlying(errors: npt.NDArray[np.float64]) -> float:
    """Return the size from which errors are outlying ones: OUTLYING robust deviations.

    >>> round(outlying(np.array([-0.1, 0.1, 0.1, 3.0])), 3)
    0.371
    """
    middle = float(np.median(np.abs(errors))) if errors.size else 0.0
    return max(OUTLYING * 1.4826 * middle, LEAST_SCALE)


def _huber(errors: npt.NDArray[np.float64], scale: float) -> npt.NDArray[np.float64]:
    size = np.abs(errors)
    return np.where(size <= scale, size**2, scale * (2 * size - scale))


def paired_test(
    champion_loss: npt.NDArray[np.float64], challenger_loss: npt.NDArray[np.float64], clusters: npt.ArrayLike
) -> PairedResult:
    """Compare two models' losses on the same cases by a t-test that is robust to clusters.

    The operations of one item share its peculiarities and are not independent, so the deviation
    is taken between clusters; the degrees of freedom are the clusters - 1.
    """
    gains = champion_loss - challenger_loss
    if not gains.size:
        return PairedResult(0.0, 1.0, 1.0, 0, 0)
    mean, (_, cluster) = float(gains.mean()), np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.bincount(cluster, gains - mean)
    count = sums.size
    variance = float((sums**2).sum()) * count / max(count - 1, 1)
    better, worse = _one_sided(mean * gains.size, variance**0.5, count - 1)
    level = float(champion_loss.mean())
    return PairedResult(100 * mean / level if level > 0 else 0.0, better, worse, gains.size, count)


def _one_sided(total: float, deviation: float, freedom: int) -> tuple[float, float]:
    if freedom < 1 or total == 0:
        return 1.0, 1.0
    statistic = total / max(deviation, abs(total) * 1e-9)
    return float(stats.t.sf(statistic, freedom)), float(stats.t.cdf(statistic, freedom))
