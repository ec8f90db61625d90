"""Answers prediction requests from the active model version, whole requests from one version."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from backend.domain.clock import Clock, utc_now
from backend.domain.prediction import (
    AttributeValue,
    ItemPrediction,
    PredictionAnswer,
    PredictionQuery,
    PredictionStatus,
)
from backend.domain.records import record
from backend.erp.reading import PlantReader
from backend.errors import NoModelError
from backend.ml.items.attribute_catalogue import CountedAttribute
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.serving.batching import PIECE, QueryBatcher, Wanted
from backend.serving.health import HealthProblem, PredictorHealth
from backend.serving.item_source import ItemSource, WatchedSource
from backend.serving.model_follower import ModelFollower
from backend.serving.plant_change import plant_change
from backend.serving.threads import share_one_heap, use_one_blas_thread
from backend.settings import Settings

_SOURCE_COMMAND: Final = "Run 'python scripts/test_db_connection.py'"


@record
class PiecewiseAnswer:
    """Answers in the order of the queries, some at a time: all of a long request at once would take much memory."""

    pieces: Iterator[list[ItemPrediction]]
    model_version: str
    data_cutoff: datetime | None


class Predictor:
    """Holds the active model version and follows the manifest; safe to use from many threads."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock = utc_now,
        *,
        source: ItemSource | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        on_reload_failure: Callable[[], None] | None = None,
    ) -> None:
        self._settings = settings
        self._follower = ModelFollower(ModelStore(settings), clock, monotonic, on_failure=on_reload_failure)
        self._source = WatchedSource(source or PlantReader(settings), monotonic)
        self._batcher = QueryBatcher()
        use_one_blas_thread()
        share_one_heap()

    def predict(
        self, queries: Sequence[PredictionQuery], *, candidates: int | None = None, evidence: bool = True
    ) -> PredictionAnswer:
        """Answer every query, in order; an item that cannot be answered says so in its status.

        Items that the model does not know are looked up in the plant, all with one call. Raises
        NoModelError where no version has been loadable yet.
        """
        asked = self.predict_in_pieces(queries, candidates=candidates, evidence=evidence)
        answers = tuple(answer for piece in asked.pieces for answer in piece)
        return PredictionAnswer(answers, asked.model_version, asked.data_cutoff)

    def predict_in_pieces(
        self, queries: Sequence[PredictionQuery], *, candidates: int | None = None, evidence: bool = True
    ) -> PiecewiseAnswer:
        """Do the same, but predict each piece of the queries only when it is asked for, all from one version."""
        served = self._follower.current()
        if served is None:
            raise self._no_model()
        self._source.look()
        found = self._look_up(_unknown_codes(queries, served.model), served.model)
        models = self._settings.config.models
        wanted = Wanted(served.model, candidates or models.candidates, evidence, models.low_evidence_probability)
        pieces = (self._piece(queries[start : start + PIECE], wanted, found) for start in range(0, len(queries), PIECE))
        return PiecewiseAnswer(pieces, served.version, served.model.data_cutoff)

    def _piece(
        self, queries: Sequence[PredictionQuery], wanted: Wanted, found: Mapping[str, dict[str, AttributeValue]]
    ) -> list[ItemPrediction]:
        asked = [_with_attributes(query, found) for query in queries] if found else queries
        answers = self._batcher.predict(wanted, asked)
        if found:
            answers = [_without_shared_attributes(q, answer, found) for q, answer in zip(queries, answers, strict=True)]
        if self._source.trouble is not None:
            pairs = zip(queries, answers, strict=True)
            answers = [_without_source(query, answer, wanted.model, found) for query, answer in pairs]
        return answers

    def active_version(self) -> str | None:
        """Return the version that answers now, after a look at the manifest."""
        served = self._follower.current()
        return served.version if served else None

    def catalogue(self) -> tuple[str, tuple[CountedAttribute, ...]]:
        """Return the active version and the attributes that it was made for; raises NoModelError."""
        served = self._follower.current()
        if served is None:
            raise self._no_model()
        return served.version, served.model.catalogue

    def health(self) -> PredictorHealth:
        """Return how well predictions can be made, with the command for each thing that is wrong."""
        problems = self._follower.problems()
        self._source.look()
        if self._source.trouble is not None:
            text = f"items that the model does not know cannot be looked up: {self._source.trouble}"
            problems.append(HealthProblem(text, _SOURCE_COMMAND, "plant"))
        served = self._follower.current()
        if served is not None:
            change = plant_change(self._settings, served.record)
            problems += [change] if change else []
        return PredictorHealth(
            problems=tuple(problems),
            active_version=served.version if served else None,
            data_cutoff=served.model.data_cutoff if served else None,
            loaded_at=served.loaded_at if served else None,
            load_seconds=served.load_seconds if served else None,
            reload_failures=self._follower.reload_failures,
        )

    def _look_up(self, codes: list[str], model: RoutingModel) -> Mapping[str, dict[str, AttributeValue]]:
        if not codes:
            return {}
        found = self._source.read_items(codes) or {}
        names = {attribute.name for attribute in model.attributes}
        return {
            code: {name: value for name, value in attributes.items() if name in names}
            for code, attributes in found.items()
        }

    def _no_model(self) -> NoModelError:
        problems = [problem for problem in self._follower.problems() if problem.problem != "no model is active"]
        return NoModelError(f"{problems[0].problem}. {problems[0].command}") if problems else NoModelError()


def _unknown_codes(queries: Sequence[PredictionQuery], model: RoutingModel) -> list[str]:
    codes = [query.item_code for query in queries if query.attributes is None and query.item_code is not None]
    return [code for code in dict.fromkeys(codes) if not model.knows(code)]


def _with_attributes(query: PredictionQuery, found: Mapping[str, dict[str, AttributeValue]]) -> PredictionQuery:
    attributes = found.get(query.item_code) if query.item_code is not None else None
    return query if query.attributes is not None or attributes is None else replace(query, attributes=attributes)


def _without_shared_attributes(
    query: PredictionQuery, answer: ItemPrediction, found: Mapping[str, dict[str, AttributeValue]]
) -> ItemPrediction:
    """Say of an item that the plant knows why it could not be predicted: the model was made for other attributes."""
    if query.attributes is not None or query.item_code is None or found.get(query.item_code) != {}:
        return answer
    message = "the plant knows this item, but by none of the attributes that the model was made for; train again"
    return replace(answer, message=message)


def _without_source(
    query: PredictionQuery,
    answer: ItemPrediction,
    model: RoutingModel,
    found: Mapping[str, dict[str, AttributeValue]],
) -> ItemPrediction:
    """Say in an item's status what it means that the plant's database does not answer."""
    if query.attributes is not None or query.item_code is None or query.item_code in found:
        return answer
    if not model.knows(query.item_code):
        message = "the model does not know this code and the plant's database cannot be reached; try again later"
        return replace(answer, status=PredictionStatus.SOURCE_UNAVAILABLE, message=message)
    if answer.status not in (PredictionStatus.OK, PredictionStatus.LOW_EVIDENCE):
        return answer
    message = f"the plant's database cannot be reached; this is what was known {_until(model.data_cutoff)}"
    return replace(answer, status=PredictionStatus.STALE, message=f"{message}. {answer.message}".rstrip(". "))


def _until(cutoff: datetime | None) -> str:
    return f"until {cutoff:%Y-%m-%d}" if cutoff else "when the model was made"
