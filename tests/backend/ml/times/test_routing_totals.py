"""The range of a routing's total: its formula, and that four in five totals lie inside whatever goes together."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.routing_totals import Parts, TotalRanges
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_target import ATTRIBUTES, KINDRED, KNOWLEDGE, OWN_LOTS

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "total_range_vectors.json").read_text(encoding="utf-8")
)
"""The user interface's own formula is held to the same (total_range.test.ts)."""
NORMAL = 1.2816

minutes = st.floats(0.0, 1e5)
operations = st.lists(st.tuples(minutes, minutes, minutes), min_size=1, max_size=12)
factors = st.floats(0.0, 3.0)
shares = st.floats(0.0, 1.0)


def ranges_of(correlation: float, low_factor: float, high_factor: float, lean: float = 0.0) -> TotalRanges:
    every = np.ones((KNOWLEDGE, 1))
    spread = Spread(-low_factor * every, high_factor * every, 0 * every)
    return TotalRanges(np.full(KNOWLEDGE, correlation), spread, lean)


def range_of(steps: list[tuple[float, float, float]], ranges: TotalRanges) -> tuple[float, float]:
    """Return the range of one routing; steps are (minutes, minutes below, minutes above)."""
    return total_of(steps, ranges)[1:]


def total_of(steps: list[tuple[float, float, float]], ranges: TotalRanges) -> tuple[float, float, float]:
    """Return the total of one routing and its range."""
    value, below, above = (np.array(column) for column in zip(*steps, strict=True))
    nothing = np.zeros(len(steps), np.int64)
    found = ranges.of(Parts(value, value - below, value + above, nothing, nothing, 1))
    return float(found.value[0]), float(found.low[0]), float(found.high[0])


@pytest.mark.parametrize("case", VECTORS, ids=[case["name"] for case in VECTORS])
def test_the_formula_gives_what_the_user_interface_gives(case: dict[str, Any]) -> None:
    steps = [
        (each["minutes"], each["minutes"] - each["low"], each["high"] - each["minutes"]) for each in case["operations"]
    ]
    total, low, high = total_of(steps, ranges_of(**case["spread"]))
    assert total == pytest.approx(case["total"])
    assert {"low": low, "high": high} == pytest.approx(case["range"])


@given(operations, shares, factors, factors, shares)
def test_a_range_contains_its_total_and_is_never_negative(
    steps: list[tuple[float, float, float]], correlation: float, low_factor: float, high_factor: float, lean: float
) -> None:
    steps = [(value, min(below, value), above) for value, below, above in steps]
    total, low, high = total_of(steps, ranges_of(correlation, low_factor, high_factor, lean))
    assert 0.0 <= low <= total * (1 + 1e-9)
    assert high >= total * (1 - 1e-9)


@given(operations, shares, st.data())
def test_a_less_sure_operation_makes_no_total_surer(
    steps: list[tuple[float, float, float]], correlation: float, data: st.DataObject
) -> None:
    ranges = ranges_of(correlation, 1.0, 1.0)
    place, more = data.draw(st.integers(0, len(steps) - 1)), data.draw(minutes)
    wider = [(v, b + more, a + more) if i == place else (v, b, a) for i, (v, b, a) in enumerate(steps)]
    (low, high), (wider_low, wider_high) = range_of(steps, ranges), range_of(wider, ranges)
    assert wider_low <= low + 1e-6
    assert wider_high >= high - 1e-6


@given(operations, shares, shares)
def test_errors_that_go_together_more_widen_the_range_up_to_the_sum_of_ranges(
    steps: list[tuple[float, float, float]], one: float, other: float
) -> None:
    less, more = sorted((one, other))
    narrow, wide = (range_of(steps, ranges_of(each, 1.0, 1.0))[1] for each in (less, more))
    assert narrow <= wide + 1e-6
    assert wide <= sum(value + above for value, _, above in steps) * (1 + 1e-9) + 1e-6


@given(operations, shares, st.randoms(use_true_random=False))
def test_the_order_of_operations_does_not_matter(
    steps: list[tuple[float, float, float]], correlation: float, random: Any
) -> None:
    shuffled = list(steps)
    random.shuffle(shuffled)
    ranges = ranges_of(correlation, 1.1, 1.2)
    assert range_of(shuffled, ranges) == pytest.approx(range_of(steps, ranges))


def lots_of(seed: int, lots: int, correlations: dict[int, float]) -> tuple[Parts, Floats]:
    """Return lots whose operations' log errors are known to go together, and their actual minutes."""
    draw = np.random.default_rng(seed)
    owner = np.repeat(np.arange(lots), draw.integers(2, 10, lots))
    knowledge: Ints = draw.choice(list(correlations), lots)[owner]
    together = np.array([correlations.get(each, 0.0) for each in range(KNOWLEDGE)])[knowledge]
    deviation = draw.uniform(0.1, 0.5, len(owner))
    value = np.exp(draw.normal(3.0, 0.8, len(owner)))
    error = np.sqrt(together) * draw.normal(size=lots)[owner] + np.sqrt(1 - together) * draw.normal(size=len(owner))
    reach = np.exp(NORMAL * deviation)
    return Parts(value, value / reach, value * reach, knowledge, owner, lots), value * np.exp(deviation * error)


CORRELATIONS = {OWN_LOTS: 0.0, KINDRED: 0.2, ATTRIBUTES: 0.6}


@pytest.mark.parametrize("seed", range(5))
def test_four_in_five_new_totals_are_inside_at_every_state_of_knowledge(seed: int) -> None:
    ranges = TotalRanges.fit(*lots_of(seed, 30_000, CORRELATIONS))
    lots, actual = lots_of(seed + 5000, 30_000, CORRELATIONS)
    found, total = ranges.of(lots), np.bincount(lots.owner, weights=actual)
    inside = (found.low <= total) & (total <= found.high)
    for knowledge, correlation in CORRELATIONS.items():
        assert inside[lots.mostly() == knowledge].mean() == pytest.approx(0.8, abs=0.02)
        assert ranges.correlation[knowledge] == pytest.approx(correlation, abs=0.05)


def test_neither_the_sum_of_ranges_nor_independent_errors_cover_four_in_five() -> None:
    lots, actual = lots_of(7, 30_000, CORRELATIONS)
    total = np.bincount(lots.owner, weights=actual)
    together, apart = (ranges_of(each, 1.0, 1.0).of(lots) for each in (1.0, 0.0))
    covered = [((each.low <= total) & (total <= each.high)).mean() for each in (together, apart)]
    assert covered[0] > 0.9
    assert covered[1] < 0.76


def test_lots_that_take_longer_than_their_ranges_move_the_upper_limit_out() -> None:
    lots, actual = lots_of(8, 2000, CORRELATIONS)
    ranges = TotalRanges.fit(lots, actual)
    moved = ranges.told(lots, actual * 1.5, np.arange(2000) // 50)
    assert (moved.of(lots).high > ranges.of(lots).high).all()
    assert (moved.of(lots).low >= ranges.of(lots).low).all()


def test_few_lots_give_ranges_that_are_a_little_wider() -> None:
    (few, actual), lots = lots_of(9, 3, CORRELATIONS), lots_of(8, 2000, CORRELATIONS)[0]
    found, usual = TotalRanges.fit(few, actual).of(lots), TotalRanges.fit(*lots_of(8, 2000, CORRELATIONS)).of(lots)
    assert (found.high_factor > usual.high_factor).all()


def test_where_no_lot_shows_two_operations_nothing_is_said_to_cancel_out() -> None:
    draw = np.random.default_rng(10)
    value, each = np.exp(draw.normal(3.0, 0.8, 3000)), np.arange(3000)
    singly = Parts(value, value / 1.5, value * 1.5, each % KNOWLEDGE, each, 3000)
    ranges = TotalRanges.fit(singly, value * np.exp(draw.normal(0.0, 0.3, 3000)))
    assert ranges.correlation.tolist() == pytest.approx([1.0] * KNOWLEDGE)


def long_lots(seed: int, steps: list[int]) -> tuple[Parts, Floats]:
    """Return 2,000 lots of so many operations, drawn from some numbers; errors have nothing to do with each other."""
    draw = np.random.default_rng(seed)
    owner = np.repeat(np.arange(2000), draw.choice(steps, 2000))
    value, deviation = np.exp(draw.normal(3.0, 0.8, len(owner))), 0.4
    reach, nothing = np.exp(NORMAL * deviation), np.zeros(len(owner), np.int64)
    actual = value * np.exp(deviation * draw.normal(size=len(owner)))
    return Parts(value, value / reach, value * reach, nothing, owner, 2000), actual


@pytest.mark.parametrize("steps", [1, 2, 5, 20, 300])
def test_half_of_all_lots_take_longer_than_the_total_however_many_operations_they_have(steps: int) -> None:
    ranges = TotalRanges.fit(*long_lots(11, [1, 2, 5, 20, 300]))
    lots, actual = long_lots(12, [steps])
    found, total = ranges.of(lots), np.bincount(lots.owner, weights=actual)
    assert (total > found.value).mean() == pytest.approx(0.5, abs=0.06)
    assert found.value == pytest.approx(lots.total()) if steps == 1 else (found.value > lots.total()).all()


def test_ranges_of_a_release_before_lean_to_no_side() -> None:
    ranges = TotalRanges.fit(*long_lots(11, [20]))
    parts = {name: part for name, part in ranges.to_parts().items() if name != "lean"}
    lots = long_lots(12, [20])[0]
    assert TotalRanges.from_parts(parts).of(lots).value == pytest.approx(lots.total())
