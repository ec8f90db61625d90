"""What a row of the battery found."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it


@dataclass(frozen=True, slots=True)
class Outcome:
    """How often something was hurt, and what was found broken, in words."""

    tried: int
    broken: tuple[str, ...] = ()
    skipped: str = ""

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(self.tried + other.tried, self.broken + other.broken, self.skipped or other.skipped)

    @classmethod
    def not_measured(cls, why: str) -> "Outcome":
        """Say why nothing could be tried here."""
        return cls(0, skipped=why)


@contextmanager
def in_memory(prefix: str) -> Iterator[Path]:
    """Make a scratch folder, in memory where that can be had: a sync to a disk costs more than all the rest."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)
