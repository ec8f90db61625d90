"""Encoded items and everything that places them: features, network, attribute weights, space."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.attribute_match import AttributeMatch
from backend.ml.code_families import CodeFamilies
from backend.ml.encoding import ItemEncoder, ItemTable
from backend.ml.features import FeatureMap
from backend.ml.presence import PresenceNetwork
from backend.ml.retrieval import Space


@dataclass(frozen=True, slots=True)
class ItemSpace:
    """Turns encoded items into operation log-odds and coordinates."""

    encoder: ItemEncoder
    features: FeatureMap
    families: CodeFamilies
    match: AttributeMatch
    network: PresenceNetwork
    space: Space

    def log_odds(self, codes: Ints, table: ItemTable) -> Floats:
        """Return the network's log-odds per item and label; `codes` are the table's code columns."""
        return self.network.log_odds(self.features.network_inputs(codes, table))

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
            "network": self.network.to_parts(),
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
            PresenceNetwork.from_parts(parts["network"]),
            Space(parts["labels"], parts["projection"]),
        )
