"""Scores of one predictor beside the oracle, on lots small enough to count by hand."""

import numpy as np
import polars as pl
import pytest

from backend.ml.judging.comparison import ActualLot
from benchmarks.scoring import STEPS, Answers, calibration, group_of, pooled, pooled_answers, score


def lot(code: str, item: str, first_row: int, operations: str, minutes: float | None = 10.0) -> ActualLot:
    size = len(operations)
    rows = tuple(range(first_row, first_row + size))
    return ActualLot(code, item, 5.0, rows, tuple(operations), ("W1",) * size, (True,) * size, (minutes,) * size)


def steps(*rows: tuple[int, str | None, bool | None, float | None, float]) -> pl.DataFrame:
    ranged = [(*row, row[4] - 1, row[4] + 1) for row in rows]
    return pl.DataFrame(ranged, schema=STEPS, orient="row")


LOTS = [lot("A", "X", 0, "CT"), lot("B", "Y", 2, "C")]
GROUP = group_of(LOTS, {0: 2.0, 1: 2.0, 2: 2.0})
ORACLE = Answers(
    steps((0, "W1", True, 3.0, 11.0), (1, "W1", True, 3.0, 11.0), (2, "W1", True, 3.0, 11.0)),
    [("C", "T"), ("C",)],
    np.array([0.95, 0.95]),
)


def test_the_oracle_beside_itself_has_ratios_of_one() -> None:
    found = score(GROUP, ORACLE, ORACLE)
    assert (found.exact, found.process_match, found.time_ratio, found.setup_ratio) == (1.0, 1.0, 1.0, 1.0)
    assert (found.sure, found.sure_right, found.missing) == (1.0, 1.0, 0.0)
    assert found.calibration_error == pytest.approx(0.05)


def test_a_missing_operation_costs_the_sequence_and_not_the_time() -> None:
    lacking = Answers(steps((0, "W1", True, 2.0, 12.0), (2, "W2", False, 2.0, 12.0)), [("C",), ("C",)], None)
    found = score(GROUP, lacking, ORACLE)
    assert (found.exact, found.process_match) == (0.5, 0.75)
    assert found.missing == pytest.approx(1 / 3)
    assert found.time_ratio == pytest.approx(2.0)
    assert found.setup_ratio == 0.0
    assert (found.work_centre, found.in_house) == (0.5, 0.5)
    assert found.sure is None


def test_times_that_were_not_measured_are_not_judged() -> None:
    group = group_of([lot("A", "X", 0, "CT", minutes=None), LOTS[1]], {2: 2.0})
    wild = Answers(steps((0, None, None, 9.0, 99.0), (1, None, None, 9.0, 99.0), (2, None, None, 3.0, 11.0)))
    found = score(group, wild, ORACLE)
    assert (found.time_ratio, found.setup_ratio, found.mae_minutes) == (1.0, 1.0, 1.0)
    assert (found.exact, found.work_centre) == (None, None)


def test_calibration_compares_what_was_given_with_what_came_true() -> None:
    probability = np.array([0.95, 0.95, 0.95, 0.55])
    right = np.array([True, True, False, False])
    sure, sure_right, error = calibration(probability, right)
    assert sure == 0.75
    assert sure_right == pytest.approx(2 / 3)
    assert error == pytest.approx((abs(2 - 2.85) + 0.55) / 4)


def test_pooled_groups_are_scored_as_one() -> None:
    other = [lot("C", "Z", 3, "C")]
    answers = Answers(steps((3, "W1", True, 3.0, 13.0)), [("C", "T")], np.array([0.5]))
    both = pooled([GROUP, group_of(other, {3: 2.0})])
    found = score(both, pooled_answers([ORACLE, answers]), pooled_answers([ORACLE, answers]))
    assert found.lots == 3
    assert found.exact == pytest.approx(2 / 3, abs=1e-4)
    assert found.mae_minutes == pytest.approx((1 + 1 + 1 + 3) / 4)
