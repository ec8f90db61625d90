"""Watches a promoted version: it must be no worse than the one it replaced, on work that came since.

The gate judged on work from before. A plant that changes hits both versions, so the promise is held against the
version that was replaced, on the same operations, both with the same work orders learnt or refreshed from.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.domain.plant import PlantData
from backend.domain.progress import ProgressReport, no_progress, part_of
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.iter_training.gate_checks import PairedEvidence
from backend.iter_training.holdout import unseen_work
from backend.iter_training.item_choice import choose_items
from backend.iter_training.judging import PredictsRoutings, item_labels, judge
from backend.iter_training.paired_test import PairedResult
from backend.ml.model import RoutingModel
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.settings import Settings

WORSE_PCT: Final = 2.0
"""A loss that is smaller is no reason to change versions back, however sure it is."""
LEAST_ITEMS: Final = 20
"""The operations of an item err together: of fewer items no test can tell."""
MOST_ITEMS: Final = 2000


@dataclass(frozen=True, slots=True)
class Watched:
    """A training that is active, itself or as a refresh, and the version that it replaced."""

    version: str
    replaced: str
    promoted_on: datetime
    """The newest work order that the gate knew (naive UTC, the plant's calendar)."""
    as_of: datetime
    """Both are judged refreshed up to here: the promotion, or the version's own cutoff while nothing refreshes it."""


@dataclass(frozen=True, slots=True)
class WatchVerdict:
    """What the watch saw, and whether the replaced version should serve again."""

    version: str
    replaced: str
    roll_back: bool
    reason: str
    compared_operations: int
    loss_pct: float = 0.0
    """By how much its times or sequences, whichever lost more, are worse than the replaced version's, in per cent."""


def watched(manifest: Manifest) -> Watched | None:
    """Return what there is to watch: None for a first model, and where the replaced version is no longer kept."""
    if manifest.active_version is None or manifest.active is None:
        return None
    trained = manifest.active.record.trained_version or manifest.active_version
    entry = manifest.versions.get(trained)
    replaced, until = (entry.record.replaced, entry.record.extra.get("judged_until")) if entry else (None, None)
    if entry is None or replaced not in manifest.versions or not isinstance(until, str):
        return None
    promoted_on = datetime.fromisoformat(until.removesuffix("Z"))
    is_refreshed = manifest.active_version != trained
    as_of = promoted_on if is_refreshed else entry.record.data_cutoff or promoted_on
    return Watched(trained, str(replaced), promoted_on, as_of)


def watch(
    target: Watched, plant: PlantData, settings: Settings, report: ProgressReport = no_progress
) -> WatchVerdict | None:
    """Compare both versions on work finished since the promotion; None once the watch is over.

    Raises BundleError where one of them cannot be loaded.
    """
    finished = plant.work_orders["finished_at"].max()
    if not isinstance(finished, datetime) or finished > target.promoted_on + timedelta(days=settings.config.watch.days):
        return None
    labels = item_labels(plant, target.promoted_on)
    window = unseen_work(plant.work_orders, target.promoted_on, finished)
    sampling = Sampling(MOST_ITEMS, SamplingStrategy.RANDOM, settings.config.sampling.seed)
    work = window.of_items(choose_items(window.items().join(labels, on="item_code", how="left"), sampling))
    if work.items().height < LEAST_ITEMS:
        return _verdict(target, 0, f"{work.items().height} items made since are too few to tell")
    models = [_as_of(settings, name, plant, target.as_of) for name in (target.replaced, target.version)]
    compared = [
        judge(model, work, plant, labels, part_of(report, begin, begin + 0.5))
        for model, begin in zip(models, (0.0, 0.5), strict=True)
    ]
    return _decide(target, PairedEvidence.of(*compared), settings)


def _as_of(settings: Settings, version: str, plant: PlantData, moment: datetime) -> PredictsRoutings:
    """Return a version, or the training that it is a refresh of, refreshed up to a moment."""
    store = ModelStore(settings)
    record = store.versions()[version].record
    base = record.trained_version if record.trained_version in store.versions() else version
    parts, record = store.load(base or version)
    model = RoutingModel.from_parts(parts, base)
    if record.data_cutoff is None or record.data_cutoff >= moment:
        return model
    finished = pl.col("finished_at")
    return model.refreshed(plant.work_orders.filter((finished > record.data_cutoff) & (finished <= moment)))[0]


def _decide(target: Watched, paired: PairedEvidence, settings: Settings) -> WatchVerdict:
    count, needed = paired.operations.height, settings.config.evaluation.min_operations
    if count < needed:
        return _verdict(target, count, f"{count} operations are too few to tell, {needed} are needed")
    results = (("times", paired.test_times()), ("sequences", paired.test_sequences()))
    worse = [name for name, one in results if _is_worse(one, settings.config.gate.significance)]
    figures = ", ".join(f"{name} {one.gain_pct:+.1f} % (p = {one.p_worse:.2g})" for name, one in results)
    verdict = f"worse {' and '.join(worse)} than" if worse else "not worse than"
    told = _verdict(target, count, f"{verdict} {target.replaced}: {figures}")
    return replace(told, roll_back=bool(worse), loss_pct=max(-one.gain_pct for _, one in results))


def _is_worse(result: PairedResult, level: float) -> bool:
    return result.clusters >= LEAST_ITEMS and result.p_worse < level and result.gain_pct < -WORSE_PCT


def _verdict(target: Watched, compared: int, reason: str) -> WatchVerdict:
    told = f"watch of {target.version} on work since {target.promoted_on:%Y-%m-%d}: {reason}"
    return WatchVerdict(target.version, target.replaced, False, told, compared)
