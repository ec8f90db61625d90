import json
import os
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.domain.models import BundleParts, VersionRecord
from backend.errors import BundleError
from backend.registry import bundle
from backend.registry.bundle import BUNDLE_FILES, FileDigest, digest, read_bundle, read_own_version_file, write_bundle

DAMAGES = int(os.environ.get("ROUTING_ML_DAMAGES", "400"))


@pytest.fixture
def folder(tmp_path: Path, parts: BundleParts, record: VersionRecord) -> Path:
    write_bundle(tmp_path / "bundle", parts, record)
    return tmp_path / "bundle"


@pytest.fixture
def no_unpickling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it an error that any unpickler sees a byte."""

    def fail(_data: bytes) -> None:
        raise AssertionError("altered bytes reached the unpickler")

    monkeypatch.setattr(bundle, "load_plain", fail)


def recorded(folder: Path) -> dict[str, FileDigest]:
    return {name: digest((folder / name).read_bytes()) for name in BUNDLE_FILES}


def test_a_bundle_comes_back_as_it_was_written(folder: Path, parts: BundleParts, record: VersionRecord) -> None:
    found, found_record = read_bundle(folder, recorded(folder))
    assert found_record == record
    np.testing.assert_array_equal(found.model["weights"], parts.model["weights"])
    assert found.model["pair"] == parts.model["pair"]
    assert found.feature_config == parts.feature_config
    assert sorted(path.name for path in folder.iterdir()) == sorted(BUNDLE_FILES)


def test_a_bundle_that_is_not_promoted_yet_vouches_for_itself(folder: Path, record: VersionRecord) -> None:
    assert read_bundle(folder)[1] == record


@pytest.mark.usefixtures("no_unpickling")
@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(BUNDLE_FILES), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_refused_before_unpickling(folder: Path, name: str, place: float, bit: int) -> None:
    def flip(data: bytes) -> bytes:
        position = int(place * len(data))
        return data[:position] + bytes([data[position] ^ 1 << bit]) + data[position + 1 :]

    refused_both_ways(folder, name, flip)


@pytest.mark.usefixtures("no_unpickling")
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(BUNDLE_FILES), place=st.floats(0, 1, exclude_max=True))
def test_a_truncated_file_is_refused_before_unpickling(folder: Path, name: str, place: float) -> None:
    refused_both_ways(folder, name, lambda data: data[: int(place * len(data))])


@pytest.mark.usefixtures("no_unpickling")
def test_random_damage_is_refused_before_unpickling(folder: Path) -> None:
    """ROUTING_ML_DAMAGES=10000 makes it the full trial."""
    source = random.Random(20261123)  # noqa: S311 - nothing secret
    for _ in range(DAMAGES):
        name = source.choice(BUNDLE_FILES)
        data = (folder / name).read_bytes()
        refused_both_ways(folder, name, source.choice((_flipped, _cut, _grown, _swapped))(data, source))


def refused_both_ways(folder: Path, name: str, damage: Callable[[bytes], bytes] | bytes) -> None:
    expected = recorded(folder)
    whole = (folder / name).read_bytes()
    altered = damage if isinstance(damage, bytes) else damage(whole)
    if altered == whole:
        return
    (folder / name).write_bytes(altered)
    try:
        for digests in (expected, None):
            with pytest.raises(BundleError):
                read_bundle(folder, digests)
    finally:
        (folder / name).write_bytes(whole)


def _flipped(data: bytes, source: random.Random) -> bytes:
    position = source.randrange(len(data))
    return data[:position] + bytes([data[position] ^ 1 << source.randrange(8)]) + data[position + 1 :]


def _cut(data: bytes, source: random.Random) -> bytes:
    return data[: source.randrange(len(data))]


def _grown(data: bytes, source: random.Random) -> bytes:
    return data + source.randbytes(source.randint(1, 9))


def _swapped(data: bytes, source: random.Random) -> bytes:
    middle = source.randrange(len(data))
    return data[middle:] + data[:middle]


@pytest.mark.parametrize("name", BUNDLE_FILES)
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    expected = recorded(folder)
    (folder / name).unlink()
    for digests in (expected, None):
        with pytest.raises(BundleError, match="cannot be read"):
            read_bundle(folder, digests)


def test_a_digest_that_nobody_recorded_is_refused(folder: Path) -> None:
    digests = recorded(folder)
    del digests["vectorizer.pkl"]
    with pytest.raises(BundleError, match=r"vectorizer\.pkl"):
        read_bundle(folder, digests)


@pytest.mark.parametrize(
    "altered",
    [{"model": {"code": print}}, {"vectorizer": {"path": Path()}}, {"feature_config": {"nan": float("nan")}}],
    ids=["function", "object", "NaN in JSON"],
)
def test_parts_that_are_not_plain_are_not_written(
    tmp_path: Path, parts: BundleParts, record: VersionRecord, altered: Mapping[str, Any]
) -> None:
    with pytest.raises(BundleError, match="cannot be written"):
        write_bundle(tmp_path / "bad", replace(parts, **altered), record)
    assert not (tmp_path / "bad" / "version.json").exists()


def test_version_json_is_readable_by_people(folder: Path) -> None:
    content = json.loads((folder / "version.json").read_text(encoding="utf-8"))
    assert content["record"]["metrics"] == {"mae": 4.2, "cv": None}
    assert read_own_version_file(folder)[1].record.library_versions == {"numpy": "2.4"}
