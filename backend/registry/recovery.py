"""Repairing what a crash or a restored backup left, where there is no doubt what is right."""

import logging

from backend.errors import BundleError
from backend.registry.bundle import BUNDLE_FILES, FileDigest, digest, read_files, read_own_version_file
from backend.registry.committing import remove_dropped
from backend.registry.durable_files import remove_quietly, sync_folder, temporary_path
from backend.registry.layout import Layout, LockHeldError
from backend.registry.manifest import Manifest, is_version_name, read_manifest
from backend.registry.mirror import copy_checked, mirror_to_default
from backend.registry.staging import clear_leftovers
from backend.registry.verifying import FolderState, check_folder

logger = logging.getLogger(__name__)


def recover(layout: Layout, key: str | None) -> list[str]:
    """Clear leftovers, rebuild default/, adopt a restored default/; returns what was done."""
    if not layout.models_dir.is_dir():
        return []
    done = _clear(layout, key) + _heal(layout, key)
    for line in done:
        logger.warning("recovery: %s", line)
    return done


def _clear(layout: Layout, key: str | None) -> list[str]:
    """Delete unfinished files, unless a living process is writing them (it holds the lock)."""
    try:
        with layout.deploy_lock(timeout_seconds=0), layout.commit_lock():
            return [f"deleted {name}, left by a process that died" for name in clear_leftovers(layout, key)]
    except LockHeldError:
        return []


def _heal(layout: Layout, key: str | None) -> list[str]:
    with layout.commit_lock():
        try:
            manifest = read_manifest(layout.models_dir, key)
        except BundleError:
            return []  # verify() says what to do
        if manifest is None:
            return []
        dropped = [f"deleted {name}, which retention had dropped" for name in remove_dropped(layout, manifest)]
        return dropped + _heal_active(layout, manifest)


def _heal_active(layout: Layout, manifest: Manifest) -> list[str]:
    version, entry = manifest.active_version, manifest.active
    if version is None or entry is None:
        return []
    own = check_folder(layout.version_dir(version), entry.digests).state
    copy = check_folder(layout.default_dir, entry.digests).state
    if own is FolderState.GOOD and copy is not FolderState.GOOD:
        kept = _keep_unknown_newer(layout, manifest)
        mirror_to_default(layout, version, entry.digests)
        return [*kept, f"rebuilt {layout.default_dir} from {version}"]
    if own is FolderState.MISSING and copy is FolderState.GOOD:
        _adopt(layout, version, entry.digests)
        return [f"adopted {layout.default_dir} as {version}"]
    return []


def _adopt(layout: Layout, version: str, digests: dict[str, FileDigest]) -> None:
    """Make the active version's folder anew from default/."""
    temporary = temporary_path(layout.models_dir, "adopted")
    try:
        copy_checked(layout.default_dir, temporary, digests)
        temporary.rename(layout.version_dir(version))
        sync_folder(layout.models_dir)
    finally:
        remove_quietly(temporary)


def _keep_unknown_newer(layout: Layout, manifest: Manifest) -> list[str]:
    """Save a default/ that is whole, newer than the manifest and nowhere else.

    It is there when an old manifest was restored without its default/.
    """
    try:
        _, own = read_own_version_file(layout.default_dir)
        files = read_files(layout.default_dir)
    except BundleError:
        return []
    if own.version is None or own.generation is None or not is_version_name(own.version):
        return []
    if own.generation <= manifest.generation or layout.version_dir(own.version).exists():
        return []
    digests = {name: digest(files[name]) for name in BUNDLE_FILES}
    _adopt(layout, own.version, digests)
    return [f"kept {layout.default_dir} as {own.version}, which is newer than the manifest"]
