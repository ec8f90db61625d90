import itertools
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.models import VersionKind, VersionRecord
from backend.errors import BundleError, NoPreviousVersionError, UnknownVersionError
from backend.registry.bundle import BUNDLE_FILES, digest
from backend.registry.manifest import (
    LastChange,
    Manifest,
    VersionEntry,
    manifest_bytes,
    parse_manifest,
    read_manifest,
)
from backend.registry.manifest_moves import activated, promoted, retained, rolled_back
from backend.registry.staging import version_name

NOW = datetime(2026, 11, 23, 19, 45)  # noqa: DTZ001 - naive UTC is the product's word for time
KEY = "a key of the operator"
CHANGE = LastChange(action="promote", actor="test", reason="a test", at=NOW)
RECORD = VersionRecord(NOW, None, "nearest_neighbour", None, "ksm", 0, {}, {}, {})
ENTRY = VersionEntry.of({name: digest(name.encode()) for name in BUNDLE_FILES}, RECORD)


def promote_one(manifest: Manifest, keep: int = 5) -> Manifest:
    name = version_name(NOW, manifest.generation + 1)
    return retained(promoted(manifest, name, ENTRY, CHANGE), keep)


def moved(manifest: Manifest, move: str, choice: int, keep: int) -> Manifest:
    if move == "promote":
        return promote_one(manifest, keep)
    if move == "rollback" and manifest.history:
        return retained(rolled_back(manifest, CHANGE), keep)
    if move == "activate" and manifest.versions:
        name = sorted(manifest.versions)[choice % len(manifest.versions)]
        return manifest if name == manifest.active_version else retained(activated(manifest, name, CHANGE), keep)
    return manifest


MOVES = st.lists(st.tuples(st.sampled_from(["promote", "rollback", "activate"]), st.integers(0, 99)), max_size=25)


def after(moves: list[tuple[str, int]], keep: int) -> list[Manifest]:
    manifests = [Manifest()]
    for move, choice in moves:
        manifests.append(moved(manifests[-1], move, choice, keep))
    return manifests


@given(MOVES, st.integers(2, 6))
def test_promote_then_roll_back_restores_active_and_previous(moves: list[tuple[str, int]], keep: int) -> None:
    before = after(moves, keep)[-1]
    if before.active_version is None:
        return
    undone = retained(rolled_back(promote_one(before, keep), CHANGE), keep)
    assert (undone.active_version, undone.previous_version) == (before.active_version, before.previous_version)
    assert undone.generation == before.generation + 2


@given(MOVES, st.integers(2, 6))
def test_every_manifest_is_whole_and_generations_rise(moves: list[tuple[str, int]], keep: int) -> None:
    manifests = after(moves, keep)
    for earlier, later in itertools.pairwise(manifests):
        assert later is earlier or later.generation == earlier.generation + 1
        assert len(later.versions) <= max(keep, 3)
        assert later.active_version is None or later.active_version in later.versions
        assert parse_manifest(manifest_bytes(later, KEY), KEY) == later
        assert set(earlier.versions) - set(later.versions) <= set(later.removing)


@given(st.integers(2, 8), st.integers(1, 12))
def test_roll_backs_undo_one_promotion_each_until_none_is_left(keep: int, promotions: int) -> None:
    manifest = Manifest()
    made = []
    for _ in range(promotions):
        manifest = promote_one(manifest, keep)
        made.append(manifest.active_version)
    expected = made[-max(keep, 3) :]
    while manifest.history:
        assert manifest.active_version == expected.pop()
        manifest = retained(rolled_back(manifest, CHANGE), keep)
    assert [manifest.active_version] == expected
    with pytest.raises(NoPreviousVersionError):
        rolled_back(manifest, CHANGE)


def refresh_one(manifest: Manifest, keep: int) -> Manifest:
    parent, active = manifest.active_version, manifest.active
    assert active is not None
    trained = active.record.trained_version or parent
    record = replace(RECORD, kind=VersionKind.REFRESH, parent=parent, trained_version=trained)
    entry = ENTRY.model_copy(update={"record": record})
    return retained(promoted(manifest, version_name(NOW, manifest.generation + 1), entry, CHANGE), keep)


@given(st.integers(2, 6), st.integers(1, 9))
def test_a_line_of_refreshes_keeps_its_training_and_pushes_nothing_older_off_the_stack(keep: int, days: int) -> None:
    manifest = promote_one(promote_one(Manifest(), keep), keep)
    before, trained = manifest.previous_version, manifest.active_version
    for _ in range(days):
        manifest = refresh_one(manifest, keep)
        assert trained in manifest.versions
    undone = []
    while manifest.history:
        manifest = retained(rolled_back(manifest, CHANGE), keep)
        undone.append(manifest.active_version)
    too_few = keep <= 3 and days > 1  # active, its parent and the training are all there is room for
    assert undone[-2:] == ([undone[0], trained] if too_few else [trained, before])
    assert len(undone) <= 3


def test_activating_an_unknown_version_is_refused() -> None:
    with pytest.raises(UnknownVersionError):
        activated(promote_one(Manifest()), "version_20200101T000000Z_g000099", CHANGE)


def test_the_file_names_what_the_runbook_reads() -> None:
    content = json.loads(manifest_bytes(promote_one(promote_one(Manifest())), None))
    assert content["schema"] == 1
    assert content["active_version"] == "version_20261123T194500Z_g000002"
    assert content["previous_version"] == "version_20261123T194500Z_g000001"
    assert set(content["versions"][content["active_version"]]["files"]) == set(BUNDLE_FILES)


@pytest.mark.parametrize(
    "alter",
    [
        lambda content: content.update(generation=99),
        lambda content: content.update(active_version=content["previous_version"]),
        lambda content: content["versions"][content["active_version"]]["files"]["model.pkl"].update(sha256="0" * 64),
        lambda content: content.pop("signature"),
        lambda content: content.update(signature="0" * 64),
        lambda content: content.update(signature=7),
    ],
)
def test_an_altered_manifest_does_not_pass_its_signature(alter: Any) -> None:
    content = json.loads(manifest_bytes(promote_one(promote_one(Manifest())), KEY))
    alter(content)
    with pytest.raises(BundleError, match="sign"):
        parse_manifest(json.dumps(content).encode(), KEY)


def test_another_key_does_not_fit() -> None:
    with pytest.raises(BundleError, match="signature does not fit"):
        parse_manifest(manifest_bytes(Manifest(), "another key"), KEY)


@pytest.mark.parametrize(
    "alter",
    [
        lambda content: content.update(active_version="../../etc"),
        lambda content: content.update(removing=["../data"]),
        lambda content: content["versions"].update({"../x": next(iter(content["versions"].values()))}),
        lambda content: content["versions"][content["active_version"]]["files"].pop("model.pkl"),
        lambda content: content["versions"][content["active_version"]]["files"].update(
            {"../../x": {"sha256": "0" * 64, "size": 1}}
        ),
        lambda content: content.update(previous_version=None),
        lambda content: content.update(history=["version_20200101T000000Z_g000099"]),
        lambda content: content.update(schema=2),
        lambda content: content.update(surprise=1),
        lambda content: content.update(generation=-1),
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(alter: Any) -> None:
    content = json.loads(manifest_bytes(promote_one(promote_one(Manifest())), None))
    alter(content)
    with pytest.raises(BundleError):
        parse_manifest(json.dumps(content).encode(), None)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_manifest_is_refused_with_a_remedy(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "manifest.json").write_bytes(data)
    with pytest.raises(BundleError, match="backup"):
        read_manifest(tmp_path, None)


def test_without_a_file_there_is_no_manifest(tmp_path: Path) -> None:
    assert read_manifest(tmp_path, None) is None
