"""Chooses items by strategy and seed from what little is known of each: stratum and last finish date."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from backend.domain.plant import Attribute, AttributeKind
from backend.domain.sampling import Sampling, SamplingStrategy

RECENT_HALF_LIFE_DAYS: Final = 90.0
"""recent_bias: an item last made this much longer ago is half as likely."""
NEVER_MADE_WEIGHT: Final = 0.02
MIN_STRATA: Final = 2
MAX_STRATA: Final = 500

Indices = npt.NDArray[np.int64]


def stratum_attribute(items: pl.DataFrame, attributes: tuple[Attribute, ...]) -> str | None:
    """Return the attribute that items are grouped by: the profile's first fit categorical one.

    Fit is one with 2 to 500 different values: fewer say nothing, more leave groups of one item.
    Profiles list their most telling attribute (ksm: the part type) first.
    """
    for attribute in attributes:
        if attribute.kind is AttributeKind.CATEGORICAL and is_fit(items[attribute.name]):
            return attribute.name
    return None


def is_fit(values: pl.Series) -> bool:
    """Tell whether a column groups items usefully."""
    return MIN_STRATA <= values.drop_nulls().n_unique() <= MAX_STRATA


def choose_items(population: pl.DataFrame, sampling: Sampling) -> list[str]:
    """Return item codes, sorted; the same population and seed give the same items.

    The population has item_code and, for the strategies that need them, stratum and
    last_finished_at (null: never). Where it is smaller than the sample, all of it is returned.
    """
    ordered = population.unique("item_code").sort("item_code")
    if sampling.strategy is SamplingStrategy.ALL or ordered.height <= sampling.sample_size:
        return ordered["item_code"].to_list()
    rng = np.random.default_rng(sampling.seed)
    if sampling.strategy is SamplingStrategy.STRATIFIED:
        chosen = _stratified(ordered["stratum"], sampling.sample_size, rng)
    elif sampling.strategy is SamplingStrategy.RECENT_BIAS:
        chosen = _weighted(_recency(ordered["last_finished_at"]), sampling.sample_size, rng)
    else:
        chosen = rng.choice(ordered.height, sampling.sample_size, replace=False)
    return ordered["item_code"].gather(np.sort(chosen)).to_list()


def _stratified(strata: pl.Series, size: int, rng: np.random.Generator) -> Indices:
    _, stratum, counts = np.unique(strata.fill_null("").to_numpy(), return_inverse=True, return_counts=True)
    shares = allocate(counts.astype(np.int64), size)
    shuffled = rng.permutation(stratum.size)
    in_order = shuffled[np.argsort(stratum[shuffled], kind="stable")]
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    return np.concatenate(
        [in_order[start : start + share] for start, share in zip(starts, shares, strict=True)], dtype=np.int64
    )


def allocate(counts: Indices, size: int) -> Indices:
    """Share a sample out to strata in proportion, at least one each as far as the sample reaches.

    >>> allocate(np.array([900, 90, 9, 1]), 20).tolist()
    [17, 1, 1, 1]
    """
    quota = size * counts / counts.sum()
    shares: Indices = np.maximum(np.floor(quota).astype(np.int64), 1)
    while shares.sum() > size:
        lowest = np.where(shares > 1, quota - shares, np.inf)
        worst = np.argmin(lowest) if np.isfinite(lowest).any() else np.argmin(np.where(shares > 0, counts, np.inf))
        shares[worst] -= 1
    while shares.sum() < size:
        shares[np.argmax(np.where(shares < counts, quota - shares, -np.inf))] += 1
    return shares


def _recency(last_finished: pl.Series) -> npt.NDArray[np.float64]:
    age = (pl.lit(last_finished.max()) - pl.col("last")).dt.total_seconds(fractional=True) / 86_400
    days = last_finished.rename("last").to_frame().select(age).to_series()
    weights = np.power(0.5, days.fill_null(float("inf")).to_numpy() / RECENT_HALF_LIFE_DAYS)
    return np.maximum(weights, NEVER_MADE_WEIGHT)


def _weighted(weights: npt.NDArray[np.float64], size: int, rng: np.random.Generator) -> Indices:
    """Draw without replacement in proportion to weights (Efraimidis and Spirakis, 2006)."""
    keys = rng.exponential(size=weights.size) / weights
    return np.argpartition(keys, size)[:size].astype(np.int64)
