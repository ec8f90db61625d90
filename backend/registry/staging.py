"""Making a new version folder: written aside, synced, renamed, and taken back if it is not committed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from backend.domain.models import VersionRecord
from backend.errors import BundleError
from backend.registry.bundle import VERSION_FILE, FileDigest, digest, read_version_file, version_file, write_files
from backend.registry.durable_files import (
    TEMPORARY_PREFIX,
    remove_quietly,
    replace_durable,
    sync_folder,
    temporary_path,
)
from backend.registry.layout import DEPLOY_MARKER, Layout
from backend.registry.manifest import is_version_name, read_manifest


@dataclass(frozen=True, slots=True)
class StagedVersion:
    """A version folder that is complete but that no manifest names yet."""

    name: str
    generation: int
    digests: dict[str, FileDigest]
    record: VersionRecord


def version_name(now: datetime, generation: int) -> str:
    """Return the folder name of a version: when and by which generation it was made.

    >>> version_name(datetime(2026, 11, 23, 19, 45), 17)
    'version_20261123T194500Z_g000017'
    """
    return f"version_{now:%Y%m%dT%H%M%SZ}_g{generation:06d}"


def stage(layout: Layout, files: Mapping[str, bytes], now: datetime, generation: int) -> StagedVersion:
    """Write checked bytes as a new version folder; the deploy lock is held."""
    own = read_version_file(files[VERSION_FILE], "new version")
    contents, staged = _named(dict(files), own.record, version_name(now, generation), generation)
    _mark(layout, staged.name)
    temporary = temporary_path(layout.models_dir, "version")
    write_files(temporary, contents)
    temporary.rename(layout.version_dir(staged.name))
    sync_folder(layout.models_dir)
    return staged


def restage(layout: Layout, staged: StagedVersion, now: datetime, generation: int) -> StagedVersion:
    """Give a staged version the name of a later generation; both locks are held."""
    old = layout.version_dir(staged.name)
    renamed = replace(staged, name=version_name(now, generation), generation=generation)
    text = version_file(renamed.record, renamed.digests, renamed.name, generation)
    _mark(layout, staged.name, renamed.name)
    replace_durable(old / VERSION_FILE, text)
    old.rename(layout.version_dir(renamed.name))
    sync_folder(layout.models_dir)
    return replace(renamed, digests=renamed.digests | {VERSION_FILE: digest(text)})


def unmark(layout: Layout) -> None:
    """Say that nothing is being made any more."""
    remove_quietly(layout.models_dir / DEPLOY_MARKER)


def clear_leftovers(layout: Layout, key: str | None) -> list[str]:
    """Delete what a dead process left unfinished; both locks are held. Returns what was deleted.

    A version folder is deleted only where the marker says that it was being made and a readable
    manifest does not name it.
    """
    unfinished = [layout.version_dir(name) for name in _marked(layout) if not _may_be_needed(layout, name, key)]
    leftovers = [path for path in unfinished if path.exists()]
    if layout.models_dir.is_dir():
        temporary = sorted(layout.models_dir.glob(f"{TEMPORARY_PREFIX}*"))
        leftovers += [path for path in temporary if path.name != DEPLOY_MARKER]
    for path in leftovers:
        remove_quietly(path)
    unmark(layout)
    return [path.name for path in leftovers]


def _may_be_needed(layout: Layout, name: str, key: str | None) -> bool:
    try:
        manifest = read_manifest(layout.models_dir, key)
    except BundleError:
        return True
    return manifest is None or name in manifest.versions


def _named(
    contents: dict[str, bytes], record: VersionRecord, name: str, generation: int
) -> tuple[dict[str, bytes], StagedVersion]:
    digests = {file: digest(data) for file, data in contents.items()}
    text = version_file(record, digests, name, generation)
    digests[VERSION_FILE] = digest(text)
    return contents | {VERSION_FILE: text}, StagedVersion(name, generation, digests, record)


def _mark(layout: Layout, *names: str) -> None:
    replace_durable(layout.models_dir / DEPLOY_MARKER, json.dumps(names).encode())


def _marked(layout: Layout) -> list[str]:
    try:
        names = json.loads((layout.models_dir / DEPLOY_MARKER).read_bytes())
    except (OSError, ValueError):
        return []
    return [name for name in names if isinstance(name, str) and is_version_name(name)]
