"""Lead times are judged on whole lots, beside what the plant's median would have said."""

import polars as pl
import pytest

from benchmarks.lead_times import LOTS, report


def test_coverage_and_error_stand_beside_those_of_the_plants_median() -> None:
    rows = [(True, 4.0, 5.0, 3.0, 6.0), (True, 9.0, 8.0, 6.0, 8.5), (False, 2.0, 8.0, 6.0, 9.0)]
    lots = pl.DataFrame(rows, LOTS, orient="row")
    learnt = pl.Series([float(days) for days in range(11)])
    predicted, as_proposed, naive = report(lots, learnt, {}).tables[0].rows
    assert list(predicted[1:]) == pytest.approx([3, 100 / 3, 8 / 3, 8.5 / 3])
    assert list(as_proposed[1:]) == pytest.approx([2, 50.0, 1.0, 2.75])
    assert list(naive[1:]) == pytest.approx([3, 100.0, 8 / 3, 8.0])
