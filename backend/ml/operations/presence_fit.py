"""Fitting of what says which operations an item needs: a network, or boosted trees where those do better."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.operations.item_space import Seen, told_by
from backend.ml.operations.presence import PresenceLabels, PresenceNetwork, fit_network
from backend.ml.operations.presence_trees import Lessons, PresenceTrees, fit_presence_trees, spread_over_families

LEAST_ITEMS: Final = 1700
"""Fewer are too few for trees, and for items held out to choose by."""
_MOST_JUDGED: Final = 10_000


@dataclass(frozen=True, slots=True)
class PresenceLesson:
    """All items of a plant, as network and trees see them, with what is known of their sequences."""

    inputs: Ragged
    input_count: int
    rows: Floats
    """FeatureMap.tree_matrix; no columns where items are too few for trees."""
    categories: list[bool]
    labels: PresenceLabels
    label: Ints
    """Number of each item's sequence."""
    family: Ints
    seed: int

    def learn(self, learnt: Ints, judged: Ints) -> PresenceNetwork | PresenceTrees:
        """Learn from some items; return the model that says better what others, which have a sequence, need."""
        network = self._network(learnt)
        if len(learnt) < LEAST_ITEMS or not len(judged):
            return network
        trees = self._trees(learnt)
        sample = judged[:: max(len(judged) // _MOST_JUDGED, 1)]
        if trees is None or self._loss(network, sample) <= self._loss(trees, sample):
            return network
        return trees

    def told(self, presence: PresenceNetwork | PresenceTrees, items: Ints | None = None) -> Floats:
        """Return what a model says of some items, or of all."""
        if items is None:
            return told_by(presence, Seen(self.inputs, self.rows))
        return told_by(presence, Seen(self.inputs.take(items), self.rows[items]))

    def _network(self, learnt: Ints) -> PresenceNetwork:
        """Learn the labels; of the orders it only knows how usual they are."""
        targets = self.labels.matrix(self.label[learnt])
        network = fit_network(self.inputs.take(learnt), targets, self.input_count, self.seed)
        either = self.labels.order_of_sequence[self.label[learnt]]
        usual = np.log(((either > 0).sum(axis=0) + 1.0) / ((either < 0).sum(axis=0) + 1.0))
        return network.with_constants(usual.astype(np.float32))

    def _trees(self, learnt: Ints) -> PresenceTrees | None:
        draw = np.random.default_rng([self.seed, 6])
        kept, weights = spread_over_families(self.family[learnt], draw)
        chosen = learnt[kept]
        targets, applies = self.labels.answers(self.label[chosen])
        lessons = Lessons(self.rows[chosen], self.categories, targets, (weights[:, None] * applies).astype(np.float32))
        return fit_presence_trees(lessons, self.seed)

    def _loss(self, presence: PresenceNetwork | PresenceTrees, items: Ints) -> float:
        """Return how surprising the items' labels are to a model, in nats."""
        targets, applies = self.labels.answers(self.label[items])
        odds = self.told(presence, items).astype(np.float64)
        return float((np.logaddexp(0.0, np.where(targets > 0, -odds, odds)) * applies).sum())
