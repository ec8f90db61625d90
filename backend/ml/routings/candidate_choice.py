"""From log evidence to calibrated probabilities of whole routings."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import product
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints, offsets_of
from backend.ml.common.conditional_logit import LEAST_TRIALS, fit_weights, softmax_of_rows


class Ground(IntEnum):
    """What a proposal can rest on; each has weights and a curve of its own."""

    ATTRIBUTES = 0
    """Attributes and a code of which nobody's family is known."""
    FAMILY = 1
    STANDARD = 2
    """A valid ERP routing, but no lot yet."""
    LOTS = 3
    NO_CODE = 4
    """Attributes without a code: the item's family may well be known, but nobody says which it is."""


DEFAULT_WEIGHTS: Final = np.array(
    [
        [0.5, 0.7, 0.0, 0.0, 0.0, 0.1, 0.0],
        [0.2, 0.5, 0.5, 0.0, 0.0, 0.1, 0.4],
        [0.1, 0.3, 0.3, 0.0, 2.0, 0.1, 0.1],
        [0.1, 0.3, 0.3, 1.5, 1.0, 0.1, 0.1],
        [0.5, 0.7, 0.0, 0.0, 0.0, 0.1, 0.0],
    ]
)
"""One row per Ground, columns as voting.EVIDENCE."""
_PRIOR_SLOPE: Final = 0.8
"""How far raw probabilities are believed before any trial; weighs one sure trial."""
_TIE_BREAK: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Trials:
    """Rehearsals on held-out items: one row of `offsets` per trial, one row of evidence per proposal."""

    evidence: Floats
    offsets: Ints
    came_true: Flags
    """Per proposal; a trial whose truth was not proposed has none."""
    ground: Ints
    """Per trial."""

    def of(self, ground: Ground) -> "Trials":
        """Keep the trials on one ground."""
        chosen = self.ground == ground
        lengths = np.diff(self.offsets)
        rows = np.repeat(chosen, lengths)
        return Trials(self.evidence[rows], offsets_of(lengths[chosen]), self.came_true[rows], self.ground[chosen])

    def with_truth(self) -> "Trials":
        """Keep the trials whose truth was proposed."""
        lengths = np.diff(self.offsets)
        trial = np.repeat(np.arange(len(lengths)), lengths)
        found = np.bincount(trial[self.came_true], minlength=len(lengths)) > 0
        rows = found[trial]
        return Trials(self.evidence[rows], offsets_of(lengths[found]), self.came_true[rows], self.ground[found])

    def __len__(self) -> int:
        return len(self.ground)


def joined(trials: Sequence[Trials]) -> Trials:
    """Put trials together; at least one."""
    lengths = np.concatenate([np.diff(each.offsets) for each in trials])
    return Trials(
        np.concatenate([each.evidence for each in trials]),
        offsets_of(lengths),
        np.concatenate([each.came_true for each in trials]),
        np.concatenate([each.ground for each in trials]),
    )


@dataclass(frozen=True, slots=True)
class CandidateChoice:
    """Weights per kind of evidence and the map from raw to calibrated probability, by what there is to rest on."""

    weights: Floats
    raw: tuple[Floats, ...]
    calibrated: tuple[Floats, ...]

    @classmethod
    def fit(cls, trials: Trials) -> "CandidateChoice":
        """Learn both from rehearsals; where they are too few, be modest."""
        groups = [trials.of(ground) for ground in Ground]
        weights = np.array([_weights(group, DEFAULT_WEIGHTS[i]) for i, group in enumerate(groups)])
        curves = [_fit_curve(group, weights[i]) for i, group in enumerate(groups)]
        return cls(weights, tuple(raw for raw, _ in curves), tuple(share for _, share in curves))

    def probabilities(self, evidence: Floats, offsets: Ints, ground: Ints) -> Floats:
        """Return the calibrated probability of each proposal; those of a row of `offsets` add up to at most 1.

        `ground` tells for each row what there is to rest on. The calibration never swaps two proposals: ties of
        the curve are told apart by the raw probability.
        """
        lengths = offsets[1:] - offsets[:-1]
        grounds = ground.repeat(lengths)
        raw = softmax_of_rows(np.einsum("ij,ij->i", evidence, self.weights.take(grounds, axis=0)), offsets)
        sure = np.empty(len(raw))
        for group in sorted(set(ground.tolist())):
            mine = grounds == group
            sure[mine] = np.interp(raw[mine], self.raw[group], self.calibrated[group])
        sure += _TIE_BREAK * raw
        return np.asarray(sure / np.maximum(np.add.reduceat(sure, offsets[:-1]), 1.0).repeat(lengths))

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"weights": self.weights, "raw": list(self.raw), "calibrated": list(self.calibrated)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "CandidateChoice":
        """Read what to_parts wrote; bundles from before NO_CODE take items without a code for strangers."""
        weights, raw, calibrated = parts["weights"], tuple(parts["raw"]), tuple(parts["calibrated"])
        if len(weights) == Ground.NO_CODE:
            stranger = Ground.ATTRIBUTES
            return cls(
                np.vstack([weights, weights[stranger]]), (*raw, raw[stranger]), (*calibrated, calibrated[stranger])
            )
        return cls(weights, raw, calibrated)


def _ground(lots: int, standard: int, relatives: int, coded: int) -> Ground:
    known = ((lots, Ground.LOTS), (standard, Ground.STANDARD), (relatives, Ground.FAMILY), (coded, Ground.ATTRIBUTES))
    return next((ground for there, ground in known if there), Ground.NO_CODE)


_GROUNDS: Final = np.array([_ground(*there).value for there in product((0, 1), repeat=4)]).reshape(2, 2, 2, 2)
"""By what `grounds` is told: looked up, the answer takes a quarter of the time that it takes to work out."""


def grounds(lots: Flags, standard: Flags, relatives: Flags, coded: Flags) -> Ints:
    """Return the Ground of each query from whether it has lots, a valid standard, known family members, a code."""
    return np.asarray(_GROUNDS[tuple(np.array([lots, standard, relatives, coded], np.intp))])


def _weights(trials: Trials, prior: Floats) -> Floats:
    usable = trials.with_truth()
    return fit_weights(usable.evidence, usable.offsets, np.flatnonzero(usable.came_true), prior)


def _fit_curve(trials: Trials, weights: Floats) -> tuple[Floats, Floats]:
    """Fit a rising curve from raw probability to the share that came true."""
    raw = softmax_of_rows(trials.evidence @ weights, trials.offsets)
    if len(trials) < LEAST_TRIALS:
        slope = (float(raw[trials.came_true].sum()) + _PRIOR_SLOPE) / (float((raw**2).sum()) + 1.0)
        return np.array([0.0, 1.0]), np.array([0.0, min(slope, 1.0)])
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - serving does not need it

    raw, share, weight = _binned(raw, trials.came_true.astype(np.float64))
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
