import numpy as np
import pytest

from backend.ml.operations.votes import FLOOR, Votes

CHOICES = 10
FIRST, SECOND, THIRD = 0, CHOICES, 2 * CHOICES


def _votes() -> Votes:
    keys = np.array([FIRST + 3, FIRST + 1, SECOND + 4, FIRST + 3, SECOND + 2])
    return Votes.count(keys, np.array([1.0, 2.5, 1.0, 1.0, 3.0]), queries=3, choices=CHOICES)


def test_votes_for_the_same_choice_add_up_per_query() -> None:
    asked = np.array([FIRST + 1, FIRST + 3, FIRST + 4, SECOND + 4, THIRD + 1])
    assert _votes().of(asked).tolist() == [2.5, 2.0, 0.0, 1.0, 0.0]


def test_shares_are_of_the_query_and_zero_where_nobody_votes() -> None:
    asked = np.array([FIRST + 1, SECOND + 4, THIRD + 1])
    votes = _votes()
    assert votes.shares(votes.of(asked), asked // CHOICES) == pytest.approx([2.5 / 4.5, 0.25, 0.0])


def test_the_strongest_choices_of_each_query_are_kept() -> None:
    assert sorted(_votes().strongest(1, 3).tolist()) == [FIRST + 1, SECOND + 2]
    assert len(_votes().strongest(5, 3)) == 4
    assert _votes().strongest(1, 1).tolist() == [FIRST + 1]


def test_a_blend_leans_on_the_prior_by_one_vote_and_says_nothing_without_votes() -> None:
    votes, asked = _votes(), np.array([SECOND + 2, THIRD + 2])
    blend = votes.log_blend(votes.of(asked), asked // CHOICES, np.array([0.5, 0.5]))
    assert blend == pytest.approx([np.log(3.5 / 5.0 + FLOOR), 0.0])


def test_no_votes_at_all_are_counted_too() -> None:
    votes = Votes.count(np.zeros(0, np.int64), np.zeros(0), queries=2, choices=CHOICES)
    assert votes.of(np.array([1, 12])).tolist() == [0.0, 0.0]
    assert votes.strongest(3, 2).tolist() == []
