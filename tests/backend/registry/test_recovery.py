import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict

import pytest

from backend.registry.bundle import BUNDLE_FILES
from backend.registry.manifest import Manifest, manifest_bytes
from backend.registry.store import ModelStore

MakeBundle = Callable[..., Path]


class Who(TypedDict):
    """The arguments that every change asks for."""

    actor: str
    reason: str


WHO: Who = {"actor": "test", "reason": "a test"}


@pytest.fixture
def models(store: ModelStore) -> Path:
    return store.layout.models_dir


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in BUNDLE_FILES}


def back_up(models: Path, backup: Path) -> None:
    """Do what the runbook's section 1.3 does."""
    backup.mkdir()
    shutil.copytree(models / "default", backup / "models_default")
    shutil.copy(models / "manifest.json", backup)


def restore(models: Path, backup: Path) -> None:
    """Do what the runbook's section 5.5 does."""
    shutil.rmtree(models / "default")
    shutil.copytree(backup / "models_default", models / "default")
    shutil.copy(backup / "manifest.json", models)


def test_a_healthy_store_is_left_alone(store: ModelStore, make_bundle: MakeBundle) -> None:
    store.promote(make_bundle(), **WHO)
    assert store.recover() == []


def test_unfinished_files_of_dead_processes_are_deleted(
    store: ModelStore, models: Path, make_bundle: MakeBundle
) -> None:
    store.promote(make_bundle(), **WHO)
    (models / ".tmp-version-dead").mkdir()
    (models / ".tmp-version-dead" / "model.pkl").write_bytes(b"half")
    (models / ".tmp-manifest.json-dead").write_bytes(b"{")
    assert len(store.recover()) == 2
    assert not list(models.glob(".tmp-*"))


def test_unfinished_files_of_a_living_process_are_left(
    store: ModelStore, models: Path, make_bundle: MakeBundle
) -> None:
    store.promote(make_bundle(), **WHO)
    with store.layout.deploy_lock():
        (models / ".tmp-version-alive").mkdir()
        assert store.recover() == []
    assert (models / ".tmp-version-alive").exists()


def test_a_version_folder_that_was_never_committed_is_deleted(
    store: ModelStore, models: Path, make_bundle: MakeBundle
) -> None:
    active = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    orphan = models / "version_20261123T194501Z_g000002"
    shutil.copytree(active, orphan)
    (models / ".tmp-deploying").write_text(f'["{orphan.name}", "{active.name}", "../data"]')
    store.recover()
    assert not orphan.exists()
    assert active.exists()
    assert store.verify() == []


def test_a_version_folder_that_a_restored_manifest_forgot_is_kept(
    store: ModelStore, models: Path, make_bundle: MakeBundle, tmp_path: Path
) -> None:
    store.promote(make_bundle(), **WHO)
    back_up(models, tmp_path / "backup")
    forgotten = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    restore(models, tmp_path / "backup")
    assert store.recover() == []
    assert forgotten.exists()
    assert store.verify() == []
    assert store.load_active().parts.model["marker"] == 1


def test_the_runbooks_restore_works_after_retention_deleted_the_version(
    store: ModelStore, models: Path, make_bundle: MakeBundle, tmp_path: Path
) -> None:
    restored = str(store.promote(make_bundle(), **WHO).active_version)
    back_up(models, tmp_path / "backup")
    for _ in range(7):
        store.promote(make_bundle(), **WHO)
    assert not store.layout.version_dir(restored).exists()
    restore(models, tmp_path / "backup")
    assert store.load_active().version == restored
    assert [line.split()[0] for line in store.recover()] == ["adopted"]
    assert bytes_of(store.layout.version_dir(restored)) == bytes_of(tmp_path / "backup" / "models_default")
    assert store.verify() == []
    assert store.promote(make_bundle(), **WHO).previous_version == restored


@pytest.mark.parametrize("damage", ["older", "missing", "empty", "torn"])
def test_a_default_folder_that_is_behind_is_rebuilt(
    store: ModelStore, models: Path, make_bundle: MakeBundle, tmp_path: Path, damage: str
) -> None:
    store.promote(make_bundle(), **WHO)
    shutil.copytree(models / "default", tmp_path / "older")
    active = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    if damage == "torn":
        (models / "default" / "model.pkl").write_bytes((tmp_path / "older" / "model.pkl").read_bytes())
    else:
        shutil.rmtree(models / "default")
    if damage == "older":
        shutil.copytree(tmp_path / "older", models / "default")
    if damage == "empty":
        (models / "default").mkdir()
    assert [problem.severe for problem in store.verify()] == [False]
    assert len(store.recover()) == 1
    assert bytes_of(models / "default") == bytes_of(active)
    assert store.verify() == []


def test_a_default_folder_that_is_the_only_copy_of_a_newer_version_is_kept_as_a_version(
    store: ModelStore, models: Path, make_bundle: MakeBundle, tmp_path: Path
) -> None:
    store.promote(make_bundle(), **WHO)
    shutil.copy(models / "manifest.json", tmp_path)
    newer = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    content = bytes_of(newer)
    shutil.rmtree(newer)
    shutil.copy(tmp_path / "manifest.json", models)
    assert len(store.recover()) == 2
    assert bytes_of(newer) == content
    assert store.verify() == []


def test_a_missing_version_folder_is_adopted_from_default(store: ModelStore, make_bundle: MakeBundle) -> None:
    active = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    shutil.rmtree(active)
    assert "Run 'routing-ml doctor'" in store.verify()[0].remedy
    assert len(store.recover()) == 1
    assert store.verify() == []
    assert bytes_of(active) == bytes_of(store.layout.default_dir)


def test_a_damaged_version_is_served_from_default_and_the_printed_command_repairs_it(
    store: ModelStore, make_bundle: MakeBundle
) -> None:
    active = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    (active / "model.pkl").write_bytes(b"damaged")
    loaded = store.load_active()
    assert loaded.damage is not None
    assert store.recover() == []
    problem = store.verify()[0]
    assert problem.severe
    assert problem.remedy == f"Run 'mv {active} {active}.damaged && routing-ml doctor'"
    active.rename(active.with_name(f"{active.name}.damaged"))
    store.recover()
    assert store.verify() == []


def test_with_no_whole_copy_left_the_way_out_is_named_and_nothing_is_touched(
    store: ModelStore, models: Path, make_bundle: MakeBundle
) -> None:
    for _ in range(2):
        active = store.layout.version_dir(str(store.promote(make_bundle(), **WHO).active_version))
    for folder in (active, models / "default"):
        (folder / "model.pkl").write_bytes(b"damaged")
    before = {path: path.read_bytes() for path in models.rglob("*") if path.is_file()}
    assert store.recover() == []
    assert {path: path.read_bytes() for path in models.rglob("*") if path.is_file()} == before
    assert store.verify()[0].remedy == "Run 'routing-ml models rollback'"
    store.rollback(**WHO)
    assert store.load_active().damage is None


@pytest.mark.parametrize("content", [b"", b'{"schema": 1', None])
def test_a_damaged_or_lost_manifest_is_reported_and_nothing_is_deleted(
    store: ModelStore, models: Path, make_bundle: MakeBundle, content: bytes | None
) -> None:
    store.promote(make_bundle(), **WHO)
    (models / ".tmp-deploying").write_text(f'["{store.manifest().active_version}"]')
    if content is None:
        (models / "manifest.json").unlink()
    else:
        (models / "manifest.json").write_bytes(content)
    store.recover()
    assert len(list(models.glob("version_*"))) == 1
    assert "backup" in store.verify()[0].remedy


def test_a_first_deployment_that_died_leaves_nothing_behind(
    store: ModelStore, models: Path, make_bundle: MakeBundle
) -> None:
    shutil.copytree(make_bundle(), models / "version_20261123T194501Z_g000001")
    (models / "manifest.json").write_bytes(manifest_bytes(Manifest(), None))
    (models / ".tmp-deploying").write_text('["version_20261123T194501Z_g000001"]')
    assert len(store.recover()) == 1
    assert not list(models.glob("version_*"))
    assert store.verify() == []
    assert store.promote(make_bundle(), **WHO).generation == 1
