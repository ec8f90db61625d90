"""Sums by group, and the array types of the oracle."""

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray

__all__ = ["BoolArray", "FloatArray", "IntArray", "sum_by"]


def sum_by(group: IntArray, values: FloatArray, groups: int) -> FloatArray:
    """Add up rows (of any further shape) per group."""
    flat = values.reshape(len(values), int(np.prod(values.shape[1:])))
    sums = [np.bincount(group, weights=flat[:, column], minlength=groups) for column in range(flat.shape[1])]
    return np.stack(sums, axis=1).reshape(groups, *values.shape[1:]).astype(np.float64, copy=False)
