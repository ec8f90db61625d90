"""Visits: their numbers, how far their means are believed, and how rows of lots seen in part are known again."""

import numpy as np
import polars as pl
import pytest

from backend.ml.common.arrays import Floats
from backend.ml.history.visits import VISITS, with_visits
from backend.ml.times.visits import VisitRows, Visits

LOT = ("work_order_code", "item_code")


def lot(code: str, operations: str, numbers: list[int | None] | None = None) -> pl.DataFrame:
    sequence = numbers or [10 * (place + 1) for place in range(len(operations))]
    return pl.DataFrame(
        {"work_order_code": code, "item_code": "I", "operation_code": list(operations), "sequence": sequence}
    )


def visits(frame: pl.DataFrame) -> list[str]:
    """Return "place of many" per row, "" where an operation is done once."""
    found = with_visits(frame, LOT)["visit"].to_list()
    return [f"{each % VISITS + 1} of {each // VISITS}" if each else "" for each in found]


def test_a_visit_is_the_so_maniest_of_its_operation_in_sequence_order_whatever_the_order_of_rows() -> None:
    rows = lot("W", "ABACA")
    assert visits(rows) == ["1 of 3", "", "2 of 3", "", "3 of 3"]
    assert visits(rows.reverse()) == ["3 of 3", "", "2 of 3", "", "1 of 3"]
    assert visits(pl.concat([lot("V", "AA"), rows])) == ["1 of 2", "2 of 2", *visits(rows)]


def test_what_has_no_number_is_no_visit_and_where_nothing_returns_rows_stay_as_they_are() -> None:
    assert visits(lot("W", "AAA", [10, None, 30]))[1] == ""
    rows = lot("W", "ABC")
    assert with_visits(rows, LOT, []) is rows


def rows_of(pairs: int, lots: int, many: int) -> VisitRows:
    """Return rows of pairs of one operation, each with `many` visits per lot, the oldest lots first."""
    pair = np.repeat(np.arange(pairs), lots * many)
    place = np.tile(np.arange(many), pairs * lots)
    return VisitRows(pair, many * VISITS + place, 10 * (place + 1))


def residuals(rows: VisitRows, between: float, noise: float) -> tuple[Floats, Floats]:
    """Return rows' residuals, and by how much each one's visit truly differs from all of its pair."""
    draw = np.random.default_rng(4)
    many = int(rows.visit[0] // VISITS)
    pairs = int(rows.pair.max()) + 1
    true = draw.normal(0, between, (pairs, many))
    true -= true.mean(axis=1, keepdims=True)
    shift = true[rows.pair, rows.visit % VISITS]
    return draw.normal(0, 0.5, pairs)[rows.pair] + shift + draw.normal(0, noise, len(shift)), shift


@pytest.mark.parametrize("between", [0.0, 0.1, 0.5])
def test_visits_are_believed_as_far_as_they_differ(between: float) -> None:
    rows = rows_of(200, 4, 5)
    residual, true = residuals(rows, between, 0.3)
    learnt = Visits.of(rows, residual, 1)
    found = learnt.at(rows)
    assert np.sqrt(learnt.between[0]) == pytest.approx(between, rel=0.15, abs=0.05)
    assert np.sqrt(learnt.lot[0]) == pytest.approx(0.3, rel=0.05)
    assert ((found.shift - true) ** 2).mean() == pytest.approx(found.unsure.mean(), rel=0.3, abs=0.002)
    assert (found.lots == 4).all()


def test_a_visit_that_no_lot_shows_is_as_unsure_as_visits_differ() -> None:
    rows = rows_of(50, 4, 5)
    learnt = Visits.of(rows, residuals(rows, 0.4, 0.2)[0], 1)
    nobody = VisitRows(np.array([0, -1, 0]), np.array([3 * VISITS, 5 * VISITS, 0]), np.array([10, 10, 10]))
    found = learnt.at(nobody)
    assert found.shift.tolist() == [0.0] * 3
    assert found.unsure.tolist() == [learnt.between[0], learnt.between[0], 0.0]


def test_rows_of_lots_seen_in_part_are_known_again_by_their_numbers() -> None:
    rows = rows_of(3, 4, 5)
    learnt = Visits.of(rows, residuals(rows, 0.4, 0.2)[0], 1)
    found = learnt.recognised(np.array([1, 1, 1, 7]), np.array([30, 50, 35, 30]))
    assert found.tolist() == [5 * VISITS + 2, 5 * VISITS + 4, 0, 0]


def test_new_rows_move_their_own_visit_alone() -> None:
    rows, plenty = rows_of(1, 10, 3), rows_of(50, 4, 5)
    like = Visits.of(plenty, residuals(plenty, 0.4, 0.2)[0], 1)
    learnt = Visits.of(rows, np.zeros(30), 1, like)
    new = VisitRows(np.zeros(10, np.int64), np.full(10, 3 * VISITS + 1), np.full(10, 20))
    told = learnt.told(new, np.full(10, 0.6))
    assert told.means == pytest.approx([0.0, 0.3, 0.0])
    assert told.lots.tolist() == [10, 20, 10]
    assert learnt.told(new, np.full(10, np.nan)).means.tolist() == [0.0] * 3
