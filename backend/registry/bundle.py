"""A bundle: the four files of one model version, with digests that are checked before they are read."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from backend.domain.models import BundleParts, VersionRecord
from backend.errors import BundleError
from backend.registry.durable_files import sync_folder, write_durable
from backend.registry.plain_pickle import PlainPickleError, dump_plain, load_plain

MODEL_FILE: Final = "model.pkl"
VECTORIZER_FILE: Final = "vectorizer.pkl"
FEATURE_FILE: Final = "feature_config.json"
VERSION_FILE: Final = "version.json"
PART_FILES: Final = (MODEL_FILE, VECTORIZER_FILE, FEATURE_FILE)
BUNDLE_FILES: Final = (*PART_FILES, VERSION_FILE)
BUNDLE_SCHEMA: Final = 1
RETRAIN_REMEDY: Final = "Make a new one with 'routing-ml train', or restore it from a backup"
_RECORD: Final = TypeAdapter(VersionRecord)


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a file's bytes must be."""

    sha256: str
    size: int


def digest(data: bytes) -> FileDigest:
    """Return the digest of bytes in memory."""
    return FileDigest(hashlib.sha256(data).hexdigest(), len(data))


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a value: sorted, UTF-8, with a line end; NaN is refused."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False)
    return (text + "\n").encode()


def record_to_json(record: VersionRecord) -> dict[str, Any]:
    """Return a version record as JSON values."""
    values: dict[str, Any] = _RECORD.dump_python(record, mode="json")
    return values


def record_from_json(values: Any) -> VersionRecord:
    """Read a version record back; raises pydantic's ValidationError."""
    return _RECORD.validate_python(values)


def write_bundle(folder: Path, parts: BundleParts, record: VersionRecord) -> None:
    """Write the four files of a bundle into a new or empty folder and push them to the disk.

    Raises BundleError where a part holds something other than plain data.
    """
    try:
        contents = part_files(parts)
        contents[VERSION_FILE] = version_file(record, {name: digest(data) for name, data in contents.items()})
    except (PlainPickleError, TypeError, ValueError) as error:
        raise BundleError(folder.name, f"it cannot be written ({error})", "Keep its parts plain data") from error
    write_files(folder, contents)


def part_files(parts: BundleParts) -> dict[str, bytes]:
    """Return the bytes of the three files that hold a model; raises PlainPickleError, TypeError or ValueError."""
    return {
        MODEL_FILE: dump_plain(parts.model),
        VECTORIZER_FILE: dump_plain(parts.vectorizer),
        FEATURE_FILE: canonical_json(parts.feature_config),
    }


def bundle_hash(digests: Mapping[str, FileDigest]) -> str:
    """Return the one hash of a model: SHA-256 over the names and SHA-256 of its three part files.

    The same data and seed give the same hash; version.json, which says when and by which job a
    version was made, is not in it.
    """
    lines = "".join(f"{name} {digests[name].sha256}\n" for name in PART_FILES)
    return digest(lines.encode()).sha256


def write_files(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files into a folder that does not hold them yet, then push files and folder to the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        write_durable(folder / name, data)
    sync_folder(folder)


def version_file(
    record: VersionRecord, digests: Mapping[str, FileDigest], version: str | None = None, generation: int | None = None
) -> bytes:
    """Return version.json: the record, the digests of the other files, and a digest of itself."""
    content: dict[str, Any] = {
        "schema": BUNDLE_SCHEMA,
        "version": version,
        "generation": generation,
        "files": {name: {"sha256": digests[name].sha256, "size": digests[name].size} for name in PART_FILES},
        "record": record_to_json(record),
    }
    return canonical_json(content | {"checksum": digest(canonical_json(content)).sha256})


@dataclass(frozen=True, slots=True)
class VersionFile:
    """What version.json says; version and generation are None until the bundle is promoted."""

    version: str | None
    generation: int | None
    digests: dict[str, FileDigest]
    record: VersionRecord


def read_version_file(data: bytes, label: str) -> VersionFile:
    """Read version.json; raises BundleError unless its text is bit for bit what was written."""
    try:
        content = json.loads(data)
        unsigned = {key: value for key, value in content.items() if key != "checksum"}
        checksum = digest(canonical_json(unsigned)).sha256
        if data != canonical_json(unsigned | {"checksum": checksum}) or content["schema"] != BUNDLE_SCHEMA:
            raise BundleError(label, f"{VERSION_FILE} was altered or is of another release", RETRAIN_REMEDY)
        digests = {name: FileDigest(**content["files"][name]) for name in PART_FILES}
        return VersionFile(content["version"], content["generation"], digests, record_from_json(content["record"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError) as error:
        raise BundleError(label, f"{VERSION_FILE} cannot be read ({type(error).__name__})", RETRAIN_REMEDY) from error


def read_file(folder: Path, name: str, expected: FileDigest, label: str | None = None) -> bytes:
    """Return a file's bytes, checked in memory; raises BundleError where they are not as expected."""
    label = label or folder.name
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise BundleError(label, f"{name} cannot be read ({error.strerror})", RETRAIN_REMEDY) from error
    if digest(data) != expected:
        raise BundleError(label, f"{name} was altered: its SHA-256 is not the recorded one", RETRAIN_REMEDY)
    return data


def read_own_version_file(folder: Path) -> tuple[bytes, VersionFile]:
    """Return the bytes and content of a folder's version.json; raises BundleError."""
    try:
        data = (folder / VERSION_FILE).read_bytes()
    except OSError as error:
        raise BundleError(folder.name, f"{VERSION_FILE} cannot be read ({error.strerror})", RETRAIN_REMEDY) from error
    return data, read_version_file(data, folder.name)


def read_files(folder: Path, expected: Mapping[str, FileDigest] | None = None) -> dict[str, bytes]:
    """Return the checked bytes of the four files.

    `expected` comes from the manifest; without it (a bundle that is not promoted yet) the digests
    in its own version.json count. Raises BundleError.
    """
    version, digests = _read_version(folder, expected)
    return {name: read_file(folder, name, digests[name]) for name in PART_FILES} | {VERSION_FILE: version}


def read_bundle(folder: Path, expected: Mapping[str, FileDigest] | None = None) -> tuple[BundleParts, VersionRecord]:
    """Load a bundle: digests are checked on the bytes in memory, then an allow-list unpickles them.

    Nothing is unpickled before all are checked, and only the bytes of one file are held at a time: at full size those
    of all and what is made of them fill a server's memory. Raises BundleError, also for anything but plain data.
    """
    version, digests = _read_version(folder, expected)
    record = read_version_file(version, folder.name).record
    for name in PART_FILES[1:]:  # the first, the largest, is checked when it is read
        read_file(folder, name, digests[name])
    model, vectorizer, feature_config = (_read_part(folder, name, digests[name]) for name in PART_FILES)
    return BundleParts(model, vectorizer, feature_config), record


def _read_version(folder: Path, expected: Mapping[str, FileDigest] | None) -> tuple[bytes, Mapping[str, FileDigest]]:
    """Return the checked bytes of version.json, and what the digests of the other files must be."""
    if expected is None:
        data, own = read_own_version_file(folder)
        return data, own.digests
    missing = [name for name in BUNDLE_FILES if name not in expected]
    if missing:
        raise BundleError(folder.name, f"no digest is recorded for {', '.join(missing)}", RETRAIN_REMEDY)
    return read_file(folder, VERSION_FILE, expected[VERSION_FILE]), expected


def _read_part(folder: Path, name: str, expected: FileDigest) -> dict[str, Any]:
    """Turn one checked file into plain values."""
    read = json.loads if name == FEATURE_FILE else load_plain
    try:
        part = read(read_file(folder, name, expected))
    except (PlainPickleError, ValueError, RecursionError) as error:
        raise BundleError(folder.name, f"it is refused ({error})", RETRAIN_REMEDY) from error
    if not isinstance(part, dict):
        raise BundleError(folder.name, f"{name} holds a {type(part).__name__}, not a dict", RETRAIN_REMEDY)
    return part
