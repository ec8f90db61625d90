"""Bugs planted on purpose, one per trial: a trial that does not find its bug proves nothing."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest import mock

from backend.registry import bundle, committing, durable_files
from backend.registry.bundle import FileDigest
from backend.registry.layout import Layout

PIECE: Final = 64


@contextmanager
def written_in_place() -> Iterator[None]:
    """Write the manifest where it stands, piece by piece, instead of beside it, synced and renamed."""
    with mock.patch.object(committing, "replace_durable", _write_in_place):
        yield


def _write_in_place(path: Path, data: bytes) -> None:
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(data), PIECE):
            file.write(data[start : start + PIECE])


@contextmanager
def errors_ignored() -> Iterator[None]:
    """Go on where a file could not be written wholly, as a program does that never looks at what a write returns."""
    with mock.patch.object(durable_files, "write_durable", _write_what_fits):
        yield


def _write_what_fits(path: Path, data: bytes) -> None:
    with contextlib.suppress(OSError):
        path.write_bytes(data)


@contextmanager
def without_locks() -> Iterator[None]:
    """Let everybody change the registry at once."""
    with mock.patch.object(Layout, "_lock", _no_lock):
        yield


@contextmanager
def _no_lock(layout: Layout, _name: str, _timeout_seconds: float) -> Iterator[None]:
    layout.models_dir.mkdir(parents=True, exist_ok=True)
    yield


@contextmanager
def without_digests() -> Iterator[None]:
    """Trust a file whatever its digest is."""
    with mock.patch.object(bundle, "read_file", _read_unchecked):
        yield


def _read_unchecked(folder: Path, name: str, _expected: FileDigest, _label: str | None = None) -> bytes:
    return (folder / name).read_bytes()
