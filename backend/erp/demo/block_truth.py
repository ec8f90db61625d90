"""The hidden truth of a plant and of one block of its items."""

from dataclasses import dataclass

import polars as pl

from backend.erp.demo.families import Families
from backend.erp.demo.item_traits import Block, ItemTraits
from backend.erp.demo.options import DemoOptions
from backend.erp.demo.plant_parameters import PlantParameters
from backend.erp.demo.routings import RoutedOperations


@dataclass(frozen=True, slots=True)
class Plant:
    """Everything that items of a plant share, and its blocks."""

    options: DemoOptions
    parameters: PlantParameters
    families: Families
    blocks: tuple[Block, ...]

    @property
    def items(self) -> int:
        """How many items the plant has."""
        return sum(block.count for block in self.blocks)


@dataclass(frozen=True, slots=True)
class BlockTruth:
    """One block of items: what they are, how they are made and what they are called."""

    plant: Plant
    block: Block
    traits: ItemTraits
    routed: RoutedOperations
    codes: pl.Series
