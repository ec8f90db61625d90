"""Of network and trees the one is kept that says better what items held out need."""

import numpy as np

from backend.ml.common.arrays import Ragged
from backend.ml.operations.presence import PresenceLabels, PresenceNetwork
from backend.ml.operations.presence_fit import LEAST_ITEMS, PresenceLesson
from backend.ml.operations.presence_trees import PresenceTrees

ITEMS = LEAST_ITEMS + 300
LEARNT, JUDGED = np.arange(LEAST_ITEMS), np.arange(LEAST_ITEMS, ITEMS)


def _lesson(*, told_by_inputs: bool) -> PresenceLesson:
    """An operation that half of the items need: told by an input of the network, or by a feature of the trees."""
    draw = np.random.default_rng(0)
    needs = draw.random(ITEMS) < 0.5
    feature = (draw.random(ITEMS) + (0 if told_by_inputs else needs)).astype(np.float32)
    on = needs.astype(np.int32) if told_by_inputs else draw.integers(0, 2, ITEMS)
    no_orders = np.zeros((0, 2), dtype=np.int64)
    labels = PresenceLabels.from_parts({"lengths": np.array([0, 1]), "values": np.array([0])}, np.array([0]), no_orders)
    inputs = Ragged(np.arange(ITEMS + 1), on)
    family = np.full(ITEMS, -1)
    return PresenceLesson(inputs, 2, feature[:, None], [False], labels, needs.astype(np.int64), family, seed=0)


def test_trees_are_kept_where_they_foresee_more() -> None:
    assert isinstance(_lesson(told_by_inputs=False).learn(LEARNT, JUDGED), PresenceTrees)


def test_the_network_is_kept_where_it_foresees_more() -> None:
    assert isinstance(_lesson(told_by_inputs=True).learn(LEARNT, JUDGED), PresenceNetwork)


def test_too_few_items_or_none_held_out_are_left_to_the_network() -> None:
    lesson = _lesson(told_by_inputs=False)
    assert isinstance(lesson.learn(LEARNT[1:], JUDGED), PresenceNetwork)
    assert isinstance(lesson.learn(LEARNT, JUDGED[:0]), PresenceNetwork)
