"""Ranges cover what they promise at each state of knowledge, and few lots lean on the others."""

import numpy as np
import pytest

from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_target import ATTRIBUTES, KINDRED, KNOWLEDGE, OWN_LOTS, STANDARD

OPERATIONS = 4
WIDTHS = np.array([0.8, 1.0, 1.2, 1.6])
"""True deviation of the scores, by knowledge."""


def scores(seed: int, rows: int) -> tuple[Ints, Ints, Floats]:
    draw = np.random.default_rng(seed)
    operation, knowledge = draw.integers(0, OPERATIONS, rows), draw.integers(0, KNOWLEDGE, rows)
    return operation, knowledge, WIDTHS[knowledge] * draw.standard_t(5, size=rows)


@pytest.mark.parametrize("knowledge", [OWN_LOTS, STANDARD, KINDRED, ATTRIBUTES])
@pytest.mark.parametrize("seed", range(10))
def test_four_in_five_new_lots_are_inside_at_every_state_of_knowledge(knowledge: int, seed: int) -> None:
    spread = Spread.fit(*scores(seed, 20_000), OPERATIONS)
    operation, level, score = scores(seed + 5000, 20_000)
    inside = (score >= spread.low[level, operation]) & (score <= spread.high[level, operation])
    assert inside[level == knowledge].mean() == pytest.approx(0.8, abs=0.03)


def test_an_operation_with_few_lots_is_drawn_to_the_others() -> None:
    operation, knowledge, score = scores(1, 20_000)
    rare = np.flatnonzero(operation == 0)
    kept = np.setdiff1d(np.arange(len(score)), rare[12:])
    wild = np.where(operation == 0, 10 * score, score)
    spread = Spread.fit(operation[kept], knowledge[kept], wild[kept], OPERATIONS)
    assert spread.high[OWN_LOTS, 0] < 2 * spread.high[OWN_LOTS, 1]


def test_too_few_lots_to_measure_give_a_little_more_than_the_normal_range() -> None:
    spread = Spread.fit(np.zeros(3, np.int64), np.zeros(3, np.int64), np.array([-9.0, 0.0, 9.0]), OPERATIONS)
    assert spread.low.min() == spread.low.max() == -1.4
    assert spread.high.min() == spread.high.max() == 1.4
