"""Rows of unequal length, taken alone or together."""

import numpy as np

from backend.ml.common.arrays import Ragged, offsets_of, run_starts

ROWS = Ragged(offsets_of(np.array([2, 0, 3, 1])), np.array([7, 8, 1, 2, 3, 9]))


def test_one_row_is_taken_as_several_are() -> None:
    for row in range(len(ROWS)):
        alone, twice = ROWS.take(np.array([row])), ROWS.take(np.array([row, row]))
        assert alone[0].tolist() == twice[0].tolist() == twice[1].tolist() == ROWS[row].tolist()
        offsets, flat = ROWS.positions(np.array([row]))
        assert ROWS.values[flat].tolist() == alone[0].tolist()
        assert offsets.tolist() == [0, len(alone[0])]
        assert alone.row_of_values().tolist() == [0] * len(alone[0])


def test_neighbouring_rows_are_cut_out() -> None:
    assert [ROWS.span(1, 3)[row].tolist() for row in range(2)] == [[], [1, 2, 3]]
    assert ROWS.span(2, 2).values.tolist() == []


def test_each_value_of_a_sorted_array_begins_once() -> None:
    assert run_starts(np.array([3, 3, 5, 9, 9])).tolist() == [0, 2, 3]
    assert run_starts(np.array([], dtype=np.int64)).tolist() == []
