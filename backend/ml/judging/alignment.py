"""Compares two operation sequences by operation code, never by sequence number."""

from collections.abc import Sequence


def edit_distance(left: Sequence[str], right: Sequence[str]) -> int:
    """Return how many insertions, deletions and replacements turn one sequence into the other.

    >>> edit_distance(["CUT", "TURN", "LAP"], ["CUT", "MILL", "LAP", "PACK"])
    2
    """
    if left == right:
        return 0
    previous = list(range(len(right) + 1))
    for row, code in enumerate(left, start=1):
        current = [row]
        for column, other in enumerate(right, start=1):
            replaced = previous[column - 1] + (code != other)
            current.append(min(replaced, previous[column] + 1, current[column - 1] + 1))
        previous = current
    return previous[-1]


def sequence_match(predicted: Sequence[str], actual: Sequence[str]) -> float:
    """Return 1 - edit distance / longer length: 1 for equal sequences, 0 for nothing in common.

    >>> sequence_match(["CUT", "TURN", "LAP"], ["CUT", "MILL", "LAP", "PACK"])
    0.5
    """
    longer = max(len(predicted), len(actual))
    return 1.0 - edit_distance(predicted, actual) / longer if longer else 1.0


def align(left: Sequence[str], right: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the index pairs of equal operations along a longest common subsequence, in order.

    Of several equally long alignments the same one is chosen whichever side comes first, so
    that swapping the arguments only swaps each pair.

    >>> align(["CUT", "TURN", "LAP"], ["CUT", "LAP", "PACK"])
    ((0, 0), (2, 1))
    """
    first, second = tuple(left), tuple(right)
    if first == second:
        return tuple((index, index) for index in range(len(first)))
    if first > second:
        return tuple((i, j) for j, i in _trace(second, first))
    return tuple(_trace(first, second))


def _trace(left: tuple[str, ...], right: tuple[str, ...]) -> list[tuple[int, int]]:
    lengths = _common_lengths(left, right)
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] == right[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _common_lengths(left: tuple[str, ...], right: tuple[str, ...]) -> list[list[int]]:
    """Return the length of the longest common subsequence of every pair of suffixes."""
    lengths = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            same = left[i] == right[j]
            lengths[i][j] = lengths[i + 1][j + 1] + 1 if same else max(lengths[i + 1][j], lengths[i][j + 1])
    return lengths
