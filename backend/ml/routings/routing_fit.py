"""Fitting of the routing part: network, index, habits, and rehearsals on items they have not seen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.domain.plant import AttributeKind
from backend.ml.centres.cell_growing import CodedItems
from backend.ml.centres.centre_choice import CentreChoice
from backend.ml.centres.centre_fit import CentreTrials, fit_usage, tuned
from backend.ml.centres.habit_fit import Relatives, fit_family_habits, with_evidence
from backend.ml.centres.step_labels import StepLabels
from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.history.histories import ItemHistories, Orders
from backend.ml.history.routing_book import RoutingBook
from backend.ml.items.attribute_match import AttributeMatch
from backend.ml.items.code_families import NO_FAMILY, CodeFamilies
from backend.ml.items.encoding import ItemEncoder, ItemTable
from backend.ml.items.features import FeatureMap
from backend.ml.items.retrieval import ItemIndex, Space
from backend.ml.operations.expected_match import ExpectedMatch
from backend.ml.operations.family_presence import FamilyPresence
from backend.ml.operations.item_space import ItemSpace
from backend.ml.operations.presence import PresenceLabels
from backend.ml.operations.presence_fit import LEAST_ITEMS, PresenceLesson
from backend.ml.operations.sequence_scores import SequenceScores
from backend.ml.operations.voting import Voters
from backend.ml.routings.candidate_choice import CandidateChoice, Trials, joined
from backend.ml.routings.routing_rehearsal import Rehearsal, Rehearsed, no_pasts, pasts_before_lots, whole_families

SMALL_PLANT: Final = 2000
_FOLDS: Final = 5
_HELD_OUT: Final = 0.15
MAX_TRIALS: Final = 4000
MAX_STEP_LABELS: Final = 600


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


def fit_routing(plant: PlantItems, seed: int) -> RoutingPart:
    """Fit on items with a known routing; probabilities are calibrated on items that nothing was learnt from."""
    recipe = _Recipe.make(plant, seed)
    trials: list[Trials] = []
    new: list[CentreTrials] = []
    known: list[CentreTrials] = []
    folds, stage = list(_folds(plant, seed)), None
    for fold in folds:
        stage = _Stage.fit(recipe, fold)
        for centre_trials, found in ((new, stage.as_new(fold)), (known, stage.as_known(fold))):
            for sequences, steps in found:
                trials.append(sequences)
                centre_trials.append(steps)
        trials += stage.as_uncoded(fold)
    if stage is None or len(folds) > 1:
        stage = _Stage.fit(recipe, _Fold(np.zeros(0, np.int64), np.zeros(0, np.int64)))
    stage = stage.with_everybody() if len(folds) == 1 else stage
    return RoutingPart(stage.space, stage.voters, CandidateChoice.fit(joined(trials)), tuned(stage.centres, new, known))


@dataclass(frozen=True, slots=True)
class _Fold:
    """Items held out: of some the families stay known, the strangers' families are held out whole."""

    relatives: Ints
    strangers: Ints

    @property
    def items(self) -> Ints:
        return np.concatenate([self.relatives, self.strangers])


def _folds(plant: PlantItems, seed: int) -> Iterator[_Fold]:
    """Yield what is held out: one part of a large plant, every item of a small one in turn."""
    labelled = np.flatnonzero(plant.histories.label >= 0)
    draw = np.random.default_rng([seed, 1])
    together = whole_families(plant.family, labelled, draw)
    unit = np.where(
        together & (plant.family >= 0),
        plant.family,
        int(plant.family.max(initial=-1)) + 1 + np.arange(len(plant.family)),
    )
    place = draw.permutation(int(unit.max(initial=0)) + 1)[unit[labelled]]
    shuffled = labelled[np.argsort(place, kind="stable")]
    small = len(labelled) < SMALL_PLANT
    parts = (
        np.array_split(shuffled, min(_FOLDS, len(labelled))) if small else [shuffled[: int(len(shuffled) * _HELD_OUT)]]
    )
    for part in parts:
        stranger = together[part] & (plant.family[part] >= 0)
        yield _Fold(np.sort(part[~stranger]), np.sort(part[stranger]))


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What stays the same between stages."""

    plant: PlantItems
    labelled: Ints
    labels: PresenceLabels
    steps: StepLabels
    match: AttributeMatch
    lesson: PresenceLesson
    codes: Ints
    exact: Ints
    seed: int

    @classmethod
    def make(cls, plant: PlantItems, seed: int) -> "_Recipe":
        codes = plant.encoder.code_columns(plant.table)
        label = plant.histories.label
        labels = PresenceLabels.fit(plant.book, label)
        return cls(
            plant,
            np.flatnonzero(label >= 0),
            labels,
            StepLabels.fit(plant.book, plant.histories.usual, MAX_STEP_LABELS),
            AttributeMatch.fit(codes, plant.family, label, seed),
            _lesson(plant, codes, labels, seed),
            codes,
            plant.encoder.exact_codes(plant.table, codes),
            seed,
        )

    def uses(self, items: Ints) -> Ints:
        """Return how many of some items are made by each sequence."""
        return np.bincount(self.plant.histories.label[items], minlength=len(self.plant.book.sequences))

    def centres(self, learnt: Ints) -> CentreChoice:
        """Learn cells and habits from some items."""
        plant, choice = self.plant, self.steps.choice
        habits = fit_family_habits(plant.book, self.relatives(learnt), choice, self.seed)
        return fit_usage(plant.book, plant.orders.use, plant.orders.ageing, self.steps, habits)

    def relatives(self, learnt: Ints) -> Relatives:
        """Return the items that habits may be learnt from."""
        kinds = [column.attribute.kind for column in self.plant.encoder.columns[:-1]]  # no two codes are alike
        categorical = [kind is not AttributeKind.NUMERIC for kind in kinds]
        items = CodedItems(self.exact[:-1], categorical, self.plant.family)
        return Relatives(items, self.plant.histories.usual, learnt)


@dataclass(frozen=True, slots=True)
class _Stage:
    """What is learnt from some items, and can be asked about the others."""

    recipe: _Recipe
    space: ItemSpace
    voters: Voters
    centres: CentreChoice
    log_odds: Floats

    @classmethod
    def fit(cls, recipe: _Recipe, held_out: "_Fold") -> "_Stage":
        """Learn from all items but those held out; strangers among these back no proposal."""
        plant, labels = recipe.plant, recipe.labels
        learnt = np.setdiff1d(recipe.labelled, held_out.items)
        presence = recipe.lesson.learn(learnt, held_out.items)
        log_odds = recipe.lesson.told(presence)
        directions = Space.fit(log_odds[learnt, : labels.count])
        space = ItemSpace(plant.encoder, plant.features, plant.families, recipe.match, presence, directions)
        points = space.place(recipe.codes, plant.family, log_odds)
        indexed = np.setdiff1d(recipe.labelled, held_out.strangers)
        index = ItemIndex.fit(points[indexed], indexed, recipe.seed)
        beyond = FamilyPresence.fit(labels, log_odds, plant.histories.label, plant.family)
        voters = make_voters((plant.book, labels, plant.histories), index, plant.family, beyond)
        voters = voters.counting(recipe.uses(learnt))  # a held-out item's own sequence would speak for itself
        return cls(recipe, space, voters, recipe.centres(learnt), log_odds)

    def with_everybody(self) -> "_Stage":
        """Let all items with a routing back proposals."""
        recipe = self.recipe
        points = self.space.place(recipe.codes, recipe.plant.family, self.log_odds)
        index = ItemIndex.fit(points[recipe.labelled], recipe.labelled, recipe.seed)
        voters = replace(self.voters.counting(recipe.uses(recipe.labelled)), index=index)
        relatives = recipe.relatives(recipe.labelled)
        habits = with_evidence(self.centres.habits, recipe.plant.book, relatives, recipe.steps.choice)
        return replace(self, voters=voters, centres=replace(self.centres, habits=habits))

    def as_new(self, fold: _Fold) -> Iterator[tuple[Trials, CentreTrials]]:
        """Propose for items as if they had no past; strangers also as if their families had none."""
        for items, alone in ((fold.relatives, False), (fold.strangers, True)):
            asked = _spread(items, MAX_TRIALS)
            yield from self._proposed_new(self._asked(asked, alone=alone))

    def as_uncoded(self, fold: _Fold) -> Iterator[Trials]:
        """Propose for items of known families as if they were described without their codes."""
        asked = self._asked_without_codes(_spread(fold.relatives, MAX_TRIALS))
        yield from (sequences for sequences, _ in self._proposed_new(asked))

    def _proposed_new(self, asked: Rehearsed) -> Iterator[tuple[Trials, CentreTrials]]:
        plant, items = self.recipe.plant, asked.item
        booked = plant.histories.label.astype(np.int64)
        # a new item's first lot is booked as lots are, with what is left out or added now and then
        booked[plant.orders.item] = plant.book.variant_sequence[plant.orders.variant]
        usual = plant.histories.usual[items].astype(np.int64)
        yield from self._rehearsal.propose(asked, no_pasts(len(items)), booked[items], usual)

    def as_known(self, fold: _Fold) -> Iterator[tuple[Trials, CentreTrials]]:
        """Propose lots of items from what was before them."""
        plant = self.recipe.plant
        chosen = _spread(fold.relatives, MAX_TRIALS)
        item, pasts, variant = pasts_before_lots(plant.orders, chosen, plant.histories.standard, MAX_TRIALS)
        booked = plant.book.variant_sequence[variant]
        yield from self._rehearsal.propose(self._asked(item, alone=False), pasts, booked, variant)

    @property
    def _rehearsal(self) -> Rehearsal:
        return Rehearsal(self.voters, self.centres)

    def _asked(self, items: Ints, *, alone: bool) -> Rehearsed:
        plant = self.recipe.plant
        family = np.full(len(items), NO_FAMILY) if alone else plant.family[items].astype(np.int64)
        log_odds = self.log_odds[items]
        codes = self.recipe.codes[:, items]
        points = self.space.place(codes, family, log_odds)
        return Rehearsed(items, family, points, log_odds, self.recipe.exact[:, items])

    def _asked_without_codes(self, items: Ints) -> Rehearsed:
        table, encoder = self.recipe.plant.table.take(items).without_codes(), self.recipe.plant.encoder
        codes, family = encoder.code_columns(table), np.full(len(items), NO_FAMILY)
        log_odds = self.space.log_odds(codes, table)
        points = self.space.place(codes, family, log_odds)
        return Rehearsed(items, family, points, log_odds, encoder.exact_codes(table, codes))


def _lesson(plant: PlantItems, codes: Ints, labels: PresenceLabels, seed: int) -> PresenceLesson:
    inputs = plant.features.network_inputs(codes, plant.table)
    label = plant.histories.label
    rows = np.zeros((len(label), 0), dtype=np.float32)
    if np.count_nonzero(label >= 0) >= LEAST_ITEMS:
        rows = plant.features.tree_matrix(plant.encoder, plant.table)
    categories = plant.features.tree_columns(plant.encoder)
    return PresenceLesson(inputs, plant.features.input_count, rows, categories, labels, label, plant.family, seed)


def _spread(items: Ints, most: int) -> Ints:
    """Return at most so many of some sorted items, spread over all of them."""
    return items if len(items) <= most else items[np.linspace(0, len(items) - 1, most).astype(np.int64)]


def make_voters(
    known: tuple[RoutingBook, PresenceLabels, ItemHistories], index: ItemIndex, family: Ints, presence: FamilyPresence
) -> Voters:
    """Put the voters together; what can be derived is derived."""
    book, labels, histories = known
    labelled = histories.label >= 0
    member = np.flatnonzero((family >= 0) & labelled)
    order = member[np.argsort(family[member], kind="stable")]
    members = Ragged.from_rows(family[order], order.astype(np.int32), int(family.max(initial=-1)) + 1)
    uses = np.bincount(histories.label[labelled], minlength=len(book.sequences))
    scores = SequenceScores.make(labels, uses)
    lots = _lots(book, histories)
    match = ExpectedMatch(book, lots if lots.any() else uses.astype(np.float64))
    return Voters(book, labels, scores, presence, histories, index, members, np.log(uses + 0.5), match)


def _lots(book: RoutingBook, histories: ItemHistories) -> Floats:
    """Return how many recent lots were made by each sequence."""
    weights = histories.weights.astype(np.float16)  # as a bundle keeps them: the same before and after it is read
    sequence = book.variant_sequence[histories.variants.values]
    return np.bincount(sequence, weights=weights.astype(np.float64), minlength=len(book.sequences))
