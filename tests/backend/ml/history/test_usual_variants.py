import numpy as np

from backend.ml.common.arrays import Ints, Ragged
from backend.ml.common.string_table import StringTable
from backend.ml.history.routing_book import RoutingBook
from backend.ml.history.usual_variants import standard_weight, usual_variants

WHOLE, FORGOTTEN, ELSEWHERE = 0, 1, 2


def _book() -> RoutingBook:
    """Steps 0 to 2 are operations 0 to 2; step 3 is operation 2 at another work centre."""
    rows = [[0, 1, 2], [0, 2], [0, 1, 3]]
    variants = Ragged.from_rows(np.repeat([0, 1, 2], [3, 2, 3]), np.array([s for row in rows for s in row]), 3)
    names = StringTable.of(["A", "B", "C"])
    operation = np.array([0, 1, 2, 2])
    sequences = Ragged.from_rows(np.repeat([0, 1], [3, 2]), np.array([0, 1, 2, 0, 2]), 2)
    return RoutingBook(
        names, names, names, operation, operation, np.ones(4, bool), variants, np.array([0, 1, 0]), sequences
    )


def _usual(run: list[tuple[int, float]], standard: int, trust: float) -> int:
    variants = np.array([variant for variant, _ in run], dtype=np.int64)
    weights = np.array([weight for _, weight in run])
    ragged = Ragged(np.array([0, len(run)]), variants)
    return int(usual_variants(_book(), ragged, weights, np.array([standard]), trust)[0])


def test_a_forgotten_booking_is_outvoted_by_a_trusted_standard() -> None:
    assert _usual([(FORGOTTEN, 1.0)], WHOLE, trust=1.5) == WHOLE


def test_two_recent_lots_outvote_a_standard() -> None:
    assert _usual([(ELSEWHERE, 2.0)], WHOLE, trust=1.5) == ELSEWHERE


def test_an_item_without_lots_and_standard_has_no_usual_variant() -> None:
    assert _usual([], -1, trust=1.5) == -1


def test_a_standard_is_doubted_where_lots_follow_each_other_rather_than_it() -> None:
    item: Ints = np.repeat(np.arange(10), 2)
    followed = standard_weight(item, np.zeros(20, np.int64), np.zeros(10, np.int64))
    ignored = standard_weight(item, np.full(20, ELSEWHERE), np.zeros(10, np.int64))
    assert followed > 1 > ignored
