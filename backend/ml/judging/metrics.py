"""Every quality metric, one definition each; times are minutes per operation and lot."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.ArrayLike
Labels: TypeAlias = npt.ArrayLike
TRIMMED_SHARE = 0.1


def mae(predicted: Numbers, actual: Numbers) -> float | None:
    """Return the mean absolute error: set-up + run, predicted for the actual quantity against actual.

    >>> mae([10.0, 20.0, 30.0], [12.0, 20.0, 26.0])
    2.0
    """
    return _mean(np.abs(_errors(predicted, actual)))


def trim_mae(predicted: Numbers, actual: Numbers) -> float | None:
    """Return the mean absolute error without the 10 % smallest and 10 % largest errors.

    >>> trim_mae([1.0] * 10, [1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 900.0])
    1.0
    """
    ordered = np.sort(np.abs(_errors(predicted, actual)))
    dropped = int(TRIMMED_SHARE * ordered.size)
    return _mean(ordered[dropped : ordered.size - dropped])


def rmse(predicted: Numbers, actual: Numbers) -> float | None:
    """Return the root mean square error.

    >>> rmse([10.0, 20.0], [13.0, 16.0])
    3.5355
    """
    errors = _errors(predicted, actual)
    return _rounded(float(np.sqrt(np.mean(errors**2)))) if errors.size else None


def wape(predicted: Numbers, actual: Numbers) -> float | None:
    """Return the sum of absolute errors / the sum of actual minutes.

    >>> wape([10.0, 20.0], [15.0, 25.0])
    0.25
    """
    return _ratio(float(np.abs(_errors(predicted, actual)).sum()), float(_floats(actual).sum()))


def routing_mae(predicted_totals: Numbers, actual_totals: Numbers, items: Labels) -> float | None:
    """Return |total predicted - total actual minutes| of the whole routing, averaged over items.

    Missing and extra operations are in the totals. An item's several lots are averaged first.

    >>> routing_mae([100.0, 100.0, 50.0], [110.0, 130.0, 50.0], ["A", "A", "B"])
    10.0
    """
    return mean_per_item(np.abs(_errors(predicted_totals, actual_totals)), items)


def process_match(matches: Numbers, items: Labels) -> float | None:
    """Return the mean over items of 1 - edit distance / longer length of the operation codes.

    `matches` are backend.ml.judging.alignment.sequence_match of each lot; an item's lots are averaged first.

    >>> process_match([1.0, 0.5, 0.5], ["A", "A", "B"])
    0.625
    """
    return mean_per_item(matches, items)


def exact_match(right: Numbers, items: Labels) -> float | None:
    """Return the share of items whose whole operation sequence is right.

    >>> exact_match([True, False, True, True], ["A", "B", "C", "D"])
    0.75
    """
    return mean_per_item(right, items)


def exact_route(right: Numbers, items: Labels) -> float | None:
    """Return the share of items whose operation sequence and every work centre are right.

    >>> exact_route([True, False, False, True], ["A", "B", "C", "D"])
    0.5
    """
    return mean_per_item(right, items)


def work_centre_match(right: Numbers) -> float | None:
    """Return the share of aligned operations whose work centre is right.

    >>> work_centre_match([True, True, False, True])
    0.75
    """
    return _mean(_floats(right))


def outsourcing_success(right: Numbers) -> float | None:
    """Return the share of aligned operations whose in-house flag is right.

    >>> outsourcing_success([True, True, True, False])
    0.75
    """
    return _mean(_floats(right))


def accepted_share(accepted: Numbers) -> float | None:
    """Return the share of planners' decisions that left the proposed routing as it was.

    >>> accepted_share([True, True, False, True])
    0.75
    """
    return _mean(_floats(accepted))


def cv(predicted: Numbers, actual: Numbers) -> float | None:
    """Return the standard deviation of the errors / the mean actual minutes.

    >>> cv([10.0, 22.0, 30.0], [12.0, 20.0, 28.0])
    0.0943
    """
    errors = _errors(predicted, actual)
    return _ratio(float(errors.std()), float(_floats(actual).mean())) if errors.size else None


def actual_cv(setup: Numbers, run: Numbers, quantity: Numbers, groups: Labels) -> float | None:
    """Return the shop's own variation between repeat orders, which no model can beat.

    Repeat orders are lots of the same item and operation (one label of `groups`). Expected of each
    is the group's mean set-up plus the group's run minutes per unit x the lot's quantity; the
    pooled standard deviation around it is divided by the mean actual minutes of these lots.
    None where nothing was made twice.

    >>> actual_cv([5.0, 5.0, 9.0], [18.0, 22.0, 40.0], [10.0, 10.0, 7.0], ["A CUT", "A CUT", "B CUT"])
    0.1131
    """
    return variation_of(variation_parts(setup, run, quantity, groups).sum(axis=0))


def variation_parts(setup: Numbers, run: Numbers, quantity: Numbers, groups: Labels) -> npt.NDArray[np.float64]:
    """Return what a group of repeat orders adds to actual_cv, a row per group in the order of their labels.

    Columns: sum of squared deviations, degrees of freedom, minutes, lots; all 0 for a group made once.

    >>> variation_parts([5.0, 5.0, 9.0], [18.0, 22.0, 40.0], [10.0, 10.0, 7.0], ["A CUT", "A CUT", "B CUT"]).tolist()
    [[8.0, 1.0, 50.0, 2.0], [0.0, 0.0, 0.0, 0.0]]
    """
    setups, runs, quantities = _floats(setup), _floats(run), _floats(quantity)
    if not setups.size:
        return np.zeros((0, 4))
    _, group, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    rates = np.bincount(group, runs) / np.bincount(group, quantities)
    expected = (np.bincount(group, setups) / sizes)[group] + rates[group] * quantities
    minutes = setups + runs
    parts = np.column_stack(
        (np.bincount(group, (minutes - expected) ** 2), sizes - 1.0, np.bincount(group, minutes), sizes)
    )
    parts[sizes < 2] = 0.0
    return parts


def variation_of(parts: npt.NDArray[np.float64]) -> float | None:
    """Return actual_cv from summed variation_parts; None where nothing was made twice.

    >>> variation_of(np.array([8.0, 1.0, 50.0, 2.0]))
    0.1131
    """
    squares, freedom, minutes, lots = (float(part) for part in parts)
    return _ratio((squares / freedom) ** 0.5, minutes / lots) if freedom else None


def coverage(low: Numbers, high: Numbers, actual: Numbers) -> float | None:
    """Return the share of actual minutes inside their 80 % range, ends included.

    >>> coverage([8.0, 18.0, 30.0, 1.0], [12.0, 25.0, 40.0, 2.0], [12.0, 20.0, 29.0, 1.5])
    0.75
    """
    minutes = _floats(actual)
    return _mean(((_floats(low) <= minutes) & (minutes <= _floats(high))).astype(np.float64))


def total_coverage(low: Numbers, high: Numbers, actual: Numbers) -> float | None:
    """Return the share of lots whose total minutes are inside the 80 % range of their routing's total, ends included.

    Counted are lots that were made by the proposed sequence, and of which every operation may be judged.

    >>> total_coverage([90.0, 40.0, 10.0, 60.0], [120.0, 70.0, 20.0, 80.0], [100.0, 71.0, 15.0, 60.0])
    0.75
    """
    return coverage(low, high, actual)


def mean_per_item(values: Numbers, items: Labels) -> float | None:
    """Average each item's lots first, then the items, so that a runner does not drown the rest.

    >>> mean_per_item([0.0, 1.0, 1.0], ["A", "A", "B"])
    0.75
    """
    numbers = _floats(values)
    if not numbers.size:
        return None
    _, item, lots = np.unique(np.asarray(items), return_inverse=True, return_counts=True)
    return _mean(np.bincount(item, numbers) / lots)


def _floats(values: Numbers) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


def _errors(predicted: Numbers, actual: Numbers) -> npt.NDArray[np.float64]:
    return _floats(predicted) - _floats(actual)


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    return _rounded(float(values.mean())) if values.size else None


def _ratio(numerator: float, denominator: float) -> float | None:
    return _rounded(numerator / denominator) if denominator > 0 else None


def _rounded(value: float) -> float:
    """Keep four decimals: 0.006 seconds and a hundredth of a percent are below anybody's need."""
    return round(value, 4)
