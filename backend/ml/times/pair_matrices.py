"""Symmetric two by two matrices, many at once: covariances of set-up and run."""

from typing import TypeAlias

import numpy as np

from backend.ml.common.arrays import Floats

Matrices: TypeAlias = Floats
"""(..., 2, 2)."""


def inverse(matrices: Matrices) -> Matrices:
    """Return the inverses of symmetric positive definite matrices.

    >>> inverse(np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
    [[0.5, -0.0], [-0.0, 0.25]]
    """
    first, both, second = matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 1, 1]
    return np.asarray(symmetric(second, -both, first) / determinant(matrices)[..., None, None])


def determinant(matrices: Matrices) -> Floats:
    """Return the determinants."""
    return np.asarray(matrices[..., 0, 0] * matrices[..., 1, 1] - matrices[..., 0, 1] ** 2)


def symmetric(first: Floats, both: Floats, second: Floats) -> Matrices:
    """Return matrices of what stands on their diagonals and beside them."""
    return np.stack([np.stack([first, both], axis=-1), np.stack([both, second], axis=-1)], axis=-2)


def diagonal(values: Floats) -> Matrices:
    """Return matrices with values (..., 2) on their diagonals."""
    return values[..., None] * np.eye(2)


def possible(matrices: Matrices, floor: float) -> Matrices:
    """Return estimated covariances made those of a possible world."""
    first, second = (np.maximum(matrices[..., i, i], floor) for i in (0, 1))
    most = 0.999 * np.sqrt(first * second)
    return symmetric(first, np.clip(matrices[..., 0, 1], -most, most), second)
