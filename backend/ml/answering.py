"""Answering a batch of queries: routings one by one, times for all their operations at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.domain.prediction import (
    Candidate,
    ItemPrediction,
    MinutesRange,
    PredictedOperation,
    PredictionQuery,
    PredictionStatus,
)
from backend.ml.arrays import Floats, Ints
from backend.ml.encoding import ItemTable
from backend.ml.evidence import Explainer
from backend.ml.fitting import ModelState
from backend.ml.questioning import Asked, QueryReader
from backend.ml.time_model import Neighbours, OperationMinutes
from backend.ml.time_target import NeighbourPrior, Questions
from backend.ml.voting import NO_PAST, Pool

BATCH: Final = 500
SEQUENCE_STEP: Final = 10
"""Operations are numbered 10, 20, 30, as planners do, so that steps can be put between."""


@dataclass(frozen=True, slots=True)
class Answers:
    """How full the answers are to be."""

    candidates: int
    evidence: bool
    low_evidence_probability: float


@dataclass(frozen=True, slots=True)
class _Proposal:
    """Candidates of one query: steps per candidate with probabilities, and where their times will be."""

    asked: Asked
    pool: Pool
    sequences: Ints
    probabilities: Floats
    steps: tuple[Ints, ...]
    first: int
    """Position of the query's first step among all steps of the batch."""
    distinct: Ints


class Answerer:
    """Answers queries with a fitted model."""

    def __init__(self, state: ModelState, explainer: Explainer) -> None:
        self._state = state
        self._explainer = explainer
        book = state.routing.voters.book
        self._codes = book.operations[:]
        self._names = book.operation_names[:]
        self._centres = book.centres[:]

    def answer(self, reader: QueryReader, queries: Sequence[PredictionQuery], wanted: Answers) -> list[ItemPrediction]:
        """Return one answer per query, in their order."""
        answers: list[ItemPrediction] = []
        for start in range(0, len(queries), BATCH):
            answers += self._answer_batch(reader, queries[start : start + BATCH], wanted)
        return answers

    def _answer_batch(
        self, reader: QueryReader, queries: Sequence[PredictionQuery], wanted: Answers
    ) -> list[ItemPrediction]:
        read = [reader.read(position, query) for position, query in enumerate(queries)]
        asked = [each for each in read if isinstance(each, Asked)]
        answers = {i: each for i, each in enumerate(read) if isinstance(each, ItemPrediction)}
        if asked:
            table = reader.encode(asked)
            families = self._families(asked)
            proposals = self._propose(asked, table, families, wanted.candidates)
            minutes = self._times(proposals, table, families)
            for row, proposal in enumerate(proposals):
                answers[proposal.asked.position] = self._compose(
                    proposal, minutes, table.take(np.array([row])), int(families[row]), wanted
                )
        return [answers[position] for position in range(len(queries))]

    def _families(self, asked: Sequence[Asked]) -> Ints:
        known, rule = self._state.known, self._state.routing.space.families
        return np.array([known.family[a.item] if a.item >= 0 else rule.of([a.code])[0] for a in asked], dtype=np.int64)

    def _propose(self, asked: Sequence[Asked], table: ItemTable, families: Ints, candidates: int) -> list[_Proposal]:
        routing = self._state.routing
        log_odds = routing.space.log_odds(table)
        points = routing.space.place(table, families, log_odds)
        proposals: list[_Proposal] = []
        first = 0
        for row, each in enumerate(asked):
            pool = routing.voters.pool(points[row], int(families[row]), each.item)
            past = routing.voters.past(each.item) if each.item >= 0 else NO_PAST
            labels = routing.voters.labels.count
            sequences, evidence = routing.voters.propose(pool, log_odds[row, :labels], past)
            chances = routing.choice.probabilities(evidence, known=past.known)
            best = np.argsort(-chances, kind="stable")[:candidates]
            rows = [routing.voters.book.sequences[s] for s in sequences[best].tolist()]
            steps = routing.centres.choose(routing.voters, rows, pool, past, log_odds[row, labels:])
            distinct = np.unique(np.concatenate(steps))
            proposals.append(_Proposal(each, pool, sequences[best], chances[best], steps, first, distinct))
            first += len(distinct)
        return proposals

    def _times(self, proposals: Sequence[_Proposal], table: ItemTable, families: Ints) -> OperationMinutes:
        state, book = self._state, self._state.routing.voters.book
        owner = np.repeat(np.arange(len(proposals)), [len(p.distinct) for p in proposals])
        steps = np.concatenate([p.distinct for p in proposals])
        quantity = np.array([p.asked.quantity for p in proposals])
        space = state.routing.space
        features = (
            space.features.tree_matrix(space.encoder, table)[owner]
            if state.times.uses_trees
            else np.zeros((len(owner), 0), np.float32)
        )
        questions = Questions(
            np.array([p.asked.item for p in proposals])[owner],
            families[owner],
            book.step_operation[steps].astype(np.int64),
            book.step_centre[steps].astype(np.int64),
            np.log(quantity)[owner],
            features,
        )
        priors = None if state.times.uses_trees else self._neighbour_priors(proposals, owner, questions)
        return state.times.predict(questions, quantity[owner], priors)

    def _neighbour_priors(
        self, proposals: Sequence[_Proposal], owner: Ints, questions: Questions
    ) -> tuple[NeighbourPrior, NeighbourPrior]:
        sizes = np.array([len(p.pool.items) for p in proposals])
        asked = np.repeat(np.arange(len(owner)), sizes[owner])
        pools = [proposals[i].pool for i in owner.tolist()]
        items = np.concatenate([pool.items for pool in pools])
        weights = np.concatenate([pool.weights for pool in pools])
        return self._state.times.neighbour_means(Neighbours(asked, items, weights), questions.operation)

    def _compose(
        self, proposal: _Proposal, minutes: OperationMinutes, row: ItemTable, family: int, wanted: Answers
    ) -> ItemPrediction:
        asked = proposal.asked
        candidates = tuple(
            self._candidate(proposal, steps, float(chance), minutes)
            for steps, chance in zip(proposal.steps, proposal.probabilities, strict=True)
        )
        similar, influences = (
            self._explainer.explain(row, family, asked.item, proposal.pool, int(proposal.sequences[0]))
            if wanted.evidence
            else ((), ())
        )
        unsure = candidates[0].probability < wanted.low_evidence_probability
        status = PredictionStatus.LOW_EVIDENCE if unsure else PredictionStatus.OK
        doubt = "few items like this one are known, check the proposal" if unsure else ""
        message = "; ".join(part for part in (doubt, asked.message) if part)
        return ItemPrediction(asked.code, status, message, asked.quantity, candidates, similar, influences)

    def _candidate(self, proposal: _Proposal, steps: Ints, chance: float, minutes: OperationMinutes) -> Candidate:
        where = (proposal.first + np.searchsorted(proposal.distinct, steps)).tolist()
        operations = tuple(
            self._operation((position + 1) * SEQUENCE_STEP, step, row, minutes)
            for position, (step, row) in enumerate(zip(steps.tolist(), where, strict=True))
        )
        return Candidate(chance, operations, sum(each.lot_minutes for each in operations))

    def _operation(self, sequence: int, step: int, row: int, minutes: OperationMinutes) -> PredictedOperation:
        book = self._state.routing.voters.book
        operation = int(book.step_operation[step])
        setup, run, lot = minutes.setup, minutes.run, minutes.lot
        return PredictedOperation(
            sequence,
            self._codes[operation],
            self._names[operation],
            self._centres[int(book.step_centre[step])],
            bool(book.step_in_house[step]),
            float(setup.value[row]),
            MinutesRange(float(setup.low[row]), float(setup.high[row])),
            float(run.value[row]),
            MinutesRange(float(run.low[row]), float(run.high[row])),
            float(lot.value[row]),
            MinutesRange(float(lot.low[row]), float(lot.high[row])),
            int(minutes.evidence[row]),
        )
