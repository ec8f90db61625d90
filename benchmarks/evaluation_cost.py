"""One evaluation of a trained installation, timed: python -m benchmarks.evaluation_cost ROOT STRATEGY SAMPLE_SIZE.

It runs the very task that an evaluation job's process runs; the cycle is not stored.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from backend.iter_training import evaluation_task
from backend.iter_training.task_context import TaskContext
from backend.settings import load_settings
from backend.state.migrating import migrate_state
from benchmarks.machine import Stopwatch, peak_megabytes
from benchmarks.stages import StageWatch

AFTER: Final = "trigger, drift, watch and standards"


def main() -> int:
    """Evaluate and print what each step cost as one line of JSON."""
    settings, strategy, size = load_settings(Path(sys.argv[1]).resolve()), sys.argv[2], int(sys.argv[3])
    migrate_state(settings)
    watch = Stopwatch()
    with StageWatch("loading the model, opening the plant") as stages:
        parameters = {"strategy": strategy, "sample_size": size}

        def log(line: str) -> None:
            if line.startswith("MAE "):  # the cycle's message: what is judged is judged
                stages.report(1.0, AFTER)

        context = TaskContext(settings, settings.data_dir, "job_benchmark", parameters, stages.report, log)
        cycle = evaluation_task.run(context)["cycle"]
    measured = {
        "stages": [asdict(stage) for stage in stages.stages],
        "wall_seconds": watch.wall,
        "cpu_seconds": watch.cpu,
        "peak_megabytes": peak_megabytes(),
        "status": cycle["status"],
        "excluded": cycle["excluded"],
        "mae": cycle["mae"],
        **cycle["sample_count"],
    }
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
