"""Hurt an installation on purpose and print what broke: python -m benchmarks.faults [--quick] (make faults).

Small registries in memory, changed by the product's own code in processes of their own. Whole means: the manifest is
exactly the old or the new one, the active version loads and its digests hold, a refused change has changed nothing;
and after the recovery that a server runs at its start every version loads, `routing-ml models verify` finds nothing, no
other file is left, a second recovery has nothing to do. A lock that a dead process held is free, else the next change
hangs and is counted.

- every syscall: strace kills the process at each system call on files and descriptors that deploying, rolling back,
  retention, recovery of default/ and the runbook's restore (recovery from default/) make, and fails those that change
  the disk with ENOSPC and EIO, once and from then on; `routing-ml backup restore` is not among them;
- random kill -9: a process deploys and rolls back without end;
- full disk: a deployment with 0, 4, 8 ... KiB free on a tmpfs of its own, and recovery while it is full;
- 6 concurrent deployers: as many generations as deployments, readers never go back;
- reload under load: `routing-ml serve --workers 2`, four clients, deployments in between;
- bit flips: flipped, cut and grown files, loaded with the manifest's digests and with the bundle's own;
- jobs: the owner of the job engine killed with toy tasks under way; every job's row, file and process is true.

A power cut is not simulated: what was written, but not synced, outlives a kill -9. The trial load of a new version,
which starts a process of its own, is replaced by one in the same process.
"""

import argparse
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final

from backend.settings import SOURCE_ROOT
from benchmarks.faults import planted
from benchmarks.faults.bit_flips import damage_files
from benchmarks.faults.full_disk import fill_up
from benchmarks.faults.kills import deploy_at_once, kill_at_random
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.reload import deploy_under_load
from benchmarks.faults.syscalls import try_all

SEED: Final = 20261124
SHOWN: Final = 5
Try = Callable[[], Outcome]
Bug = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the trial in full and in short, and how its planted bug is looked for."""

    name: str
    full: Try
    quick: Try
    planted: Try | None
    bug: Bug = nullcontext


ROWS: Final = (
    Row("every syscall", try_all, partial(try_all, 40), partial(try_all, 40), planted.written_in_place),
    Row(
        "random kill -9",
        partial(kill_at_random, 10_000, SEED),
        partial(kill_at_random, 60, SEED),
        partial(kill_at_random, 2_000, SEED),
        planted.written_in_place,
    ),
    Row("full disk in 4 KiB steps", fill_up, partial(fill_up, 8), fill_up, planted.errors_ignored),
    Row(
        "6 concurrent deployers",
        partial(deploy_at_once, 100),
        partial(deploy_at_once, 3),
        partial(deploy_at_once, 10),
        planted.without_locks,
    ),
    Row(
        "reload under load, deployments",
        partial(deploy_under_load, 200),
        partial(deploy_under_load, 10),
        partial(deploy_under_load, 3, planted=True),
    ),
    Row(
        "bit flips and truncations",
        partial(damage_files, 10_000, SEED),
        partial(damage_files, 500, SEED),
        partial(damage_files, 200, SEED),
        planted.without_digests,
    ),
)


def kill_the_owner_of_jobs(kills: int) -> Outcome:
    """Run the trial of the job engine; it says itself what is untrue."""
    command = [sys.executable, "-m", "benchmarks.faults_jobs", "--kills", str(kills), "--seed", str(SEED)]
    ended = subprocess.run(command, cwd=SOURCE_ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    return Outcome(kills, () if ended.returncode == 0 else ((ended.stdout + ended.stderr)[-500:],))


JOBS: Final = Row(
    "jobs: kill -9 of their owner", partial(kill_the_owner_of_jobs, 50), partial(kill_the_owner_of_jobs, 2), None
)


def main() -> int:
    """Run the chosen rows, print the table, and return 1 where anything broke or a planted bug was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few points of each row, about half a minute")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="rows whose name contains one of these words")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)  # what a hurt registry logs is not news
    rows = [row for row in (*ROWS, *(() if chosen.quick else (JOBS,))) if _is_asked(row, chosen.only)]
    print(f"{'row':<32} {'tried':>8} {'broken':>7} {'limit':>6}  {'verdict':<13} {'planted bug':<12} {'seconds':>8}")
    failed = [_run(row, quick=chosen.quick) for row in rows]
    return int(any(failed))


def _is_asked(row: Row, words: list[str] | None) -> bool:
    return words is None or any(word in row.name for word in words)


def _run(row: Row, *, quick: bool) -> bool:
    """Run a row, print its line, and return whether it failed."""
    begun = time.monotonic()
    found = row.quick() if quick else row.full()
    caught = "" if row.planted is None or found.skipped else _look_for_bug(row)
    verdict = "NOT MEASURED" if found.skipped else "BROKEN" if found.broken else "ok"
    seconds = time.monotonic() - begun
    print(
        f"{row.name:<32} {found.tried:>8,} {len(found.broken):>7,} {0:>6}  {verdict:<13} {caught:<12} {seconds:>8.1f}"
    )
    for line in (*found.broken[:SHOWN], *([found.skipped] if found.skipped else [])):
        print(f"    {line}", flush=True)
    return bool(found.broken) or caught == "MISSED"


def _look_for_bug(row: Row) -> str:
    if row.planted is None:
        return ""
    with row.bug():
        return "caught" if row.planted().broken else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
