"""Coverage of ranges counts every operation that the model proposed, whatever the oracle proposes."""

import polars as pl
import pytest

from backend.ml.comparison import ActualLot
from benchmarks.demo_contest import ORACLE, Contest
from benchmarks.demo_task import KNOWN, DemoTask
from benchmarks.ranges import MODEL, OVERALL, report
from benchmarks.scoring import STEPS, Answers, group_of


def steps(*ranges: tuple[int, float, float]) -> Answers:
    rows = [(row, "W1", True, 1.0, 10.0, low, high) for row, low, high in ranges]
    return Answers(pl.DataFrame(rows, schema=STEPS, orient="row"))


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
