"""What is told of one model version, the same on the command line and over HTTP."""

from typing import Any

from backend.errors import UnknownVersionError
from backend.registry.bundle import bundle_hash, record_to_json
from backend.registry.manifest import Manifest


def describe_version(manifest: Manifest, version: str) -> dict[str, Any]:
    """Return a version's record, files and bundle hash as JSON values; raises UnknownVersionError."""
    entry = manifest.versions.get(version)
    if entry is None:
        raise UnknownVersionError(version)
    files = {file: {"sha256": found.sha256, "bytes": found.size} for file, found in entry.digests.items()}
    return {"version": version, "bundle_hash": bundle_hash(entry.digests), "files": files} | record_to_json(
        entry.record
    )
