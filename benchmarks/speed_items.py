"""Loading a bundle and predicting in process, as serving does: python -m benchmarks.speed_items ROOT ITEMS.

ITEMS: how many items are predicted in batches at the end (0: all).
"""

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import psutil

from backend.domain.prediction import PredictionQuery
from backend.erp.reading import PlantReader
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.serving.item_source import attributes_by_code
from backend.serving.predictor import Predictor
from backend.settings import Settings, load_settings
from benchmarks.machine import peak_megabytes
from benchmarks.raw_costs import drain_plant, raw_costs

SINGLE: Final = 1000
WARM_UP: Final = 50
BATCH: Final = 1000
"""As many as one request may ask for."""
WITH_EVIDENCE: Final = 10_000


def main() -> int:
    """Print all figures as one line of JSON."""
    settings = load_settings(Path(sys.argv[1]).resolve())
    measured = _load(settings)
    predictor = Predictor(settings)
    predictor.active_version()
    codes = _codes(settings)
    known = [PredictionQuery(code) for code in codes]
    described = _new_items(settings, codes[: SINGLE + WARM_UP])
    for name, queries in (("known", known[: SINGLE + WARM_UP]), ("new", described)):
        for evidence in (True, False):
            label = f"{name}, evidence {'on' if evidence else 'off'}"
            measured |= {f"{label}, {key}": value for key, value in _single(predictor, queries, evidence).items()}
    wanted = known[: int(sys.argv[2]) or None]
    begun = time.process_time()
    measured["batch_items"], measured["batch_seconds"] = len(wanted), _batches(predictor, wanted, evidence=False)
    measured["batch_cpu_seconds"] = time.process_time() - begun
    some = known[:WITH_EVIDENCE]
    measured["evidence_ms"] = 1000 * _batches(predictor, some, evidence=True) / len(some)
    measured["rss_after_batches"] = psutil.Process().memory_info().rss / 1e6
    measured["peak_megabytes"] = peak_megabytes()
    measured |= raw_costs(settings, known[:BATCH])
    measured["raw_read_seconds"] = drain_plant(settings)
    print(json.dumps(measured))
    return 0


def _load(settings: Settings) -> dict[str, float]:
    """Time reading, checking and building the active version twice: from the disk as it is, and once cached."""
    process = psutil.Process()
    before = process.memory_info().rss
    seconds = []
    for _ in range(2):
        begun = time.perf_counter()
        found = ModelStore(settings).load_active()
        model = RoutingModel.from_parts(found.parts)
        seconds.append(time.perf_counter() - begun)
        after = process.memory_info().rss
        del found, model
    return {
        "load_first_seconds": seconds[0],
        "load_again_seconds": seconds[1],
        "rss_before": before / 1e6,
        "rss_loaded": after / 1e6,
    }


def _codes(settings: Settings) -> list[str]:
    """Return the codes that the model knows in an order that has nothing to do with them."""
    codes = list(RoutingModel.from_parts(ModelStore(settings).load_active().parts).known_codes)
    return [codes[i] for i in np.random.default_rng(0).permutation(len(codes))]


def _new_items(settings: Settings, codes: Sequence[str]) -> list[PredictionQuery]:
    """Ask by attributes alone: nothing is known of the item itself."""
    rows = attributes_by_code(PlantReader(settings).read_items(codes))
    return [PredictionQuery(None, attributes) for attributes in rows.values()]


def _single(predictor: Predictor, queries: Sequence[PredictionQuery], evidence: bool) -> dict[str, float]:
    """Return percentiles of the milliseconds of one query at a time: on the clock, and of CPU."""
    for query in queries[:WARM_UP]:
        predictor.predict([query], evidence=evidence)
    costs = np.array([_cost(predictor, query, evidence) for query in queries[WARM_UP:]])
    return {
        f"{clock}p{percent}": float(np.percentile(costs[:, column], percent))
        for column, clock in enumerate(("", "cpu_"))
        for percent in (50, 99)
    }


def _cost(predictor: Predictor, query: PredictionQuery, evidence: bool) -> tuple[float, float]:
    """Return the milliseconds of one query on the clock and of CPU, all threads."""
    cpu, begun = time.process_time(), time.perf_counter()
    predictor.predict([query], evidence=evidence)
    wall = time.perf_counter() - begun
    return 1000 * wall, 1000 * (time.process_time() - cpu)


def _batches(predictor: Predictor, queries: Sequence[PredictionQuery], *, evidence: bool) -> float:
    begun = time.perf_counter()
    for start in range(0, len(queries), BATCH):
        predictor.predict(queries[start : start + BATCH], evidence=evidence)
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(main())
