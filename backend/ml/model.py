"""The routing model: fit it on a plant, ask it for routings, store it as plain parts."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from backend.domain.models import BundleParts
from backend.domain.plant import Attribute, PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.progress import ProgressReport, no_progress, part_of
from backend.errors import BundleError
from backend.ml.answering import Answerer, Answers
from backend.ml.bundle_schema import SCHEMA, check_schema
from backend.ml.centres.centre_choice import CentreChoice
from backend.ml.fitting import FAMILIES, Family, FitOptions, ModelState, fit_family, lay_groundwork
from backend.ml.history.bookings import BookingHabits
from backend.ml.history.histories import ItemHistories
from backend.ml.history.routing_book import RoutingBook
from backend.ml.items.attribute_catalogue import CountedAttribute, count_attributes
from backend.ml.items.encoding import ItemTable
from backend.ml.items.known_items import KnownItems
from backend.ml.items.retrieval import ItemIndex
from backend.ml.judging.limits import SequenceCeiling
from backend.ml.judging.twins import twin_ceiling
from backend.ml.operations.family_presence import FamilyPresence
from backend.ml.operations.item_space import ItemSpace
from backend.ml.operations.presence import PresenceLabels
from backend.ml.questioning import QueryReader
from backend.ml.refreshing import RefreshCounts, refresh_state
from backend.ml.routings.candidate_choice import CandidateChoice
from backend.ml.routings.routing_fit import RoutingPart, make_voters
from backend.ml.times.lead_times import lead_times_from_parts, lead_times_to_parts
from backend.ml.times.time_model import TimeModel

__all__ = ["FAMILIES", "Family", "FitOptions", "ModelFitting", "RoutingModel", "fit_model"]


class RoutingModel:
    """Predicts routings with times, ranges and evidence for known and new items."""

    def __init__(self, state: ModelState) -> None:
        self._state = state
        self._reader = QueryReader(state.routing.space.encoder, state.known, self.attributes)
        self._answerer = Answerer(state)

    @property
    def family(self) -> str:
        """Return which kind of model this is (see FAMILIES)."""
        return self._state.family

    @property
    def data_cutoff(self) -> datetime | None:
        """Return when the newest work order learnt from was finished; None where there was none."""
        return self._state.data_cutoff

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """Return the plant's attributes."""
        return tuple(column.attribute for column in self._state.routing.space.encoder.columns[:-1])

    @property
    def known_codes(self) -> Sequence[str]:
        """Return the codes of known items, sorted."""
        return self._state.known.codes

    @cached_property
    def catalogue(self) -> tuple[CountedAttribute, ...]:
        """Return the attributes with the values that known items have; counted when first asked for."""
        space, known = self._state.routing.space, self._state.known
        every = np.arange(len(known.codes))
        encoded = (column.values_of(every) for column in known.columns.each)
        return count_attributes(space.encoder.columns, encoded, space.match.weights)

    def knows(self, code: str) -> bool:
        """Tell whether an item can be predicted by its code alone."""
        return self._state.known.find(code) >= 0

    def prepare(self) -> None:
        """Make what times and reasons need now, so that the first answer does not wait for it."""
        _ = self._answerer.reasons

    def predict(
        self,
        queries: Sequence[PredictionQuery],
        *,
        candidates: int = 3,
        evidence: bool = True,
        low_evidence_probability: float = 0.3,
    ) -> list[ItemPrediction]:
        """Return one answer per query, in their order; an item never fails the batch."""
        wanted = Answers(max(candidates, 1), evidence, low_evidence_probability)
        return self._answerer.answer(self._reader, queries, wanted)

    def twin_ceiling(self) -> SequenceCeiling | None:
        """Estimate the ceiling for new items: how alike known items are that the model cannot tell apart."""
        routing, known = self._state.routing, self._state.known
        encoder, weights = routing.space.encoder, routing.space.match.weights
        values = known.values_of(np.arange(len(known.codes)), with_codes=bool(weights[-2] > 0))
        columns = [*encoder.code_columns(ItemTable(tuple(values), (None,) * len(values))), known.family]
        telling = [codes for codes, weight in zip(columns, weights, strict=True) if weight > 0]
        return twin_ceiling(telling, routing.voters.histories.label, routing.voters.book.sequences)

    def refreshed(self, work_orders: pl.DataFrame) -> tuple["RoutingModel", RefreshCounts]:
        """Return this model with its fast layers carried on over finished rows (WORK_ORDER_SCHEMA) it has not seen."""
        state, counts = refresh_state(self._state, work_orders)
        return RoutingModel(state), counts

    def to_parts(self) -> BundleParts:
        """Return plain dicts, arrays, bytes and strings."""
        state = self._state
        voters = state.routing.voters
        model: dict[str, Any] = {
            "schema": SCHEMA,
            "book": voters.book.to_parts(),
            "label_sequences": voters.labels.to_parts(),
            "label_operation": voters.labels.operation,
            "label_orders": voters.labels.orders,
            "histories": voters.histories.to_parts(),
            "index": voters.index.to_parts(),
            "family_presence": voters.family_presence.to_parts(),
            "choice": state.routing.choice.to_parts(),
            "centres": state.routing.centres.to_parts(),
            "times": state.times.to_parts(len(state.known.codes)),
            "lead_times": lead_times_to_parts(state.lead_times),
            "habits": state.habits.to_parts(),
        }
        vectorizer = {
            "schema": SCHEMA,
            "space": state.routing.space.to_parts(),
            "known": state.known.to_parts(),
        }
        return BundleParts(model, vectorizer, self._feature_config())

    def _feature_config(self) -> dict[str, Any]:
        cutoff = self.data_cutoff
        weights = self._state.routing.space.match.weights.tolist()
        names = [each.name for each in self.attributes]
        return {
            "schema": SCHEMA,
            "family": self.family,
            "data_cutoff": cutoff.isoformat() if cutoff else None,
            "items": len(self.known_codes),
            "attributes": [{"name": each.name, "kind": each.kind.value} for each in self.attributes],
            "attribute_weights": {name: round(w, 4) for name, w in zip(names, weights, strict=False)},
            "code_family_rule": self._state.routing.space.families.rule,
            "code_family_weight": round(weights[-1], 4),
        }

    @classmethod
    def from_parts(cls, parts: BundleParts, version: str | None = None) -> "RoutingModel":
        """Read what to_parts wrote; raises BundleError, by the version's name, for another schema or other parts."""
        check_schema(parts.feature_config, version)
        try:
            return cls(_state_of(parts))
        except (KeyError, TypeError, ValueError, IndexError) as error:
            name = version or str(parts.feature_config.get("family", "?"))
            cause = f"its parts do not fit together ({type(error).__name__}: {error})"
            raise BundleError(name, cause, "Roll back, or train again with 'routing-ml train'") from error


def _state_of(parts: BundleParts) -> ModelState:
    model, vectorizer, config = parts.model, parts.vectorizer, parts.feature_config
    book = RoutingBook.from_parts(model["book"])
    labels = PresenceLabels.from_parts(model["label_sequences"], model["label_operation"], model["label_orders"])
    space = ItemSpace.from_parts(vectorizer["space"])
    known = KnownItems.from_parts(vectorizer["known"], space.encoder)
    histories = ItemHistories.from_parts(model["histories"], book)
    presence = FamilyPresence.from_parts(model["family_presence"], labels, histories.label, known.family)
    index = ItemIndex.from_parts(model["index"])
    voters = make_voters((book, labels, histories), index, known.family, presence)
    routing = RoutingPart(
        space,
        voters,
        CandidateChoice.from_parts(model["choice"]),
        CentreChoice.from_parts(model["centres"], book, histories.usual),
    )
    cutoff = datetime.fromisoformat(config["data_cutoff"]) if config["data_cutoff"] else None
    times, habits = TimeModel.from_parts(model["times"]), BookingHabits.from_parts(model["habits"])
    lead_times = lead_times_from_parts(model.get("lead_times"))
    return ModelState(config["family"], cutoff, known, routing, times, lead_times, habits)


class ModelFitting:
    """Fits models of several families that share what does not differ between them."""

    def __init__(
        self,
        plant: PlantData,
        cutoff: datetime | None,
        *,
        seed: int,
        threads: int,
        report: ProgressReport = no_progress,
    ) -> None:
        """Learn routings from work orders finished at or before the cutoff (naive UTC; None: from all).

        Raises InsufficientDataError where no item has a routing or no operation has a time.
        """
        self.plant = plant
        with _one_blas_thread():
            self._ground = lay_groundwork(plant, cutoff, seed, report)
        self._threads = threads

    def model(self, family: Family, report: ProgressReport = no_progress) -> RoutingModel:
        """Learn times as one family does and return the whole model."""
        with _one_blas_thread():
            return RoutingModel(fit_family(self._ground, family, self._threads, report))


def _one_blas_thread() -> AbstractContextManager[object]:
    """Keep sums of products in one order, so that the number of threads cannot change a model."""
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - only fitting needs it

    limits: AbstractContextManager[object] = threadpool_limits(limits=1, user_api="blas")
    return limits


def fit_model(
    plant: PlantData, cutoff: datetime | None, options: FitOptions, report: ProgressReport = no_progress
) -> RoutingModel:
    """Fit one family; cutoff and errors as for ModelFitting."""
    ground_report, times_report = part_of(report, 0.0, 0.55), part_of(report, 0.55, 1.0)
    fitting = ModelFitting(plant, cutoff, seed=options.seed, threads=options.threads, report=ground_report)
    return fitting.model(options.family, times_report)
