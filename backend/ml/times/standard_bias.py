"""By how much a plant's standard times are usually off: by lot size, operation and work centre."""

from itertools import pairwise
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.standard_claims import Claims

_POOLED_PAIRS: Final = 20.0
_CLIP_DEVIATIONS: Final = 3.0
_FLOOR: Final = 1e-4


def usual_bias(claims: Claims) -> Floats:
    """Return the usual distance of standards from lots.

    It goes by the size of the usual lot, which a standard per piece knows nothing of, and per operation and
    centre, drawn to the operation's.
    """
    used = np.flatnonzero(claims.made)
    off, operation = (claims.standards.residual - claims.guess)[used], claims.standards.operation.astype(np.int64)
    centre = claims.standards.centre.astype(np.int64)
    bias = _over_quantity(claims, off, used)
    for key in (operation, operation * (int(centre.max()) + 1) + centre):
        names, member = np.unique(key, return_inverse=True)
        rest = off - bias[used]
        order = np.argsort(member[used], kind="stable")
        bounds = np.searchsorted(member[used][order], np.arange(len(names) + 1))
        medians = np.array([np.median(rest[order[a:b]]) if b > a else 0.0 for a, b in pairwise(bounds)])
        count = np.diff(bounds)
        bias = bias + (medians * count / (count + _POOLED_PAIRS))[member]
    return bias


def _over_quantity(claims: Claims, off: Floats, used: Ints) -> Floats:
    """Return the median distance moved along the line over the log quantity that fits made pairs."""
    middle = float(np.median(off))
    beyond = claims.standards.log_quantity - float(claims.standards.log_quantity[used].mean())
    return np.asarray(middle + _slope(claims, beyond[used], off - middle, used) * beyond)


def _slope(claims: Claims, across: Floats, away: Floats, used: Ints) -> float:
    """Return the slope of made pairs' distances over something, outliers clipped.

    It is drawn to 0 by its own error, pairs counted as if each item had one.
    """
    limit = _CLIP_DEVIATIONS * 1.4826 * float(np.median(np.abs(away)))
    away = away.clip(-limit, limit)
    spread = max(float(across @ across), _FLOOR)
    slope = float(across @ away) / spread
    error = float(((away - slope * across) ** 2).sum()) / len(np.unique(claims.standards.item[used])) / spread
    return slope**3 / max(slope**2 + error, _FLOOR**2)
