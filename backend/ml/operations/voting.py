"""Whole routings proposed by the network, similar items, the code family and the item's own past."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, Ragged, distinct, offsets_of
from backend.ml.history.histories import ItemHistories
from backend.ml.history.routing_book import RoutingBook
from backend.ml.items.retrieval import ItemIndex
from backend.ml.operations.expected_match import ExpectedMatch
from backend.ml.operations.family_presence import FamilyPresence
from backend.ml.operations.presence import PresenceLabels
from backend.ml.operations.sequence_scores import SequenceScores
from backend.ml.operations.votes import FLOOR, Votes

NEIGHBOURS: Final = 48
SIBLINGS: Final = 24
PROPOSALS: Final = 12
EVIDENCE: Final = ("network", "neighbours", "family", "own orders", "own standard", "usual", "network and family")


@dataclass(frozen=True, slots=True)
class Pool:
    """Items that back a proposal with their weights: the nearest ones first, then family members."""

    items: Ints
    weights: Floats
    siblings: Ints


@record
class Pools:
    """The items that back proposals, one row per query: the nearest ones with weights, and family members."""

    near: Ragged
    weights: Floats
    """One per value of `near`; the nearest neighbours weigh about 1."""
    siblings: Ragged

    def __getitem__(self, query: int) -> Pool:
        span = slice(*self.near.offsets[query : query + 2].tolist())
        return Pool(self.near.values[span], self.weights[span], self.siblings[query])


@record
class Pasts:
    """What items themselves were made by, one row per query: variants run, and the valid ERP variant (-1: none)."""

    variants: Ragged
    weights: Floats
    """One per value of `variants`."""
    newest_days: Floats
    """Days since the newest lot by each value of `variants`."""
    standard: Ints


@record
class Proposals:
    """Sequences per query, by number, with a row of log evidence (see EVIDENCE) for each."""

    sequences: Ragged
    evidence: Floats


@dataclass(frozen=True, slots=True)
class Voters:
    """The parts that proposals are made from."""

    book: RoutingBook
    labels: PresenceLabels
    network: SequenceScores
    family_presence: FamilyPresence
    histories: ItemHistories
    index: ItemIndex
    members: Ragged
    """Labelled items per code family."""
    uses: Floats
    """log(0.5 + items) per sequence."""
    match: ExpectedMatch

    def counting(self, uses: Ints) -> "Voters":
        """Return these voters with another count of the items made by each sequence."""
        scores = SequenceScores.make(self.labels, uses)
        return replace(self, network=scores, uses=np.log(uses + 0.5))

    def pools(self, points: Floats, families: Ints, without: Ints) -> Pools:
        """Gather the items that back proposals at points of the space, leaving one item out of each (-1: none)."""
        found = self.index.search(points, NEIGHBOURS, without)
        widths = np.zeros(len(points), dtype=np.float32)
        counts = found.items.lengths()
        some = counts.nonzero()[0]
        eighth = found.items.offsets[some] + np.minimum(counts[some] - 1, 7)
        widths[some] = np.maximum(found.distances[eighth], np.float32(0.05))
        weights = np.exp(-found.distances / widths.repeat(counts))
        return Pools(found.items, weights, self._siblings(families, without))

    def _siblings(self, families: Ints, without: Ints) -> Ragged:
        related = (families >= 0).nonzero()[0]
        if not len(related):  # as of a new item without a code
            return Ragged(np.zeros(len(families) + 1, np.int64), np.zeros(0, np.int64))
        begins, ends = self.members.offsets[families[related]], self.members.offsets[families[related] + 1]
        counts = np.minimum(ends - begins, SIBLINGS + 1)
        offsets = offsets_of(counts)
        place = (begins - offsets[:-1]).repeat(counts) + np.arange(offsets[-1])
        items = self.members.values[place].astype(np.int64)
        owner = related.repeat(counts)
        kept = (items != without[owner]).nonzero()[0]
        owner, items = owner[kept], items[kept]
        rank = np.arange(len(owner)) - owner.searchsorted(owner)
        shown = (rank < SIBLINGS).nonzero()[0]
        return Ragged.from_rows(owner[shown], items[shown], len(families))

    def pasts(self, items: Ints) -> Pasts:
        """Return the pasts of items; -1 has none."""
        known = (items >= 0).nonzero()[0]
        mine = items[known]
        offsets, flat = self.histories.variants.positions(mine)
        counts, standard = np.zeros(len(items), np.int64), np.full(len(items), -1)
        counts[known] = offsets[1:] - offsets[:-1]
        standard[known] = self.histories.standard[mine]
        variants = Ragged(offsets_of(counts), self.histories.variants.values[flat].astype(np.int64))
        weights, newest_days = (
            each[flat].astype(np.float32) for each in (self.histories.weights, self.histories.newest_days)
        )
        return Pasts(variants, weights, newest_days, standard)

    def pool(self, point: Floats, family: int, without: int = -1) -> Pool:
        """Gather the items that back a proposal at one point of the space."""
        return self.pools(point[None], np.array([family]), np.array([without]))[0]

    def _votes(self, pools: Pools, pasts: Pasts, queries: int) -> Votes:
        """Count what similar items, family members and own orders vote for, all voices at once.

        Keys are (voice x queries + query) x sequences + sequence.
        """
        choices, label = len(self.book.sequences), self.histories.label
        voices = ((pools.near, label), (pools.siblings, label), (pasts.variants, self.book.variant_sequence))
        sequences = np.concatenate([of[rows.values] for rows, of in voices])
        counts = np.concatenate([rows.lengths() for rows, _ in voices])
        keys = (np.arange(len(counts)) * choices).repeat(counts) + sequences
        weights = (pools.weights, np.ones(len(pools.siblings.values), np.float32), pasts.weights)
        return Votes.count(keys, np.concatenate(weights), len(voices) * queries, choices)

    def proposals(self, pools: Pools, log_odds: Floats, items: Ints, families: Ints, pasts: Pasts) -> Proposals:
        """Return proposed sequences, sorted by number, and what speaks for each of them."""
        queries, choices = len(log_odds), len(self.book.sequences)
        begins = np.arange(queries + 1) * choices
        start, span = begins[:-1], begins.item(-1)
        votes = self._votes(pools, pasts, queries)
        ruled = (pasts.standard >= 0).nonzero()[0]
        standard = start[ruled] + self.book.variant_sequence[pasts.standard[ruled]]
        own_label = np.where(items >= 0, self.histories.label[items], -1)
        shifted = self.family_presence.shifted(log_odds, families, own_label)
        terms = self.network.laid_out(np.concatenate([log_odds, shifted]))
        likely = (self.network.likely(terms[queries:], PROPOSALS) + start[:, None]).ravel()
        kin_and_own = votes.keys[votes.keys.searchsorted(span) :] % span
        keys = distinct(np.concatenate([votes.strongest(PROPOSALS, queries), likely, kin_and_own, standard]))
        said, owner = votes.of(keys + _VOICES * span), keys // choices
        share = votes.shares(said[0], owner)
        sequences = Ragged(keys.searchsorted(begins), keys - owner * choices)
        alone, in_family = self.network.scores(terms.reshape(2, queries, -1), sequences)
        evidence = [
            alone,
            np.log(share + FLOOR),
            *votes.log_blend(said[1:], owner + _KIN_AND_OWN * queries, share),
            _among(keys, standard),
            self.uses[sequences.values],
            in_family,
        ]
        return Proposals(sequences, np.array(evidence).T.copy())


_VOICES: Final = np.array([[0], [1], [2]])
"""The similar items, family members, own orders."""
_KIN_AND_OWN: Final = _VOICES[1:]


def _among(keys: Ints, chosen: Ints) -> Floats:
    """Return 1 for each of the sorted keys that is chosen, else 0; all that is chosen is among the keys."""
    flags = np.zeros(len(keys))
    flags[keys.searchsorted(chosen)] = 1.0
    return flags
