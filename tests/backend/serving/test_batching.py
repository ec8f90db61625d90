import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.ml.model import RoutingModel
from backend.registry.bundle import read_bundle
from backend.serving.batching import PIECE, QueryBatcher, Wanted

CODES = [f"ITEM{number:03d}" for number in range(1, 9)]
BROKEN = PredictionQuery("ITEM001", {"diameter": object()})  # type: ignore[dict-item]
"""Nothing that the API lets through: it raises where the model reads it."""


class GatedModel:
    """A real model that lets a call in only when told, and notes how much each call asked for."""

    def __init__(self, model: RoutingModel) -> None:
        self._model = model
        self.begun = threading.Semaphore(0)
        self.gate = threading.Semaphore(0)
        self.sizes: list[int] = []

    def predict(self, queries: Sequence[PredictionQuery], **how: Any) -> list[ItemPrediction]:
        self.sizes.append(len(queries))
        self.begun.release()
        assert self.gate.acquire(timeout=30)
        return self._model.predict(queries, **how)

    def open(self) -> None:
        self.gate.release(1000)


@pytest.fixture(scope="module")
def model(bundles: list[Path]) -> RoutingModel:
    return RoutingModel.from_parts(read_bundle(bundles[0])[0])


@pytest.fixture
def gated(model: RoutingModel) -> GatedModel:
    return GatedModel(model)


def wanted(model: Any, *, evidence: bool = False) -> Wanted:
    return Wanted(model, 3, evidence, 0.3)


def ask_behind_a_first_call(
    gated: GatedModel, requests: Sequence[tuple[Wanted, Sequence[PredictionQuery]]]
) -> list["Future[list[ItemPrediction]]"]:
    """Ask for one item, and while that is predicted, for everything else; return all answers to come."""
    batcher, asked = QueryBatcher(), len(requests)
    with ThreadPoolExecutor(asked + 1) as threads:
        first = threads.submit(batcher.predict, wanted(gated), [PredictionQuery(CODES[0])])
        assert gated.begun.acquire(timeout=30)
        others = [threads.submit(batcher.predict, *request) for request in requests]
        _until(lambda: batcher.waiting == asked)
        gated.open()
        return [first, *others]


def _until(met: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(30_000):
        if met():
            return
        tick.wait(0.001)
    raise AssertionError("it never came to that")


def test_requests_that_wait_are_predicted_in_one_call_and_each_gets_its_own_answers(
    gated: GatedModel, model: RoutingModel
) -> None:
    asked = [[PredictionQuery(CODES[1]), PredictionQuery(CODES[2])], [PredictionQuery("NOPE")]]
    _, *answers = ask_behind_a_first_call(gated, [(wanted(gated), queries) for queries in asked])
    assert gated.sizes == [1, 3]
    for queries, answer in zip(asked, answers, strict=True):
        assert [each.item_code for each in answer.result()] == [each.item_code for each in queries]
        alone = model.predict(queries, evidence=False)
        assert [each.status for each in answer.result()] == [each.status for each in alone]


def test_requests_that_want_something_else_are_predicted_apart(gated: GatedModel) -> None:
    others = [(wanted(gated, evidence=flag), [PredictionQuery(CODES[1])]) for flag in (True, False, True)]
    _, with_evidence, without, _ = ask_behind_a_first_call(gated, others)
    assert sorted(gated.sizes) == [1, 1, 2]
    assert with_evidence.result()[0].similar_items
    assert not without.result()[0].similar_items


def test_a_failure_is_only_its_own_requests(gated: GatedModel) -> None:
    others = [(wanted(gated), [query]) for query in (BROKEN, PredictionQuery(CODES[1]))]
    first, broken, fine = ask_behind_a_first_call(gated, others)
    assert isinstance(broken.exception(), TypeError)
    assert first.result()[0].best
    assert fine.result()[0].best


def test_a_long_request_lets_short_ones_in_between(gated: GatedModel) -> None:
    long = [PredictionQuery(CODES[i % 8]) for i in range(2 * PIECE + 1)]
    others = [(wanted(gated), long), (wanted(gated), [PredictionQuery(CODES[1])])]
    _, answer, short = ask_behind_a_first_call(gated, others)
    assert gated.sizes in ([1, PIECE, 1, PIECE, 1], [1, 1, PIECE, PIECE, 1])
    assert short.result()[0].best
    assert [each.item_code for each in answer.result()] == [each.item_code for each in long]


def test_many_threads_at_once_all_get_what_they_asked_for(model: RoutingModel) -> None:
    batcher = QueryBatcher()

    def ask(number: int) -> bool:
        codes = [CODES[(number + step) % 8] for step in range(1 + number % 3)]
        answers = batcher.predict(wanted(model), [PredictionQuery(code) for code in codes])
        return [each.item_code for each in answers] == codes and all(each.best for each in answers)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask, range(200)))
    assert batcher.waiting == 0


def test_no_queries_have_no_answers(model: RoutingModel) -> None:
    assert QueryBatcher().predict(wanted(model), []) == []
