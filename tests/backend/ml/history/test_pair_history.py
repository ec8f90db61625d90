import numpy as np
import pytest

from backend.ml.history.pair_history import RUN, SETUP, PairHistory

OPERATIONS = 5


@pytest.fixture(scope="module")
def pairs() -> dict[tuple[int, int], tuple[float, int]]:
    """What is known of pairs, mean and lots: of items 0 and 7 nothing, of item 8 all operations."""
    draw = np.random.default_rng(4)
    known = {(item, operation) for item in range(1, 7) for operation in range(OPERATIONS) if draw.random() < 0.5}
    known |= {(8, operation) for operation in range(OPERATIONS)}
    return {pair: (float(draw.integers(1, 9)) / 8, int(draw.integers(1, 200))) for pair in sorted(known)}


@pytest.fixture(scope="module")
def history(pairs: dict[tuple[int, int], tuple[float, int]]) -> PairHistory:
    keys = np.array([item * OPERATIONS + operation for item, operation in pairs])
    means = np.array([mean for mean, _ in pairs.values()], dtype=np.float16)
    counts = np.array([count for _, count in pairs.values()], dtype=np.uint8)
    return PairHistory.of(keys, [means, -means], [counts, counts], [counts * 0, counts * 0], OPERATIONS)


def test_pairs_are_found_alone_and_together(
    history: PairHistory, pairs: dict[tuple[int, int], tuple[float, int]]
) -> None:
    item, operation = (each.ravel() for each in np.meshgrid(np.arange(-1, 12), np.arange(OPERATIONS), indexing="ij"))
    wanted = [pairs.get(each, (0.0, 0)) for each in zip(item.tolist(), operation.tolist(), strict=True)]
    order = np.random.default_rng(5).permutation(len(item))
    lots, weight, mean = history.look_up(item[order], operation[order], RUN)
    places = history.places(item, operation)
    beside = history.at(places.pair, places.found, RUN)

    assert lots[np.argsort(order)].tolist() == beside[0].tolist() == [count for _, count in wanted]
    assert weight[np.argsort(order)].tolist() == beside[1].tolist() == [float(count) for _, count in wanted]
    assert mean[np.argsort(order)].tolist() == beside[2].tolist() == [-mean for mean, _ in wanted]
    for row, owner, its_operation in zip(places.row, places.owner, places.operation, strict=True):
        asked = item[places.group == owner][0]
        assert history.keys()[row] == asked * OPERATIONS + its_operation


def test_parts_give_back_the_same_history(history: PairHistory) -> None:
    parts = history.to_parts(12)
    again = PairHistory.from_parts(parts)

    assert len(parts["counts"]) == 1
    assert len(again.pairs) == 12
    assert again.keys().tolist() == history.keys().tolist()
    assert again.counts[RUN].tolist() == history.counts[RUN].tolist()
    assert again.look_up(np.array([11, 8]), np.array([0, 4]), SETUP)[0].tolist() == [0, history.counts[SETUP][-1]]


def test_where_nothing_is_known_nothing_is_found() -> None:
    none, nothing = np.zeros(0, np.int64), np.zeros(0, np.uint8)
    empty = PairHistory.of(none, [nothing, nothing], [nothing, nothing], [nothing, nothing], OPERATIONS)

    assert [each.tolist() for each in empty.look_up(np.array([3, -1]), np.array([0, 1]), RUN)] == [[0, 0]] * 3
    assert not empty.places(np.array([3, -1]), np.array([0, 1])).found.any()
