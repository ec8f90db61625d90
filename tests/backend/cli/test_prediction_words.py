"""What `routing-ml predict` prints: long routings are told in a few lines, a total with what its range holds for."""

import pytest

from backend.cli.prediction_command import _print_prediction
from backend.domain.prediction import (
    Candidate,
    ItemPrediction,
    MinutesRange,
    PredictedOperation,
    PredictionStatus,
    SimilarItem,
)

CODES = tuple(f"STEP{number}" for number in range(300))


def _prediction(probability: float, quantity: float) -> ItemPrediction:
    here = MinutesRange(1.0, 3.0)
    steps = (PredictedOperation(1010, code, code, "W", True, 0.0, here, 2.0, here, 2.0, here, 4) for code in CODES)
    best = Candidate(probability, tuple(steps), 600.0, MinutesRange(580.0, 640.0))
    like = SimilarItem("P-2", 0.9, CODES[:200], ("L1",), (), ())
    return ItemPrediction("P-1", PredictionStatus.OK, "", quantity, (best,), (like,))


def test_a_similar_routing_of_hundreds_of_operations_is_told_by_how_it_differs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _print_prediction(_prediction(0.9, 5.0))
    shown = capsys.readouterr()
    assert "1010" in shown.out, "a number of a step is no amount"
    like = next(line for line in shown.err.splitlines() if "like P-2" in line)
    assert like.startswith("  like P-2 (90%, made in L1): 200 operations, without STEP200, STEP201, ")
    assert like.endswith(" and 95 others")


def test_the_range_of_a_total_says_that_it_holds_for_this_routing_where_that_is_unlikely(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _print_prediction(_prediction(0.01, 1.0))
    assert "(80 % range 580.00–640.00 if made so) for 1 piece, 1% sure" in capsys.readouterr().out
    _print_prediction(_prediction(0.9, 2.0))
    assert "(80 % range 580.00–640.00) for 2 pieces, 90% sure" in capsys.readouterr().out
