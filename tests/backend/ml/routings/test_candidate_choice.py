import numpy as np
import pytest

from backend.ml.common.arrays import offsets_of
from backend.ml.operations.voting import EVIDENCE
from backend.ml.routings.candidate_choice import CandidateChoice, Ground, Trials, grounds


def _trials(count: int, ground: Ground, right: float, seed: int = 0) -> Trials:
    """Two proposals per trial; the first one has the better evidence and comes true as often as `right` says."""
    draw = np.random.default_rng(seed)
    first = draw.random(count) < right
    evidence = np.zeros((2 * count, len(EVIDENCE)))
    evidence[::2, 0] = 2.0
    came_true = np.stack([first, ~first], axis=1).ravel()
    return Trials(evidence, offsets_of(np.full(count, 2)), came_true, np.full(count, ground))


@pytest.mark.parametrize("right", [0.6, 0.95])
def test_probabilities_are_what_came_true_on_the_same_ground(right: float) -> None:
    trials = _trials(2000, Ground.FAMILY, right)
    choice = CandidateChoice.fit(trials)
    chance = choice.probabilities(trials.evidence[:2], np.array([0, 2]), np.array([Ground.FAMILY]))
    assert chance[0] == pytest.approx(right, abs=0.02)
    assert chance[1] == pytest.approx(1 - right, abs=0.02)


def test_a_ground_without_rehearsals_is_modest() -> None:
    choice = CandidateChoice.fit(_trials(2000, Ground.FAMILY, 0.95))
    evidence = np.zeros((2, len(EVIDENCE)))
    evidence[0] = 50.0
    chance = choice.probabilities(evidence, np.array([0, 2]), np.array([Ground.ATTRIBUTES]))
    assert chance[0] <= 0.81


def test_rows_of_a_batch_do_not_touch_each_other() -> None:
    trials = _trials(500, Ground.LOTS, 0.8)
    choice = CandidateChoice.fit(trials)
    alone = choice.probabilities(trials.evidence[:2], np.array([0, 2]), np.array([Ground.LOTS]))
    ground = np.array([Ground.LOTS, Ground.FAMILY])
    both = choice.probabilities(trials.evidence[:4], np.array([0, 2, 4]), ground)
    np.testing.assert_allclose(both[:2], alone)
    assert both[2:].sum() <= 1


def test_lots_count_before_a_standard_a_standard_before_the_family_and_that_before_the_attributes() -> None:
    yes, no = np.array([True]), np.array([False])
    assert grounds(yes, yes, yes, yes)[0] == Ground.LOTS
    assert grounds(no, yes, yes, yes)[0] == Ground.STANDARD
    assert grounds(no, no, yes, yes)[0] == Ground.FAMILY
    assert grounds(no, no, no, yes)[0] == Ground.ATTRIBUTES
    assert grounds(no, no, no, no)[0] == Ground.NO_CODE


def test_a_bundle_that_knows_nothing_of_items_without_codes_takes_them_for_strangers() -> None:
    trials = _trials(500, Ground.ATTRIBUTES, 0.6)
    parts = CandidateChoice.fit(trials).to_parts()
    before = {name: values[: Ground.NO_CODE] for name, values in parts.items()}
    choice = CandidateChoice.from_parts(before)
    chances = [
        choice.probabilities(trials.evidence[:2], np.array([0, 2]), np.array([ground]))
        for ground in (Ground.ATTRIBUTES, Ground.NO_CODE)
    ]
    np.testing.assert_array_equal(chances[0], chances[1])
