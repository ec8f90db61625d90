"""Trials of the model store by force; the tests run them small, an operator as large as wanted.

python tests/backend/registry/registry_trials.py kill 10000
python tests/backend/registry/registry_trials.py deploy 100 --processes 6
"""

import argparse
import logging
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, TypeVar
from unittest import mock

import numpy as np

from backend.domain.clock import utc_now
from backend.domain.models import BundleParts, VersionRecord
from backend.errors import NoPreviousVersionError, StaleGenerationError
from backend.registry import committing
from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.settings import load_settings

LONGEST_LIFE_SECONDS: Final = 0.12
ResultT = TypeVar("ResultT")
FIXED_NAMES: Final = {".lock", ".lock-deploy", "manifest.json", "default"}


class TornError(Exception):
    """The registry was found in a state that must not be."""


def open_store(root: Path) -> ModelStore:
    """Open a store without trial load: processes would spend nearly all their life in it."""
    return ModelStore(load_settings(root), canary=lambda _folder, _digests: None)


def write_bundles(root: Path, count: int) -> list[Path]:
    record = VersionRecord(utc_now(), None, "nearest_neighbour", None, "ksm", 0, {}, {}, {})
    folders = [root / f"bundle_{number}" for number in range(count)]
    for number, folder in enumerate(folders):
        model = {"number": number, "weights": np.random.default_rng(number).random(20_000)}
        write_bundle(folder, BundleParts(model, {"codes": np.array(["ITEM001"])}, {}), record)
    return folders


def change_for_ever(root: Path, bundles: list[Path], seed: int, planted: bool) -> None:
    """Promote mostly, roll back sometimes, until killed."""
    if planted:
        mock.patch.object(committing, "replace_durable", _write_in_place).start()
    store, source = open_store(root), random.Random(seed)  # noqa: S311 - nothing secret
    while True:
        try:
            if source.random() < 0.25:
                store.rollback(actor="trial", reason="trial")
            else:
                store.promote(source.choice(bundles), actor="trial", reason="trial")
        except (NoPreviousVersionError, StaleGenerationError):
            continue


def _write_in_place(path: Path, data: bytes) -> None:
    """Write as a careless program would: the planted bug that the trial has to find."""
    with path.open("wb") as file:
        for start in range(0, len(data), 64):
            file.write(data[start : start + 64])
            file.flush()


def run_kills(root: Path, kills: int, seed: int, planted: bool) -> Counter[str]:
    """Kill a process that changes the registry, again and again; raises TornError at the first torn state."""
    bundles, source, tally = write_bundles(root, 3), random.Random(seed), Counter[str]()  # noqa: S311
    store, generation = open_store(root), 0
    for number in range(kills):
        child = _start(change_for_ever, root, bundles, seed + number, planted)
        time.sleep(source.uniform(0, LONGEST_LIFE_SECONDS))
        child.kill()
        child.join()
        generation = _check_after_kill(store, generation, tally)
    tally["generations"] = generation
    return tally


def _check_after_kill(store: ModelStore, generation: int, tally: Counter[str]) -> int:
    tally["kills"] += 1
    manifest = _must("the manifest is whole", store.manifest)
    if manifest.generation < generation:
        raise TornError(f"the generation fell from {generation} to {manifest.generation}")
    if manifest.active_version is not None:
        loaded = _must("the active version loads", store.load_active)
        if loaded.damage is not None:
            raise TornError(f"the active version's own folder is damaged: {loaded.damage}")
    for line in _must("recovery runs", store.recover):
        tally[f"recovery: {line.split()[0]}"] += 1
    check_whole(store)
    return manifest.generation


def check_whole(store: ModelStore) -> None:
    manifest = store.manifest()
    if problems := store.verify():
        raise TornError(f"after recovery: {problems}")
    present = {path.name for path in store.layout.models_dir.iterdir()} - FIXED_NAMES
    if present != set(manifest.versions):
        raise TornError(f"on disk {sorted(present)}, in the manifest {sorted(manifest.versions)}")


def _must(what: str, call: Callable[[], ResultT]) -> ResultT:
    try:
        return call()
    except Exception as error:
        raise TornError(f"not so: {what} ({error})") from error


def deploy_some(root: Path, bundle: Path, deploys: int) -> None:
    store = open_store(root)
    for _ in range(deploys):
        store.promote(bundle, actor="trial", reason="trial")


def run_deployers(root: Path, processes: int, deploys: int) -> int:
    """Deploy from several processes at once, reading all the while; returns the last generation."""
    bundles, store = write_bundles(root, processes), open_store(root)
    children = [_start(deploy_some, root, bundle, deploys) for bundle in bundles]
    seen = 0
    while any(child.is_alive() for child in children):
        generation = store.load_active().generation if store.manifest().active_version else 0
        if generation < seen:
            raise TornError(f"a reader saw generation {seen} and then {generation}")
        seen = generation
    for child in children:
        child.join()
        if child.exitcode != 0:
            raise TornError(f"a deployer ended with {child.exitcode}")
    check_whole(store)
    return store.manifest().generation


def _start(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Start a process, by a fork where there is one: that saves the imports of each child."""
    process: BaseProcess
    if "fork" in multiprocessing.get_all_start_methods():
        process = multiprocessing.get_context("fork").Process(target=target, args=arguments)
    else:
        process = multiprocessing.get_context("spawn").Process(target=target, args=arguments)
    process.start()
    return process


def main() -> int:
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=["kill", "deploy"])
    parser.add_argument("count", type=int, nargs="?", default=100, help="kills, or deployments of each process")
    parser.add_argument("--processes", type=int, default=6)
    parser.add_argument("--seed", type=int, default=20261123)
    parser.add_argument("--plant-a-bug", action="store_true", help="write the manifest in place: has to be found")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="registry-trial-") as folder:
        root = Path(folder)
        try:
            if options.trial == "kill":
                print(dict(run_kills(root, options.count, options.seed, options.plant_a_bug)))
            else:
                print({"generations": run_deployers(root, options.processes, options.count)})
        except TornError as error:
            print(f"torn: {error}", file=sys.stderr)
            return 1
    print(f"{time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
