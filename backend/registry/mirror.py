"""models/default/: real copies of the active version's files, for the eyes and backups of operators."""

from collections.abc import Mapping
from pathlib import Path

from backend.registry.bundle import BUNDLE_FILES, FileDigest, read_file
from backend.registry.durable_files import (
    exchange_folders,
    move_over,
    remove_quietly,
    sync_folder,
    temporary_path,
    write_durable,
)
from backend.registry.layout import Layout


def mirror_to_default(layout: Layout, version: str, digests: Mapping[str, FileDigest]) -> None:
    """Make default/ hold this version; the commit lock is held. Raises OSError or BundleError."""
    temporary = temporary_path(layout.models_dir, "default")
    try:
        copy_checked(layout.version_dir(version), temporary, digests)
        _put_in_place(temporary, layout.default_dir)
        sync_folder(layout.default_dir.parent)
    finally:
        remove_quietly(temporary)


def copy_checked(source: Path, target: Path, digests: Mapping[str, FileDigest]) -> None:
    """Copy the four files into a new folder, each checked in memory on its way."""
    target.mkdir()
    for name in BUNDLE_FILES:
        write_durable(target / name, read_file(source, name, digests[name]))
    sync_folder(target)


def _put_in_place(folder: Path, default_dir: Path) -> None:
    """Exchange whole folders where the system can, else file by file with version.json last."""
    if not default_dir.exists() and not default_dir.is_symlink():
        default_dir.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(default_dir)
        return
    if exchange_folders(folder, default_dir):
        return
    for name in BUNDLE_FILES:
        move_over(folder / name, default_dir / name)
    sync_folder(default_dir)
