"""Which operations an item needs, by boosted trees: one tree per operation and round, all in one booster."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.operations.presence import LIMIT
from backend.ml.trees.boosters import PackedText, bare_model
from backend.ml.trees.small_trees import MOST_LEAVES, SmallTrees

MAX_LABELS: Final = 64
_BLOCK: Final = 512
"""Rows at once: where they end takes a byte a tree."""
_PER_FAMILY: Final = 3
"""Members of one family do alike: more of them would teach what the family does, not what attributes ask for."""
_ROUNDS: Final = 80
_SURE: Final = 30.0
"""Log-odds beyond which nothing changes any more, and numbers might overflow."""
_LEAST: Final = 20
"""Items that have a label, and that have not, below which its share is all that is learnt."""


@dataclass(frozen=True, slots=True)
class PresenceTrees:
    """A booster with an output for each label that varies enough; the others keep their share of all items."""

    shares: Floats
    """Log-odds of every label's share."""
    labels: Ints
    """Which labels the booster tells of."""
    packed_model: PackedText
    """The booster as LightGBM writes it."""
    trees: SmallTrees

    @classmethod
    def of(cls, shares: Floats, labels: Ints, packed: PackedText) -> "PresenceTrees":
        """Read a model string with an output for each of `labels`."""
        return cls(shares, labels, packed, SmallTrees.of(packed.text()))

    def log_odds(self, rows: Floats) -> Floats:
        """Return the log-odds of every label for each row of FeatureMap.tree_matrix."""
        blocks = [self.told(self.trees.follow(rows[start : start + _BLOCK])) for start in range(0, len(rows), _BLOCK)]
        return np.concatenate([np.zeros((0, len(self.shares)), np.float32), *blocks])

    def told(self, followed: Ints) -> Floats:
        """Return the same for rows that the trees have followed."""
        odds = self.shares[None].repeat(followed.shape[1], axis=0)
        odds[:, self.labels] += self.trees.predict(followed, len(self.labels))
        return np.asarray(np.minimum(np.maximum(odds, -LIMIT), LIMIT), dtype=np.float32)

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays and the packed model string."""
        return {"shares": self.shares, "labels": self.labels, "model": self.packed_model.packed}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "PresenceTrees":
        """Read what to_parts wrote."""
        return cls.of(parts["shares"], parts["labels"], PackedText(parts["model"]))


def spread_over_families(family: Ints, draw: np.random.Generator) -> tuple[Ints, Floats]:
    """Choose rows of items, a few of each family, and weigh them so that every family counts once.

    `family` is -1 for items of none, which all count.
    """
    unit = np.where(family >= 0, family, int(family.max(initial=-1)) + 1 + np.arange(len(family)))
    order = draw.permutation(len(unit))
    order = order[np.argsort(unit[order], kind="stable")]
    begins = np.searchsorted(unit[order], unit[order])
    kept = np.sort(order[np.arange(len(order)) - begins < _PER_FAMILY])
    return kept, 1 / np.bincount(unit[kept])[unit[kept]]


@dataclass(frozen=True, slots=True)
class Lessons:
    """Items whose routing is known: features, what they have of each label (0 / 1), and how much each tells of it."""

    rows: Floats
    categories: list[bool]
    """Per column of `rows`."""
    targets: Floats
    weights: Floats
    """As `targets`; 0 where an item tells nothing of a label."""


def fit_presence_trees(lessons: Lessons, seed: int) -> PresenceTrees | None:
    """Return None where no label varies enough; deterministic for a seed."""
    targets, weights = lessons.targets, lessons.weights
    telling = weights > 0
    count = (targets * telling).sum(axis=0, dtype=np.int64)
    rarer = np.minimum(count, telling.sum(axis=0) - count)
    labels = np.sort(np.argsort(-rarer, kind="stable")[:MAX_LABELS])
    labels = labels[rarer[labels] >= _LEAST]
    share = ((weights * targets).sum(axis=0) + 0.5) / (weights.sum(axis=0) + 1.0)
    shares = np.clip(np.log(share / (1 - share)), -LIMIT, LIMIT)
    shares[rarer == 0] = np.where(count[rarer == 0] > 0, LIMIT, -LIMIT)
    if not len(labels):
        return None
    kept = replace(lessons, targets=targets[:, labels], weights=weights[:, labels])
    return PresenceTrees.of(shares.astype(np.float32), labels, PackedText.of(_boosted(kept, shares[labels], seed)))


def _boosted(lessons: Lessons, start: Floats, seed: int) -> str:
    import lightgbm  # noqa: PLC0415 - 100 MB that serving does not need

    parameters = {
        "objective": "none",
        "num_class": len(start),
        "learning_rate": 0.1,
        "num_leaves": MOST_LEAVES - 1,
        "min_data_in_leaf": _LEAST,
        "cat_smooth": 30.0,
        "cat_l2": 30.0,
        "path_smooth": 5.0,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "num_threads": 1,
        "verbose": -1,
    }
    rows = np.where(np.array(lessons.categories) & (lessons.rows < 0), np.float32(np.nan), lessons.rows)
    data = lightgbm.Dataset(
        rows,
        label=np.zeros(len(rows)),
        init_score=np.repeat(start, len(rows)),
        categorical_feature=np.flatnonzero(np.array(lessons.categories)).tolist(),
        params={"verbose": -1},
    )

    def slopes(odds: Floats, _: Any) -> tuple[Floats, Floats]:
        sure = np.clip(odds.reshape(lessons.targets.shape), -_SURE, _SURE).astype(np.float32)
        chance = 1 / (1 + np.exp(-sure))
        slope, bend = (chance - lessons.targets) * lessons.weights, chance * (1 - chance) * lessons.weights
        return slope.ravel(order="F"), bend.ravel(order="F")  # as LightGBM lays several outputs out

    booster = lightgbm.Booster(parameters, data)
    for _ in range(_ROUNDS):
        booster.update(fobj=slopes)
    return bare_model(str(booster.model_to_string()))
