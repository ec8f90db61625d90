"""Small registries to hurt: bundles of plain data, and the states that a change may leave."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from backend.domain.models import BundleParts, VersionRecord
from backend.registry.bundle import FileDigest, digest, part_files, read_bundle, write_bundle
from backend.registry.manifest import LastChange, VersionEntry
from backend.registry.manifest_moves import promoted, retained, rolled_back
from backend.registry.store import ModelStore
from backend.settings import load_settings
from benchmarks.faults.whole import State

NOW: Final = datetime(2026, 11, 24, 5)  # noqa: DTZ001 - naive UTC, as everywhere in the product
ACTOR: Final = "faults"
REASON: Final = "a trial"
KEPT: Final = 5
"""The product's default: the sixth deployment is the first whose retention deletes a version."""
_CHANGE: Final = LastChange(action="promote", actor=ACTOR, reason=REASON, at=NOW)
_NO_VERSION: Final = "version_20000101T000000Z_g000000"


def load_here(folder: Path, digests: Mapping[str, FileDigest]) -> None:
    """Load a bundle in this very process: the real trial load starts another one, for seconds each."""
    read_bundle(folder, digests)


def open_store(root: Path) -> ModelStore:
    """Open the registry of an installation, its clock stopped and its trial load without another process."""
    return ModelStore(load_settings(root), clock=lambda: NOW, canary=load_here)


def toy_parts(number: int, kibibytes: int) -> BundleParts:
    """Return parts that differ by their number and weigh about so much."""
    weights = np.random.default_rng(number).random(kibibytes * 1024 // 8)
    return BundleParts({"number": number, "weights": weights}, {"codes": np.array(["ITEM001"])}, {"number": number})


def toy_record() -> VersionRecord:
    """Return the record of a version that no job made."""
    return VersionRecord(NOW, None, "nearest_neighbour", None, "ksm", 0, {}, {}, {})


def write_toys(folder: Path, count: int, kibibytes: int = 4) -> list[Path]:
    """Write different bundles into folders of their own."""
    folders = [folder / f"bundle_{number}" for number in range(count)]
    for number, each in enumerate(folders):
        write_bundle(each, toy_parts(number, kibibytes), toy_record())
    return folders


def promote(store: ModelStore, bundle: Path) -> None:
    """Deploy a bundle."""
    store.promote(bundle, actor=ACTOR, reason=REASON)


def roll_back(store: ModelStore) -> None:
    """Go back by one."""
    store.rollback(actor=ACTOR, reason=REASON)


def state_after_promoting(store: ModelStore, parts: BundleParts) -> State:
    """Return the state that a deployment of these parts would leave."""
    digests = {name: digest(data) for name, data in part_files(parts).items()}
    entry = VersionEntry.of(digests | {"version.json": digest(b"")}, toy_record())
    return State.of(retained(promoted(store.manifest(), _NO_VERSION, entry, _CHANGE), KEPT))


def state_after_rolling_back(store: ModelStore) -> State:
    """Return the state that a roll-back would leave."""
    return State.of(retained(rolled_back(store.manifest(), _CHANGE), KEPT))
