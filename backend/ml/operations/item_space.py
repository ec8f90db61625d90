"""Encoded items and everything that places them: features, presence of operations, attribute weights, space."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.items.attribute_match import AttributeMatch
from backend.ml.items.code_families import CodeFamilies
from backend.ml.items.encoding import ItemEncoder, ItemTable
from backend.ml.items.features import FeatureMap
from backend.ml.items.retrieval import Space
from backend.ml.operations.presence import PresenceNetwork
from backend.ml.operations.presence_trees import PresenceTrees


@record
class Seen:
    """What a presence model sees of items: inputs that are on for a network, rows of features for trees."""

    inputs: Ragged | None
    rows: Floats | None
    followed: Ints | None = None
    """Where the trees lead, for those who also ask why (see SmallTrees.follow)."""

    def by_network(self) -> Ragged:
        """Return the inputs that are on; ValueError where items were encoded for trees."""
        if self.inputs is None:
            raise ValueError("items were encoded for trees, not for a network")
        return self.inputs

    def by_trees(self) -> Floats:
        """Return rows of FeatureMap.tree_matrix; ValueError where items were encoded for a network."""
        if self.rows is None:
            raise ValueError("items were encoded for a network, not for trees")
        return self.rows


@dataclass(frozen=True, slots=True)
class ItemSpace:
    """Turns encoded items into operation log-odds and coordinates."""

    encoder: ItemEncoder
    features: FeatureMap
    families: CodeFamilies
    match: AttributeMatch
    presence: PresenceNetwork | PresenceTrees
    space: Space

    def log_odds(self, codes: Ints, table: ItemTable) -> Floats:
        """Return log-odds per item and label; `codes` are the table's code columns."""
        return self.told(self._seen(codes, table))

    def see(self, codes: Ints, table: ItemTable) -> Seen:
        """Return what the presence model sees of a few encoded items, and where its trees lead."""
        seen = self._seen(codes, table)
        if isinstance(self.presence, PresenceTrees):
            return Seen(seen.inputs, seen.rows, self.presence.trees.follow(seen.by_trees()))
        return seen

    def _seen(self, codes: Ints, table: ItemTable) -> Seen:
        if isinstance(self.presence, PresenceTrees):
            return Seen(None, self.features.tree_matrix(self.encoder, table, codes))
        return Seen(self.features.network_inputs(codes, table), None)

    def told(self, seen: Seen) -> Floats:
        """Return log-odds per item and label for what was seen."""
        return told_by(self.presence, seen)

    def place(self, codes: Ints, families: Ints, log_odds: Floats) -> Floats:
        """Return coordinates per item."""
        return self.space.place(log_odds, self.match.sketch(codes, families))

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "encoder": self.encoder.to_parts(),
            "features": self.features.to_parts(),
            "families": self.families.to_parts(),
            "attribute_weights": self.match.weights,
            "presence": self.presence.to_parts(),
            "labels": self.space.labels,
            "projection": self.space.projection,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "ItemSpace":
        """Read what to_parts wrote."""
        return cls(
            ItemEncoder.from_parts(parts["encoder"]),
            FeatureMap.from_parts(parts["features"]),
            CodeFamilies.from_parts(parts["families"]),
            AttributeMatch(np.asarray(parts["attribute_weights"])),
            _presence_of(parts["presence"]),
            Space(parts["labels"], parts["projection"]),
        )


def told_by(presence: PresenceNetwork | PresenceTrees, seen: Seen) -> Floats:
    """Return log-odds per item and output as one presence model tells them."""
    if isinstance(presence, PresenceTrees):
        return presence.log_odds(seen.by_trees()) if seen.followed is None else presence.told(seen.followed)
    return presence.log_odds(seen.by_network())


def _presence_of(parts: dict[str, Any]) -> PresenceNetwork | PresenceTrees:
    return PresenceTrees.from_parts(parts) if "model" in parts else PresenceNetwork.from_parts(parts)
