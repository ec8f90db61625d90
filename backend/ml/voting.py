"""Whole routings proposed by the network, similar items, the code family and the item's own past."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged
from backend.ml.histories import ItemHistories
from backend.ml.presence import PresenceLabels
from backend.ml.retrieval import ItemIndex
from backend.ml.routing_book import RoutingBook

NEIGHBOURS: Final = 48
SIBLINGS: Final = 24
PROPOSALS: Final = 12
EVIDENCE: Final = ("network", "neighbours", "family", "own orders", "own standard", "usual")
_FLOOR: Final = 0.005


@dataclass(frozen=True, slots=True)
class Pool:
    """Items that back a proposal with their weights: the nearest ones first, then family members."""

    items: Ints
    weights: Floats
    siblings: Ints


@dataclass(frozen=True, slots=True)
class OwnPast:
    """What an item itself was made by: variants run with weights, and its valid ERP variant (-1: none)."""

    variants: Ints
    weights: Floats
    standard: int

    @property
    def known(self) -> bool:
        """Tell whether there is any past at all."""
        return len(self.variants) > 0 or self.standard >= 0


NO_PAST: Final = OwnPast(np.zeros(0, np.int32), np.zeros(0, np.float32), -1)


def main_variants(histories: ItemHistories) -> Ints:
    """Return each item's heaviest variant, or its ERP variant."""
    main = np.array(histories.standard, dtype=np.int32)
    run = np.flatnonzero(histories.variants.lengths() > 0)
    main[run] = histories.variants.values[histories.variants.offsets[run]]
    return main


@dataclass(frozen=True, slots=True)
class Voters:
    """The parts that proposals are made from."""

    book: RoutingBook
    labels: PresenceLabels
    histories: ItemHistories
    index: ItemIndex
    members: Ragged
    """Labelled items per code family."""
    uses: Floats
    """log(0.5 + items) per sequence."""
    main_variant: Ints
    """The variant an item was run by most and latest, else its ERP routing's (-1: none)."""

    def pool(self, point: Floats, family: int, without: int = -1) -> Pool:
        """Gather the items that back a proposal at a point of the space."""
        items, distances = self.index.search(point, NEIGHBOURS, without)
        width = max(float(distances[min(7, len(distances) - 1)]), 0.05) if len(items) else 1.0
        weights = np.exp(-distances / width).astype(np.float32)
        siblings = self.members[family][: SIBLINGS + 1] if family >= 0 else np.zeros(0, np.int32)
        return Pool(items, weights, siblings[siblings != without][:SIBLINGS])

    def past(self, item: int) -> OwnPast:
        """Return the past of a known item."""
        start, end = self.histories.variants.offsets[item : item + 2]
        variants = self.histories.variants.values[start:end].astype(np.int64)
        weights = self.histories.weights[start:end].astype(np.float32)
        return OwnPast(variants, weights, int(self.histories.standard[item]))

    def propose(self, pool: Pool, log_odds: Floats, past: OwnPast) -> tuple[Ints, Floats]:
        """Return proposed sequences and a row of log evidence (see EVIDENCE) for each."""
        network = self._network_scores(log_odds)
        near = self.histories.label[pool.items].astype(np.int64)
        kin = self.histories.label[pool.siblings].astype(np.int64)
        own = self.book.variant_sequence[past.variants].astype(np.int64)
        standard = int(self.book.variant_sequence[past.standard]) if past.standard >= 0 else -1
        votes = _tally(near, pool.weights)
        likely = np.argpartition(-network, min(PROPOSALS, len(network)) - 1)[:PROPOSALS]
        asked = {*sorted(votes, key=lambda s: -votes[s])[:PROPOSALS], *likely.tolist(), *own.tolist(), *kin.tolist()}
        sequences = np.array(sorted(asked | ({standard} if standard >= 0 else set())), dtype=np.int64)
        share = _shares(sequences, votes)
        evidence = np.column_stack(
            [
                network[sequences] - network.max(),
                np.log(share + _FLOOR),
                _log_blend(sequences, _tally(kin, np.ones(len(kin), np.float32)), share) if len(kin) else share * 0,
                _log_blend(sequences, _tally(own, past.weights), share) if len(own) else share * 0,
                sequences == standard,
                self.uses[sequences],
            ]
        )
        return sequences, evidence.astype(np.float64)

    def _network_scores(self, log_odds: Floats) -> Floats:
        """Return the log-probability of every sequence's operations, up to a constant."""
        ragged = self.labels.of_sequence
        padded = np.append(log_odds[ragged.values], np.float32(0))
        sums = np.add.reduceat(padded, ragged.offsets[:-1])
        return np.asarray(np.maximum(np.where(ragged.lengths() > 0, sums, 0), sums.max() - 40))


def _tally(sequences: Ints, weights: Floats) -> dict[int, float]:
    votes: dict[int, float] = {}
    for sequence, weight in zip(sequences.tolist(), weights.tolist(), strict=True):
        votes[sequence] = votes.get(sequence, 0.0) + weight
    return votes


def _shares(sequences: Ints, votes: dict[int, float]) -> Floats:
    total = sum(votes.values()) or 1.0
    return np.array([votes.get(each, 0.0) / total for each in sequences.tolist()])


def _log_blend(sequences: Ints, votes: dict[int, float], prior: Floats) -> Floats:
    """Return log shares shrunk towards the neighbours' with the weight of one vote."""
    total = sum(votes.values())
    own = np.array([votes.get(each, 0.0) for each in sequences.tolist()])
    return np.asarray(np.log((own + prior) / (total + 1.0) + _FLOOR))
