"""What a version is made of beside its data's dates: code, configuration, and fingerprints of what was read."""

import hashlib
import importlib.metadata
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import polars as pl

from backend.domain.models import GateDecision
from backend.erp.embedded import active_profile_name
from backend.settings import SOURCE_ROOT, Settings, find_profile_dir

_SEED: Final = 3
_WORD: Final = 2**64
_GIT_SECONDS: Final = 30.0


def lineage(settings: Settings, **tables: pl.DataFrame) -> dict[str, Any]:
    """Return code version, configuration and a fingerprint per table, as JSON values."""
    return {
        "code": code_version(SOURCE_ROOT),
        "config": settings.config.model_dump(mode="json"),
        "profile_sha256": profile_digest(find_profile_dir(settings.root, active_profile_name(settings))),
        "fingerprints": {name: fingerprint(table) for name, table in tables.items()},
    }


def profile_digest(folder: Path) -> str:
    """Return a SHA-256 over the names and contents of a plant profile's files."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def gate_facts(decision: GateDecision) -> dict[str, Any]:
    """Return what the gate decided and saw, as JSON values."""
    return {
        "reason": decision.reason,
        "champion": decision.champion_version,
        "compared_operations": decision.compared_operations,
        "checks": {check.name: check.detail for check in decision.checks},
    }


def fingerprint(table: pl.DataFrame) -> str:
    """Return 16 hexadecimal digits that change with any value or row, but not with the order of rows.

    Databases return rows in any order. The same version of Polars, named beside it, gives the same again.
    """
    names = pl.DataFrame({"name": table.columns, "type": [str(kind) for kind in table.dtypes]})
    total = sum(_sum(part.hash_rows(_SEED)) for part in (names, table))
    return f"{(total + len(table)) % _WORD:016x}"


def _sum(hashes: pl.Series) -> int:
    halves = pl.DataFrame({"high": hashes // 2**32, "low": hashes % 2**32}).sum()  # no sum of 64 bits overflows so
    return (int(halves["high"][0]) * 2**32 + int(halves["low"][0])) if len(hashes) else 0


def code_version(root: Path) -> str:
    """Return the release, and where the code is a checkout its commit and whether files differ from it."""
    release = importlib.metadata.version("routing-ml")
    commit = _commit(root / ".git")
    return f"{release} ({commit[:12]}{_changes(root)})" if commit else release


def _changes(root: Path) -> str:
    """Say what git sees beside the commit: nothing, changed or new files of the package, or that it cannot tell."""
    git = shutil.which("git")
    if git is None:
        return ", changes unknown"
    command = [git, "--no-optional-locks", "-C", str(root), "status", "--porcelain", "--", "backend"]
    try:
        told = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=True)  # noqa: S603 - git itself
    except (OSError, subprocess.SubprocessError):
        return ", changes unknown"
    return ", changed" if told.stdout.strip() else ""


def _commit(git: Path) -> str | None:
    """Read the commit of a checkout from its files: git itself may not be there, nor may they be readable."""
    try:
        return _head(git)
    except OSError:
        return None


def _head(git: Path) -> str | None:
    if not (git / "HEAD").is_file():
        return None
    head = (git / "HEAD").read_text(encoding="utf-8").strip()
    if not head.startswith("ref: "):
        return head
    name = head.removeprefix("ref: ")
    if (git / name).is_file():
        return (git / name).read_text(encoding="utf-8").strip()
    packed = (git / "packed-refs").read_text(encoding="utf-8").split() if (git / "packed-refs").is_file() else []
    return packed[packed.index(name) - 1] if name in packed else None
