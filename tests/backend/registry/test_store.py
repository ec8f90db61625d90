import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import pytest

from backend.errors import BundleError, NoModelError, NoPreviousVersionError, StaleGenerationError, UnknownVersionError
from backend.registry import durable_files, mirror
from backend.registry.bundle import BUNDLE_FILES, PART_FILES, FileDigest, read_bundle
from backend.registry.canary import Canary, load_only_canary
from backend.registry.manifest import Manifest
from backend.registry.sign import sign_manifest
from backend.registry.store import ModelStore
from backend.settings import Environment, Settings

MakeBundle = Callable[..., Path]


class Who(TypedDict):
    """The arguments that every change asks for."""

    actor: str
    reason: str


WHO: Who = {"actor": "test", "reason": "a test"}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in BUNDLE_FILES}


def assert_whole(store: ModelStore) -> None:
    """The manifest is readable, its active version loads, default/ mirrors it, nothing unfinished is left."""
    manifest = store.manifest()
    assert store.verify() == []
    assert store.load_active().version == manifest.active_version
    folders = names(store.layout.models_dir) - {".lock", ".lock-deploy", "manifest.json", "default"}
    assert folders == set(manifest.versions)


def during(change: Callable[[], object]) -> Canary:
    """A trial load during which somebody else changes the registry."""

    def canary(_folder: Path, _digests: Mapping[str, FileDigest]) -> None:
        change()

    return canary


def test_a_promoted_bundle_is_active_copied_bit_for_bit_and_mirrored(
    store: ModelStore, make_bundle: MakeBundle
) -> None:
    bundle = make_bundle()
    manifest = store.promote(bundle, **WHO)
    version = str(manifest.active_version)
    folder, default = store.layout.version_dir(version), store.layout.default_dir
    for name in PART_FILES:
        assert (folder / name).read_bytes() == (bundle / name).read_bytes()
    assert bytes_of(folder) == bytes_of(default)
    assert not default.is_symlink()
    assert names(default) == set(BUNDLE_FILES)
    assert json.loads((default / "version.json").read_text())["version"] == version
    assert manifest.generation == 1
    assert version.endswith("Z_g000001")
    assert store.load(version)[0].model["marker"] == 1
    assert_whole(store)


def test_the_manifest_says_who_did_what_and_why(store: ModelStore, make_bundle: MakeBundle) -> None:
    store.promote(make_bundle(), actor="job 7", reason="12 % better")
    change = store.manifest().last_change
    assert change is not None
    assert (change.action, change.actor, change.reason) == ("promote", "job 7", "12 % better")


def test_without_a_model_nothing_loads_and_nothing_rolls_back(store: ModelStore) -> None:
    assert store.manifest() == Manifest()
    assert store.verify() == []
    assert store.recover() == []
    with pytest.raises(NoModelError, match="routing-ml train"):
        store.load_active()
    with pytest.raises(NoPreviousVersionError):
        store.rollback(**WHO)
    with pytest.raises(UnknownVersionError):
        store.activate("version_20200101T000000Z_g000001", **WHO)


def test_rolling_back_restores_active_and_previous_with_a_new_generation(
    store: ModelStore, make_bundle: MakeBundle
) -> None:
    made = [store.promote(make_bundle(), **WHO) for _ in range(3)]
    back = store.rollback(**WHO)
    assert (back.active_version, back.previous_version) == (made[1].active_version, made[1].previous_version)
    assert back.generation == 4
    assert_whole(store)
    assert store.rollback(**WHO).active_version == made[0].active_version
    with pytest.raises(NoPreviousVersionError):
        store.rollback(**WHO)
    assert store.manifest().generation == 5


def test_a_version_can_be_activated_and_that_can_be_undone(store: ModelStore, make_bundle: MakeBundle) -> None:
    first, second = (store.promote(make_bundle(), **WHO).active_version for _ in range(2))
    assert first is not None
    activated = store.activate(first, **WHO)
    assert (activated.active_version, activated.previous_version) == (first, second)
    assert store.activate(first, **WHO) == activated
    assert store.rollback(**WHO).active_version == second
    assert_whole(store)


def test_a_job_is_deployed_once_even_when_its_end_is_repeated(store: ModelStore, make_bundle: MakeBundle) -> None:
    bundle = make_bundle(job_id="job_1")
    once = store.promote(bundle, **WHO)
    assert store.promote(bundle, **WHO) == once
    store.promote(make_bundle(job_id="job_2"), **WHO)
    rolled_back = store.rollback(**WHO)
    assert store.promote(make_bundle(job_id="job_2"), **WHO) == rolled_back
    assert_whole(store)


def test_a_change_based_on_an_old_generation_is_refused(store: ModelStore, make_bundle: MakeBundle) -> None:
    first = store.promote(make_bundle(), **WHO)
    second = store.promote(make_bundle(), **WHO)
    old = first.generation
    with pytest.raises(StaleGenerationError):
        store.promote(make_bundle(), expected_generation=old, **WHO)
    with pytest.raises(StaleGenerationError):
        store.rollback(expected_generation=old, **WHO)
    with pytest.raises(StaleGenerationError):
        store.activate(str(first.active_version), expected_generation=old, **WHO)
    assert store.manifest() == second
    assert_whole(store)


def test_a_change_during_the_trial_load_makes_a_roll_back_look_again(
    settings: Settings, store: ModelStore, make_bundle: MakeBundle
) -> None:
    store.promote(make_bundle(), **WHO)
    store.promote(make_bundle(), **WHO)
    slow = ModelStore(settings, canary=during(lambda: store.promote(make_bundle(), **WHO)))
    with pytest.raises(StaleGenerationError):
        slow.rollback(**WHO)
    assert store.manifest().generation == 3


def test_a_roll_back_during_a_deployment_gives_the_new_version_the_next_generation(
    settings: Settings, store: ModelStore, make_bundle: MakeBundle
) -> None:
    store.promote(make_bundle(), **WHO)
    store.promote(make_bundle(), **WHO)
    slow = ModelStore(settings, canary=during(lambda: store.rollback(**WHO)))
    manifest = slow.promote(make_bundle(), **WHO)
    assert manifest.generation == 4
    assert str(manifest.active_version).endswith("_g000004")
    assert_whole(store)


def test_only_the_last_versions_are_kept(store: ModelStore, make_bundle: MakeBundle) -> None:
    made = [str(store.promote(make_bundle(), **WHO).active_version) for _ in range(8)]
    assert list(store.versions()) == made[:2:-1]
    assert_whole(store)


def test_a_damaged_bundle_is_not_promoted(store: ModelStore, make_bundle: MakeBundle) -> None:
    before = store.promote(make_bundle(), **WHO)
    bundle = make_bundle()
    data = (bundle / "model.pkl").read_bytes()
    (bundle / "model.pkl").write_bytes(data[:-9] + b"X" + data[-8:])
    with pytest.raises(BundleError, match=r"model\.pkl was altered"):
        store.promote(bundle, **WHO)
    assert store.manifest() == before
    assert_whole(store)


def test_the_trial_load_passes_a_good_bundle_in_a_child_process(settings: Settings, make_bundle: MakeBundle) -> None:
    store = ModelStore(settings, canary=load_only_canary)
    assert store.promote(make_bundle(), **WHO).generation == 1
    assert_whole(store)


def test_a_bundle_that_makes_no_model_fails_its_trial_and_changes_nothing(
    settings: Settings, store: ModelStore, make_bundle: MakeBundle
) -> None:
    before = store.promote(make_bundle(), **WHO)
    with pytest.raises(BundleError, match="trial load in a child process failed"):
        ModelStore(settings).promote(make_bundle(), **WHO)
    assert store.manifest() == before
    assert_whole(store)


def test_a_damaged_previous_version_is_not_rolled_back_to(
    settings: Settings, store: ModelStore, make_bundle: MakeBundle
) -> None:
    first = store.promote(make_bundle(), **WHO)
    second = store.promote(make_bundle(), **WHO)
    (store.layout.version_dir(str(first.active_version)) / "vectorizer.pkl").write_bytes(b"")
    with pytest.raises(BundleError, match=r"vectorizer\.pkl was altered"):
        ModelStore(settings, canary=load_only_canary).rollback(**WHO)
    assert store.manifest() == second


def test_with_a_key_the_manifest_is_signed_and_an_altered_one_is_refused(
    settings: Settings, make_bundle: MakeBundle
) -> None:
    plain = ModelStore(settings, canary=lambda _folder, _digests: None)
    plain.promote(make_bundle(), **WHO)
    keyed = settings.model_copy(update={"env": Environment(BUNDLE_HMAC_KEY="secret")})
    store = ModelStore(keyed, canary=lambda _folder, _digests: None)
    with pytest.raises(BundleError, match="not signed"):
        store.load_active()
    with pytest.raises(BundleError, match="not signed"):
        store.promote(make_bundle(), **WHO)
    assert [problem.severe for problem in store.verify()] == [True]
    sign_manifest(keyed, "test")
    store.promote(make_bundle(), **WHO)
    assert_whole(store)
    path = settings.models_dir / "manifest.json"
    path.write_text(path.read_text().replace('"actor": "test"', '"actor": "nobody"'))
    with pytest.raises(BundleError, match="signature does not fit"):
        store.load_active()


def test_without_the_exchange_call_default_is_filled_file_by_file(
    store: ModelStore, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "exchange_folders", lambda _first, _second: False)
    for _ in range(3):
        store.promote(make_bundle(), **WHO)
        assert_whole(store)


@contextmanager
def failing_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Let the step-th call that writes to the disk fail once with ENOSPC; yields the count of calls."""
    count = [0]

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **options: Any) -> Any:
            count[0] += 1
            if count[0] == step:
                raise OSError(28, "No space left on device")
            return call(*arguments, **options)

        return run

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", counted(os.fsync))
        patch.setattr(Path, "rename", counted(Path.rename))
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(Path, "open", counted(Path.open))
        patch.setattr(mirror, "exchange_folders", counted(durable_files.exchange_folders))
        yield count


@pytest.mark.slow
@pytest.mark.parametrize("change", ["promote", "rollback"])
def test_a_disk_error_at_any_step_leaves_the_old_or_the_new_version_whole(
    store: ModelStore, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    store.promote(make_bundle(), **WHO)
    store.promote(make_bundle(), **WHO)
    step = 0
    while True:
        step += 1
        before, bundle = store.manifest(), make_bundle()
        with failing_at(step, monkeypatch) as count:
            try:
                answer = store.promote(bundle, **WHO) if change == "promote" else store.rollback(**WHO)
            except BundleError:
                answer = before
        assert store.manifest() == answer, f"the answer at step {step} is not what the manifest says"
        read_bundle(store.layout.version_dir(str(answer.active_version)))
        store.recover()
        assert_whole(store)
        if change == "rollback" and answer != before:
            store.promote(make_bundle(), **WHO)
        if count[0] < step:
            break
    assert step > 10


def test_a_committed_change_is_no_refusal_although_nothing_can_be_opened_any_more(
    store: ModelStore, make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, bundle = store.promote(make_bundle(), **WHO), make_bundle()
    move_over = durable_files.move_over

    def fail(*_: Any, **__: Any) -> Any:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:

        def break_after(source: Path, target: Path) -> None:
            move_over(source, target)
            if target.name == "manifest.json":
                patch.setattr(Path, "open", fail)
                patch.setattr(Path, "read_bytes", fail)
                patch.setattr(durable_files, "sync_folder", fail)

        patch.setattr(durable_files, "move_over", break_after)
        answer = store.promote(bundle, **WHO)
    assert answer == store.manifest() != first
    store.recover()
    assert_whole(store)


def test_versions_from_before_a_lost_manifest_do_not_lend_their_numbers(
    store: ModelStore, make_bundle: MakeBundle
) -> None:
    for _ in range(3):
        store.promote(make_bundle(), **WHO)
    (store.layout.models_dir / "manifest.json").unlink()
    assert store.promote(make_bundle(), **WHO).generation == 4


def test_arrays_of_a_loaded_bundle_are_the_ones_stored(store: ModelStore, make_bundle: MakeBundle) -> None:
    store.promote(make_bundle(), **WHO)
    np.testing.assert_array_equal(store.load_active().parts.model["weights"], np.arange(50.0) + 1)
