"""Answering queries with a fitted model, in batches: everything is worked out for a batch at once."""

from collections.abc import Sequence
from functools import cached_property
from typing import Final

import numpy as np

from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints
from backend.ml.composing import NO_EVIDENCE, Composer, Evidence
from backend.ml.explaining.evidence import Explainer
from backend.ml.explaining.reasons import ReasonFinder
from backend.ml.fitting import ModelState
from backend.ml.history.visits import AskedVisits
from backend.ml.items.encoding import ItemTable
from backend.ml.questioning import Asked, QueryReader
from backend.ml.routings.proposing import Placed, RoutingProposals, by_visit, propose_routings
from backend.ml.times.time_model import Neighbours, OperationMinutes
from backend.ml.times.time_target import CentreChances, NeighbourPrior, Questions

BATCH: Final = 500


@record
class Answers:
    """How full the answers are to be."""

    candidates: int
    evidence: bool
    low_evidence_probability: float


class Answerer:
    """Answers queries with a fitted model."""

    def __init__(self, state: ModelState) -> None:
        self._state = state
        self._explainer = Explainer(state.routing.space, state.known, state.routing.voters)
        self._composer = Composer(state.routing.voters.book, state.times.totals, state.lead_times)

    @cached_property
    def reasons(self) -> ReasonFinder:
        """What finds reasons, with the trees of times; made when first asked for, which takes as long as loading."""
        state = self._state
        return ReasonFinder(state.routing.space, state.known, state.routing.voters, state.times)

    def answer(self, reader: QueryReader, queries: Sequence[PredictionQuery], wanted: Answers) -> list[ItemPrediction]:
        """Return one answer per query, in their order."""
        answers: list[ItemPrediction] = []
        for start in range(0, len(queries), BATCH):
            read = [reader.read(query) for query in queries[start : start + BATCH]]
            asked = [each for each in read if isinstance(each, Asked)]
            predicted = iter(self._predict(reader.encode(asked), asked, wanted) if asked else ())
            answers += [next(predicted) if isinstance(each, Asked) else each for each in read]
        return answers

    def _predict(self, table: ItemTable, asked: Sequence[Asked], wanted: Answers) -> list[ItemPrediction]:
        placed = self._place(table, asked)
        found = propose_routings(self._state.routing, placed, wanted.candidates)
        quantity = np.array([each.quantity for each in asked])
        questions = self._questions(found, placed, table, quantity)
        trees, evidence = self._state.times.trees, [NO_EVIDENCE] * len(asked)
        walks = trees.walk(questions)
        if wanted.evidence:
            reasons = self.reasons.find(placed, found, walks)
            evidence = list(map(Evidence, self._explainer.explain(placed, found), reasons))
        timed, visits = by_visit(found) if self._state.times.tells_visits_apart else (found, None)
        minutes = self._times(found, questions, quantity, trees.starts(questions, walks), visits)
        return self._composer.compose(asked, timed, minutes, evidence, wanted.low_evidence_probability)

    def _place(self, table: ItemTable, asked: Sequence[Asked]) -> Placed:
        space, family = self._state.routing.space, self._state.known.family
        items = np.array([each.item for each in asked])
        families = family[items].astype(np.int64)
        new = (items < 0).nonzero()[0]
        if len(new):
            families[new] = space.families.of([asked[row].code for row in new.tolist()])
        codes = space.encoder.code_columns(table)
        exact = space.encoder.exact_codes(table, codes)
        seen = space.see(codes, table)
        log_odds = space.told(seen)
        return Placed(items, families, codes, exact, seen, log_odds, space.place(codes, families, log_odds))

    def _questions(self, found: RoutingProposals, asked: Placed, table: ItemTable, quantity: Floats) -> Questions:
        space, book, query = self._state.routing.space, self._state.routing.voters.book, found.query
        features = np.zeros((len(asked.items), 0), np.float32)
        if self._state.times.uses_trees:
            seen = asked.seen.rows
            features = space.features.tree_matrix(space.encoder, table, asked.codes) if seen is None else seen
        return Questions(
            asked.items[query],
            asked.families[query],
            book.step_operation[found.step].astype(np.int64),
            book.step_centre[found.step].astype(np.int64),
            np.log(quantity)[query],
            features,
            CentreChances(found.maybe.pair, book.step_centre[found.maybe.step].astype(np.int64), found.maybe.chance),
            query,
        )

    def _times(
        self,
        found: RoutingProposals,
        questions: Questions,
        quantity: Floats,
        start: Floats,
        visits: AskedVisits | None,
    ) -> OperationMinutes:
        times = self._state.times
        priors = None if times.uses_trees else self._neighbour_priors(found, questions.operation)
        return times.predict(questions, quantity[found.query], priors, start, visits)

    def _neighbour_priors(self, found: RoutingProposals, operation: Ints) -> tuple[NeighbourPrior, NeighbourPrior]:
        offsets, flat = found.pools.near.positions(found.query)
        question = np.repeat(np.arange(len(operation)), np.diff(offsets))
        near = Neighbours(question, found.pools.near.values[flat], found.pools.weights[flat])
        return self._state.times.neighbour_means(near, operation)
