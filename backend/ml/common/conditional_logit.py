"""Which of several alternatives comes true: a conditional logit over flat rows of evidence."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints

LEAST_TRIALS: Final = 40
_PULL: Final = 2.0


def softmax_of_rows(scores: Floats, offsets: Ints) -> Floats:
    """Return probabilities that add up to 1 within each (non-empty) row of `offsets`."""
    lengths = offsets[1:] - offsets[:-1]
    shifted = np.exp(scores - np.maximum.reduceat(scores, offsets[:-1]).repeat(lengths))
    return np.asarray(shifted / np.add.reduceat(shifted, offsets[:-1]).repeat(lengths))


def fit_weights(evidence: Floats, offsets: Ints, truth: Ints, prior: Floats) -> Floats:
    """Return the weights of the columns of evidence by maximum likelihood, pulled towards the prior.

    `truth` is the alternative (row of evidence) that came true in each trial; each trial has one. Fewer than
    LEAST_TRIALS trials leave the prior as it is.
    """
    if len(truth) < LEAST_TRIALS:
        return prior
    from scipy.optimize import minimize  # noqa: PLC0415 - serving does not need it

    def loss(weights: Floats) -> tuple[float, Floats]:
        chance = softmax_of_rows(evidence @ weights, offsets)
        away = weights - prior
        value = -np.log(np.maximum(chance[truth], 1e-12)).sum() + _PULL * (away @ away)
        return float(value), chance @ evidence - evidence[truth].sum(axis=0) + 2 * _PULL * away

    return np.asarray(np.round(minimize(loss, prior, jac=True, method="L-BFGS-B").x, 6))
