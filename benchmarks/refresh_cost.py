"""One refresh of a trained installation, timed: python -m benchmarks.refresh_cost ROOT DAYS.

It does what a refresh job's process does with the work orders of the last so many days; nothing is deployed.
"""

import json
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from backend.domain.clock import utc_now
from backend.erp.reading import PlantReader
from backend.iter_training.training.refresher import Parent, Refresher
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import load_settings
from benchmarks.machine import Stopwatch, peak_megabytes


def main() -> int:
    """Refresh and print what it cost as one line of JSON."""
    settings, days = load_settings(Path(sys.argv[1]).resolve()), float(sys.argv[2])
    watch = Stopwatch()
    found = ModelStore(settings).load_active()
    model, record = RoutingModel.from_parts(found.parts), found.record
    if record.data_cutoff is None:
        raise SystemExit("the active version has learnt from no work order")
    newest = record.data_cutoff + timedelta(days=settings.config.training.holdout_days)
    parent = Parent(found.version, replace(record, data_cutoff=newest - timedelta(days=days)), model)
    work_orders = PlantReader(settings).read_work_orders_since(newest - timedelta(days=days)).work_orders
    with tempfile.TemporaryDirectory() as folder:
        refresher = Refresher(parent, settings, None, utc_now(), Path(folder) / "refreshed", lambda _line: None)
        outcome = refresher.run(work_orders)
    measured = {
        "wall_seconds": watch.wall,
        "cpu_seconds": watch.cpu,
        "peak_megabytes": peak_megabytes(),
        "reason": outcome.decision.reason if outcome.decision else outcome.skipped,
        "rows": outcome.data_seen.get("new_rows", 0),
    }
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
