import numpy as np

from backend.ml.arrays import Ragged
from backend.ml.expected_match import ExpectedMatch
from backend.ml.routing_book import RoutingBook
from backend.ml.string_table import StringTable

SEQUENCES = ((0, 1, 2, 3), (0, 1, 3), (0, 1, 2), (4, 5))


def _book() -> RoutingBook:
    names = StringTable.of([f"S{number}" for number in range(6)])
    lengths = [len(each) for each in SEQUENCES]
    rows = np.repeat(np.arange(len(SEQUENCES)), lengths)
    sequences = Ragged.from_rows(rows, np.array([step for each in SEQUENCES for step in each], np.int32), 4)
    steps = np.arange(6, dtype=np.int32)
    where = np.zeros(6, dtype=np.int32)
    inside = np.ones(6, dtype=bool)
    return RoutingBook(names, names, StringTable.of(["W"]), steps, where, inside, sequences, np.arange(4), sequences)


def _first(chances: list[float], uses: tuple[int, ...] = (1, 1, 1, 1)) -> int:
    proposals = Ragged(np.array([0, 4]), np.arange(4, dtype=np.int32))
    return int(ExpectedMatch(_book(), np.array(uses)).places(proposals, np.array(chances)).argmax())


def test_a_likely_proposal_comes_first_however_odd_it_is() -> None:
    assert _first([0.2, 0.1, 0.1, 0.5]) == 3


def test_where_none_is_likely_the_one_most_like_the_others_comes_first() -> None:
    assert _first([0.15, 0.14, 0.14, 0.16]) == 0


def test_what_the_proposals_leave_open_is_taken_to_be_usual() -> None:
    assert _first([0.04, 0.04, 0.04, 0.05], uses=(1, 1, 1, 90)) == 3
    assert _first([0.04, 0.04, 0.04, 0.05], uses=(1, 1, 90, 1)) == 2
