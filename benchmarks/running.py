"""Running one part: in this process (python -m benchmarks.<part>), or in a child that costs and fails alone."""

import argparse
import inspect
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from backend.settings import SOURCE_ROOT
from benchmarks.machine import THREAD_VARIABLES, cpu_seconds_of_all, peak_megabytes
from benchmarks.options import Options, add_options, options_of
from benchmarks.printing import print_report
from benchmarks.report import Measured, Report, from_json, to_json


class PartFailedError(Exception):
    """A part's process ended without a report; its own words are on the console above."""


def run_alone(run: Callable[[Options], Report], name: str) -> int:
    """Run a part in this process and print it; the whole `if __name__ == "__main__"` of a part."""
    parser = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}", description="prints this part; python -m benchmarks writes it down"
    )
    add_options(parser)
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    parsed = parser.parse_args()
    begun = time.perf_counter()
    report = run(options_of(parsed))
    measured = Measured(report, time.perf_counter() - begun, cpu_seconds_of_all(), peak_megabytes())
    if parsed.report is not None:
        parsed.report.write_text(to_json(measured), encoding="utf-8")
        return 0
    print_report(measured)
    return 1 if report.missed else 0


def run_in_child(name: str, options: Options, package: str = "benchmarks") -> Measured:
    """Return what a part measured in a process of its own; raises PartFailedError."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        written = Path(scratch, "report.json")
        command = [sys.executable, "-m", f"{package}.{name}", *options.all_arguments(), "--report", str(written)]
        ended = subprocess.run(command, cwd=SOURCE_ROOT, env=one_thread(), check=False)  # noqa: S603 - our own module
        if ended.returncode or not written.exists():
            raise PartFailedError(f"{name} ended with exit code {ended.returncode}")
        return from_json(written.read_text(encoding="utf-8"))


def protocol_of(docstring: str | None) -> str:
    """Return what a part's docstring says below its first sentence."""
    return inspect.cleandoc(docstring or "").partition("\n")[2].strip()


def one_thread() -> dict[str, str]:
    """Return the environment in which numerical libraries use one thread, as a training job's process does."""
    return dict.fromkeys(THREAD_VARIABLES, "1") | os.environ | {"PYTHONIOENCODING": "utf-8"}
