"""Every system call of a change of the registry, killed or failed (strace; Linux)."""

import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backend.registry.store import ModelStore
from benchmarks.faults.children import run_traced
from benchmarks.faults.outcome import Outcome, in_memory
from benchmarks.faults.toys import (
    KEPT,
    open_store,
    promote,
    roll_back,
    state_after_promoting,
    state_after_rolling_back,
    toy_parts,
    write_toys,
)
from benchmarks.faults.whole import State, TornError, check_readers, check_refusal, check_repaired

LOOKED_AT: Final = "trace=%file,%desc"
CHANGING: Final = (
    "openat", "write", "fsync", "rename", "renameat", "renameat2", "mkdir", "rmdir", "unlink", "unlinkat", "ftruncate",
)  # fmt: skip
"""Calls that are failed; every other one is only killed at: it changes nothing."""
ERRORS: Final = ("ENOSPC", "EIO", "ENOSPC+", "EIO+")
"""With a + all further calls of the kind fail too."""
_CALL: Final = re.compile(r"^(\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Trial:
    """A change, the state it begins with, and the states that it may leave."""

    name: str
    prepare: Callable[[ModelStore, list[Path]], None]
    act: Callable[[ModelStore, list[Path]], object]
    after: Callable[[ModelStore], State]


def _deployed(count: int) -> Callable[[ModelStore, list[Path]], None]:
    def prepare(store: ModelStore, bundles: list[Path]) -> None:
        for bundle in bundles[:count]:
            promote(store, bundle)

    return prepare


def _half_a_deployment(store: ModelStore, bundles: list[Path]) -> None:
    _deployed(3)(store, bundles)
    shutil.copytree(store.layout.default_dir, store.layout.models_dir / ".tmp-version-dead")
    (store.layout.default_dir / "model.pkl").write_bytes(b"half")


def _restored_as_the_runbook_does(store: ModelStore, bundles: list[Path]) -> None:
    _deployed(3)(store, bundles)
    shutil.rmtree(store.layout.version_dir(str(store.manifest().active_version)))


NEW: Final = KEPT + 1


def _with_new(store: ModelStore) -> State:
    return state_after_promoting(store, toy_parts(NEW, 4))


TRIALS: Final = (
    Trial("deploy", _deployed(2), lambda store, new: promote(store, new[NEW]), _with_new),
    Trial("roll back", _deployed(3), lambda store, _: roll_back(store), state_after_rolling_back),
    Trial("deploy, retention", _deployed(KEPT), lambda store, new: promote(store, new[NEW]), _with_new),
    Trial(
        "recovery of default/", _half_a_deployment, lambda store, _: store.recover(), lambda s: State.of(s.manifest())
    ),
    Trial(
        "restore from default/",
        _restored_as_the_runbook_does,
        lambda store, _: store.recover(),
        lambda s: State.of(s.manifest()),
    ),
)


def try_all(every: int = 1) -> Outcome:
    """Try each point of each change, or one in so many; how many points, and what was torn."""
    if shutil.which("strace") is None:
        return Outcome.not_measured("strace is not installed (apt-get install strace)")
    total = Outcome(0)
    with in_memory("syscalls-") as folder:
        bundles = write_toys(folder, NEW + 1)
        for trial in TRIALS:
            total += _try(trial, folder, bundles, every)
    return total


def _try(trial: Trial, folder: Path, bundles: list[Path], every: int) -> Outcome:
    start = folder / trial.name.replace("/", "")
    trial.prepare(open_store(start), bundles)
    allowed = (State.of(open_store(start).manifest()), trial.after(open_store(start)))
    calls = _count_calls(trial, start, bundles, folder)
    found = Outcome(0)
    for number, rule in enumerate(rules(calls)):
        if number % every == 0:
            found += _hurt(trial, start, bundles, rule, allowed)
    return found


def _count_calls(trial: Trial, start: Path, bundles: list[Path], folder: Path) -> Counter[str]:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        root, log = _copy(start, Path(scratch)), Path(scratch) / "log"
        run_traced(lambda: trial.act(open_store(root), bundles), log, "-e", LOOKED_AT)
        return Counter(_CALL.findall(log.read_text(errors="replace")))


def rules(calls: Mapping[str, int]) -> Iterator[str]:
    """Return strace's rules for all faults: a kill at every call, errors at those that change the disk."""
    for call, times in sorted(calls.items()):
        for number in range(1, times + 1):
            yield f"inject={call}:signal=KILL:when={number}"
            if call in CHANGING:
                for error in ERRORS:
                    yield f"inject={call}:error={error.rstrip('+')}:when={number}{'+' * error.endswith('+')}"


def _hurt(trial: Trial, start: Path, bundles: list[Path], rule: str, allowed: tuple[State, State]) -> Outcome:
    with tempfile.TemporaryDirectory(dir=start.parent) as scratch:
        root = _copy(start, Path(scratch))
        log = Path(scratch) / "log"
        ended = run_traced(lambda: trial.act(open_store(root), bundles), log, "-e", LOOKED_AT, "-e", rule)
        if not ended.killed and "INJECTED" not in log.read_text(errors="replace"):
            return Outcome(1, (f"{trial.name}, {rule}: the call was not made, so nothing was tried",))
        try:
            store = open_store(root)
            state = check_readers(store, allowed)
            check_refusal(ended.status, state, allowed)
            check_repaired(store, allowed)
        except TornError as error:
            return Outcome(1, (f"{trial.name}, {rule}: {error}",))
    return Outcome(1)


def _copy(start: Path, scratch: Path) -> Path:
    return Path(shutil.copytree(start, scratch / "root", symlinks=True))
