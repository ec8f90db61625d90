"""What a whole registry is: the one place that says when a state is torn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from backend.registry.bundle import bundle_hash
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from benchmarks.faults.children import REFUSED

LASTING: Final = frozenset({".lock", ".lock-deploy", "manifest.json", "default"})
ResultT = TypeVar("ResultT")


class TornError(Exception):
    """An installation was found in a state that must not be."""


@dataclass(frozen=True, slots=True)
class State:
    """What a registry holds, by content: names of folders are made anew by each run."""

    generation: int
    active: str | None
    undo: tuple[str, ...]
    kept: tuple[str, ...]

    @classmethod
    def of(cls, manifest: Manifest) -> "State":
        """Return the state that a manifest describes."""
        hashes = {name: bundle_hash(entry.digests) for name, entry in manifest.versions.items()}
        active = hashes[manifest.active_version] if manifest.active_version else None
        undo = tuple(hashes[name] for name in manifest.history)
        return cls(manifest.generation, active, undo, tuple(sorted(hashes.values())))


def check_readers(store: ModelStore, allowed: tuple[State, ...]) -> State:
    """Check what a server sees at this very moment, before any repair; raises TornError.

    The manifest can be read, it is exactly the old or exactly the new state, and its active version can be loaded.
    """
    state = State.of(_must("the manifest can be read", store.manifest))
    if state not in allowed:
        raise TornError(f"neither the old nor the new state: generation {state.generation}, {len(state.kept)} versions")
    if state.active is not None:
        loaded = _must("the active version loads", store.load_active)
        if bundle_hash(loaded.digests) != state.active:
            raise TornError("what was loaded is not the active version")
    return state


def check_refusal(status: int | None, state: State, allowed: tuple[State, ...]) -> None:
    """Check that a change that was refused has changed nothing; raises TornError."""
    if status == REFUSED and state != allowed[0]:
        raise TornError("it was refused, but the state is another one")


def check_repaired(store: ModelStore, allowed: tuple[State, ...]) -> None:
    """Repair as a server does at its start, then check that nothing is half there; raises TornError.

    The state is as before the repair, every version that the manifest names is whole, `routing-ml models verify`
    finds nothing, no other file is left, and a second repair has nothing to do.
    """
    before = check_readers(store, allowed)
    _must("recovery runs", store.recover)
    if check_readers(store, (before,)) != before:
        raise TornError("recovery changed the state")
    manifest = store.manifest()
    for name in manifest.versions:
        _must(f"{name} loads", lambda: store.load(name))  # noqa: B023 - called at once
    if problems := store.verify():
        raise TornError(f"after recovery: {'; '.join(map(str, problems))}")
    present = {path.name for path in store.layout.models_dir.iterdir()} - LASTING
    if present != set(manifest.versions):
        raise TornError(f"on disk {sorted(present)}, in the manifest {sorted(manifest.versions)}")
    if again := store.recover():
        raise TornError(f"recovery is never done: {again}")


def _must(what: str, call: Callable[[], ResultT]) -> ResultT:
    try:
        return call()
    except Exception as error:
        raise TornError(f"not so: {what} ({error})") from error
