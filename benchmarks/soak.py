"""A server under steady load for long: whether memory or descriptors creep.

`routing-ml serve --workers 2` on a demo plant with a trained model and one evaluation; a client in another process
sends 100 requests a second of mixed kinds (`benchmarks/soak_client.py`; predictions are two thirds) at moments that
are fixed beforehand: latency counts from there. Every second resident memory, descriptors and threads of each worker
are read. The first third of the time, ten minutes at most, warms up and does not count. Slopes are least squares
over the rest, beside their standard error from means of twenty blocks: what a short soak cannot tell apart from zero
shows. `--minutes 60` is the full length, and only then is the slope held against its limit: in the 5 minutes that are
the default, workers still warm up, and what is asked of a slope is a megabyte an hour.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import SOURCE_ROOT, Settings
from benchmarks.installation import as_server, as_training_job, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import PartFailedError, protocol_of, run_alone
from benchmarks.speed_http import SERVE, running_server

ITEMS: Final = 2_000
SEED: Final = 7
MINUTES: Final = 5.0
FULL_MINUTES: Final = 60.0
PER_SECOND: Final = 100.0
WORKERS: Final = 2
EVERY_SECONDS: Final = 1.0
MOST_WARM_UP_SECONDS: Final = 600.0
BLOCKS: Final = 20
SERVE_TWO: Final = tuple(str(WORKERS) if word == "1" else word for word in SERVE)


@dataclass
class Watched:
    """What one worker held from moment to moment."""

    process: psutil.Process
    seconds: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    descriptors: list[float] = field(default_factory=list)
    threads: list[float] = field(default_factory=list)

    def look(self, seconds: float) -> None:
        """Note what it holds now; raises PartFailedError where it has ended."""
        try:
            with self.process.oneshot():
                self.megabytes.append(self.process.memory_info().rss / 1e6)
                self.threads.append(self.process.num_threads())
                self.descriptors.append(self.process.num_handles() if sys.platform == "win32" else self._num_fds())
        except psutil.NoSuchProcess as error:
            raise PartFailedError(f"worker {self.process.pid} has ended") from error
        self.seconds.append(seconds)

    def after(self, seconds: float, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Return hours and values after the warm-up."""
        counts = np.asarray(self.seconds) >= seconds
        return np.asarray(self.seconds)[counts] / 3600, np.asarray(values)[counts]

    def _num_fds(self) -> int:
        return int(self.process.num_fds())


def run(options: Options) -> Report:
    """Train, evaluate, serve and load."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    minutes = options.minutes or MINUTES
    with fresh_installation(options, items, seed) as settings:
        measure("speed_training", [str(settings.root)], as_training_job(settings))
        evaluate(settings)
        codes = list(RoutingModel.from_parts(ModelStore(settings).load_active().parts).known_codes)
        with running_server(SERVE_TWO, as_server(settings.root), codes[0]) as (server, port):
            watched, sent = soak(server, port, codes, 60 * minutes)
    warm_up, most = min(MOST_WARM_UP_SECONDS, 20 * minutes), 1.0 if minutes >= FULL_MINUTES else None
    told = {"items": f"{items:,}", "seed": str(seed), "minutes": f"{minutes:g}", "warm-up": f"{warm_up / 60:.1f} min"}
    bars = (
        *_bars(sent),
        *(bar for number, each in enumerate(watched, 1) for bar in _of_worker(number, each, warm_up, most)),
    )
    tables = (_kinds(sent), *(_course(number, each) for number, each in enumerate(watched, 1)))
    return Report("Soak: a server under steady load", protocol_of(__doc__), told, bars, tables)


def evaluate(settings: Settings) -> None:
    """Make one cycle, so that questions about quality have an answer."""
    command = [sys.executable, "-c", "from backend.cli import main; main()", "evaluate"]
    subprocess.run(command, cwd=SOURCE_ROOT, env=as_server(settings.root), check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program


def soak(
    server: psutil.Process, port: int, codes: Sequence[str], seconds: float
) -> tuple[list[Watched], dict[str, Any]]:
    """Load the server and watch its workers meanwhile; return both accounts."""
    watched = [Watched(process) for process in workers_of(server)]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        file = Path(scratch, "codes.json")
        file.write_text(json.dumps(codes), encoding="utf-8")
        arguments = [str(port), str(seconds), str(PER_SECOND), str(file)]
        command = [sys.executable, "-m", "benchmarks.soak_client", *arguments]
        with subprocess.Popen(  # noqa: S603 - our own module
            command, cwd=SOURCE_ROOT, env=as_server(Path(scratch)), stdout=subprocess.PIPE, encoding="utf-8"
        ) as client:
            begun = time.monotonic()
            while client.poll() is None:
                for each in watched:
                    each.look(time.monotonic() - begun)
                time.sleep(EVERY_SECONDS)
            said = client.stdout.read() if client.stdout else ""
    if client.returncode:
        raise PartFailedError(f"the client ended with exit code {client.returncode}")
    return watched, json.loads(said)


def workers_of(server: psutil.Process) -> list[psutil.Process]:
    """Return the processes of a server that answer; raises PartFailedError where they are not all there."""
    found = [each for each in server.children() if "spawn_main" in " ".join(each.cmdline())]
    if len(found) != WORKERS:
        raise PartFailedError(f"{len(found)} workers run instead of {WORKERS}")
    return found


def slope(hours: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Return the least-squares slope per hour, and its standard error from the means of blocks.

    >>> hours = np.arange(200) / 100
    >>> [round(value, 6) for value in slope(hours, 3 * hours + 5)]
    [3.0, 0.0]
    """
    steepness = float(np.polyfit(hours, values, 1)[0]) if len(hours) > 2 else float("nan")
    middles, means = (np.array([part.mean() for part in np.array_split(each, BLOCKS)]) for each in (hours, values))
    away = means - np.polyval(np.polyfit(middles, means, 1), middles)
    spread = float(np.sum((middles - middles.mean()) ** 2))
    return steepness, float(np.sqrt(np.sum(away**2) / (BLOCKS - 2) / spread))


def _bars(sent: dict[str, Any]) -> tuple[Bar, ...]:
    return (
        Bar("requests", sent["requests"]),
        Bar("answers of another status than the request's, or none", sent["wrong"], at_most=0),
        Bar("rate reached", sent["per_second"], "requests/s", at_least=0.98 * PER_SECOND),
        Bar("from the moment due to the answer: p50", sent["p50"], "ms"),
        Bar("from the moment due to the answer: p99", sent["p99"], "ms"),
    )


def _of_worker(number: int, worker: Watched, warm_up: float, most_slope: float | None) -> tuple[Bar, ...]:
    grown, error = slope(*worker.after(warm_up, worker.megabytes))
    descriptors = worker.after(warm_up, worker.descriptors)[1]
    tenth = max(1, len(descriptors) // 10)
    rise = float(np.median(descriptors[-tenth:]) - np.median(descriptors[:tenth]))
    name = f"worker {number}"
    return (
        Bar(
            f"{name}: slope of resident memory",
            grown,
            "MB/h",
            at_most=most_slope,
            beside=error,
            beside_name="standard error",
        ),
        Bar(f"{name}: most resident memory", max(worker.megabytes), "MB", at_most=500),
        Bar(f"{name}: descriptors, median of the last tenth − of the first", rise, at_most=2),
        Bar(f"{name}: most threads", max(worker.threads)),
    )


def _kinds(sent: dict[str, Any]) -> Table:
    rows = tuple((kind, count, 100 * count / sent["requests"]) for kind, count in sent["kinds"].items())
    return Table("What was asked and answered", ("request", "answers", "%"), rows, "; ".join(sent["examples"]))


def _course(number: int, worker: Watched) -> Table:
    """Show ten moments of the whole time, warm-up included."""
    places = np.linspace(0, len(worker.seconds) - 1, 11).astype(int)
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            f"{worker.seconds[place] / 60:.1f}",
            *(float(each[place]) for each in (worker.megabytes, worker.descriptors, worker.threads)),
        )
        for place in places.tolist()
    )
    return Table(f"Worker {number} over time", ("minute", "resident MB", "descriptors", "threads"), rows)


if __name__ == "__main__":
    sys.exit(run_alone(run, "soak"))
