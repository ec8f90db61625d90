"""Independent random streams, one per purpose and block, so that chunking never changes a result."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What a stream is for; the numbers are part of every plant's identity and never change."""

    PLANT = 1
    FAMILIES = 2
    ITEMS = 3
    ITEM_TEXT = 4
    ROUTINGS = 5
    WORK_ORDER_COUNTS = 6
    WORK_ORDERS = 7
    ITEM_DIRT = 8
    ROUTING_DIRT = 9
    WORK_ORDER_DIRT = 10
    NOISE_FLOOR = 11


def random_stream(seed: int, purpose: Purpose, *key: int) -> np.random.Generator:
    """Return the generator of one purpose and key; different keys never share numbers."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(purpose), *key)))
