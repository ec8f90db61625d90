import numpy as np

from backend.ml.common.arrays import Ragged, offsets_of
from backend.ml.common.string_table import StringTable
from backend.ml.history.routing_book import RoutingBook
from backend.ml.operations.presence import LEAST_EITHER_WAY, PresenceLabels
from backend.ml.operations.sequence_scores import SequenceScores

CUT, MARK, WASH = 0, 1, 2
SEQUENCES = ((CUT, MARK, WASH), (CUT, WASH, MARK), (CUT, MARK), (CUT,))
USES = np.array([400, 100, 300, 200])


def _labels(uses: np.ndarray = USES) -> PresenceLabels:
    lengths = np.array([len(each) for each in SEQUENCES])
    sequences = Ragged(offsets_of(lengths), np.concatenate([np.array(each) for each in SEQUENCES]))
    none = np.zeros(0, np.int64)
    empty = Ragged(np.zeros(1, np.int64), none)
    operations = StringTable.of(["CUT", "MARK", "WASH"])
    book = RoutingBook(operations, operations, StringTable.of([]), none, none, none, empty, none, sequences)
    return PresenceLabels.fit(book, np.repeat(np.arange(len(uses)), uses))


def _place(labels: PresenceLabels, operation: int) -> int:
    return int(np.flatnonzero(labels.operation == operation)[0])


def _log_odds(labels: PresenceLabels, mark_first: float) -> np.ndarray:
    """Everything is likely; `mark_first` is the log-odds that marking comes before washing."""
    odds = np.full((1, labels.outputs), 3.0, dtype=np.float32)
    named = labels.orders[0].tolist() == [_place(labels, MARK), _place(labels, WASH)]
    odds[0, labels.count] = mark_first if named else -mark_first
    return odds


def test_operations_that_come_either_way_round_get_an_order_and_others_none() -> None:
    labels = _labels()
    assert sorted(labels.orders.ravel().tolist()) == sorted([_place(labels, MARK), _place(labels, WASH)])


def test_an_order_that_few_items_turn_round_is_an_exception() -> None:
    assert _labels(np.array([400, LEAST_EITHER_WAY - 1, 300, 200])).orders.shape == (0, 2)


def test_the_same_operations_are_told_apart_by_their_order() -> None:
    labels = _labels()
    scores = SequenceScores.make(labels, USES)
    for mark_first, best in ((2.0, 0), (-2.0, 1)):
        odds = _log_odds(labels, mark_first)
        assert scores.likely(scores.laid_out(odds), 1).tolist() == [[best]]
        found = scores.scores(scores.laid_out(odds)[None], Ragged(np.array([0, 2]), np.array([0, 1])))[0]
        assert np.isclose(abs(found[0] - found[1]), 2.0)


def test_an_order_says_nothing_of_sequences_that_lack_one_of_its_operations() -> None:
    labels = _labels()
    targets, applies = labels.answers(np.arange(len(SEQUENCES)))
    assert applies[:, labels.count].tolist() == [True, True, False, False]
    assert targets[0, labels.count] != targets[1, labels.count]
    sequences = Ragged(np.array([0, 2]), np.array([2, 3]))
    scores = SequenceScores.make(labels, USES)
    one, other = (scores.scores(scores.laid_out(_log_odds(labels, odds))[None], sequences)[0] for odds in (2.0, -2.0))
    assert one.tolist() == other.tolist()


def test_a_sequence_that_no_item_is_made_by_is_not_proposed() -> None:
    labels = _labels()
    scores = SequenceScores.make(labels, np.array([0, 100, 300, 200]))
    assert sorted(scores.likely(scores.laid_out(_log_odds(labels, 2.0)), 4)[0].tolist()) == [1, 2, 3]
