"""The commit of a new manifest, and what follows it."""

import logging

from backend.errors import BundleError
from backend.registry.durable_files import NotSyncedError, remove_quietly, replace_durable
from backend.registry.layout import Layout
from backend.registry.manifest import MANIFEST_FILE, Manifest, manifest_bytes, read_manifest
from backend.registry.mirror import mirror_to_default

logger = logging.getLogger(__name__)


def commit(layout: Layout, manifest: Manifest, key: str | None) -> Manifest:
    """Replace manifest.json and return it; the commit lock is held. Raises BundleError where it did not happen.

    An error after the rename does not undo it: the generation stands.
    """
    manifest = _without_gone(layout, manifest)
    data = manifest_bytes(manifest, key)
    path = layout.models_dir / MANIFEST_FILE
    try:
        replace_durable(path, data)
    except NotSyncedError:
        logger.exception("generation %d is committed, but its folder could not be synced", manifest.generation)
    except OSError as error:
        remedy = "Nothing was changed. Look at the disk (df -h, dmesg) and repeat"
        raise BundleError(MANIFEST_FILE, f"it could not be written ({error.strerror})", remedy) from error
    return manifest


def follow_up(layout: Layout, key: str | None) -> None:
    """Mirror the active version to default/ and delete what retention dropped; the commit lock is held.

    Errors are logged, not raised: the commit stands, and recovery repeats this.
    """
    try:
        manifest = read_manifest(layout.models_dir, key)
        if manifest is None or manifest.active is None or manifest.active_version is None:
            return
        mirror_to_default(layout, manifest.active_version, manifest.active.digests)
        remove_dropped(layout, manifest)
    except (OSError, BundleError):
        logger.exception("the new version is active, but models/default is behind; 'routing-ml doctor' repairs it")


def remove_dropped(layout: Layout, manifest: Manifest) -> list[str]:
    """Delete the folders of versions that retention dropped; returns their names."""
    present = [name for name in manifest.removing if layout.version_dir(name).exists()]
    for name in present:
        remove_quietly(layout.version_dir(name))
    return present


def _without_gone(layout: Layout, manifest: Manifest) -> Manifest:
    gone = {name for name in manifest.removing if not layout.version_dir(name).exists()}
    return manifest.model_copy(update={"removing": tuple(name for name in manifest.removing if name not in gone)})
