"""Requests that come at the same time are predicted together: one call for ten items costs little more than for two.

There is no thread of its own: whoever finds nobody at work works off what is waiting, its own queries among it, and
then hands over to the first that came meanwhile. Long requests take turns with short ones, piece by piece.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.records import record
from backend.ml.model import RoutingModel

PIECE: Final = 100
"""Most queries that are predicted in one call: who comes meanwhile waits for it, and for what waits already.

Twice as many take 10 MB more at a large plant and are a twentieth quicker."""


@record
class Wanted:
    """What queries must have in common to be predicted together."""

    model: RoutingModel
    candidates: int
    evidence: bool
    low_evidence_probability: float

    def predict(self, queries: Sequence[PredictionQuery]) -> list[ItemPrediction]:
        """Return an answer per query."""
        return self.model.predict(
            queries,
            candidates=self.candidates,
            evidence=self.evidence,
            low_evidence_probability=self.low_evidence_probability,
        )


@dataclass(slots=True, eq=False)
class _Piece:
    """Queries of one request on their way: waiting, then answered or failed."""

    wanted: Wanted
    queries: Sequence[PredictionQuery]
    called: threading.Event | None = None
    """Set when there is an answer, and when it is this one's turn to work; None for who need not wait."""
    answers: list[ItemPrediction] | None = None
    error: BaseException | None = None


class QueryBatcher:
    """Predicts for many threads, one call at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Piece] = []
        self._is_busy = False

    @property
    def waiting(self) -> int:
        """Return how many requests wait for their turn."""
        return len(self._waiting)

    def predict(self, wanted: Wanted, queries: Sequence[PredictionQuery]) -> list[ItemPrediction]:
        """Return an answer per query, in their order; what prediction raises, it raises here too."""
        answers: list[ItemPrediction] = []
        for start in range(0, len(queries), PIECE):
            answers += self._answer(_Piece(wanted, queries[start : start + PIECE]))
        return answers

    def _answer(self, piece: _Piece) -> list[ItemPrediction]:
        with self._lock:
            self._waiting.append(piece)
            if self._is_busy:
                piece.called = threading.Event()
            self._is_busy = True
        if piece.called is not None:
            piece.called.wait()
        if piece.answers is None and piece.error is None:
            self._work()
        if piece.error is not None:
            raise piece.error
        return piece.answers or []

    def _work(self) -> None:
        """Predict what waits first and what fits to it, then call those who have answers and whoever is next."""
        with self._lock:
            pieces = _fitting(self._waiting)
            self._waiting = [piece for piece in self._waiting if piece not in pieces]
        try:
            _predict(pieces)
        finally:
            with self._lock:
                called = [*pieces, *self._waiting[:1]]
                self._is_busy = bool(self._waiting)
            for piece in called:
                if piece.called is not None:
                    piece.called.set()


def _fitting(waiting: Sequence[_Piece]) -> list[_Piece]:
    """Return the first piece and those after it that want the same, as far as they fit into one call."""
    chosen, count = [waiting[0]], len(waiting[0].queries)
    for piece in waiting[1:]:
        if piece.wanted == waiting[0].wanted and count + len(piece.queries) <= PIECE:
            chosen.append(piece)
            count += len(piece.queries)
    return chosen


def _predict(pieces: Sequence[_Piece]) -> None:
    """Answer pieces together; where that fails, alone, so that a failure is only its own request's."""
    try:
        answers = pieces[0].wanted.predict([query for piece in pieces for query in piece.queries])
    except BaseException as error:  # noqa: BLE001 - raised again in the thread of the request
        if len(pieces) == 1:
            pieces[0].error = error
            return
        for piece in pieces:
            _predict([piece])
        return
    start = 0
    for piece in pieces:
        piece.answers = answers[start : start + len(piece.queries)]
        start += len(piece.queries)
