import numpy as np
import pytest

from backend.ml.common.arrays import Floats, Ints
from backend.ml.items.retrieval import ItemIndex

COUNT = 10


@pytest.fixture(scope="module")
def points() -> Floats:
    draw = np.random.default_rng(3)
    middles = draw.normal(0, 2, (40, 12))
    return (middles[draw.integers(0, 40, 3000)] + draw.normal(0, 0.4, (3000, 12))).astype(np.float32)


@pytest.fixture(scope="module")
def items() -> Ints:
    return np.arange(3000) * 2


@pytest.fixture(scope="module")
def index(points: Floats, items: Ints) -> ItemIndex:
    return ItemIndex.fit(points, items, seed=0)


def _none(count: int) -> Ints:
    return np.full(count, -1)


def test_a_small_plant_is_searched_exactly(index: ItemIndex, points: Floats, items: Ints) -> None:
    found = index.search(points[:50], COUNT, _none(50))
    whole = np.round(points / index.scale)
    for row in range(50):
        away = ((whole - whole[row]) ** 2).sum(axis=1) * index.scale**2
        nearest = np.sort(away)[:COUNT]
        distances = found.distances[found.items.offsets[row] : found.items.offsets[row + 1]]
        assert distances == pytest.approx(nearest, rel=1e-5)
        assert found.items[row][0] == items[row]


def test_one_item_can_be_left_out(index: ItemIndex, points: Floats, items: Ints) -> None:
    whole = index.search(points[:50], COUNT + 1, _none(50))
    found = index.search(points[:50], COUNT, items[:50])
    for row in range(50):
        assert found.items[row].tolist() == [each for each in whole.items[row].tolist() if each != items[row]]


def test_what_is_found_does_not_depend_on_what_else_is_searched_for(
    index: ItemIndex, points: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.ml.items.retrieval.LOOKED_AT", 400)
    asked = points[:600] + np.float32(0.01)
    together = index.search(asked, COUNT, _none(600))
    for row in range(0, 600, 7):
        alone = index.search(asked[row : row + 1], COUNT, _none(1))
        assert alone.items[0].tolist() == together.items[row].tolist()
        assert alone.distances.tolist() == together.distances[row * COUNT : (row + 1) * COUNT].tolist()


def test_fewer_items_than_asked_for_are_all_found() -> None:
    index = ItemIndex.fit(np.eye(3, dtype=np.float32), np.array([4, 7, 9]), seed=0)
    found = index.search(np.eye(3, dtype=np.float32)[:2], COUNT, np.array([-1, 7]))
    assert found.items[0].tolist()[0] == 4
    assert sorted(found.items[0].tolist()) == [4, 7, 9]
    assert sorted(found.items[1].tolist()) == [4, 9]


def test_nothing_is_found_for_no_points(index: ItemIndex) -> None:
    assert len(index.search(np.zeros((0, 12), np.float32), COUNT, _none(0)).items) == 0


def test_an_index_survives_being_stored(index: ItemIndex, points: Floats) -> None:
    stored = ItemIndex.from_parts(index.to_parts())
    before, after = (each.search(points[:20], COUNT, _none(20)) for each in (index, stored))
    assert before.items.values.tolist() == after.items.values.tolist()
    assert before.distances.tolist() == after.distances.tolist()
