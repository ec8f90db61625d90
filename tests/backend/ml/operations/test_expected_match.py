from collections.abc import Sequence

import numpy as np
import pytest

from backend.ml.common.arrays import Ragged
from backend.ml.common.string_table import StringTable
from backend.ml.history.routing_book import RoutingBook
from backend.ml.judging.alignment import sequence_match
from backend.ml.operations.expected_match import ExpectedMatch

SEQUENCES = ((0, 1, 2, 3), (0, 1, 3), (0, 1, 2), (4, 5))


def _book(routes: Sequence[Sequence[int]] = SEQUENCES) -> RoutingBook:
    names = StringTable.of([f"S{number}" for number in range(6)])
    rows = np.repeat(np.arange(len(routes)), [len(each) for each in routes])
    sequences = Ragged.from_rows(rows, np.array([step for each in routes for step in each], np.int32), len(routes))
    steps = np.arange(6, dtype=np.int32)
    where = np.zeros(6, dtype=np.int32)
    inside = np.ones(6, dtype=bool)
    return RoutingBook(
        names, names, StringTable.of(["W"]), steps, where, inside, sequences, np.arange(len(routes)), sequences
    )


_NO_STANDARD = np.array([-1])
_NO_LOTS = Ragged(np.array([0, 0]), np.zeros(0, np.int64)), np.zeros(0), _NO_STANDARD
_LOT = Ragged(np.array([0, 1]), np.array([3]))


def _first(chances: list[float], uses: tuple[int, ...] = (1, 1, 1, 1)) -> int:
    proposals = Ragged(np.array([0, 4]), np.arange(4, dtype=np.int32))
    return int(ExpectedMatch(_book(), np.array(uses)).places(proposals, np.array(chances), *_NO_LOTS).argmax())


def test_a_likely_proposal_comes_first_however_odd_it_is() -> None:
    assert _first([0.2, 0.1, 0.1, 0.5]) == 3


def test_where_none_is_likely_the_one_most_like_the_others_comes_first() -> None:
    assert _first([0.15, 0.14, 0.14, 0.16]) == 0


def test_what_the_proposals_leave_open_is_taken_to_be_usual() -> None:
    assert _first([0.04, 0.04, 0.04, 0.05], uses=(1, 1, 1, 90)) == 3
    assert _first([0.04, 0.04, 0.04, 0.05], uses=(1, 1, 90, 1)) == 2


@pytest.mark.parametrize("longest", [64, 300])
@pytest.mark.parametrize("seed", range(10))
def test_the_one_that_comes_first_has_the_highest_expected_process_match(seed: int, longest: int) -> None:
    draw = np.random.default_rng(seed)
    whole = draw.integers(0, 6, longest)
    routes = [whole[draw.random(longest) < draw.random()].tolist() or [0] for _ in range(12)]
    chances = draw.random(12) / 60
    uses = draw.integers(0, 50, 12)
    weights = chances + (1 - chances.sum()) * uses / uses.sum()
    expected = [sum(w * sequence_match(one, other) for w, other in zip(weights, routes, strict=True)) for one in routes]
    places = ExpectedMatch(_book(routes), uses).places(Ragged(np.array([0, 12]), np.arange(12)), chances, *_NO_LOTS)
    assert places.argmax() == np.argmax(expected)


def test_a_long_standard_routing_of_which_steps_are_skipped_is_preferred_to_another_items_routing() -> None:
    draw = np.random.default_rng(0)
    mine, theirs = draw.integers(0, 6, 300), draw.integers(0, 6, 250)
    lots = [theirs[draw.random(250) > 0.1].tolist() for _ in range(5)]
    proposals, chances = Ragged(np.array([0, 7]), np.arange(7)), np.full(7, 1e-9)
    match = ExpectedMatch(_book([mine.tolist(), theirs.tolist(), *lots]), np.array([0, 1, 1, 1, 1, 1, 1]))
    assert match.places(proposals, chances, *_NO_LOTS).argmax() > 0
    assert match.places(proposals, chances, *_NO_LOTS[:2], np.array([0])).argmax() == 0


def test_an_item_whose_lots_differ_is_taken_to_be_like_its_lots_more_than_like_the_plant() -> None:
    proposals, chances = Ragged(np.array([0, 4]), np.arange(4)), np.array([0.45, 0.1, 0.1, 0.1])
    match = ExpectedMatch(_book(), np.array([1, 1, 1, 1]))
    assert match.places(proposals, chances, *_NO_LOTS).argmax() == 0
    assert match.places(proposals, chances, _LOT, np.array([40.0]), _NO_STANDARD).argmax() == 3


def test_one_odd_lot_does_not_outweigh_what_the_plant_usually_does() -> None:
    proposals, chances = Ragged(np.array([0, 4]), np.arange(4)), np.array([0.1, 0.1, 0.1, 0.4])
    match = ExpectedMatch(_book(), np.array([50, 1, 1, 1]))
    assert match.places(proposals, chances, _LOT, np.array([1.0]), _NO_STANDARD).argmax() == 0
