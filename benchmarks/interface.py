"""How the web user interface feels with much to show, in a real browser on a real server.

An installation with a demo plant, a trained model, 1,000 quality cycles (one real one with other dates and errors)
and a log of 50,000 entries is served by `routing-ml serve` with one worker, and opened in Chromium. "Seconds" are from
the action to what it must show, the browser's driver included. A long task is what keeps the page from answering for
more than 50 ms; "longest" is the longest of one scenario. Beside the full size stands the same scenario with little to
show. One item whose routing has 600 operations is opened, read and edited on a second installation, whose plant makes
nothing else (24 items, 6 lots each); beside it stands an item of the demo plant. The browser shares the machine with
the server. Nothing here is a test: an idle machine is needed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from backend.domain.quality import CycleReport
from backend.monitoring.cycle_json import cycle_from_json
from backend.monitoring.cycles import latest_cycle, store_cycle
from backend.settings import SOURCE_ROOT, Settings
from backend.state.database import open_state_engine, state_url
from benchmarks.installation import as_server, as_training_job, empty_installation, fresh_installation, measure
from benchmarks.long_routings import import_long_plant, item_code
from benchmarks.options import Options
from benchmarks.report import Bar, Report, Table
from benchmarks.running import PartFailedError, protocol_of, run_alone
from benchmarks.speed_http import SERVE, running_server

ITEMS: Final = 2_000
SEED: Final = 7
CYCLES: Final = 1_000
ENTRIES: Final = 50_000
LONGEST_MS: Final = 200.0
LONGEST_TYPING_MS: Final = 100.0
PASTED_SECONDS: Final = 2.0
PASTED: Final = "300 codes pasted and predicted"
TYPED: Final = "600 operations: type into a cell, move its row, undo"
SHORT: Final = "ITEM001"
FRONT_END: Final = SOURCE_ROOT / "frontend-prediction"
Scenario: TypeAlias = dict[str, Any]
"""What the browser told of one: name, small (is it the reference), seconds, longest_ms, long_tasks, nodes."""


def run(options: Options) -> Report:
    """Prepare the installation, then go through the scenarios."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    told = {"items": f"{items:,}", "seed": str(seed)}
    missing = _what_is_missing()
    if missing:
        return Report("The web interface with much to show", protocol_of(__doc__), told, skipped=missing)
    with fresh_installation(options, items, seed) as settings:
        measure("speed_training", [str(settings.root)], as_training_job(settings))
        fill(settings)
        with running_server(SERVE, as_server(settings.root), SHORT) as (_, port):
            found = [*_browse(port, "scenarios"), *_browse(port, "routing", SHORT, small=True)]
    with empty_installation(options) as settings:
        import_long_plant(settings, seed)
        measure("speed_training", [str(settings.root)], as_training_job(settings))
        with running_server(SERVE, as_server(settings.root), item_code(1)) as (_, port):
            found += _browse(port, "routing", item_code(1))
    full, small = ({one["name"]: one for one in found if one["small"] is is_small} for is_small in (False, True))
    bars = tuple(bar for name in full for bar in bars_of(full[name], small.get(name)))
    return Report("The web interface with much to show", protocol_of(__doc__), told, bars, (table_of(full, small),))


def fill(settings: Settings) -> None:
    """Evaluate once, tell that cycle a thousand times, and write a long log."""
    command = [sys.executable, "-c", "from backend.cli import main; main()", "evaluate"]
    subprocess.run(command, cwd=SOURCE_ROOT, env=as_server(settings.root), check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    engine = open_state_engine(state_url(settings))
    newest = latest_cycle(engine)
    if newest is None:
        raise PartFailedError("the evaluation left no cycle")
    for report in _copies(cycle_from_json(newest)):
        store_cycle(engine, report)
    engine.dispose()
    lines = (f"2026-01-01T00:00:00.000Z INFO routing_ml.quality [-] entry {number}\n" for number in range(ENTRIES))
    settings.quality_log_file.write_text("".join(lines), encoding="utf-8")


def _copies(real: CycleReport) -> list[CycleReport]:
    drawn = np.random.default_rng(SEED).normal(1.0, 0.02, CYCLES - 1).tolist()
    mae = real.metrics.mae or 1.0
    return [
        replace(
            real,
            cycle_id=f"{real.cycle_id}_{number:04d}",
            created_at=real.created_at - timedelta(hours=6 * number),
            metrics=replace(real.metrics, mae=mae * factor),
        )
        for number, factor in enumerate(drawn, 1)
    ]


def _what_is_missing() -> str:
    if not (FRONT_END / "node_modules/.bin/playwright").exists() or not (FRONT_END / "dist/index.html").exists():
        return "the web interface is not installed and built; 'make run' or 'make test' does that"
    if not (os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")):
        return "there is no Chromium (Debian: chromium; or name one in CHROMIUM)"
    return ""


def _browse(port: int, spec: str, item: str = "", *, small: bool = False) -> list[Scenario]:
    """Return what the browser told of the scenarios of one file; it writes one line of JSON per scenario."""
    with tempfile.TemporaryDirectory(prefix="browser-") as scratch:
        told = Path(scratch, "scenarios.jsonl")
        url, size = f"http://127.0.0.1:{port}", "yes" if small else "no"
        measured = {"URL": url, "FILE": str(told), "ITEM": item, "SMALL": size}
        npx = shutil.which("npx") or "npx"
        ended = subprocess.run(  # noqa: S603 - our own scenarios
            [npx, "playwright", "test", "--config", "measure.config.ts", f"{spec}.spec.ts"],
            cwd=FRONT_END,
            env=os.environ | {f"MEASURED_{name}": value for name, value in measured.items()},
            check=False,
            stdout=sys.stderr,
        )
        if ended.returncode:
            raise PartFailedError(f"the browser's scenarios ended with exit code {ended.returncode}")
        return [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]


def bars_of(full: Scenario, small: Scenario | None) -> tuple[Bar, ...]:
    """Return the longest task beside its limit, and the seconds of what must not only be smooth but soon be there."""
    name, beside = full["name"], small or {}
    longest = Bar(
        f"{name}: longest task",
        full["longest_ms"],
        "ms",
        at_most=LONGEST_TYPING_MS if name == TYPED else LONGEST_MS,
        beside=beside.get("longest_ms"),
        beside_name="little to show",
    )
    if name != PASTED:
        return (longest,)
    seconds = Bar(name, full["seconds"], "s", None, PASTED_SECONDS, beside.get("seconds"), "ten codes")
    return seconds, longest


def table_of(full: dict[str, Scenario], small: dict[str, Scenario]) -> Table:
    """Lay out every scenario's figures, with much to show and with little; dashes where there is no such reference."""
    keys = ("seconds", "long_tasks", "longest_ms", "nodes")
    rows = tuple(
        (name, *(found[name][key] if name in found else None for found in (full, small) for key in keys))
        for name in full
    )
    words = ("s", "long tasks", "longest ms", "DOM nodes")
    columns = ("scenario", *(f"{size}: {word}" for size in ("much", "little") for word in words))
    return Table("Scenarios", columns, rows)


if __name__ == "__main__":
    sys.exit(run_alone(run, "interface"))
