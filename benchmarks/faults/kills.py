"""Processes that change the registry: killed at random moments, or six of them at once."""

import os
import random
import signal
import time
from pathlib import Path
from typing import Final

from backend.errors import NoPreviousVersionError, StaleGenerationError
from backend.registry.store import ModelStore
from benchmarks.faults.children import DONE, start, wait
from benchmarks.faults.outcome import Outcome, in_memory
from benchmarks.faults.toys import open_store, promote, roll_back, write_toys
from benchmarks.faults.whole import State, TornError, check_readers, check_repaired

LONGEST_LIFE_SECONDS: Final = 0.05
"""Some ten changes fit into it."""
BUNDLES: Final = 3
KIBIBYTES: Final = 160
ROLL_BACKS: Final = 0.25
DEPLOYERS: Final = 6


def kill_at_random(kills: int, seed: int) -> Outcome:
    """Kill a process that deploys and rolls back without end, so often; stops at the first torn state."""
    source = random.Random(seed)  # noqa: S311 - repeatable, not secret
    with in_memory("kills-") as folder:
        bundles, store, generation = write_toys(folder, BUNDLES, KIBIBYTES), open_store(folder), 0
        for number in range(1, kills + 1):
            child_seed = source.random()
            child = start(lambda: _change_for_ever(folder, bundles, child_seed))  # noqa: B023 - called at once
            time.sleep(source.uniform(0, LONGEST_LIFE_SECONDS))
            os.kill(child, signal.SIGKILL)
            wait(child)
            try:
                generation = _check(store, generation)
            except TornError as error:
                return Outcome(number, (f"kill {number}: {error}",))
    return Outcome(kills)


def _change_for_ever(root: Path, bundles: list[Path], seed: float) -> None:
    store, source = open_store(root), random.Random(seed)  # noqa: S311
    while True:
        try:
            if source.random() < ROLL_BACKS:
                roll_back(store)
            else:
                promote(store, source.choice(bundles))
        except (NoPreviousVersionError, StaleGenerationError):
            continue


def _check(store: ModelStore, generation: int) -> int:
    """Return the generation found, which is no older than the one before; raises TornError."""
    try:
        manifest = store.manifest()
    except Exception as error:
        raise TornError(f"the manifest cannot be read ({error})") from error
    if manifest.generation < generation:
        raise TornError(f"the generation fell from {generation} to {manifest.generation}")
    allowed = (State.of(manifest),)
    check_readers(store, allowed)
    check_repaired(store, allowed)
    return manifest.generation


def deploy_at_once(deploys: int) -> Outcome:
    """Let six processes deploy so often each, read all the while; there must be as many generations as deployments."""
    wanted = DEPLOYERS * deploys
    with in_memory("deployers-") as folder:
        bundles, store = write_toys(folder, DEPLOYERS), open_store(folder)
        children = [start(lambda: _deploy(folder, bundle, deploys)) for bundle in bundles]  # noqa: B023 - called at once
        broken = [f"a reader: {error}" for error in _read_until_ended(store, children)]
        generation = store.manifest().generation
        if generation != wanted:
            broken.append(f"{generation} generations")
        try:
            check_repaired(store, (State.of(store.manifest()),))
        except TornError as error:
            broken.append(str(error))
    return Outcome(wanted, tuple(broken))


def _deploy(root: Path, bundle: Path, deploys: int) -> None:
    store = open_store(root)
    for _ in range(deploys):
        promote(store, bundle)


def _read_until_ended(store: ModelStore, children: list[int]) -> list[str]:
    """Load the active version again and again; return what went wrong."""
    wrong, seen, alive = [], 0, set(children)
    while alive:
        for child in list(alive):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                alive.remove(child)
                if os.waitstatus_to_exitcode(status) != DONE:
                    wrong.append("a deployer failed")
        try:
            if store.manifest().active_version is not None:
                loaded = store.load_active()
                if loaded.generation < seen:
                    wrong.append(f"generation {seen}, then {loaded.generation}")
                seen = loaded.generation
        except Exception as error:  # noqa: BLE001 - whatever a reader meets counts
            wrong.append(f"{type(error).__name__}: {error}")
    return wrong
