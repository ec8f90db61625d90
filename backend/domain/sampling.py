"""How items are chosen for judging."""

from dataclasses import dataclass
from enum import StrEnum


class SamplingStrategy(StrEnum):
    """The runbook's three strategies, and all items."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    """In proportion to the plant's most telling categorical attribute, no stratum left out."""
    RECENT_BIAS = "recent_bias"
    """Items with recent work orders are likelier."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Sampling:
    """A reproducible choice of items: the same seed on the same plant gives the same items."""

    sample_size: int
    strategy: SamplingStrategy
    seed: int
