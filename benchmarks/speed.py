"""Training, loading and predicting: seconds, memory and requests a second beside limits and bare libraries.

A demo plant is the ERP of a fresh installation. Everything is measured in processes of its own, one after another:

- **Training**: the task of a training job as a job's process runs it, with the default settings (all families,
  choice, gate; libraries with one thread), then deployment. Steps are told apart by the progress that it reports.
- **In process**: `Predictor`, which the server uses too. Single items: 1,000 of the plant in random order, asked by
  code (known) or by attributes alone (new), after 50 to warm up. Batches: 1,000 items a call, as many as a request
  may ask for.
- **HTTP**: `routing-ml serve` with one worker, as an operator starts it, and a client of raw sockets in another
  process on the same machine (its cost is in the table): 10 connections, 12 s, up to 2,000 different items in turn,
  evidence on as by default; then 1,000 items in one request at a time. Resident memory is the server's own process.
- **Beside**: `routing-ml serve` against FastAPI with one empty route under the same uvicorn options, client and size
  of answer; a batch against LightGBM alone on the very rows and trees that it asked for, and against one exact search
  of all items by plain BLAS; reading the plant against the database driver handing over the same rows uncleaned.
"""

import sys
from collections.abc import Mapping
from typing import Any, Final

from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import Settings
from benchmarks.installation import as_server, as_training_job, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import protocol_of, run_alone
from benchmarks.speed_http import load_empty, load_server
from benchmarks.stages import READING

ITEMS: Final = 325_000
SEED: Final = 7
ASKED_OVER_HTTP: Final = 2000
Figures = Mapping[str, Any]


def run(options: Options) -> Report:
    """Train, load, predict and serve on one plant."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    with fresh_installation(options, items, seed) as settings:
        training = measure("speed_training", [str(settings.root)], as_training_job(settings))
        inside = measure("speed_items", [str(settings.root), "0"], as_server(settings.root))
        served = load_server(settings.root, _codes(settings))
        answer_bytes = [int(served[f"{kind}, evidence on, answer_bytes"]) for kind in ("single", "bulk")]
        empty = load_empty(settings.root, *answer_bytes)
    return Report(
        title="Speed and memory",
        protocol=protocol_of(__doc__),
        settings={"items": f"{items:,}", "seed": str(seed)},
        bars=(*_training_bars(training, inside), *_inside_bars(inside, items), *_http_bars(served, empty)),
        tables=(
            _stages(training),
            _single_items(inside),
            _http(served, empty),
            _memory(training, inside, served, empty),
        ),
    )


def _codes(settings: Settings) -> list[str]:
    codes = RoutingModel.from_parts(ModelStore(settings).load_active().parts).known_codes
    return list(codes[:: max(1, len(codes) // ASKED_OVER_HTTP)][:ASKED_OVER_HTTP])


def _training_bars(training: Figures, inside: Figures) -> tuple[Bar, ...]:
    reading = sum(stage["wall_seconds"] for stage in training["stages"] if stage["name"] in READING)
    driver = inside["raw_read_seconds"]
    return (
        Bar("whole training job: wall", training["wall_seconds"] / 60, "minutes", at_most=10),
        Bar("whole training job: CPU", training["cpu_seconds"] / 60, "minutes"),
        Bar("whole training job: peak memory", training["peak_megabytes"], "MB", at_most=4000),
        Bar("reading the plant, cleaned", reading, "s", beside=driver, beside_name="driver alone"),
        Bar("bundle on disk", training["bundle_megabytes"], "MB", at_most=120),
        Bar("loading the bundle", inside["load_first_seconds"], "s", at_most=2),
    )


def _inside_bars(inside: Figures, items: int) -> tuple[Bar, ...]:
    ours, trees, search = (inside[f"raw_{name}_seconds"] for name in ("ours", "trees", "blas"))
    batch = f"a batch of {inside['raw_items']:,}"
    return (
        *(
            Bar(f"one {kind} item, evidence on: {key}", inside[f"{kind}, evidence on, {key}"], "ms", at_most=limit)
            for kind in ("known", "new")
            for key, limit in (("p50", 2), ("p99", 8))
        ),
        Bar(batch, ours, "s", beside=trees, beside_name="LightGBM, same rows and trees,"),
        Bar(batch, ours, "s", beside=search, beside_name="BLAS, exact search,"),
        Bar(f"all {items:,} items in batches", inside["batch_seconds"] / 60, "minutes", at_most=4),
    )


def _http_bars(served: Figures, empty: Figures) -> tuple[Bar, ...]:
    bars = []
    for name, unit, least, most in (
        ("per_second", "requests/s", 250, None),
        ("p50", "ms", None, None),
        ("p99", "ms", None, 100),
    ):
        value, beside = served[f"single, evidence on, {name}"], empty[f"single, {name}"]
        words = name.replace("_", " ")
        bars.append(Bar(f"HTTP, 10 at a time: {words}", value, unit, least, most, beside, "empty route"))
    bulk, bulk_empty = (
        found[f"{kind}, p50"] / 1000 for found, kind in ((served, "bulk, evidence on"), (empty, "bulk"))
    )
    bars.append(Bar("HTTP, 1,000 items in one request", bulk, "s", None, 2, bulk_empty, "empty route"))
    bars.append(Bar("server, peak resident memory", served["rss_peak"], "MB", None, 350, empty["rss"], "empty server"))
    return tuple(bars)


def _stages(training: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (stage["name"], stage["wall_seconds"], stage["cpu_seconds"], stage["peak_megabytes"] or None)
        for stage in training["stages"]
        if stage["wall_seconds"] >= 0.05
    ]
    rows.append(("whole job", training["wall_seconds"], training["cpu_seconds"], training["peak_megabytes"]))
    rows.append(("deploying it", training["deploy_seconds"], None, None))
    columns = ("step", "wall s", "CPU s", "peak MB")
    note = f"Gate: {training['reason']}. Steps below 0.05 s are left out."
    return Table("Training by step", columns, tuple(rows), note)


def _single_items(inside: Figures) -> Table:
    kinds = [f"{kind}, evidence {state}" for kind in ("known", "new") for state in ("on", "off")]
    rows: list[tuple[Cell, ...]] = [
        (f"one item, {kind}", *(inside[f"{kind}, {key}"] for key in ("p50", "p99", "cpu_p50", "cpu_p99")))
        for kind in kinds
    ]
    per_item, cpu = (1000 * inside[f"batch_{kind}seconds"] / inside["batch_items"] for kind in ("", "cpu_"))
    rows.append(("in batches of 1,000, evidence off", per_item, None, cpu, None))
    rows.append(("in batches of 1,000, evidence on", inside["evidence_ms"], None, None, None))
    return Table(
        "In process, ms per item",
        ("way of asking", "p50, or mean of a batch", "p99", "CPU p50", "CPU p99"),
        tuple(rows),
    )


def _http(served: Figures, empty: Figures) -> Table:
    names = [f"{kind}, evidence {state}" for kind in ("single", "bulk") for state in ("on", "off")]
    loads = [(f"routing-ml: {name}", served, name) for name in names]
    loads += [(f"empty route: {name}", empty, name) for name in ("single", "bulk")]
    rows = tuple(_http_row(label, figures, name) for label, figures, name in loads)
    columns = ("load", "requests/s", "p50 ms", "p99 ms", "answer kB", "server CPU ms", "client CPU ms")
    note = (
        "single: 10 connections, one item a request; bulk: one connection, 1,000 items a request. CPU is per request."
    )
    return Table("Over HTTP", columns, rows, note)


def _http_row(label: str, figures: Figures, name: str) -> tuple[Cell, ...]:
    requests = figures[f"{name}, requests"]
    cpu = [1000 * figures[f"{name}, {side}_cpu_seconds"] / requests for side in ("server", "client")]
    plain = [figures[f"{name}, {key}"] for key in ("per_second", "p50", "p99")]
    return (label, *plain, figures[f"{name}, answer_bytes"] / 1000, *cpu)


def _memory(training: Figures, inside: Figures, served: Figures, empty: Figures) -> Table:
    rows: tuple[tuple[Cell, ...], ...] = (
        ("training, peak", training["peak_megabytes"]),
        ("a process that predicts, before loading", inside["rss_before"]),
        ("the same with the model loaded", inside["rss_loaded"]),
        ("the same after all items", inside["rss_after_batches"]),
        ("server, answering", served["rss_loaded"]),
        ("server, after the load", served["rss_after"]),
        ("server, peak", served["rss_peak"]),
        ("empty FastAPI server", empty["rss"]),
    )
    return Table("Resident memory", ("process", "MB"), rows)


if __name__ == "__main__":
    sys.exit(run_alone(run, "speed"))
