"""Finds which attributes of the newest items are mixed otherwise than in the months before.

Items come in families and orders in campaigns, so every month's mix differs from the last by more than drawing at
random would make it. The newest month is therefore held against how much earlier months differ from one another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl
from scipy import stats

from backend.domain.drift import InputDrift
from backend.domain.plant import AttributeKind, PlantData
from backend.iter_training.drift.drift_words import input_sentence
from backend.ml.common.arrays import Floats

WINDOW: Final = timedelta(days=28)
EARLIER: Final = 12
"""Windows before the newest one."""
LEAST_EARLIER: Final = 4
LEAST_ITEMS: Final = 30
"""In the newest window, and on average in those before."""
MOST_VALUES: Final = 20
PARTS: Final = 5
"""A number's range is cut into so many parts of equal share."""
ERROR_RATE: Final = 0.05
"""How often chance alone may make anything be said of a plant whose mix is as ever (Bonferroni)."""
LEAST_SHIFT: Final = 0.05
"""Of the items; a smaller shift of one value's share is no news."""
LEAST_SHIFTED: Final = 5
"""Items; nor is one of fewer of them."""
LEAST_EXPECTED: Final = 1.0
"""Items of a value; what is rarer would make much of one."""
SAME_ITEMS: Final = 0.8
MISSING: Final = "missing"
OTHER: Final = "other values"


@dataclass(frozen=True, slots=True)
class _Shift:
    """One attribute's newest mix beside the earlier ones."""

    drift: InputDrift
    chance: float
    items: frozenset[int]
    """The newest items that have the named value."""


def find_input_drift(plant: PlantData, until: datetime) -> tuple[InputDrift, ...]:
    """Return the attributes that changed, of items created and of items worked on in the newest four weeks."""
    made = plant.work_orders.select("item_code", moment="finished_at")
    created = plant.items.select("item_code", moment="created_at")
    numbered = plant.items.select("item_code").with_row_index("item")
    found: list[_Shift] = []
    for population, events in (("new_items", created), ("items_in_work", made)):
        windowed = _in_windows(events, until).join(numbered, on="item_code").sort("window", "item")
        if not _is_enough(windowed["window"]):
            continue
        for attribute in plant.attributes:
            mixed = windowed.with_columns(value=plant.items[attribute.name].gather(windowed["item"]))
            parts = _PARTS[attribute.kind](mixed)
            if parts is not None and parts.n_unique() > 1:
                found.append(_shift(population, attribute.name, mixed.with_columns(part=parts)))
    sure = [one for one in found if one.chance <= ERROR_RATE / len(found)]
    return tuple(_told_once(sorted(sure, key=lambda one: -one.drift.stability_index)))


def _in_windows(events: pl.DataFrame, until: datetime) -> pl.DataFrame:
    """Return item_code and window of the items of each window, once each; window 0 is the newest."""
    age = (pl.lit(until) - pl.col("moment")).dt.total_seconds(fractional=True) / WINDOW.total_seconds()
    aged = events.drop_nulls("moment").select("item_code", window=age.floor().cast(pl.Int32))
    return aged.filter(pl.col("window").is_between(0, EARLIER)).unique()


def _is_enough(windows: pl.Series) -> bool:
    counts = np.bincount(windows.to_numpy(), minlength=1)
    earlier = counts[1:][counts[1:] > 0]
    return len(earlier) >= LEAST_EARLIER and min(float(counts[0]), float(earlier.mean())) >= LEAST_ITEMS


def _shift(population: str, attribute: str, mixed: pl.DataFrame) -> _Shift:
    """Return how far an attribute's newest mix (item, window, value, part) is from those before."""
    cells = mixed.group_by("part", "window").len()
    parts, place = np.unique(cells["part"].to_numpy(), return_inverse=True)
    counts = np.zeros((len(parts), EARLIER + 1))
    counts[place, cells["window"].to_numpy()] = cells["len"].to_numpy()
    counts = counts[:, counts.any(axis=0)]
    newest, before = counts[:, 0].sum(), counts[:, 1:].sum()
    most = str(parts[np.argmax(np.abs(counts[:, 0] / newest - counts[:, 1:].sum(axis=1) / before))])
    named, value = _named(mixed.filter(pl.col("part") == most), most)
    of_newest = named.filter(pl.col("window") == 0)["item"]
    share, share_before = len(of_newest) / newest, (len(named) - len(of_newest)) / before
    is_news = abs(share - share_before) >= max(LEAST_SHIFT, LEAST_SHIFTED / newest)
    index = _stability_index(counts)
    drift = InputDrift(population, attribute, value, 100 * share, 100 * share_before, index, int(newest), "")
    told = replace(drift, sentence=input_sentence(drift))
    return _Shift(told, _chance(counts) if is_news else 1.0, frozenset(of_newest))


def _named(rows: pl.DataFrame, part: str) -> tuple[pl.DataFrame, str]:
    """Return rows of one part and its name; of the unusual values the one that most of the newest items have."""
    frequent = rows.filter(pl.col("window") == 0)["value"].mode().sort()
    if part != OTHER or frequent.is_empty():
        return rows, part
    return rows.filter(pl.col("value") == frequent[0]), str(frequent[0])


def _usual_values(mixed: pl.DataFrame) -> pl.Series:
    """Return each item's value where it is among the usual ones; what only some months ever had is counted together."""
    earlier = mixed.filter(pl.col("window") > 0).drop_nulls("value")
    often = earlier.group_by("value").agg(count=pl.len(), months=pl.col("window").n_unique())
    usual = often.filter(pl.col("months") * 2 > earlier["window"].n_unique()).sort("count", "value", descending=True)
    value, is_usual = pl.col("value"), pl.col("value").is_in(usual["value"].head(MOST_VALUES).implode())
    named = pl.when(is_usual).then(value).otherwise(pl.lit(OTHER))
    return mixed.select(pl.when(value.is_null()).then(pl.lit(MISSING)).otherwise(named)).to_series()


def _ranges(mixed: pl.DataFrame) -> pl.Series:
    """Return for each item's number which of the ranges it lies in that earlier items share out evenly."""
    earlier = mixed.filter(pl.col("window") > 0)["value"].drop_nulls().to_numpy()
    edges = np.unique(np.quantile(earlier, np.arange(1, PARTS) / PARTS)) if earlier.size else np.zeros(0)
    texts = [f"{edge:g}" for edge in edges]
    between = [f"{low} to {high}" for low, high in pairwise(texts)]
    labels = np.array([f"below {texts[0]}", *between, f"{texts[-1]} or more"] if texts else [OTHER])
    named = pl.Series(labels[np.searchsorted(edges, mixed["value"].fill_null(0.0).to_numpy(), side="right")])
    return pl.select(pl.when(mixed["value"].is_null()).then(pl.lit(MISSING)).otherwise(named)).to_series()


_PARTS: Final[dict[AttributeKind, Callable[[pl.DataFrame], pl.Series | None]]] = {
    AttributeKind.CATEGORICAL: _usual_values,
    AttributeKind.NUMERIC: _ranges,
    AttributeKind.TEXT: lambda _: None,
}
"""How values become parts of a mix; every text is its own."""


def _chance(counts: Floats) -> float:
    """Return how likely a window like the others would be as far from them as the newest is (columns: windows).

    Each window's chi-squared distance from the others; the newest's over their mean has, by and large, an
    F distribution with as many degrees of freedom as there are earlier windows.
    """
    distances = [_distance(counts[:, n], np.delete(counts, [0, n], axis=1).sum(axis=1)) for n in range(counts.shape[1])]
    freedom = counts.shape[0] - 1
    usual = max(float(np.mean(distances[1:])), freedom)
    return float(stats.f.sf(distances[0] / usual, freedom, counts.shape[1] - 1))


def _distance(seen: Floats, others: Floats) -> float:
    total = seen.sum() / max(others.sum(), 1.0)
    expected = np.maximum(others * total, LEAST_EXPECTED)
    return float(((seen - others * total) ** 2 / expected).sum() / (1 + total))


def _stability_index(counts: Floats) -> float:
    """Return the population stability index of the newest window (first column) against all others."""
    now, then = counts[:, 0] + 0.5, counts[:, 1:].sum(axis=1) + 0.5
    shares, before = now / now.sum(), then / then.sum()
    return float(((shares - before) * np.log(shares / before)).sum())


def _told_once(shifts: list[_Shift]) -> Iterator[InputDrift]:
    """Leave out what says of the same items in other words what was said before."""
    told: list[_Shift] = []
    for shift in shifts:
        if not any(_alike(shift, one) for one in told):
            told.append(shift)
            yield shift.drift


def _alike(one: _Shift, other: _Shift) -> bool:
    if one.drift.population != other.drift.population:
        return False
    return len(one.items & other.items) >= SAME_ITEMS * len(one.items | other.items)
