"""Fitting of the routing part: network, index, and rehearsals on items it has not seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged
from backend.ml.attribute_match import AttributeMatch
from backend.ml.candidate_choice import CandidateChoice, Trial
from backend.ml.centre_choice import Ballot, CentreChoice, StepLabels, fit_usage, tuned
from backend.ml.code_families import CodeFamilies
from backend.ml.encoding import ItemEncoder, ItemTable
from backend.ml.features import FeatureMap
from backend.ml.histories import ItemHistories, Orders
from backend.ml.item_space import ItemSpace
from backend.ml.presence import PresenceLabels, fit_network
from backend.ml.retrieval import ItemIndex, Space
from backend.ml.routing_book import RoutingBook
from backend.ml.sequence_scores import SequenceScores
from backend.ml.voting import NO_PAST, OwnPast, Pool, Voters, main_variants

SMALL_PLANT: Final = 2000
_FOLDS: Final = 5
_HELD_OUT: Final = 0.15
MAX_TRIALS: Final = 2000
MAX_STEP_LABELS: Final = 600
_MAX_CENTRE_TRIALS: Final = 4000

CentreTrial: TypeAlias = tuple[int, int, Ballot]
"""Operation, the step it was really done as, and what spoke for which step."""


@dataclass(frozen=True, slots=True)
class PlantItems:
    """Encoded items with what is known of their routings."""

    encoder: ItemEncoder
    features: FeatureMap
    table: ItemTable
    families: CodeFamilies
    family: Ints
    book: RoutingBook
    histories: ItemHistories
    orders: Orders


@dataclass(frozen=True, slots=True)
class RoutingPart:
    """Everything that proposes routings."""

    space: ItemSpace
    voters: Voters
    choice: CandidateChoice
    centres: CentreChoice


@dataclass(frozen=True, slots=True)
class _Stage:
    """A network with the index it makes, and the items it has not learnt from."""

    space: ItemSpace
    voters: Voters
    log_odds: Floats
    points: Floats


def fit_routing(plant: PlantItems, seed: int) -> RoutingPart:
    """Fit on items with a known routing; probabilities are calibrated on items the network did not see."""
    labelled = np.flatnonzero(plant.histories.label >= 0)
    draw = np.random.default_rng([seed, 1])
    shuffled = draw.permutation(labelled)
    if len(labelled) < SMALL_PLANT:
        stages = [(fold, np.setdiff1d(labelled, fold)) for fold in np.array_split(shuffled, min(_FOLDS, len(labelled)))]
    else:
        fold = np.sort(shuffled[: int(len(shuffled) * _HELD_OUT)])
        stages = [(fold, np.setdiff1d(labelled, fold))]
    labels = PresenceLabels.fit(plant.book, plant.histories.label)
    codes = plant.encoder.code_columns(plant.table)
    match = AttributeMatch.fit(codes, plant.family, plant.histories.label, seed)
    inputs = plant.features.network_inputs(codes, plant.table)
    steps = StepLabels.fit(plant.book, main_variants(plant.histories), MAX_STEP_LABELS)
    centres = fit_usage(plant.book, plant.orders, steps)
    recipe = _Recipe(labels, steps, match, codes, inputs, seed)
    trials: list[Trial] = []
    new: list[CentreTrial] = []
    known: list[CentreTrial] = []
    stage = None
    for held_out, learnt in stages:
        stage = _stage(plant, recipe, learnt)
        rehearsal = _Rehearsal(plant, stage, centres, held_out[:MAX_TRIALS])
        trials += rehearsal.new_items(new) + rehearsal.known_items(known)
    if stage is None or len(stages) > 1:
        stage = _stage(plant, recipe, labelled)
    return RoutingPart(stage.space, stage.voters, CandidateChoice.fit(trials), tuned(centres, new, known))


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What stays the same between stages."""

    labels: PresenceLabels
    steps: StepLabels
    match: AttributeMatch
    codes: Ints
    inputs: Ragged
    seed: int


def _stage(plant: PlantItems, recipe: _Recipe, learnt: Ints) -> _Stage:
    labels, match, seed = recipe.labels, recipe.match, recipe.seed
    presence = labels.matrix(plant.histories.label[learnt])
    centres = recipe.steps.matrix(plant.book, main_variants(plant.histories)[learnt])
    targets = np.hstack([presence, centres])
    network = fit_network(recipe.inputs.take(learnt), targets, plant.features.input_count, seed)
    log_odds = network.log_odds(recipe.inputs)
    space = ItemSpace(
        plant.encoder, plant.features, plant.families, match, network, Space.fit(log_odds[learnt, : labels.count])
    )
    points = space.place(recipe.codes, plant.family, log_odds)
    indexed = np.flatnonzero(plant.histories.label >= 0)
    index = ItemIndex.fit(points[indexed], indexed, seed)
    return _Stage(space, make_voters(plant.book, labels, plant.histories, index, plant.family), log_odds, points)


def make_voters(
    book: RoutingBook, labels: PresenceLabels, histories: ItemHistories, index: ItemIndex, family: Ints
) -> Voters:
    """Put the voters together; what can be derived is derived."""
    labelled = histories.label >= 0
    member = np.flatnonzero((family >= 0) & labelled)
    order = member[np.argsort(family[member], kind="stable")]
    members = Ragged.from_rows(family[order], order.astype(np.int32), int(family.max(initial=-1)) + 1)
    uses = np.bincount(histories.label[labelled], minlength=len(book.sequences))
    scores = SequenceScores.make(labels, uses)
    return Voters(book, labels, scores, histories, index, members, np.log(uses + 0.5), main_variants(histories))


@dataclass(frozen=True, slots=True)
class _Rehearsal:
    """Proposals for items that the network of a stage did not learn from."""

    plant: PlantItems
    stage: _Stage
    centres: CentreChoice
    items: Ints

    def new_items(self, centre_trials: list[CentreTrial]) -> list[Trial]:
        """Propose as if the items had no past; also collect ballots on work centres."""
        trials = []
        main = self.stage.voters.main_variant
        for item in self.items.tolist():
            pool = self._pool(item)
            trials.append(self._trial(item, pool, NO_PAST, int(self.plant.histories.label[item])))
            self._collect(centre_trials, item, pool, NO_PAST, int(main[item]))
        return trials

    def known_items(self, centre_trials: list[CentreTrial]) -> list[Trial]:
        """Propose each item's last lot from what was before."""
        trials = []
        for item, past, last in self._pasts():
            if past.known:
                pool = self._pool(item)
                trials.append(self._trial(item, pool, past, int(self.plant.book.variant_sequence[last])))
                self._collect(centre_trials, item, pool, past, last)
        return trials

    def _pasts(self) -> Iterator[tuple[int, OwnPast, int]]:
        """Yield each item with its past before its last lot, and that lot's variant."""
        orders = self.plant.orders
        chosen = np.flatnonzero(np.isin(orders.item, self.items))
        order = chosen[np.argsort(orders.item[chosen], kind="stable")]
        item, variant, age = orders.item[order], orders.variant[order], orders.age_days[order]
        ends = np.flatnonzero(np.r_[item[1:] != item[:-1], True]) if len(item) else np.zeros(0, np.int64)
        start = 0
        for end in ends.tolist():
            weights = 0.5 ** ((age[start:end] - age[end]) / orders.half_life_days)
            row = int(item[end])
            yield row, _past(variant[start:end], weights, int(self.plant.histories.standard[row])), int(variant[end])
            start = end + 1

    def _pool(self, item: int) -> Pool:
        return self.stage.voters.pool(self.stage.points[item], int(self.plant.family[item]), item)

    def _trial(self, item: int, pool: Pool, past: OwnPast, truth: int) -> Trial:
        sequences, evidence = self.stage.voters.propose(
            pool, self.stage.log_odds[item, : self.stage.voters.labels.count], past
        )
        where = np.flatnonzero(sequences == truth)
        return Trial(evidence, int(where[0]) if len(where) else -1, past.known)

    def _collect(self, trials: list[CentreTrial], item: int, pool: Pool, past: OwnPast, variant: int) -> None:
        if len(trials) > _MAX_CENTRE_TRIALS or variant < 0:
            return
        steps = self.plant.book.variants[variant]
        operations = self.plant.book.step_operation[steps]
        odds = self.stage.log_odds[item, self.stage.voters.labels.count :]
        ballots = self.centres.ballots(self.stage.voters, operations, pool, past, odds)
        trials += [(o, s, ballots[o]) for o, s in zip(operations.tolist(), steps.tolist(), strict=True)]


def _past(variants: Ints, weights: Floats, standard: int) -> OwnPast:
    numbers, where = np.unique(variants, return_inverse=True)
    summed = np.bincount(where, weights=weights, minlength=len(numbers))
    return OwnPast(numbers.astype(np.int64), summed, standard)
