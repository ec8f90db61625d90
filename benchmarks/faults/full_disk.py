"""A disk that is full at every step of a deployment (a tmpfs of its own; Linux, root)."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.faults.children import start, wait
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.toys import KEPT, open_store, promote, state_after_promoting, toy_parts, write_toys
from benchmarks.faults.whole import State, TornError, check_readers, check_refusal, check_repaired

PAGE: Final = 4096
KIBIBYTES: Final = 64
DISK_KIBIBYTES: Final = 4096
LAST_PAGES: Final = 3 * KIBIBYTES * 1024 // PAGE + 16
"""The version's folder, its copy in default/ beside the old one, and some small files."""


def fill_up(every: int = 1) -> Outcome:
    """Deploy with 0, 4, 8 … KiB free until all of it has room (or one step in so many)."""
    with tempfile.TemporaryDirectory(prefix="full-disk-") as folder:
        try:
            with _disk(Path(folder, "disk")) as disk:
                return _fill(disk, Path(folder), every)
        except subprocess.CalledProcessError:
            return Outcome.not_measured("a tmpfs cannot be mounted here (root on Linux is needed)")


@contextmanager
def _disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_KIBIBYTES}k", "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True, capture_output=True)  # noqa: S603, S607


def _fill(disk: Path, folder: Path, every: int) -> Outcome:
    bundles = write_toys(folder, KEPT + 1, KIBIBYTES)
    template = folder / "template"
    for bundle in bundles[:KEPT]:
        promote(open_store(template), bundle)
    store = open_store(template)
    allowed = State.of(store.manifest()), state_after_promoting(store, toy_parts(KEPT, KIBIBYTES))
    found, last = Outcome(0), False
    for pages in (*range(0, LAST_PAGES, every), LAST_PAGES):
        broken, last = _deploy_with(disk, template, bundles[KEPT], pages, allowed)
        found += Outcome(1, broken)
    return found if last else found + Outcome(0, ("there was never room enough: the trial is too small",))


def _deploy_with(
    disk: Path, template: Path, bundle: Path, pages: int, allowed: tuple[State, State]
) -> tuple[tuple[str, ...], bool]:
    """Deploy with so many pages free; return what was broken, and whether it was deployed."""
    root, ballast = disk / "root", disk / "ballast"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(template, root)
    _leave_free(ballast, pages)
    try:
        ended = wait(start(lambda: promote(open_store(root), bundle)))
        try:
            store = open_store(root)
            state = check_readers(store, allowed)
            check_refusal(ended.status, state, allowed)
            _repair_while_full(root, state)
            ballast.unlink()
            check_repaired(store, (state,))
        except TornError as error:
            return (f"{4 * pages} KiB free: {error}",), False
    finally:
        ballast.unlink(missing_ok=True)
    return (), state == allowed[1]


def _repair_while_full(root: Path, state: State) -> None:
    """Recover as a server that starts on a full disk does: it may fail, and must not make things worse."""
    wait(start(lambda: open_store(root).recover()))
    check_readers(open_store(root), (state,))


def _leave_free(ballast: Path, pages: int) -> None:
    free = shutil.disk_usage(ballast.parent).free
    with ballast.open("wb") as file:
        file.write(bytes(max(0, free - pages * PAGE)))
