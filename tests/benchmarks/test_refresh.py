import polars as pl
import pytest

from benchmarks.refresh import DAILY, FROZEN, step_tables, weeks

SCORED = pl.DataFrame(
    {
        "who": [FROZEN, FROZEN, FROZEN, DAILY, DAILY, DAILY],
        "day": [-1, 0, 13, -1, 0, 13],
        "minutes": [1.0, 5.0, 7.0, 1.0, 5.0, 2.0],
        "log_error": [0.1, 0.4, 0.4, 0.1, 0.4, 0.1],
        "covered": [True, False, False, True, False, True],
        "touched": [True] * 6,
    }
)


def test_weeks_are_counted_from_the_step() -> None:
    found = weeks(SCORED)

    assert found["week"].unique().sort().to_list() == [-1, 0, 1]
    last = found.filter((pl.col("who") == DAILY) & (pl.col("week") == 1)).row(0, named=True)
    assert (last["rows"], last["mae"], last["covered"]) == (1, 2.0, 100.0)


def test_contestants_stand_side_by_side_and_one_that_was_not_there_yet_has_no_figure() -> None:
    table = step_tables(weeks(SCORED), weeks(SCORED.clear()))[0]

    assert [row[0] for row in table.rows] == ["-1", "0", "1"]
    assert table.rows[2][2:6] == pytest.approx((7.0, 0.0, 2.0, 100.0))
    assert table.rows[2][-2:] == (None, None)
