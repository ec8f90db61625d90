"""Flipped bits, cut, grown and swapped files: all refused before an unpickler sees a byte."""

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from unittest import mock

from backend.errors import BundleError
from backend.registry import bundle
from backend.registry.bundle import BUNDLE_FILES, FileDigest, digest, read_bundle
from benchmarks.faults.outcome import Outcome, in_memory
from benchmarks.faults.toys import write_toys


class UnpickledError(Exception):
    """Altered bytes reached the unpickler."""


def damage_files(times: int, seed: int) -> Outcome:
    """Damage one file of a bundle so often, and load it with the manifest's digests and with its own."""
    source, broken = random.Random(seed), []  # noqa: S311 - repeatable, not secret
    with in_memory("flips-") as folder, mock.patch.object(bundle, "load_plain", _refuse):
        (where,) = write_toys(folder, 1)
        recorded = {name: digest((where / name).read_bytes()) for name in BUNDLE_FILES}
        for number in range(times):
            path, damage = where / source.choice(BUNDLE_FILES), source.choice(DAMAGES)
            whole = path.read_bytes()
            altered = damage(whole, source)
            if altered != whole:
                path.write_bytes(altered)
                broken += [f"{number}: {path.name}, {damage.__name__}: {why}" for why in _accepted(where, recorded)]
                path.write_bytes(whole)
    return Outcome(times, tuple(broken))


def _refuse(_data: bytes) -> None:
    raise UnpickledError


def _accepted(folder: Path, recorded: Mapping[str, FileDigest]) -> list[str]:
    found = []
    for who, digests in (("the manifest", recorded), ("itself", None)):
        try:
            read_bundle(folder, digests)
        except BundleError:
            continue
        except UnpickledError:
            found.append(f"unpickled, vouched for by {who}")
    return found


def flipped(data: bytes, source: random.Random) -> bytes:
    """Flip one bit."""
    position = source.randrange(len(data))
    return data[:position] + bytes([data[position] ^ 1 << source.randrange(8)]) + data[position + 1 :]


def cut(data: bytes, source: random.Random) -> bytes:
    """Lose the end."""
    return data[: source.randrange(len(data))]


def grown(data: bytes, source: random.Random) -> bytes:
    """Add bytes."""
    return data + source.randbytes(source.randint(1, 9))


DAMAGES: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (flipped, flipped, cut, grown)
