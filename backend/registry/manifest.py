"""models/manifest.json: the only truth about which version is active, and what its files must be."""

import hashlib
import hmac
import json
import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.types import StringConstraints

from backend.domain.models import VersionRecord
from backend.errors import BundleError
from backend.registry.bundle import BUNDLE_FILES, FileDigest

MANIFEST_FILE: Final = "manifest.json"
SIGN_COMMAND: Final = "python -m backend.registry.sign"
RESTORE_REMEDY: Final = (
    "Restore it from a backup ('cp <backup>/manifest.json models/', or 'routing-ml backup restore'), "
    "or move models/ aside and run 'routing-ml train'"
)

_VERSION_PATTERN: Final = r"^version_[0-9]{8}T[0-9]{6}Z_g[0-9]{6,12}$"
VersionName = Annotated[str, StringConstraints(pattern=_VERSION_PATTERN)]
"""Checked because names become folder names: nothing in a manifest can point outside models/."""


def is_version_name(name: str) -> bool:
    """Tell whether a name is one that a version folder can have."""
    return re.fullmatch(_VERSION_PATTERN, name) is not None


def generation_of(name: str) -> int:
    """Return the generation that made a version, from its name."""
    return int(name.rpartition("_g")[2])


def highest_generation(models_dir: Path) -> int:
    """Return the highest generation that a version folder bears; 0 where there is none."""
    names = [path.name for path in models_dir.iterdir()] if models_dir.is_dir() else []
    return max((generation_of(name) for name in names if is_version_name(name)), default=0)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Frozen):
    """What one file of a version must be."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)


class VersionEntry(_Frozen):
    """One version that can be activated."""

    files: dict[str, FileEntry]
    record: VersionRecord

    @model_validator(mode="after")
    def _names_the_four_files(self) -> Self:
        if set(self.files) != set(BUNDLE_FILES):
            raise ValueError(f"files are {sorted(self.files)}, expected {sorted(BUNDLE_FILES)}")
        return self

    @property
    def digests(self) -> dict[str, FileDigest]:
        """Return what read_files asks for."""
        return {name: FileDigest(entry.sha256, entry.size) for name, entry in self.files.items()}

    @classmethod
    def of(cls, digests: dict[str, FileDigest], record: VersionRecord) -> Self:
        """Return the entry of a version whose four files have these digests."""
        files = {name: FileEntry(sha256=found.sha256, size=found.size) for name, found in digests.items()}
        return cls(files=files, record=record)


ChangeAction: TypeAlias = Literal["promote", "activate", "rollback", "sign"]


class LastChange(_Frozen):
    """Who made the present generation, and why. The timestamp is naive UTC."""

    action: ChangeAction
    actor: str
    reason: str
    at: datetime


class Manifest(_Frozen):
    """One generation of the registry; `history` is the undo stack, newest last."""

    manifest_schema: Literal[1] = Field(default=1, alias="schema")
    generation: int = Field(default=0, ge=0)
    active_version: VersionName | None = None
    previous_version: VersionName | None = None
    history: tuple[VersionName, ...] = ()
    versions: dict[VersionName, VersionEntry] = Field(default_factory=dict)
    removing: tuple[VersionName, ...] = ()
    """Versions that retention dropped; their folders are deleted after the commit, or by recovery."""
    last_change: LastChange | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        named = {*self.history, *([self.active_version] if self.active_version else [])}
        if unknown := named - set(self.versions):
            raise ValueError(f"{sorted(unknown)} named but not described under versions")
        if self.previous_version != (self.history[-1] if self.history else None):
            raise ValueError("previous_version is not the last of history")
        if both := set(self.removing) & set(self.versions):
            raise ValueError(f"{sorted(both)} both kept and removed")
        return self

    @property
    def active(self) -> VersionEntry | None:
        """Return the active version's entry."""
        return self.versions[self.active_version] if self.active_version else None

    def version_of_job(self, job_id: str) -> str | None:
        """Return the version that a training job produced, if it is still known."""
        return next((name for name, entry in self.versions.items() if entry.record.job_id == job_id), None)


def manifest_bytes(manifest: Manifest, key: str | None) -> bytes:
    """Return the file's text, signed over everything in it (all digests included) when there is a key."""
    content = manifest.model_dump(mode="json", by_alias=True)
    return _text(content | {"signature": _signature(content, key) if key else None})


def parse_manifest(data: bytes, key: str | None) -> Manifest:
    """Read the file's text; raises BundleError where it is damaged, of another release or not signed by the key."""
    try:
        content = json.loads(data)
        signature = content.pop("signature", None)
        if content.get("schema") != 1:
            raise _refused(f"its schema is {content.get('schema')!r}, this release reads 1", RESTORE_REMEDY)
        if key:
            _check_signature(content, signature, key)
        return Manifest.model_validate(content)
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        cause = error.errors()[0]["msg"] if isinstance(error, ValidationError) else type(error).__name__
        raise _refused(f"it cannot be read ({cause})", RESTORE_REMEDY) from error


def read_manifest(models_dir: Path, key: str | None) -> Manifest | None:
    """Return the manifest, or None where there is no file; raises BundleError where it is damaged."""
    try:
        data = (models_dir / MANIFEST_FILE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _refused(f"it cannot be read ({error.strerror})", RESTORE_REMEDY) from error
    return parse_manifest(data, key)


@dataclass(frozen=True, slots=True)
class ManifestStamp:
    """Tells one manifest file from its successor for the price of a stat."""

    modified_ns: int
    changed_ns: int
    inode: int
    size: int


def manifest_stamp(manifest_path: str) -> ManifestStamp | None:
    """Return the stamp of the manifest file, or None where there is none; a str, because every request asks."""
    try:
        found = os.stat(manifest_path)  # noqa: PTH116 - a Path costs several times the call itself
    except OSError:
        return None
    return ManifestStamp(found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size)


def _text(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def _signature(content: dict[str, Any], key: str) -> str:
    message = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def _check_signature(content: dict[str, Any], signature: object, key: str) -> None:
    if signature is None:
        raise _refused("it is not signed, and BUNDLE_HMAC_KEY is set", f"If you trust it, run '{SIGN_COMMAND}'")
    if not isinstance(signature, str) or not hmac.compare_digest(signature.encode(), _signature(content, key).encode()):
        raise _refused(
            "its signature does not fit BUNDLE_HMAC_KEY: it was altered, or the key was changed",
            f"Restore it from a backup; if only the key was changed and you trust it, run '{SIGN_COMMAND}'",
        )


def _refused(cause: str, remedy: str) -> BundleError:
    return BundleError(MANIFEST_FILE, cause, remedy)
