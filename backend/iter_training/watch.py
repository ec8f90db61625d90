"""Watches a promoted version: it must be no worse than the one it replaced, on work that came since.

The gate judged on work from before. A plant that changes hits both versions, so the promise is held against the
version that was replaced, on the same operations, both with the same work orders learnt or refreshed from. Operations
count from the day they finish: their lots may take longer than the watch.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from backend.domain.models import WatchVerdict
from backend.domain.plant import PlantData
from backend.iter_training.evaluation.evidence import gather
from backend.iter_training.evaluation.holdout import newest_finish
from backend.iter_training.evaluation.judging import PredictsRoutings
from backend.iter_training.evaluation.paired_test import PairedResult
from backend.iter_training.gate.gate_checks import PairedEvidence
from backend.ml.judging.comparison import Comparison
from backend.ml.model import RoutingModel
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.settings import Settings

WATCH_METRIC: Final = "watch"
"""The metric of its alerts."""
WORSE_PCT: Final = 2.0
"""A loss that is smaller is no reason to change versions back, however sure it is."""
LEAST_ITEMS: Final = 20
"""The operations of an item err together: of fewer items no test can tell."""
MOST_LOTS: Final = 2000
"""Of the newest week, and as many of what came before it."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A training that is active, itself or as a refresh, and the version that it replaced."""

    version: str
    replaced: str
    promoted_on: datetime
    """The newest work order that the gate knew (naive UTC, the plant's calendar)."""
    as_of: datetime
    """Both are judged refreshed up to here: the promotion, or the version's own cutoff while nothing refreshes it."""


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


def watch(target: Watched, plant: PlantData, settings: Settings) -> WatchVerdict | None:
    """Compare both versions on work finished since the promotion; None once the watch is over.

    Raises BundleError where one of them cannot be loaded.
    """
    until = newest_finish(plant.work_orders)
    if until is None or until > target.promoted_on + timedelta(days=settings.config.watch.days):
        return None
    items = plant.work_orders.filter(pl.col("finished_at") > target.promoted_on)["item_code"].n_unique()
    if items < LEAST_ITEMS:
        return _verdict(target, 0, f"{items} items worked on since are too few to tell")
    compared = []
    for name in (target.replaced, target.version):
        model = _as_of(settings, name, plant, target.as_of)
        seen = gather(model, plant, target.promoted_on, until, MOST_LOTS)
        compared.append(Comparison(seen.lots, seen.operations))
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
