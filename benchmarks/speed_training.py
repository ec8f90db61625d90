"""One whole training of an installation, timed by step: python -m benchmarks.speed_training ROOT.

It runs the very task that a training job's process runs, then deploys the result as the job's owner does.
"""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from backend.iter_training import training_task
from backend.iter_training.task_context import TaskContext
from backend.registry.store import ModelStore
from backend.settings import load_settings
from benchmarks.machine import Stopwatch, peak_megabytes
from benchmarks.stages import StageWatch


def log_nowhere(_line: str) -> None:
    """Keep the log of the task off our one line of JSON."""


def main() -> int:
    """Train, deploy, and print what each step cost as one line of JSON."""
    settings = load_settings(Path(sys.argv[1]).resolve())
    folder = settings.data_dir / "training_jobs" / "benchmark"
    folder.mkdir(parents=True)
    watch = Stopwatch()
    with StageWatch("opening the plant") as stages:
        context = TaskContext(settings, folder, "benchmark", {}, stages.report, log_nowhere)
        result = training_task.run(context)
    wall, cpu, peak = watch.wall, watch.cpu, peak_megabytes()
    begun = time.perf_counter()
    manifest = ModelStore(settings).promote(folder / result["bundle"], actor="benchmark", reason=result["reason"])
    version = ModelStore(settings).layout.version_dir(manifest.active_version or "")
    measured = {
        "stages": [asdict(stage) for stage in stages.stages],
        "wall_seconds": wall,
        "cpu_seconds": cpu,
        "peak_megabytes": peak,
        "deploy_seconds": time.perf_counter() - begun,
        "bundle_megabytes": sum(path.stat().st_size for path in version.iterdir()) / 1e6,
        "work_order_rows": result["plant"]["rows_read"]["work_orders"],
        "reason": result["reason"],
    }
    print(json.dumps(measured, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main())
