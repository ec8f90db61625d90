"""Finding what is wrong on disk, and the command that repairs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from backend.errors import BundleError
from backend.registry.bundle import BUNDLE_FILES, FileDigest, read_file
from backend.registry.layout import Layout
from backend.registry.manifest import MANIFEST_FILE, RESTORE_REMEDY, Manifest, is_version_name, read_manifest


@dataclass(frozen=True, slots=True)
class BundleProblem:
    """Something on disk that is not as the manifest says."""

    version: str
    severe: bool
    """Whether the active version is touched; a damaged version in reserve is not severe."""
    cause: str
    remedy: str
    """The command to run."""

    def __str__(self) -> str:
        return f"model {self.version}: {self.cause}. {self.remedy}"


class FolderState(StrEnum):
    """What a folder that should hold four known files holds."""

    GOOD = "good"
    MISSING = "missing"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class FolderCheck:
    """A folder's state, and what is wrong with it."""

    state: FolderState
    cause: str = ""


def check_folder(folder: Path, digests: Mapping[str, FileDigest]) -> FolderCheck:
    """Compare every byte of a version's files with the manifest."""
    if not folder.exists():
        return FolderCheck(FolderState.MISSING, "the folder is missing")
    try:
        for name in BUNDLE_FILES:
            read_file(folder, name, digests[name])
    except BundleError as error:
        return FolderCheck(FolderState.DAMAGED, error.cause)
    return FolderCheck(FolderState.GOOD)


def version_folders(models_dir: Path) -> list[Path]:
    """Return the folders that are named like versions, oldest name first."""
    if not models_dir.is_dir():
        return []
    return sorted(path for path in models_dir.iterdir() if is_version_name(path.name) and path.is_dir())


def verify(layout: Layout, key: str | None) -> list[BundleProblem]:
    """Return every problem; reads the files of every version in the manifest."""
    try:
        manifest = read_manifest(layout.models_dir, key)
    except BundleError as error:
        return [BundleProblem(MANIFEST_FILE, True, error.cause, error.remedy)]
    if manifest is None:
        return _without_manifest(layout)
    reserve = [name for name in manifest.versions if name != manifest.active_version]
    checks = {name: check_folder(layout.version_dir(name), manifest.versions[name].digests) for name in reserve}
    return _active_problems(layout, manifest, checks) + [
        BundleProblem(name, False, f"{check.cause}; it cannot be activated", _restore_folder(layout, name))
        for name, check in checks.items()
        if check.state is not FolderState.GOOD
    ]


def _without_manifest(layout: Layout) -> list[BundleProblem]:
    if not version_folders(layout.models_dir):
        return []
    cause = f"{layout.models_dir / MANIFEST_FILE} is missing, although there are version folders"
    return [BundleProblem(MANIFEST_FILE, True, cause, RESTORE_REMEDY)]


def _active_problems(layout: Layout, manifest: Manifest, reserve: Mapping[str, FolderCheck]) -> list[BundleProblem]:
    version, entry = manifest.active_version, manifest.active
    if version is None or entry is None:
        return []
    folder, own = layout.version_dir(version), check_folder(layout.version_dir(version), entry.digests)
    copy = check_folder(layout.default_dir, entry.digests)
    if own.state is FolderState.GOOD:
        cause = f"{layout.default_dir} is not the active version ({copy.cause})"
        behind = copy.state is not FolderState.GOOD
        return [BundleProblem(version, False, cause, "Run 'routing-ml doctor'")] if behind else []
    if copy.state is FolderState.GOOD:
        aside = "" if own.state is FolderState.MISSING else f"mv {folder} {folder}.damaged && "
        return [BundleProblem(version, True, own.cause, f"Run '{aside}routing-ml doctor'")]
    return [BundleProblem(version, True, own.cause, _other_way(layout, manifest, reserve))]


def _other_way(layout: Layout, manifest: Manifest, reserve: Mapping[str, FolderCheck]) -> str:
    """Return the remedy where no copy of the active version is whole."""
    good = [name for name, check in reserve.items() if check.state is FolderState.GOOD]
    if manifest.previous_version in good:
        return "Run 'routing-ml models rollback'"
    if good:
        return f"Run 'routing-ml models activate {max(good)}'"
    return _restore_folder(layout, str(manifest.active_version)) + ", or run 'routing-ml train'"


def _restore_folder(layout: Layout, version: str) -> str:
    return f"Restore it from a backup: 'cp -r <backup>/models/{version} {layout.models_dir}/'"
