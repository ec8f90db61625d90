"""Checking an archive against its own list of files, and its models against their manifest."""

import gzip
import json
import tarfile
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from backend.cli.backup.archive import (
    CHUNK_BYTES,
    BackupError,
    BackupFile,
    BackupSummary,
    digest,
)
from backend.domain.progress import ProgressReport
from backend.monitoring.found_backups import BACKUPS, DAMAGED, LISTING


def verify_backup(path: Path, report: ProgressReport) -> tuple[BackupSummary, tuple[str, ...]]:
    """Read a whole archive; returns its summary and every problem found, in words (none: it is sound)."""
    report(0.0, "reading")
    found: dict[str, BackupFile] = {}
    contents: dict[str, bytes] = {}
    problems: list[str] = []
    try:
        with gzip.open(path) as unpacked:
            with tarfile.open(fileobj=unpacked, mode="r:") as archive:
                for member in archive:
                    _read_member(archive, member, found, contents, problems)
            # tarfile stops before the end, where gzip keeps the checksum of it all, the gaps between files included
            while unpacked.read(CHUNK_BYTES):
                pass
    except DAMAGED as error:
        problems.append(f"the archive cannot be read to its end ({error})")
    if LISTING not in contents:
        cause = problems[0] if problems else f"has no {LISTING}"
        raise BackupError(path.name, cause, "It is not a sound backup of 'routing-ml backup create'; use another one.")
    summary = BackupSummary.from_listing(path, contents[LISTING])
    differences = _differences(summary, found)
    if not differences and "manifest.json" in contents:
        differences = _model_problems(contents["manifest.json"], found)
    problems += differences
    report(1.0, "done")
    return summary, tuple(problems)


def _read_member(
    archive: tarfile.TarFile,
    member: tarfile.TarInfo,
    found: dict[str, BackupFile],
    contents: dict[str, bytes],
    problems: list[str],
) -> None:
    parts = PurePosixPath(member.name).parts
    if member.isdir():
        return
    if not member.isfile() or parts[0] != BACKUPS or len(parts) < 3 or ".." in parts:
        problems.append(f"{member.name} does not belong into a backup")
        return
    name = "/".join(parts[2:])
    stream = archive.extractfile(member)
    if stream is None:
        return
    if name in {LISTING, "manifest.json"}:
        contents[name] = stream.read()
        stream = BytesIO(contents[name])
    found[name] = BackupFile(name, *digest(stream))


def _differences(summary: BackupSummary, found: dict[str, BackupFile]) -> list[str]:
    expected = {file.path: file for file in summary.files}
    problems = [f"{name} is missing" for name in sorted(expected.keys() - found.keys())]
    problems += [f"{name} is not in {LISTING}" for name in sorted(found.keys() - expected.keys() - {LISTING})]
    return problems + [
        f"{name} was altered (sha256 differs)"
        for name in sorted(expected.keys() & found.keys())
        if expected[name] != found[name]
    ]


def _model_problems(manifest: bytes, found: dict[str, BackupFile]) -> list[str]:
    """Compare the archived model files with the hashes in the archived model manifest.

    A version of which there is no file was left out, and said to be; the active one may not be.
    """
    content: dict[str, Any] = json.loads(manifest)
    return [
        f"models/{version}/{name} is not what the model manifest says"
        for version, entry in content["versions"].items()
        if version == content["active_version"] or any(path.startswith(f"models/{version}/") for path in found)
        for name, facts in entry["files"].items()
        if (file := found.get(f"models/{version}/{name}")) is None or file.sha256 != facts["sha256"]
    ]
