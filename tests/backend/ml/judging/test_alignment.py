from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from backend.ml.judging.alignment import align, edit_distance, sequence_match

sequences = st.lists(st.sampled_from(["CUT", "TURN", "MILL", "LAP", "PACK"]), max_size=9)


@given(sequences, sequences)
def test_swapping_the_sides_only_swaps_each_pair(left: list[str], right: list[str]) -> None:
    assert align(left, right) == tuple((i, j) for j, i in align(right, left))


@given(sequences, sequences)
def test_aligned_operations_have_the_same_code_and_keep_their_order(left: list[str], right: list[str]) -> None:
    pairs = align(left, right)
    assert all(left[i] == right[j] for i, j in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(pairs))


@given(sequences, sequences)
def test_edit_distance_is_a_metric_bounded_by_the_lengths(left: list[str], right: list[str]) -> None:
    distance = edit_distance(left, right)
    assert distance == edit_distance(right, left)
    assert (distance == 0) == (left == right)
    assert abs(len(left) - len(right)) <= distance <= max(len(left), len(right))


@given(sequences, sequences, sequences)
def test_a_detour_is_never_shorter(a: list[str], b: list[str], c: list[str]) -> None:
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


@given(sequences, sequences)
def test_sequence_match_lies_between_nothing_and_everything(left: list[str], right: list[str]) -> None:
    assert 0.0 <= sequence_match(left, right) <= 1.0
    assert sequence_match(left, left) == 1.0


@given(sequences)
def test_numbering_the_operations_anew_changes_nothing(codes: list[str]) -> None:
    """Sequence numbers 10, 20, 30 never enter: only codes and their order do."""
    assert align(codes, list(codes)) == tuple((index, index) for index in range(len(codes)))


def test_a_repeated_operation_is_aligned_once_each() -> None:
    assert align(["LAP", "TEST", "LAP"], ["LAP", "LAP"]) == ((0, 0), (2, 1))
