"""Coverage of ranges counts every operation that the model proposed, whatever the oracle proposes."""

from dataclasses import replace

import polars as pl
import pytest

from backend.domain.prediction import MinutesRange
from backend.ml.judging.comparison import ActualLot
from benchmarks.demo_contest import ORACLE, Contest
from benchmarks.demo_task import KNOWN, DemoTask
from benchmarks.ranges import MODEL, OVERALL, report
from benchmarks.scoring import STEPS, Answers, group_of


def steps(*ranges: tuple[int, float, float]) -> Answers:
    rows = [(row, "W1", True, 1.0, 10.0, low, high) for row, low, high in ranges]
    return Answers(pl.DataFrame(rows, schema=STEPS, orient="row"))


def test_a_total_is_judged_where_the_lot_was_made_and_measured_as_proposed(task: DemoTask) -> None:
    made = ActualLot("A", "X", 5.0, (0, 1), ("C", "T"), ("W1",) * 2, (True,) * 2, (13.0, 14.0))
    unmeasured = ActualLot("B", "X", 5.0, (2, 3), ("C", "T"), ("W1",) * 2, (True,) * 2, (13.0, None))
    otherwise = ActualLot("C", "X", 5.0, (4,), ("C",), ("W1",), (True,), (13.0,))
    said = steps(*((row, 7.0, 14.0) for row in range(5)))
    model = replace(said, sequences=[("C", "T")] * 3, totals=[MinutesRange(15.0, 26.0)] * 3)
    groups = {KNOWN: group_of([made, unmeasured, otherwise], {})}
    found = report(Contest(task, groups, {MODEL: {KNOWN: model}, ORACLE: {KNOWN: said}}), {})
    ((name, *cells), _) = found.tables[1].rows
    assert name == KNOWN
    assert cells == [1, 0.0, 100.0, 0.0, pytest.approx(11 / 14), pytest.approx(11 / (7 * 2**0.5))]
    assert found.bars[-1].value == 0.0


def test_an_operation_that_the_oracle_does_not_propose_counts_for_coverage_and_not_for_the_width(
    task: DemoTask,
) -> None:
    lot = ActualLot("A", "X", 5.0, (0, 1, 2), ("C", "T", "P"), ("W1",) * 3, (True,) * 3, (10.0,) * 3)
    model = steps((0, 9.0, 11.0), (1, 8.0, 12.0), (2, 20.0, 90.0))
    answers = {MODEL: {KNOWN: model}, ORACLE: {KNOWN: steps((0, 9.0, 11.0), (1, 9.0, 11.0))}}
    tables = report(Contest(task, {KNOWN: group_of([lot], {})}, answers), {}).tables
    (name, rows, covered, oracle, _, above, width) = tables[0].rows[-1]
    assert (name, rows, oracle, width) == (OVERALL, 3, 100.0, 1.5)
    assert covered == pytest.approx(200 / 3)
    assert above == 0.0
