"""From log evidence to calibrated probabilities of whole routings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints

DEFAULT_WEIGHTS: Final = np.array([[0.5, 0.7, 0.7, 0.0, 0.0, 0.1], [0.2, 0.3, 0.3, 1.5, 1.0, 0.1]])
"""Row 0 for items without a past of their own, row 1 for items with one; columns as voting.EVIDENCE."""
LEAST_TRIALS: Final = 40
_PULL: Final = 2.0
_TIE_BREAK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Trial:
    """One rehearsal on a held-out item: the evidence per proposal and which proposal came true (-1: none)."""

    evidence: Floats
    truth: int
    known: bool


@dataclass(frozen=True, slots=True)
class CandidateChoice:
    """Weights per kind of evidence and the map from raw to calibrated probability, new and known items apart."""

    weights: Floats
    raw: tuple[Floats, Floats]
    calibrated: tuple[Floats, Floats]

    @classmethod
    def fit(cls, trials: Sequence[Trial]) -> "CandidateChoice":
        """Learn both from rehearsals; where they are too few, be modest."""
        groups = [[t for t in trials if t.known is known] for known in (False, True)]
        weights = np.array([_fit_weights(group, DEFAULT_WEIGHTS[i]) for i, group in enumerate(groups)])
        curves = [_fit_curve(group, weights[i]) for i, group in enumerate(groups)]
        return cls(weights, (curves[0][0], curves[1][0]), (curves[0][1], curves[1][1]))

    def probabilities(self, evidence: Floats, offsets: Ints, known: Flags) -> Floats:
        """Return the calibrated probability of each proposal; those of a row of `offsets` add up to at most 1.

        `known` tells for each row whether the item has a past of its own. The calibration never swaps two
        proposals: ties of the curve are told apart by the raw probability.
        """
        lengths = np.diff(offsets)
        past = np.repeat(known.astype(np.int64), lengths)
        raw = _softmax_of_rows((evidence * self.weights[past]).sum(axis=1), offsets)
        sure = np.empty(len(raw))
        for group in (0, 1):
            mine = past == group
            sure[mine] = np.interp(raw[mine], self.raw[group], self.calibrated[group])
        sure += _TIE_BREAK * raw
        return np.asarray(sure / np.repeat(np.maximum(np.add.reduceat(sure, offsets[:-1]), 1.0), lengths))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"weights": self.weights, "raw": list(self.raw), "calibrated": list(self.calibrated)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "CandidateChoice":
        """Read what to_parts wrote."""
        return cls(
            parts["weights"],
            (parts["raw"][0], parts["raw"][1]),
            (parts["calibrated"][0], parts["calibrated"][1]),
        )


def _softmax_of_rows(scores: Floats, offsets: Ints) -> Floats:
    lengths = np.diff(offsets)
    shifted = np.exp(scores - np.repeat(np.maximum.reduceat(scores, offsets[:-1]), lengths))
    return np.asarray(shifted / np.repeat(np.add.reduceat(shifted, offsets[:-1]), lengths))


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max())
    return np.asarray(shifted / shifted.sum())


def _fit_weights(trials: Sequence[Trial], prior: Floats) -> Floats:
    """Fit a conditional logit by maximum likelihood, pulled towards the prior weights."""
    usable = [trial for trial in trials if trial.truth >= 0]
    if len(usable) < LEAST_TRIALS:
        return prior
    from scipy.optimize import minimize  # noqa: PLC0415 - serving does not need it

    width = max(len(trial.evidence) for trial in usable)
    evidence = np.zeros((len(usable), width, len(prior)))
    present = np.zeros((len(usable), width), dtype=bool)
    for row, trial in enumerate(usable):
        evidence[row, : len(trial.evidence)] = trial.evidence
        present[row, : len(trial.evidence)] = True
    truth = np.array([trial.truth for trial in usable])
    result = minimize(_loss, prior, args=(evidence, present, truth, prior), jac=True, method="L-BFGS-B")
    return np.asarray(np.round(result.x, 6))


def _loss(weights: Floats, evidence: Floats, present: Flags, truth: Ints, prior: Floats) -> tuple[float, Floats]:
    scores = np.where(present, evidence @ weights, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    chance = shifted / shifted.sum(axis=1, keepdims=True)
    rows = np.arange(len(truth))
    pull = weights - prior
    loss = -np.log(np.maximum(chance[rows, truth], 1e-12)).sum() + _PULL * (pull @ pull)
    expected = np.einsum("nc,ncf->f", chance, evidence)
    return float(loss), expected - evidence[rows, truth].sum(axis=0) + 2 * _PULL * pull


def _fit_curve(trials: Sequence[Trial], weights: Floats) -> tuple[Floats, Floats]:
    """Fit a rising curve from raw probability to the share that came true."""
    if len(trials) < LEAST_TRIALS:
        modest = len(trials) / (len(trials) + 4.0) if trials else 0.8
        return np.array([0.0, 1.0]), np.array([0.0, modest])
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - serving does not need it

    raw = np.concatenate([_softmax(trial.evidence @ weights) for trial in trials])
    came_true = np.concatenate([np.arange(len(trial.evidence)) == trial.truth for trial in trials]).astype(np.float64)
    raw, share, weight = _binned(raw, came_true)
    top = 1 - 1 / (len(trials) + 2)
    curve = IsotonicRegression(y_min=0.0, y_max=top).fit(raw, share, sample_weight=weight)
    return np.r_[0.0, raw, 1.0], np.r_[0.0, curve.predict(raw), curve.predict(raw[-1:])]


def _binned(raw: Floats, came_true: Floats) -> tuple[Floats, Floats, Floats]:
    """Average over bins of about 25 hits or misses near the top, where a step by one trial would be noise."""
    order = np.argsort(raw, kind="stable")
    raw, came_true = raw[order], came_true[order]
    heavy = np.cumsum(np.maximum(raw, 0.02))
    bins = (heavy / max(heavy[-1] / 40, 12.0)).astype(np.int64)
    counts = np.bincount(bins).astype(np.float64)
    filled = counts > 0
    means = np.bincount(bins, weights=raw)[filled] / counts[filled]
    distinct, where = np.unique(means.round(9), return_inverse=True)
    weight = np.bincount(where, weights=counts[filled])
    hits = np.bincount(where, weights=np.bincount(bins, weights=came_true)[filled])
    return distinct, hits / weight, weight
