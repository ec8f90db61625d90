"""Lead times are judged on whole lots, beside what the plant's median would have said."""

import polars as pl
import pytest

from benchmarks.lead_times import LOTS, report


def test_coverage_and_error_of_several_plants_stand_beside_those_of_their_medians() -> None:
    rows = [(True, 4.0, 5.0, 3.0, 6.0), (True, 9.0, 8.0, 6.0, 8.5), (False, 2.0, 8.0, 6.0, 9.0)]
    lots = pl.DataFrame(rows, LOTS, orient="row").with_columns(seed=pl.Series([1, 1, 2]))
    days = [float(days) for days in range(11)]
    learnt = pl.DataFrame({"days": [*days, 1.0, 3.0], "seed": [1] * 11 + [2] * 2})
    found = report(lots, learnt, {})
    predicted, as_proposed, one, other, naive = found.tables[0].rows
    assert list(predicted[1:]) == pytest.approx([3, 100 / 3, 8 / 3, 8.5 / 3])
    assert list(as_proposed[1:]) == pytest.approx([2, 50.0, 1.0, 2.75])
    assert [one[2], other[2]] == [50.0, 0.0]
    assert list(naive[1:]) == pytest.approx([3, 100.0, 5 / 3, (8.0 * 2 + 1.6) / 3])
    assert found.bars[1].value == pytest.approx(25.0)


def test_one_plant_alone_has_no_standard_error() -> None:
    lots = pl.DataFrame([(True, 4.0, 5.0, 3.0, 6.0)], LOTS, orient="row").with_columns(seed=pl.lit(1))
    assert report(lots, pl.DataFrame({"days": [1.0], "seed": [1]}), {}).bars[1].value is None
