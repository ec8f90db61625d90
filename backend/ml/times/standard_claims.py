"""What standard times claim and what is known without them, for each kind of minutes."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Standards:
    """Standard times as residual log minutes, one entry per (item, operation), sorted by these."""

    item: Ints
    family: Ints
    operation: Ints
    centre: Ints
    log_quantity: Floats
    """Of the item's usual lot."""
    residual: Floats


@dataclass(frozen=True, slots=True)
class Claims:
    """What standards claim, and what is known of the same pairs without them."""

    standards: Standards
    guess: Floats
    """What is expected of the pair without its standard, and the variance of that."""
    unsure: Floats
    made: Flags
    """Whether the pair has own lots, so that its guess shows whether the standard is right."""


@dataclass(frozen=True, slots=True)
class StandardLots:
    """What standard times tell: sorted item x operations + operation, residual log minutes, worth in own lots."""

    keys: Ints
    told: Floats
    lots: Floats


NO_STANDARDS: Final = StandardLots(np.zeros(0, np.int64), *(np.zeros(0) for _ in range(2)))
